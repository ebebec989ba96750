#include "simulator/internal/world.h"

#include "base/check.h"
#include "simulator/internal/assistant.h"
#include "simulator/internal/draw.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <utility>

namespace cxdial::simulator {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int platform_timeout_s = 60;
constexpr std::int64_t first_domain_id = 755;

net::HttpClient::Options voice_options(const Options& options) {
    net::HttpClient::Options client;
    client.in_flight_max = 512;
    client.timeout = options.voice_timeout;
    client.response_bytes_max = 1U << 20U;
    client.user_agent = "Cloudonix APP.Core/5.3.673";
    return client;
}

std::string attempt_of(const Call& call) {
    const auto found = call.request.profile.find("cxdial-attempt");
    if (found == call.request.profile.end()) {
        return {};
    }
    return found->is_string() ? found->get<std::string>() : found->dump();
}

CallStatus outcome_of(Call& call, const Options& options) {
    // Drawn in any case, so that a rule for one call changes nothing else about it.
    const auto& drawn = draw(call.rng, options.outcomes);
    const auto ruled = value_of_rule(options.outcome_for, call.request.destination);
    return status_of_outcome(ruled.empty() ? drawn : ruled);
}

milliseconds timeout_of(const Call& call) {
    if (call.request.timeout_s > 0) {
        return seconds{call.request.timeout_s};
    }
    const auto found = call.domain->profile.find("call-timeout");
    const auto is_set = found != call.domain->profile.end() && found->is_number_integer();
    return seconds{is_set ? found->get<int>() : platform_timeout_s};
}

}  // namespace

World::World(net::Loop& loop, const base::Clock& clock, Options options)
    : clock_(clock),
      options_(std::move(options)),
      rng_(options_.seed),
      begun_(clock_.now().mono),
      ledger_(begun_),
      schedule_(loop, clock_),
      sender_(loop, schedule_, truth_, options_),
      notices_(schedule_, sender_, options_),
      player_(*this, notices_, options_),
      voice_client_(loop, voice_options(options_)) {
    if (options_.domains.empty()) {
        options_.domains.emplace_back("sim.cloudonix.net");
    }
    const auto now = clock_.now().wall;
    for (const auto& name : options_.domains) {
        auto& domain = domains_.emplace_back();
        domain.id = first_domain_id + static_cast<std::int64_t>(domains_.size()) - 1;
        const auto equals = name.find('=');
        domain.name = name.substr(0, equals);
        domain.api_key = equals == std::string::npos ? "" : name.substr(equals + 1);
        domain.uuid = draw_uuid(rng_);
        domain.created = domain.modified = now;
        put_endpoints(domain);
    }
    put_limits();
}

void World::put_limits() {
    const auto now = clock_.now().mono;
    for (auto& domain : domains_) {
        domain.meter.set_limit(
            now,
            {domain.requests.value_or(options_.requests),
             domain.per.value_or(options_.per),
             options_.limiter == "bucket"}
        );
    }
}

void World::put_endpoints(Domain& domain) const {
    const auto put = [&](const char* key, const std::string& value) {
        if (value.empty()) {
            domain.profile.erase(key);
        } else {
            domain.profile[key] = value;
        }
    };
    put("cdr-endpoint", options_.cdr_endpoint);
    put("session-update-endpoint", options_.session_update_endpoint);
    put("authorization-api-key", options_.webhook_key);
}

void World::change_options(Options options) {
    const auto has_changed = options.cdr_endpoint != options_.cdr_endpoint ||
                             options.session_update_endpoint != options_.session_update_endpoint ||
                             options.webhook_key != options_.webhook_key;
    const auto has_other_dead = options.dead != options_.dead;
    options_ = std::move(options);
    put_limits();
    if (has_other_dead) {
        cut_dead_talks();
    }
    if (!has_changed) {
        return;
    }
    for (auto& domain : domains_) {
        put_endpoints(domain);
    }
}

Domain* World::find_domain(std::string_view name) {
    if (name == "self") {
        return &domains_.front();
    }
    const auto found = std::find_if(domains_.begin(), domains_.end(), [&](const Domain& each) {
        return each.is_called(name);
    });
    return found == domains_.end() ? nullptr : &*found;
}

