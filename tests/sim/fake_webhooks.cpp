#include "fake_cloudonix.h"

#include <array>
#include <cstdio>
#include <string>

namespace cxdial::sim {

using base::Millis;
using campaign::Disposition;
using dialer::WebhookReceived;

namespace {

constexpr int deliveries_max = 4;

}  // namespace

campaign::SessionToken FakeCloudonix::new_token() {
    std::array<char, 33> text{};
    const auto high = static_cast<unsigned long long>(world_.dice().next());
    const auto low = static_cast<unsigned long long>(world_.dice().next());
    std::snprintf(text.data(), text.size(), "%016llx%016llx", high, low);
    return campaign::SessionToken{text.data()};
}

void FakeCloudonix::send_webhook(
    const Call& call, WebhookReceived::Kind kind, base::MonoTime when
) {
    base::Rng& dice = world_.dice();
    const std::uint64_t number = ++webhooks_;
    const bool lost = dice.chance(faults_.webhook_lost);
    if (dice.chance(faults_.webhook_foreign)) {
        world_.at(when, [this] { send_foreign_webhook(); });
    }
    const auto send = [this, &call, kind, when, number](base::MonoTime at) {
        world_.at(at, [this, &call, kind, when, number] {
            WebhookReceived webhook;
            webhook.kind = kind;
            const bool is_cdr = kind == WebhookReceived::Kind::cdr;
            webhook.key = is_cdr ? call.token.raw() : "e" + std::to_string(number);
            webhook.domain = call.domain;
            webhook.report = seen_at(call, when).value();
            if (call.anonymous) {
                webhook.report.attempt.reset();
            }
            webhook.body = "{}";
            deliver(webhook, 1);
        });
    };
    Millis delay = world_.up_to(Millis{300});
    if (dice.chance(faults_.webhook_reordered)) {
        delay += world_.up_to(Millis{20'000});
    }
    if (dice.chance(faults_.webhook_delayed)) {
        delay += world_.up_to(Millis{300'000});
    }
    if (!lost) {
        send(when + delay);
    }
    if (dice.chance(faults_.webhook_duplicated)) {
        send(when + delay + world_.up_to(Millis{60'000}));
    }
    if (dice.chance(faults_.webhook_of_the_past)) {
        send(when + delay + world_.up_to(Millis{1'800'000}));
    }
}

void FakeCloudonix::send_foreign_webhook() {
    WebhookReceived webhook;
    webhook.kind = WebhookReceived::Kind::cdr;
    webhook.domain = domains_.begin()->first;
    webhook.report.token = new_token();
    webhook.key = webhook.report.token->raw();
    if (world_.dice().chance(0.5)) {
        const auto id = static_cast<std::int64_t>(world_.dice().below(1ULL << 53U));
        webhook.report.attempt = campaign::AttemptId{id};
    }
    webhook.report.progress = dialer::Progress::ended;
    webhook.report.disposition = Disposition::answered;
    webhook.body = "{}";
    deliver(webhook, 1);
}

void FakeCloudonix::deliver(const WebhookReceived& webhook, int tries) {
    witness_.on_webhook(webhook, [this, webhook, tries](bool taken) {
        if (!taken && tries < deliveries_max && world_.dice().chance(0.6)) {
            const Millis pause = world_.between(Millis{1'000}, Millis{30'000});
            world_.after(pause, [this, webhook, tries] { deliver(webhook, tries + 1); });
        }
    });
}

}  // namespace cxdial::sim
