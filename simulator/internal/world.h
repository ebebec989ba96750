#pragma once

#include "base/clock.h"
#include "base/rng.h"
#include "net/http_client.h"
#include "net/loop.h"
#include "simulator/internal/call.h"
#include "simulator/internal/cxml_player.h"
#include "simulator/internal/domain.h"
#include "simulator/internal/ledger.h"
#include "simulator/internal/notices.h"
#include "simulator/internal/schedule.h"
#include "simulator/internal/truth.h"
#include "simulator/internal/webhook_sender.h"
#include "simulator/options.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace cxdial::simulator {

/// The platform itself: one customer, its domains, and the life of every call. Knows nothing of
/// HTTP requests made to it. Thread rule: the loop's thread.
class World final : private CallHost {
public:
    World(net::Loop& loop, const base::Clock& clock, Options options);

    [[nodiscard]] const Options& options() const { return options_; }
    /// Takes changed options over. Endpoints and the webhook key go into every domain when they
    /// changed. Talks with an assistant that is dead now end.
    void change_options(Options options);
    /// The domains' request limits take effect; to be called again when one of them was changed.
    void put_limits();
    [[nodiscard]] Ledger& ledger() { return ledger_; }
    /// When the counting began.
    [[nodiscard]] base::MonoTime begun() const { return begun_; }
    [[nodiscard]] Truth& truth() { return truth_; }
    [[nodiscard]] Schedule& schedule() { return schedule_; }
    [[nodiscard]] base::Rng& rng() { return rng_; }
    [[nodiscard]] base::Now now() const { return clock_.now(); }
    [[nodiscard]] std::deque<Domain>& domains() { return domains_; }
    /// By name, id, uuid, or `self` (the first); null when there is none.
    [[nodiscard]] Domain* find_domain(std::string_view name);
    /// All sessions still known, oldest first.
    [[nodiscard]] const std::map<std::uint64_t, std::unique_ptr<Call>>& calls() const {
        return calls_;
    }
    /// By token or id; null when there is none.
    [[nodiscard]] Call* find_call(std::string_view token_or_id);
    [[nodiscard]] std::uint64_t live() const { return live_; }
    [[nodiscard]] std::uint64_t next_application_id() { return ++last_application_id_; }

    /// Makes the session. The call is dialled later, through the loop.
    Call& create(Domain& domain, CallRequest request);
    /// A person calls in. The voice application is asked later, through the loop.
    Call& call_in(Domain& domain, const InboundRequest& request);
    /// Ends the call from outside. `reason`: empty, timeout, denied, busy or nocredit; only matters
    /// before the answer. The call must be live.
    void destroy(Call& call, std::string_view reason);
    /// Gives an answered call another program: `document`, or `url` when that is empty.
    void switch_program(
        Call& call, const std::string& document, const std::string& url, const std::string& method
    );
    /// Ends the answered call when its `timeLimit` is over; to be called again when that was
    /// changed.
    void limit_time(const Call& call);
    /// Forgets all calls and counters. No notice is sent about it.
    void reset();

private:
    void wait(Call& call, std::chrono::milliseconds delay, std::function<void(Call&)> then)
        override;
    void fetch(
        Call& call, net::HttpRequest request, std::function<void(Call&, net::HttpOutcome)> then
    ) override;
    void pick_up(Call& call) override;
    void ring_back(Call& call) override;
    void hang_up(Call& call) override;
    void refuse(Call& call, CallStatus status) override;
    void give_up(Call& call, const std::string& why) override;
    bool connect_to(Call& call, const std::string& assistant) override;
    void leave_assistant(Call& call) override;
    void fail(Call& call, const std::string& why) override;

    /// The session, not yet counted with those that were placed or came in.
    Call& add_call(Domain& domain, CallRequest request);
    void begin(Call& call);
    /// True when the call may not go on; it has ended then.
    bool is_past_deadline(Call& call);
    [[nodiscard]] std::chrono::milliseconds until_deadline(
        const Call& call, std::chrono::milliseconds delay
    ) const;
    void cut_dead_talks();
    [[nodiscard]] std::string verdict_of(Call& call, std::chrono::milliseconds& delay);
    void process(Call& call);
    void ring(Call& call);
    void answer(Call& call);
    /// The time for which the call waits for the verdict.
    [[nodiscard]] std::chrono::milliseconds detect_machine(Call& call);
    void set_status(Call& call, CallStatus status, const std::string& action);
    void end(Call& call, CallStatus status, const std::string& action);
    void count_outbound_end(Call& call);
    void count_inbound_end(Call& call);
    /// Asks a voice application; a call that came in keeps the answer.
    void send_voice(
        std::uint64_t id, net::HttpRequest request, bool is_repeat, net::HttpClient::Handler then
    );
    void forget_oldest();
    void put_endpoints(Domain& domain) const;
    [[nodiscard]] Call* find_known(std::uint64_t id);
    [[nodiscard]] Call* find_live(std::uint64_t id);

    const base::Clock& clock_;
    Options options_;
    base::Rng rng_;
    std::uint64_t last_id_ = 0;
    std::uint64_t last_application_id_ = 4000;
    std::uint64_t live_ = 0;
    Truth truth_;
    base::MonoTime begun_;
    Ledger ledger_;
    // Calls point to their domain; a deque does not move its elements when it grows.
    std::deque<Domain> domains_;
    std::map<std::uint64_t, std::unique_ptr<Call>> calls_;
    std::unordered_map<std::string_view, Call*> by_token_;
    std::deque<std::uint64_t> ended_;
    Schedule schedule_;
    WebhookSender sender_;
    Notices notices_;
    CxmlPlayer player_;
    net::HttpClient voice_client_;
};

}  // namespace cxdial::simulator
