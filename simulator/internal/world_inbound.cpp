#include "base/check.h"
#include "simulator/internal/draw.h"
#include "simulator/internal/world.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

// Calls that come in, and how documents are asked for.
namespace cxdial::simulator {

using nlohmann::json;
using std::chrono::milliseconds;

Call& World::call_in(Domain& domain, const InboundRequest& request) {
    CallRequest wanted;
    wanted.destination = request.to;
    wanted.caller_id = request.from;
    wanted.profile = {
        {"trunk-sip-headers", json::object()},
        {"inbound-trunk-name", "carrier"},
        {"inbound-trunk-id", 0}};
    wanted.profile.merge_patch(request.profile);
    auto& call = add_call(domain, std::move(wanted));
    call.application = request.application;
    call.inbound = std::make_unique<InboundCall>();
    call.inbound->request = request;
    call.inbound->call_sid = request.call_sid.empty() ? call.token : request.call_sid;
    if (request.call_sid == "sip") {
        call.inbound->call_sid = call.sip_call_id;
    }
    ++domain.inbound_live;
    truth_.inbound().made();
    if (request.hang_up_after) {
        const auto patience = draw(call.rng, *request.hang_up_after);
        schedule_.after(patience, [this, id = call.id] {
            if (auto* const live = find_live(id)) {
                destroy(*live, "");
            }
        });
    }
    // Through the loop, so that the answer to the request leaves before the first notice.
    wait(call, milliseconds{0}, [this](Call& then) {
        then.started = clock_.now().wall;
        notices_.status_changed(then, "call");
        wait(then, draw(then.rng, options_.setup), [this](Call& after) { player_.start(after); });
    });
    return call;
}

void World::pick_up(Call& call) {
    if (call.answered) {
        return;
    }
    call.answered = clock_.now().wall;
    set_status(call, CallStatus::connected, "answer");
    limit_time(call);
    if (call.inbound) {
        truth_.inbound().answered();
    }
}

void World::ring_back(Call& call) {
    if (!call.answered && call.status != CallStatus::ringing) {
        set_status(call, CallStatus::ringing, "call");
    }
}

void World::refuse(Call& call, CallStatus status) {
    end(call, status, "hangup");
}

void World::count_inbound_end(Call& call) {
    CHECK_INVARIANT(call.domain->inbound_live > 0);
    --call.domain->inbound_live;
    truth_.inbound().ended(disposition_of(call.status));
    if (call.inbound->is_ringing()) {
        call.inbound->settled("canceled");
    }
}

void World::fetch(
    Call& call, net::HttpRequest request, std::function<void(Call&, net::HttpOutcome)> then
) {
    truth_.voice_request();
    auto again = call.rng.chance(options_.voice_repeat) ? std::optional(request) : std::nullopt;
    const auto is_during =
        options_.voice_repeat_when == "during" ||
        (again && options_.voice_repeat_when == "either" && call.rng.chance(0.5));
    const auto repeat = [this, id = call.id, again](bool wanted) {
        if (again && wanted) {
            send_voice(id, *again, true, [](const net::HttpOutcome&) {});
        }
    };
    const auto resume = [this, id = call.id, epoch = call.epoch, repeat, is_during, then](
                            const net::HttpOutcome& outcome
                        ) {
        repeat(!is_during && find_known(id) != nullptr);
        auto* const live = find_live(id);
        if (live == nullptr || live->epoch != epoch) {
            return;
        }
        if (live->status == CallStatus::fresh) {
            set_status(*live, CallStatus::processing, "call");
        }
        ++live->epoch;
        then(*live, outcome);
    };
    send_voice(call.id, std::move(request), false, resume);
    repeat(is_during);
}

void World::send_voice(
    std::uint64_t id, net::HttpRequest request, bool is_repeat, net::HttpClient::Handler then
) {
    if (is_repeat) {
        truth_.voice_repeat();
    }
    VoiceAnswer answer;
    answer.url = request.target;
    answer.is_repeat = is_repeat;
    const auto begun = clock_.now().mono;
    auto heard = [this, id, begun, answer = std::move(answer), then = std::move(then)](
                     const net::HttpOutcome& outcome
                 ) mutable {
        const std::chrono::duration<double, std::milli> took = clock_.now().mono - begun;
        answer.ms = took.count();
        if (const auto* const reply = std::get_if<net::HttpResponse>(&outcome)) {
            answer.status = reply->status;
            answer.document = reply->body;
        } else {
            answer.document = std::get<net::HttpFailure>(outcome).why;
        }
        if (auto* const known = find_known(id); known != nullptr && known->inbound) {
            known->inbound->keep(std::move(answer));
        }
        then(outcome);
    };
    voice_client_.send(std::move(request), std::move(heard));
}

}  // namespace cxdial::simulator
