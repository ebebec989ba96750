#include "daemon/inbound_desk.h"

#include "base/log.h"
#include "cxml/documents.h"
#include "dialer/answer.h"
#include "routing/resolver.h"
#include "routing/trace_json.h"

#include <utility>
#include <variant>

namespace cxdial::daemon {
namespace {

std::string masked(const routing::Decision& decision) {
    return decision.caller ? decision.caller->masked() : "none";
}

dialer::InboundCall inbound_call(
    const routing::Question& question,
    const routing::Decision& decision,
    const balancer::Assistant* agent
) {
    dialer::InboundCall call{
        .tenant = decision.tenant,
        .domain = question.domain,
        .call_sid = question.call_sid,
        .caller = decision.caller,
        .caller_text = question.from,
        .did_text = question.to,
        .mode = std::string(routing::to_string(decision.mode)),
        .reason = std::string(routing::to_string(decision.layer)),
        .agent = decision.agent,
        .agent_version = decision.agent_version,
        .agent_cap = agent == nullptr ? 0 : agent->max_concurrent_calls,
        .campaign = decision.campaign,
        .destination = decision.destination,
        .follow_up = decision.follow_up,
        .attempt = decision.attempt,
        .trace = routing::to_json(decision.trace),
        .took = decision.took,
    };
    if (!question.session_token.empty()) {
        call.token.emplace(question.session_token);
    }
    return call;
}

}  // namespace

InboundDesk::InboundDesk(
    net::Loop& loop,
    const base::Clock& clock,
    InboundResolver::Settings settings,
    webhook::Metrics& metrics,
    Links links
)
    : loop_(loop),
      clock_(clock),
      metrics_(metrics),
      links_(std::move(links)),
      resolver_(clock, std::move(settings)) {}

InboundDesk::~InboundDesk() = default;

void InboundDesk::start() {
    metrics_.set_forced_legacy(resolver_.force_legacy());
    if (resolver_.force_legacy()) {
        base::log_warn(
            "inbound_routing_forced_legacy",
            {{"effect", "every call that comes in goes to the dialed number's agent"},
             {"why", "INBOUND_ROUTING_FORCE_LEGACY is set"}}
        );
    }
    if (const base::Result<void> started = resolver_.start(); !started) {
        base::log_error(
            "inbound_routing_not_started",
            {{"why", started.error().detail}, {"effect", "calls that come in are declined"}}
        );
    }
}

void InboundDesk::ask(const webhook::InboundRequest& request, Done done) {
    const InboundResolver::Directory directory = resolver_.directory();
    if (directory == nullptr) {
        done(cxml::busy_document());
        return;
    }
    const std::uint64_t id = ++last_id_;
    Waiting& waiting = waiting_.try_emplace(id, loop_).first->second;
    waiting.question = {
        .call_sid = request.call_sid,
        .session_token = request.session,
        .domain = request.domain,
        .from = request.from,
        .to = request.to};
    waiting.done = std::move(done);
    const routing::DialedNumber* dialed = directory->dialed(request.to);
    const base::Millis budget =
        directory->tenant(dialed == nullptr ? std::string() : dialed->tenant).total_budget;
    waiting.answer_by = clock_.now().mono + budget;
    waiting.deadline.start(budget, [this, id] {
        answer_without_records(id, "it was not decided in time");
    });
    decide(id);
}

void InboundDesk::decide(std::uint64_t id) {
    const Waiting& waiting = waiting_.at(id);
    resolver_.resolve(
        waiting.question,
        waiting.full,
        waiting.answer_by,
        [&loop = loop_, alive = std::weak_ptr(alive_), id](Resolved resolved) {
            loop.post([alive, id, resolved = std::move(resolved)]() mutable {
                if (const auto desk = alive.lock()) {
                    (*desk)->on_resolved(id, std::move(resolved));
                }
            });
        }
    );
}

void InboundDesk::on_resolved(std::uint64_t id, Resolved resolved) {
    const auto found = waiting_.find(id);
    if (found == waiting_.end()) {
        return;  // answered already, when the time was up
    }
    Waiting& waiting = found->second;
    waiting.resolved = std::move(resolved);
    if (waiting.resolved.decided_agent) {
        answer(id, waiting.resolved.decision.tenant, *waiting.resolved.decided_agent);
        return;
    }
    submit(id, waiting);
}

void InboundDesk::submit(std::uint64_t id, Waiting& waiting) {
    const routing::Decision& decision = waiting.resolved.decision;
    const InboundResolver::Directory directory = resolver_.directory();
    dialer::CallCameIn came_in{
        .question = id,
        .answer_by = waiting.answer_by,
        .call = inbound_call(
            waiting.question, decision, directory->agent(decision.tenant, decision.agent)
        )};
    const auto lost =
        [&loop = loop_, alive = std::weak_ptr(alive_), id](const base::Result<void>& outcome) {
            if (outcome) {
                return;
            }
            loop.post([alive, id, why = outcome.error().detail] {
                if (const auto desk = alive.lock()) {
                    (*desk)->answer_without_records(id, why);
                }
            });
        };
    if (!links_.submit(std::move(came_in), lost)) {
        answer_without_records(id, "there is no room");
    }
}

void InboundDesk::on_routed(const dialer::RouteCall& routed) {
    const auto found = waiting_.find(routed.question);
    if (found == waiting_.end()) {
        return;
    }
    Waiting& waiting = found->second;
    const routing::Decision& decision = waiting.resolved.decision;
    if (std::holds_alternative<dialer::AgentFull>(routed.result)) {
        waiting.full.push_back(decision.agent);
        decide(routed.question);
        return;
    }
    const auto& result = std::get<dialer::Routed>(routed.result);
    if (result.repeated && result.agent != decision.agent) {
        decide(routed.question);  // what is remembered of the caller is another agent's
        return;
    }
    if (!result.repeated) {
        metrics_.on_inbound(decision);
        base::log_info(
            "call_routed",
            {{"call_sid", waiting.question.call_sid},
             {"caller", masked(decision)},
             {"tenant", decision.tenant},
             {"reason", routing::to_string(decision.layer)},
             {"agent", decision.agent},
             {"decision", result.decision.raw()},
             {"took_us", decision.took.count()}}
        );
    }
    answer(routed.question, decision.tenant, result.agent);
}

void InboundDesk::answer(std::uint64_t id, const std::string& tenant, const std::string& agent) {
    auto taken = waiting_.extract(id);
    taken.mapped().deadline.cancel();
    taken.mapped().done(document(taken.mapped(), tenant, agent));
}

void InboundDesk::answer_without_records(std::uint64_t id, const std::string& why) {
    const auto found = waiting_.find(id);
    if (found == waiting_.end()) {
        return;
    }
    Waiting& waiting = found->second;
    const InboundResolver::Directory directory = resolver_.directory();
    const routing::DecideOptions options{
        .force_legacy = resolver_.force_legacy(), .now = clock_.now().wall, .full = waiting.full};
    const routing::Decision decision = routing::resolve_late(waiting.question, options, *directory);
    base::log_warn(
        "call_answered_without_records",
        {{"call_sid", waiting.question.call_sid},
         {"caller", masked(decision)},
         {"agent", decision.agent},
         {"why", why}}
    );
    metrics_.on_inbound(decision);
    dialer::CallCameIn came_in{
        .question = id,
        .answer_by = waiting.answer_by,
        .call = inbound_call(
            waiting.question, decision, directory->agent(decision.tenant, decision.agent)
        )};
    came_in.call.is_late_fallback = true;
    if (!links_.submit(std::move(came_in), {})) {
        base::log_warn("decision_not_recorded", {{"call_sid", waiting.question.call_sid}});
    }
    waiting.resolved = {};
    waiting.resolved.decision = decision;
    answer(id, decision.tenant, decision.agent);
}

std::string InboundDesk::document(
    const Waiting& waiting, const std::string& tenant, const std::string& agent
) const {
    const InboundResolver::Directory directory = resolver_.directory();
    const balancer::Assistant* resource = directory->agent(tenant, agent);
    if (resource == nullptr) {
        return cxml::busy_document();
    }
    const std::optional<base::PhoneNumber>& caller = waiting.resolved.decision.caller;
    const base::Result<std::string> made = dialer::answer_document(
        resource,
        {.session = waiting.question.session_token,
         .from = caller ? caller->reveal() : waiting.question.from,
         .to = waiting.question.to,
         .parameters = waiting.resolved.memory}
    );
    if (made) {
        return *made;
    }
    base::log_warn(
        "inbound_document_missing",
        {{"call_sid", waiting.question.call_sid}, {"agent", agent}, {"why", made.error().detail}}
    );
    return cxml::busy_document();
}

void InboundDesk::reload(std::function<void()> done) {
    if (resolver_.directory() == nullptr) {
        done();
        return;
    }
    resolver_.reload([&loop = loop_, done = std::move(done)] { loop.post(done); });
}

}  // namespace cxdial::daemon