Call* World::find_call(std::string_view token_or_id) {
    if (const auto found = by_token_.find(token_or_id); found != by_token_.end()) {
        return found->second;
    }
    std::uint64_t id = 0;
    const auto* const stop = token_or_id.data() + token_or_id.size();
    if (std::from_chars(token_or_id.data(), stop, id).ptr != stop) {
        return nullptr;
    }
    return find_known(id);
}

Call* World::find_known(std::uint64_t id) {
    const auto found = calls_.find(id);
    return found == calls_.end() ? nullptr : found->second.get();
}

Call* World::find_live(std::uint64_t id) {
    auto* const known = find_known(id);
    return known == nullptr || known->is_ended ? nullptr : known;
}

Call& World::add_call(Domain& domain, CallRequest request) {
    auto made = std::make_unique<Call>();
    auto& call = *made;
    call.id = ++last_id_;
    // One stream of draws for each call: what happens to it does not depend on how calls
    // interleave.
    call.rng = base::Rng(options_.seed ^ (call.id * 0x9E3779B97F4A7C15ULL));
    call.token = draw_hex(call.rng, 32);
    call.sip_call_id = draw_hex(call.rng, 8) + "@" + vapp_server + ":5060";
    call.domain = &domain;
    call.request = std::move(request);
    call.created = call.modified = clock_.now().wall;
    calls_.emplace_hint(calls_.end(), call.id, std::move(made));
    by_token_.emplace(call.token, &call);
    ++live_;
    return call;
}

Call& World::create(Domain& domain, CallRequest request) {
    auto& call = add_call(domain, std::move(request));
    const auto now = clock_.now();
    if (const auto* const found = domain.find_application(call.request.application)) {
        call.application = *found;
    }
    call.outcome = outcome_of(call, options_);
    domain.live_max = std::max(domain.live_max, ++domain.live);
    domain.meter.accepted(now.mono);
    truth_.call_started(now.mono, call.request.destination, attempt_of(call), call.token);
    call.groups =
        ledger_.call_made(now, domain.name, call.request.caller_id, call.request.destination);
    begin(call);
    return call;
}

void World::begin(Call& call) {
    auto delay = draw(call.rng, options_.setup);
    if (call.request.schedule) {
        delay += std::max(milliseconds{0}, *call.request.schedule - call.created);
    }
    // Through the loop, so that the answer to the request leaves before the first notice.
    wait(call, milliseconds{0}, [this, delay](Call& then) {
        notices_.status_changed(then, "call");
        wait(then, until_deadline(then, delay), [this](Call& after) { process(after); });
    });
}

milliseconds World::until_deadline(const Call& call, milliseconds delay) const {
    if (!call.request.deadline) {
        return delay;
    }
    const auto left = *call.request.deadline + milliseconds{1} - clock_.now().wall;
    return std::clamp(milliseconds{left}, milliseconds{0}, delay);
}

bool World::is_past_deadline(Call& call) {
    if (!call.request.deadline || clock_.now().wall <= *call.request.deadline) {
        return false;
    }
    if (rng_.chance(options_.deadline_ignored)) {
        call.request.deadline.reset();
        truth_.late_start();
        return false;
    }
    call.started.reset();
    call.error = "not started before its deadline";
    end(call, CallStatus::failed, "deadline");
    return true;
}

void World::process(Call& call) {
    if (is_past_deadline(call)) {
        return;
    }
    const auto now = clock_.now();
    call.started = now.wall;
    set_status(call, CallStatus::processing, "call");
    wait(call, until_deadline(call, draw(call.rng, options_.setup)), [this](Call& then) {
        if (is_past_deadline(then)) {
            return;
        }
        Ledger::call_started(clock_.now(), then.groups);
        const auto rings = then.outcome == CallStatus::connected ||
                           then.outcome == CallStatus::noanswer ||
                           then.outcome == CallStatus::cancel;
        if (rings) {
            ring(then);
        } else {
            end(then, then.outcome, "hangup");
        }
    });
}

