#include "dialer/domain_state.h"

#include "dialer/flaw.h"

#include <algorithm>
#include <utility>

namespace cxdial::dialer {
namespace {

constexpr base::Millis first_back_off{1'000};
constexpr base::Millis longest_back_off{60'000};
constexpr base::Millis longest_grace{10'000};
constexpr int look_up_share = 4;  // one request in so many

/// Requests are counted here when they are decided and there when they arrive: a window that is a
/// little longer keeps one that was on its way for less time than another from being refused.
constexpr base::Millis longest_slack{50};
constexpr int slack_part = 100;

base::Millis window_of(const DomainLimits& limits) {
    return limits.per + std::min(longest_slack, limits.per / slack_part);
}

int look_up_requests(int requests) {
    return requests == 0 ? 0 : std::max(1, requests / look_up_share);
}

}  // namespace

DomainState::DomainState(DomainLimits limits_given)
    : limits(std::move(limits_given)),
      rate(limits.requests, limits.per),
      requests(limits.requests, window_of(limits)),
      look_ups(look_up_requests(limits.requests), window_of(limits)) {}

void DomainState::take_edit(DomainLimits edited) {
    if (edited.requests != limits.requests || edited.per != limits.per) {
        rate = RateControl(edited.requests, edited.per);
        requests.set_limit(edited.requests, window_of(edited));
        look_ups.set_limit(look_up_requests(edited.requests), window_of(edited));
    }
    limits = std::move(edited);
}

void DomainState::learn_from(const DomainState& earlier) {
    rate = earlier.rate;
    requests.set_limit(rate.allowed(), window_of(limits));
    blocked_until = earlier.blocked_until;
    back_off = earlier.back_off;
}

void DomainState::recover_rate(base::MonoTime now) {
    if (rate.raise_when_due(now)) {
        requests.set_limit(rate.allowed(), window_of(limits));
    }
}

base::Millis DomainState::on_too_many(
    base::MonoTime sent_at, base::MonoTime now, std::optional<base::Millis> asked_for
) {
    if (flawed(Flaw::keep_rate_after_429)) {
        return base::Millis{0};
    }
    rate.refused(sent_at, requests.sent(now), now);
    requests.set_limit(rate.allowed(), window_of(limits));
    return slow_down(now, asked_for);
}

base::MonoTime DomainState::request_at(base::MonoTime now) {
    return std::max(requests.ready_at(now), blocked_until);
}

base::MonoTime DomainState::look_up_at(base::MonoTime now) {
    return std::max(request_at(now), look_ups.ready_at(now));
}

void DomainState::spend_look_up(base::MonoTime now) {
    requests.spend(now);
    look_ups.spend(now);
}

void DomainState::remember(const std::vector<base::MonoTime>& placed, base::MonoTime now) {
    for (const base::MonoTime at : placed) {
        requests.remember(at);
    }
    for (int i = look_up_requests(limits.requests); i > 0; --i) {
        requests.remember(now);
        look_ups.remember(now);
    }
}

base::Millis DomainState::slow_down(base::MonoTime now, std::optional<base::Millis> asked_for) {
    if (now < blocked_until && !asked_for) {
        // One refusal of several that were under way together: the pause is already on.
        return std::chrono::ceil<base::Millis>(blocked_until - now);
    }
    back_off = std::clamp(back_off * 2, first_back_off, longest_back_off);
    const base::Millis pause = asked_for.value_or(back_off);
    blocked_until = std::max(blocked_until, now + pause);
    return pause;
}

void DomainState::succeeded() {
    back_off = base::Millis{0};
}

base::Millis DomainState::list_grace() const {
    return std::min(longest_grace, limits.in_doubt_limit / 4);
}

}  // namespace cxdial::dialer
