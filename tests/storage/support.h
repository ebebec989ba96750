#pragma once

#include "base/clock.h"
#include "base/phone_number.h"
#include "campaign/campaign.h"
#include "campaign/destination.h"
#include "dialer/store.h"
#include "routing/tenant.h"
#include "storage/database.h"
#include "storage/repository.h"
#include "storage/sqlite_store.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cxdial::storage::testing {

/// A directory of its own for one test, gone with it.
class TempDirectory {
public:
    TempDirectory();
    ~TempDirectory();
    TempDirectory(const TempDirectory&) = delete;
    TempDirectory& operator=(const TempDirectory&) = delete;
    TempDirectory(TempDirectory&&) = delete;
    TempDirectory& operator=(TempDirectory&&) = delete;
    [[nodiscard]] std::string file(std::string_view name) const;

private:
    std::string path_;
};

/// The value, or a failed test that shows the error.
template <class Value>
Value expect(base::Result<Value> result) {
    if (!result) {
        throw std::runtime_error(result.error().detail);
    }
    return std::move(result).value();
}
void expect(const base::Result<void>& result);

[[nodiscard]] Database open(const std::string& path, Database::Options options = {});

[[nodiscard]] base::WallTime at(std::int64_t millis);
[[nodiscard]] base::PhoneNumber number(std::uint64_t index);
[[nodiscard]] campaign::Campaign hangup_campaign(const std::string& name);
[[nodiscard]] balancer::Assistant sip_assistant(const std::string& name);
/// Somebody at +12025550177.
[[nodiscard]] balancer::Assistant person(const std::string& name);
[[nodiscard]] routing::DialedNumber dialed(
    const std::string& name, const std::string& number, const std::string& agent
);
[[nodiscard]] campaign::NewDestination destination(std::uint64_t index, int priority = 0);
[[nodiscard]] dialer::NewAttempt attempt_of(
    campaign::CampaignId campaign, const dialer::QueuedDestination& destination
);
[[nodiscard]] dialer::WebhookReceived cdr(const std::string& key, const std::string& token);

/// Runs one transaction of the store.
template <class Body>
auto in_transaction(dialer::Store& store, Body body) {
    store.begin();
    try {
        if constexpr (std::is_void_v<decltype(body())>) {
            body();
            store.commit();
        } else {
            auto result = body();
            store.commit();
            return result;
        }
    } catch (...) {
        store.rollback();
        throw;
    }
}

/// A database with one active campaign.
struct Fixture {
    explicit Fixture(const std::string& path = ":memory:");

    /// Adds destinations with the numbers `first` … `first + count - 1`.
    void add(std::uint64_t first, int count, int priority = 0);
    [[nodiscard]] std::vector<dialer::QueuedDestination> claim(std::int64_t now, int limit);
    /// Takes one destination and records an attempt to call it.
    [[nodiscard]] std::pair<dialer::QueuedDestination, campaign::AttemptId> dial();
    [[nodiscard]] std::int64_t count(const std::string& sql);

    Database database;
    Repository repository;
    SqliteStore store;
    campaign::CampaignId id;
};

/// Runs `body` in a process of its own and waits for it. True: it returned true.
[[nodiscard]] bool in_child(const std::function<bool()>& body);

}  // namespace cxdial::storage::testing
