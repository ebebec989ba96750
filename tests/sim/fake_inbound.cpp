// The calls that come in at Cloudonix, and what is hung up there.

#include "fake_cloudonix.h"

#include <algorithm>

namespace cxdial::sim {

using base::Millis;
using dialer::WebhookReceived;

Call& FakeCloudonix::call_in(base::PhoneNumber number, const std::string& domain) {
    Call call{
        .attempt = campaign::AttemptId{0},
        .token = new_token(),
        .number = number,
        .domain = domain,
        .request =
            {.destination = number,
             .caller_id = {},
             .cxml = {},
             .url = {},
             .callback = {},
             .amd = {}},
        .accepted = world_.now(),
    };
    call.anonymous = true;
    call.disposition = campaign::Disposition::no_answer;
    return inbound_.emplace_back(std::move(call));
}

void FakeCloudonix::answer_in(Call& call) {
    call.answered = world_.now();
    call.disposition = campaign::Disposition::answered;
    if (sends_updates_) {
        send_webhook(call, WebhookReceived::Kind::session_update, world_.now());
    }
}

void FakeCloudonix::end_in(Call& call) {
    call.ended = world_.now();
    send_webhook(call, WebhookReceived::Kind::cdr, call.ended + world_.up_to(Millis{500}));
    if (sends_updates_) {
        send_webhook(call, WebhookReceived::Kind::session_update, call.ended);
    }
}

void FakeCloudonix::hang_up(const dialer::EndSession& wanted) {
    if (overrun(wanted.domain) || world_.dice().chance(faults_.lost)) {
        return;
    }
    world_.after(world_.up_to(Millis{150}), [this, wanted] {
        const auto found = by_token_.find(wanted.token);
        must(found != by_token_.end() && found->second->attempt == wanted.attempt, [&] {
            return "S5 attempt " + std::to_string(wanted.attempt.raw()) + " hangs up on another";
        });
        Call& call = *found->second;
        if (call.ended <= world_.now()) {
            return;
        }
        world_.note("hung up", call.attempt.raw());
        if (!call.answered || *call.answered > world_.now()) {
            call.answered.reset();
            call.disposition = campaign::Disposition::cancelled;
            call.rings_until = std::min(call.rings_until, world_.now());
            if (call.ringing && *call.ringing > world_.now()) {
                call.ringing.reset();
            }
        }
        finish(call, world_.now());
    });
}

}  // namespace cxdial::sim
