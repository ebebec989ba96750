#include "daemon/contact_reader.h"

#include "daemon/history_views.h"
#include "daemon/internal/pages.h"
#include "storage/contact_book.h"

#include <cstdint>
#include <vector>

namespace cxdial::daemon {

using nlohmann::ordered_json;
using webhook::ApiContact;
using webhook::ApiDecisionFilter;
using webhook::ApiFollowUpFilter;
using webhook::ApiMemoryFilter;
using webhook::ApiName;
using webhook::ApiPage;
using webhook::ApiSlice;

namespace {

/// Calls to nobody's number are of no tenant, and for everybody to see.
bool may_see(const std::string& tenant, const storage::DecisionRecord& decision) {
    return decision.tenant.empty() || decision.tenant == tenant;
}

/// All of them in their order, as they are shown.
template <class Record>
base::Result<ordered_json> shown(const std::vector<Record>& records, HistoryViews& views) {
    ordered_json all = ordered_json::array();
    for (const Record& record : records) {
        auto one = views.of(record);
        if (!one) {
            return one.error();
        }
        all.push_back(*std::move(one));
    }
    return all;
}

}  // namespace

void ContactReader::connect(webhook::ApiContactPorts& ports) {
    ports.list = [this](const std::string& tenant, const ApiSlice& slice) {
        return list(tenant, slice);
    };
    ports.show = [this](const ApiContact& contact) { return show(contact); };
    ports.timeline = [this](const ApiContact& contact, int limit) {
        return timeline(contact, limit);
    };
    ports.memory = [this](const ApiContact& contact, const ApiMemoryFilter& filter) {
        return memory(contact, filter);
    };
    ports.follow_ups = [this](const ApiFollowUpFilter& filter, const ApiSlice& slice) {
        return follow_ups(filter, slice);
    };
    ports.follow_up = [this](const std::string& tenant, campaign::FollowUpId id) {
        return follow_up(tenant, id);
    };
    ports.decisions = [this](const ApiDecisionFilter& filter, const ApiSlice& slice) {
        return decisions(filter, slice);
    };
    ports.decision = [this](const std::string& tenant, campaign::DecisionId id) {
        return decision(tenant, id);
    };
    ports.inbound_returns = [this](const ApiName& campaign) { return inbound_returns(campaign); };
}

ContactReader::Page ContactReader::list(const std::string& tenant, const ApiSlice& slice) {
    const auto opened = open_();
    if (!opened) {
        return opened.error();
    }
    const auto page = id_page(slice);
    return page ? page_of(storage::ContactBook(**opened).contacts(tenant, *page), slice.limit)
                : Page(page.error());
}

ContactReader::Text ContactReader::show(const ApiContact& contact) {
    const auto opened = open_();
    return opened ? text_of(
                        storage::ContactBook(**opened).contact(contact.tenant, contact.phone_number)
                    )
                  : Text(opened.error());
}

ContactReader::Text ContactReader::timeline(const ApiContact& contact, int limit) {
    const auto opened = open_();
    if (!opened) {
        return opened.error();
    }
    storage::ContactBook book(**opened);
    const auto entries = book.timeline(contact.tenant, contact.phone_number, limit);
    if (!entries) {
        return entries.error();
    }
    HistoryViews views(**opened, book);
    const auto all = shown(*entries, views);
    return all ? Text(dumped(*all)) : Text(all.error());
}

ContactReader::Text ContactReader::memory(
    const ApiContact& contact, const ApiMemoryFilter& filter
) {
    const auto opened = open_();
    if (!opened) {
        return opened.error();
    }
    const auto memory = storage::ContactBook(**opened).memory(contact.tenant, contact.phone_number);
    if (!memory) {
        return memory.error();
    }
    ordered_json all = ordered_json::array();
    for (const routing::AgentMemory& one : *memory) {
        const bool is_wanted = filter.agent.empty() || one.agent == filter.agent;
        if (is_wanted && one.agent != filter.except) {
            all.push_back(view(one));
        }
    }
    return dumped(all);
}

ContactReader::Page ContactReader::follow_ups(
    const ApiFollowUpFilter& filter, const ApiSlice& slice
) {
    const auto opened = open_();
    if (!opened) {
        return opened.error();
    }
    storage::ContactBook book(**opened);
    const storage::FollowUpFilter stored{
        .tenant = filter.tenant, .phone_number = filter.contact, .status = filter.status};
    if (filter.agent.empty() && filter.campaign.empty()) {
        const auto page = id_page(slice);
        return page ? page_of(book.follow_ups(stored, *page), slice.limit) : Page(page.error());
    }
    return chosen_page(
        slice,
        [&](const storage::IdPage& page) { return book.follow_ups(stored, page); },
        [&](const routing::FollowUp& row) {
            return (filter.agent.empty() || row.agent == filter.agent) &&
                   (filter.campaign.empty() || row.campaign == filter.campaign);
        }
    );
}

ContactReader::Text ContactReader::follow_up(const std::string& tenant, campaign::FollowUpId id) {
    const auto opened = open_();
    if (!opened) {
        return opened.error();
    }
    const auto found = storage::ContactBook(**opened).follow_up(id);
    if (found && found->tenant != tenant) {
        return base::Error{base::Errc::not_found, "there is no such follow-up"};
    }
    return text_of(found);
}

ContactReader::Page ContactReader::decisions(
    const ApiDecisionFilter& filter, const ApiSlice& slice
) {
    if (!filter.call_sid.empty()) {
        return decision_of(filter);
    }
    const auto opened = open_();
    if (!opened) {
        return opened.error();
    }
    const auto page = id_page(slice);
    if (!page) {
        return page.error();
    }
    storage::DecisionFilter stored{.tenant = filter.tenant, .phone_number = filter.contact};
    if (!filter.campaign.empty()) {
        const auto campaign = (*opened)->campaign(filter.tenant, filter.campaign);
        if (!campaign) {
            return campaign.error();
        }
        stored.campaign = campaign->id;
    }
    storage::ContactBook book(**opened);
    auto rows = book.decisions(stored, {.before = page->after, .limit = page->limit});
    if (!rows) {
        return rows.error();
    }
    ApiPage answer;
    if (static_cast<int>(rows->size()) > slice.limit) {
        rows->pop_back();
        answer.next = place_of(rows->back());
    }
    HistoryViews views(**opened, book);
    const auto all = shown(*rows, views);
    if (!all) {
        return all.error();
    }
    answer.items = dumped(*all);
    return answer;
}

ContactReader::Page ContactReader::decision_of(const ApiDecisionFilter& filter) {
    const auto opened = open_();
    if (!opened) {
        return opened.error();
    }
    storage::ContactBook book(**opened);
    const auto found = book.decision(filter.call_sid);
    if (!found && found.error().code != base::Errc::not_found) {
        return found.error();
    }
    std::vector<storage::DecisionRecord> rows;
    if (found && may_see(filter.tenant, *found)) {
        rows.push_back(*found);
    }
    HistoryViews views(**opened, book);
    const auto all = shown(rows, views);
    return all ? Page(ApiPage{.items = dumped(*all), .next = {}}) : Page(all.error());
}

ContactReader::Text ContactReader::decision(const std::string& tenant, campaign::DecisionId id) {
    const auto opened = open_();
    if (!opened) {
        return opened.error();
    }
    storage::ContactBook book(**opened);
    const auto found = book.decision(id);
    if (!found) {
        return found.error();
    }
    if (!may_see(tenant, *found)) {
        return base::Error{base::Errc::not_found, "there is no such decision"};
    }
    const auto joined = HistoryViews(**opened, book).of(*found);
    return joined ? Text(dumped(*joined)) : Text(joined.error());
}

ContactReader::Text ContactReader::inbound_returns(const ApiName& campaign) {
    const auto opened = open_();
    if (!opened) {
        return opened.error();
    }
    const auto stored = (*opened)->campaign(campaign.tenant, campaign.name);
    if (!stored) {
        return stored.error();
    }
    const auto counted = storage::ContactBook(**opened).inbound_returns(stored->id);
    if (!counted) {
        return counted.error();
    }
    std::int64_t total = 0;
    ordered_json by_reason = ordered_json::object();
    for (const auto& [layer, number] : *counted) {
        total += number;
        by_reason[std::string(to_string(layer))] = number;
    }
    return dumped({{"total", total}, {"by_reason", std::move(by_reason)}});
}

}  // namespace cxdial::daemon
