#include "daemon/inbox.h"

#include <catch2/catch.hpp>

#include <thread>

using namespace cxdial;
using namespace std::chrono_literals;
using daemon::Inbox;

namespace {

constexpr base::MonoTime past{};
const base::MonoTime never = base::MonoTime::max();

Inbox::Item edit(std::int64_t id) {
    return {{dialer::CampaignEdited{campaign::CampaignId(id)}, past}, {}};
}

std::int64_t id_of(const Inbox::Item& item) {
    return std::get<dialer::CampaignEdited>(item.arrived.input).campaign.raw();
}

}  // namespace

TEST_CASE("inbox: items come out in the order they went in, a few at a time", "[daemon][inbox]") {
    Inbox inbox(10);
    for (int i = 0; i < 5; ++i) {
        CHECK(inbox.offer(edit(i)));
    }
    const auto first = inbox.take(3, past);
    REQUIRE(first.size() == 3);
    CHECK(id_of(first[0]) == 0);
    CHECK(id_of(first[2]) == 2);
    CHECK(inbox.take(3, past).size() == 2);
    CHECK(inbox.take(3, past).empty());
}

TEST_CASE(
    "inbox: a full one refuses what can be repeated and takes what cannot", "[daemon][inbox]"
) {
    Inbox inbox(1);
    CHECK(inbox.offer(edit(1)));
    CHECK_FALSE(inbox.offer(edit(2)));
    inbox.push(edit(3));
    CHECK(inbox.take(9, past).size() == 2);
}

TEST_CASE("inbox: whoever waits is woken by an item, and by its closing", "[daemon][inbox]") {
    Inbox inbox(10);
    SECTION("an item") {
        std::thread sender([&] { inbox.push(edit(7)); });
        const auto taken = inbox.take(9, never);
        sender.join();
        REQUIRE(taken.size() == 1);
        CHECK(id_of(taken[0]) == 7);
    }
    SECTION("its closing") {
        std::thread closer([&] { inbox.close(); });
        CHECK(inbox.take(9, never).empty());
        closer.join();
        CHECK(inbox.closed());
        CHECK_FALSE(inbox.offer(edit(1)));
    }
}

TEST_CASE("inbox: a job wakes its taker and comes out beside the items", "[daemon][inbox]") {
    Inbox inbox(10);
    std::string ran;
    std::thread taker([&] {
        CHECK(inbox.take(3, never).empty());
        CHECK(inbox.take_job().has_value());
    });
    CHECK(inbox.offer_job([&](storage::Repository&) {
        ran += "a";
        return Inbox::Written{};
    }));
    taker.join();
    CHECK_FALSE(inbox.take_job().has_value());
    CHECK(inbox.offer(edit(1)));
    CHECK(inbox.offer_job([&](storage::Repository&) {
        ran += "b";
        return Inbox::Written{};
    }));
    CHECK(inbox.take(3, never).size() == 1);
    CHECK(inbox.take_job().has_value());
    inbox.close();
    CHECK_FALSE(inbox.offer_job([&](storage::Repository&) {
        ran += "c";
        return Inbox::Written{};
    }));
    CHECK(ran.empty());
}
