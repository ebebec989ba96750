#include "base/check.h"
#include "base/log.h"
#include "cxml/url_template.h"
#include "dialer/answer.h"
#include "dialer/engine.h"
#include "dialer/internal/engine_tick.h"
#include "dialer/internal/talk_time.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <utility>

namespace cxdial::dialer {

using campaign::Disposition;

namespace {

/// A connection that lasts less tells of an assistant that is not there.
constexpr base::Millis shortest_conversation{1'000};

/// `DialCallStatus` of a dial that somebody took.
bool was_taken(std::string_view dial_status) {
    constexpr std::array<std::string_view, 3> good{"completed", "answered", "ringing"};
    return std::find(good.begin(), good.end(), dial_status) != good.end();
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

base::Result<std::string> hang_up_document() {
    return answer_document(nullptr, {});
}

}  // namespace

void Engine::on_answered(Tick& tick, const CallAnswered& asked) {
    tick.out.effects.emplace_back(Connect{asked.question, document_of(tick, asked)});
}

base::Result<std::string> Engine::document_of(Tick& tick, const CallAnswered& asked) {
    SessionReport report;
    report.attempt = asked.attempt;
    report.token = asked.token;
    report.progress = Progress::answered;
    Live* live = match(tick, report, asked.domain);
    if (live == nullptr) {
        const std::optional<LiveAttempt> row = tick.store.find_attempt({.id = asked.attempt});
        if (!row || (!asked.domain.empty() && asked.domain != row->domain)) {
            return base::Error{base::Errc::not_found, "there is no such attempt"};
        }
        return hang_up_document(
        );  // it is over for us, or the session is not the one that we placed
    }
    // Whoever asks has a call that was answered: as good as a webhook that says so.
    apply(tick, *live, report);
    live = live_.find(asked.attempt);
    if (live == nullptr) {
        return hang_up_document();
    }
    if (!asked.answered_by.empty() && live->row.answered_by.empty()) {
        AttemptChange change{.to = live->row.status};
        change.answered_by = asked.answered_by;
        if (!write(tick, *live, change)) {
            return hang_up_document();
        }
        live->row.answered_by = asked.answered_by;
    }
    return connect(tick, *live, asked);
}

base::Result<std::string> Engine::connect(Tick& tick, Live& live, const CallAnswered& asked) {
    const CampaignState* state = campaign_of(tick, live.row.campaign);
    const bool is_hangup = live.row.balancer.empty() && live.row.assistant.empty();
    const bool is_machines = is_machine(live.row.answered_by) && state != nullptr &&
                             state->stored.campaign.amd.on_machine == "hangup";
    const bool is_unwanted = is_machines || live.settled_as.has_value();
    if (state == nullptr || is_hangup || is_unwanted || was_taken(asked.dial_status)) {
        return hang_up_document();
    }
    // A question that comes again, after its answer has bound the next assistant, is about one that
    // has failed already.
    const bool has_failed =
        !live.row.assistant.empty() && contains(asked.dialed, live.row.assistant);
    if (has_failed) {
        report_failed_dial(tick, live, asked.dial_status);
    }
    const base::Result<const balancer::Assistant*> assistant =
        has_failed ? next_assistant(tick, live, asked.dialed) : assistant_of(tick, live);
    if (!assistant) {
        return assistant.error();
    }
    CallFacts facts{
        .session = live.row.token ? live.row.token->raw() : "",
        .from = live.row.caller_id,
        .to = live.row.phone_number.reveal(),
    };
    if (!live.row.balancer.empty() && !settings_.public_url.empty()) {
        facts.after_dial = address_after(live, asked.dialed);
    }
    return answer_document(*assistant, facts);
}

std::string Engine::address_after(const Live& live, const std::vector<std::string>& dialed) const {
    std::string address =
        settings_.public_url + "/cloudonix/voice?attempt=" + std::to_string(live.row.id.raw());
    for (const std::string& assistant : dialed) {
        address += "&dialed=" + cxml::percent_encoded(assistant);
    }
    return address + "&dialed=" + cxml::percent_encoded(live.row.assistant);
}

void Engine::report_failed_dial(Tick& tick, const Live& live, const std::string& dial_status) {
    const base::MonoTime connected_at = live.connected_at.value_or(tick.now.mono);
    const std::string& assistant = live.row.assistant;
    switchboard_.report(pool_of(tick, live), assistant, false, connected_at, tick.now.mono);
    base::log_warn(
        "assistant_did_not_take_the_call",
        {{"assistant", assistant}, {"attempt", live.row.id.raw()}, {"dial_status", dial_status}}
    );
}

base::Result<const balancer::Assistant*> Engine::assistant_of(Tick& tick, Live& live) {
    if (live.row.assistant.empty()) {
        return next_assistant(tick, live, {});
    }
    const PoolKey pool = pool_of(tick, live);
    const balancer::Assistant* bound = switchboard_.find(pool.tenant, live.row.assistant);
    if (bound == nullptr) {
        return base::Error{
            base::Errc::conflict, "assistant \"" + live.row.assistant + "\" is gone"};
    }
    live.connected_at = live.connected_at.value_or(tick.now.mono);
    return bound;
}

base::Result<const balancer::Assistant*> Engine::next_assistant(
    Tick& tick, Live& live, const std::vector<std::string>& dialed
) {
    const balancer::Assistant* chosen =
        switchboard_.choose(pool_of(tick, live), dialed, tick.now.mono, rng_);
    if (chosen == nullptr) {
        const auto why = dialed.empty() ? base::Errc::unavailable : base::Errc::conflict;
        return base::Error{why, "no assistant can take the call"};
    }
    if (!bind(tick, live, *chosen)) {
        return base::Error{base::Errc::not_found, "the attempt is another owner's"};
    }
    return chosen;
}

bool Engine::bind(Tick& tick, Live& live, const balancer::Assistant& assistant) {
    AttemptChange change{.to = live.row.status};
    change.assistant = assistant.name;
    leave_seat(tick, live);
    live.row.assistant = assistant.name;
    live.connected_at = tick.now.mono;
    take_seat(tick, live);
    return write(tick, live, change);
}

void Engine::report_health(Tick& tick, const Live& live, const AttemptChange& change) {
    if (live.row.assistant.empty() || change.disposition != Disposition::answered ||
        live.settled_as) {
        return;  // one that we hung up on tells nothing of its assistant
    }
    const std::optional<base::Millis> talked = talk_time(live, change, tick.now.mono);
    if (!talked) {
        return;
    }
    switchboard_.report(
        pool_of(tick, live),
        live.row.assistant,
        *talked >= shortest_conversation,
        live.connected_at.value_or(tick.now.mono - *talked),
        tick.now.mono
    );
}

PoolKey Engine::pool_of(Tick& tick, const Live& live) {
    const CampaignState* state = campaign_of(tick, live.row.campaign);
    return {
        .tenant = state == nullptr ? "" : state->stored.campaign.tenant,
        .balancer = live.row.balancer,
        .assistant = live.row.balancer.empty() ? live.row.assistant : "",
    };
}

void Engine::take_seat(Tick& tick, const Live& live) {
    const PoolKey pool = pool_of(tick, live);
    if (!live.row.assistant.empty()) {
        switchboard_.bind(pool.tenant, live.row.assistant);
    } else if (!pool.is_hangup()) {
        switchboard_.reserve(pool);
    }
}

void Engine::leave_seat(Tick& tick, const Live& live) {
    const PoolKey pool = pool_of(tick, live);
    if (!live.row.assistant.empty()) {
        switchboard_.unbind(pool.tenant, live.row.assistant);
    } else if (!pool.is_hangup()) {
        switchboard_.unreserve(pool);
    }
}

}  // namespace cxdial::dialer
