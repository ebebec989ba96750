#include "daemon/opbx_probe.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace cxdial::daemon {

namespace {

constexpr int looks = 4;
constexpr std::chrono::milliseconds between_looks{1'000};
/// Cloudonix's clock and ours need not agree to the second.
constexpr base::Millis clock_skew{5'000};

}  // namespace

void OpbxProbe::look(
    std::function<api_client::CloudonixClient*()> client,
    base::PhoneNumber number,
    base::WallTime since,
    Done done
) {
    client_ = std::move(client);
    number_ = number;
    since_ = since - clock_skew;
    done_ = std::move(done);
    ask(looks);
}

void OpbxProbe::ask(int looks_left) {
    api_client::CloudonixClient* client = client_();
    if (client == nullptr) {
        on_list(dialer::LookUpFailed{.why = "there is no such domain"}, 0);
        return;
    }
    // Where there is no such domain, no call was placed in it either.
    client->list_sessions(
        [this, looks_left](const api_client::SessionListAnswer& answer) {
            on_list(answer, looks_left - 1);
        },
        true
    );
}

void OpbxProbe::on_list(const api_client::SessionListAnswer& answer, int looks_left) {
    const auto* const sessions = std::get_if<std::vector<dialer::SessionReport>>(&answer);
    if (sessions != nullptr) {
        const auto found = std::find_if(sessions->begin(), sessions->end(), [&](const auto& one) {
            const bool is_recent = one.started_at && *one.started_at >= since_;
            return one.number == number_ && is_recent && !one.attempt;
        });
        if (found != sessions->end()) {
            std::exchange(done_, nullptr)(std::optional(*found));
            return;
        }
    }
    if (looks_left > 0) {
        timer_.start(between_looks, [this, looks_left] { ask(looks_left); });
    } else if (sessions != nullptr) {
        std::exchange(done_, nullptr)(std::optional<dialer::SessionReport>());
    } else {
        const auto& failed = std::get<dialer::LookUpFailed>(answer);
        std::exchange(done_, nullptr)(base::Error{base::Errc::unavailable, failed.why});
    }
}

}  // namespace cxdial::daemon
