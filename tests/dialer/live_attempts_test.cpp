#include "dialer/live_attempts.h"

#include <catch2/catch.hpp>

namespace cxdial::dialer {
namespace {

using base::Millis;
using base::MonoTime;
using campaign::AttemptId;
using campaign::SessionToken;

constexpr MonoTime start{std::chrono::seconds{100}};

Live live(std::int64_t id) {
    return Live{
        .row = {
            .id = AttemptId{id},
            .phone_number = base::PhoneNumber::parse("+12125550100").value(),
        }};
}

TEST_CASE("live attempts: are found by id and, once it is known, by token", "[dialer]") {
    LiveAttempts attempts;
    Live& added = attempts.add(live(1));
    CHECK(attempts.find(SessionToken{"t"}) == nullptr);
    attempts.set_token(added, SessionToken{"t"});
    CHECK(attempts.find(SessionToken{"t"}) == &added);
    CHECK(attempts.find(AttemptId{1}) == &added);
    attempts.remove(AttemptId{1});
    CHECK(attempts.find(SessionToken{"t"}) == nullptr);
    CHECK(attempts.find(AttemptId{1}) == nullptr);
    CHECK_FALSE(attempts.next_alarm());
}

TEST_CASE("live attempts: alarms come due in their order, a moved one only once", "[dialer]") {
    LiveAttempts attempts;
    for (const int id : {1, 2, 3}) {
        attempts.set_alarm(attempts.add(live(id)), start + Millis{10 * id});
    }
    attempts.set_alarm(*attempts.find(AttemptId{1}), start + Millis{25});
    CHECK(attempts.next_alarm() == start + Millis{20});
    CHECK(attempts.due(start + Millis{25}) == std::vector{AttemptId{2}, AttemptId{1}});
    attempts.remove(AttemptId{2});
    CHECK(attempts.due(start + Millis{25}) == std::vector{AttemptId{1}});
}

}  // namespace
}  // namespace cxdial::dialer
