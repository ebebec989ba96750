#include "daemon/worker.h"
#include "storage/sqlite_store.h"

#include <catch2/catch.hpp>

#include <future>
#include <vector>

using namespace cxdial;
using daemon::Inbox;
using daemon::Worker;

namespace {

/// A worker at work on a database of its own; what is asked of the database goes through it.
class Bench {
public:
    Bench() { worker_.start(); }

    template <class Ask>
    auto ask(Ask ask) {
        using Answer = decltype(ask(repository_));
        std::promise<Answer> answer;
        std::future<Answer> coming = answer.get_future();
        REQUIRE(inbox_.offer_job([&](storage::Repository& repository) -> Inbox::Written {
            answer.set_value(ask(repository));
            return {};
        }));
        return coming.get();
    }

private:
    base::SystemClock clock_;
    storage::Database database_ = storage::Database::open(":memory:", {}).value();
    storage::Repository repository_{database_};
    storage::SqliteStore store_{database_};
    Inbox inbox_{10};
    dialer::Ticker ticker_{store_, {}, base::Rng{1}};
    Worker worker_{clock_, inbox_, ticker_, repository_, [](const daemon::Ticked&) {}};
};

std::vector<campaign::NewDestination> some_numbers() {
    std::vector<campaign::NewDestination> rows;
    for (std::uint64_t i = 0; i < 1'000; ++i) {
        rows.push_back({.phone_number = *base::PhoneNumber::from_digits(12'120'000'000 + i)});
    }
    return rows;
}

}  // namespace

TEST_CASE("worker: the rows of a deleted campaign go piece by piece", "[daemon][worker]") {
    Bench bench;
    const auto id = bench.ask([](storage::Repository& repository) {
        campaign::Campaign spring;
        spring.name = "spring";
        spring.cloudonix_domain = "acme.cloudonix.net";
        spring.caller_ids = {{"+12125550100"}};
        static_cast<void>(repository.put(spring, {}));
        const auto stored = repository.campaign("default", "spring");
        static_cast<void>(repository.add_destinations(stored->id, some_numbers()));
        return stored->id;
    });
    const auto rows = [&] {
        return bench.ask([&](storage::Repository& repository) {
            return repository.destinations(id, {.limit = 1'000})->size();
        });
    };
    CHECK(rows() == 1'000);
    REQUIRE(bench.ask([](storage::Repository& repository) {
        return repository.remove(storage::ResourceKind::campaign, "default", "spring");
    }));
    std::vector<std::size_t> left{1'000};
    while (left.back() > 0 && left.size() < 100) {
        left.push_back(rows());
    }
    CHECK(left.back() == 0);
    CHECK(left.size() > 3);
}
