#pragma once

#include "base/result.h"
#include "daemon/views.h"
#include "storage/records.h"
#include "webhook/api.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace cxdial::daemon {

/// How many rows one question looks at for a rare value; the page is then shorter than its limit.
inline constexpr int scanned_max = 10'000;
inline constexpr int rows_at_once = 1'000;

/// The JSON text; bytes that are not UTF-8 are replaced.
[[nodiscard]] std::string dumped(const nlohmann::ordered_json& json);

// Where a thing stands in its list, as the cursor to what follows says it.
[[nodiscard]] std::string place_of(const campaign::StoredCampaign& stored);
[[nodiscard]] std::string place_of(const balancer::Assistant& assistant);
[[nodiscard]] std::string place_of(const balancer::Balancer& balancer);
[[nodiscard]] std::string place_of(const routing::DialedNumber& number);
[[nodiscard]] std::string place_of(const routing::Tenant& tenant);
[[nodiscard]] std::string place_of(const routing::Contact& contact);
[[nodiscard]] std::string place_of(const routing::FollowUp& follow_up);
[[nodiscard]] std::string place_of(const storage::DestinationRecord& destination);
[[nodiscard]] std::string place_of(const storage::Suppression& suppression);
[[nodiscard]] std::string place_of(const storage::AttemptRecord& attempt);
[[nodiscard]] std::string place_of(const storage::OrphanCdr& cdr);
[[nodiscard]] std::string place_of(const storage::OutboxMessage& message);
[[nodiscard]] std::string place_of(const storage::DecisionRecord& decision);

/// One row more than asked for, which shows whether there is more. `invalid_argument`: the cursor
/// is none of a list by ids.
[[nodiscard]] base::Result<storage::IdPage> id_page(const webhook::ApiSlice& slice);

/// A page of what was read with one more row than asked for. `items`: what stands on the page
/// before it.
template <class Record>
base::Result<webhook::ApiPage> page_of(
    const base::Result<std::vector<Record>>& rows,
    int limit,
    nlohmann::ordered_json items = nlohmann::ordered_json::array()
) {
    if (!rows) {
        return rows.error();
    }
    const auto count = std::min(rows->size(), static_cast<std::size_t>(limit));
    for (std::size_t i = 0; i < count; ++i) {
        items.push_back(view((*rows)[i]));
    }
    webhook::ApiPage page{.items = dumped(items), .next = {}};
    if (rows->size() > count) {
        page.next = place_of((*rows)[count - 1]);
    }
    return page;
}

/// A page of those rows that `is_wanted` of a list that `read`, given a `storage::IdPage`, reads.
template <class Read, class IsWanted>
base::Result<webhook::ApiPage> chosen_page(webhook::ApiSlice slice, Read read, IsWanted is_wanted) {
    auto items = nlohmann::ordered_json::array();
    for (int scanned = 0; scanned < scanned_max; scanned += rows_at_once) {
        auto page = id_page(slice);
        if (!page) {
            return page.error();
        }
        page->limit = rows_at_once;
        const auto rows = read(*page);
        if (!rows) {
            return rows.error();
        }
        for (const auto& row : *rows) {
            slice.after = place_of(row);
            if (is_wanted(row)) {
                items.push_back(view(row));
            }
            if (static_cast<int>(items.size()) == slice.limit) {
                return webhook::ApiPage{.items = dumped(items), .next = slice.after};
            }
        }
        if (static_cast<int>(rows->size()) < rows_at_once) {
            return webhook::ApiPage{.items = dumped(items), .next = {}};
        }
    }
    return webhook::ApiPage{.items = dumped(items), .next = slice.after};
}

template <class Record>
base::Result<std::string> text_of(const base::Result<Record>& record) {
    if (!record) {
        return record.error();
    }
    return dumped(view(*record));
}

}  // namespace cxdial::daemon