void World::ring(Call& call) {
    set_status(call, CallStatus::ringing, "call");
    const auto timeout = timeout_of(call);
    const auto is_noanswer = call.outcome == CallStatus::noanswer;
    const auto drawn = draw(call.rng, is_noanswer ? options_.noanswer_after : options_.ring);
    const auto rings_out = (is_noanswer && drawn.count() == 0) || drawn >= timeout;
    wait(call, rings_out ? timeout : drawn, [this, rings_out](Call& then) {
        if (rings_out) {
            end(then, CallStatus::noanswer, "timeout");
        } else if (then.outcome == CallStatus::connected) {
            answer(then);
        } else {
            end(then, then.outcome, "hangup");
        }
    });
}

void World::set_status(Call& call, CallStatus status, const std::string& action) {
    CHECK_INVARIANT(!call.is_ended);
    call.status = status;
    call.modified = clock_.now().wall;
    ++call.epoch;
    notices_.status_changed(call, action);
}

void World::end(Call& call, CallStatus status, const std::string& action) {
    CHECK_INVARIANT(!call.is_ended && live_ > 0);
    const auto was_connected = call.status == CallStatus::connected;
    call.status = status;
    call.modified = clock_.now().wall;
    call.ended = call.modified;
    call.is_ended = true;
    ++call.epoch;
    --live_;
    leave_assistant(call);
    if (call.inbound) {
        count_inbound_end(call);
    } else {
        count_outbound_end(call);
    }
    // Whether the callback hears of the end of an answered call is undocumented; here it does not,
    // so that nobody comes to rely on it.
    notices_.status_changed(call, action, !was_connected);
    notices_.ended(call);
    call.script.reset();
    call.request.cxml = {};
    ended_.push_back(call.id);
    // Through the loop: whoever ended the call still holds it.
    if (ended_.size() > options_.keep_ended) {
        schedule_.after(milliseconds{0}, [this] { forget_oldest(); });
    }
}

void World::count_outbound_end(Call& call) {
    CHECK_INVARIANT(call.domain->live > 0);
    --call.domain->live;
    truth_.call_ended(call.request.destination);
    ledger_.call_ended(clock_.now(), call.groups, call.request.caller_id, call.request.destination);
    ++truth_.outcomes()[std::string(disposition_of(call.status))];
}

void World::forget_oldest() {
    while (ended_.size() > options_.keep_ended) {
        const auto oldest = calls_.find(ended_.front());
        ended_.pop_front();
        by_token_.erase(oldest->second->token);
        calls_.erase(oldest);
    }
}

void World::hang_up(Call& call) {
    // A Hangup answers: it is Reject that refuses a call.
    pick_up(call);
    end(call, CallStatus::connected, "hangup");
}

void World::fail(Call& call, const std::string& why) {
    truth_.cxml_error(why);
    call.error = why;
    end(call, CallStatus::failed, "error");
}

void World::destroy(Call& call, std::string_view reason) {
    if (call.answered) {
        end(call, CallStatus::connected, "hangup");
        return;
    }
    auto status = CallStatus::cancel;
    if (reason == "timeout") {
        status = CallStatus::noanswer;
    } else if (reason == "denied") {
        status = CallStatus::failed;
    } else if (reason == "busy") {
        status = CallStatus::busy;
    } else if (reason == "nocredit") {
        status = CallStatus::nocredit;
    }
    end(call, status, "hangup");
}

void World::switch_program(
    Call& call, const std::string& document, const std::string& url, const std::string& method
) {
    CHECK_INVARIANT(!call.is_ended && call.answered);
    ++call.epoch;
    leave_assistant(call);
    if (url.empty()) {
        player_.restart_inline(call, document);
    } else {
        player_.restart_at(call, url, method);
    }
}

void World::wait(Call& call, milliseconds delay, std::function<void(Call&)> then) {
    schedule_.after(delay, [this, id = call.id, epoch = call.epoch, then = std::move(then)] {
        auto* const live = find_live(id);
        if (live == nullptr || live->epoch != epoch) {
            return;
        }
        ++live->epoch;
        then(*live);
    });
}

void World::reset() {
    schedule_.clear();
    sender_.forget();
    by_token_.clear();
    calls_.clear();
    ended_.clear();
    live_ = 0;
    for (auto& domain : domains_) {
        domain.live = domain.live_max = domain.inbound_live = 0;
        domain.meter = {};
    }
    put_limits();
    truth_ = {};
    begun_ = clock_.now().mono;
    ledger_ = Ledger(begun_);
    rng_ = base::Rng(options_.seed);
}

}  // namespace cxdial::simulator
