#include "api_client/opbx_slots.h"

#include "api_client/internal/opbx_scripts.h"
#include "base/log.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>

namespace cxdial::api_client {
namespace {

using campaign::AttemptId;
using campaign::OpbxCampaignId;

constexpr const char* list_kept_ms = "604800000";  // a week
constexpr const char* marker_kept_s = "86400";     // as OPBX keeps it
/// A campaign without calls is looked at for so long after its last one.
constexpr base::Millis looked_after{600'000};

std::string text_of(AttemptId attempt) {
    return std::to_string(attempt.raw());
}

std::optional<std::int64_t> number_in(std::string_view text) {
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, problem] = std::from_chars(text.data(), end, number);
    return problem == std::errc{} && rest == end ? std::optional(number) : std::nullopt;
}

/// As it is meant, within a pattern.
std::string escaped(const std::string& text) {
    std::string pattern;
    for (const char c : text) {
        if (std::string_view("*?[]\\").find(c) != std::string_view::npos) {
            pattern += '\\';
        }
        pattern += c;
    }
    return pattern;
}

std::string counter_key(OpbxCampaignId campaign) {
    return "dialer:cac:" + std::to_string(campaign.raw()) + ":active";
}
std::string lock_key(const SharedCall& call) {
    return "dialer:lock:dest:" + std::to_string(call.destination.raw());
}
std::string marker_key(const campaign::SessionToken& token) {
    return "dialer:cac:decremented:" + token.raw();
}

Admission admission_of(std::string_view verdict) {
    if (verdict == "admitted") {
        return Admission::admitted;
    }
    return verdict == "locked" ? Admission::locked : Admission::full;
}

}  // namespace

std::string_view explain(Admission admission) {
    switch (admission) {
        case Admission::admitted:
            return "it may leave";
        case Admission::locked:
            return "another worker of OPBX is calling this destination";
        case Admission::full:
            return "the workers of OPBX together use the campaign's cap";
        case Admission::unavailable:
            return "Redis, where OPBX counts its calls, does not answer";
    }
    return "";
}

struct OpbxSlots::Impl : std::enable_shared_from_this<OpbxSlots::Impl> {
    /// What is known of one campaign's counter.
    struct Counter {
        std::set<AttemptId> live;  ///< of this worker
        int others = 0;
        std::optional<base::MonoTime> low_since;  ///< it was seen below our calls, and is
        base::MonoTime used_at{};
    };

    Impl(
        net::Loop& loop,
        const base::Clock& clock_given,
        net::RedisServer server,
        Settings settings_given,
        Ports ports_given
    )
        : clock(clock_given),
          settings(std::move(settings_given)),
          ports(std::move(ports_given)),
          timer(loop),
          redis(loop, std::move(server), settings.redis) {}

    const base::Clock& clock;
    Settings settings;
    Ports ports;
    std::map<OpbxCampaignId, Counter> counters;
    std::map<AttemptId, OpbxCampaignId> campaign_of;  ///< live calls
    std::map<AttemptId, OpbxCampaignId> over;         ///< to be given back
    net::Timer timer;
    net::RedisClient redis;

    [[nodiscard]] std::string calls_prefix() const {
        return "cxdial:" + settings.worker_id + ":calls:";
    }
    [[nodiscard]] std::string calls_key(OpbxCampaignId campaign) const {
        return calls_prefix() + std::to_string(campaign.raw());
    }
    [[nodiscard]] std::string lock_value(const SharedCall& call) const {
        return settings.worker_id + ":" + text_of(call.attempt);
    }

    void count(const SharedCall& call);
    /// Runs a script; `then` gets its reply if this is still there.
    void run(
        const char* script,
        std::vector<std::string> keys,
        std::vector<std::string> arguments,
        std::function<void(const base::Result<net::RedisValue>&)> then
    );
    void connected();
    void scan(const std::string& cursor);
    void adopt(OpbxCampaignId campaign);
    void count_live(OpbxCampaignId campaign);
    void give_back(AttemptId attempt, OpbxCampaignId campaign);
    void give_all_back();
    void look();
    void look_at(OpbxCampaignId campaign, Counter& counter);
    void seen(OpbxCampaignId campaign, std::int64_t counted, std::int64_t ours);
};

void OpbxSlots::Impl::count(const SharedCall& call) {
    Counter& counter = counters[call.campaign];
    counter.live.insert(call.attempt);
    counter.used_at = clock.now().mono;
    campaign_of.insert_or_assign(call.attempt, call.campaign);
}

void OpbxSlots::Impl::run(
    const char* script,
    std::vector<std::string> keys,
    std::vector<std::string> arguments,
    std::function<void(const base::Result<net::RedisValue>&)> then
) {
    std::vector<std::string> words{"EVAL", script, std::to_string(keys.size())};
    std::move(keys.begin(), keys.end(), std::back_inserter(words));
    std::move(arguments.begin(), arguments.end(), std::back_inserter(words));
    redis.command(
        words,
        [weak = weak_from_this(),
         then = std::move(then)](const base::Result<net::RedisValue>& reply) {
            if (weak.lock()) {
                if (!reply && reply.error().code == base::Errc::invalid_argument) {
                    base::log_error("redis_refuses", {{"why", reply.error().detail}});
                }
                then(reply);
            }
        }
    );
}

/// What Redis holds and what is true may have parted while it was away, or while this program was.
void OpbxSlots::Impl::connected() {
    for (const auto& [campaign, counter] : counters) {
        adopt(campaign);
    }
    scan("0");
    give_all_back();
    look();
}

/// Campaigns whose calls are all over, but were not given back, are found by their lists alone.
void OpbxSlots::Impl::scan(const std::string& cursor) {
    redis.command(
        {"SCAN", cursor, "MATCH", escaped(calls_prefix()) + "*", "COUNT", "1000"},
        [weak = weak_from_this()](const base::Result<net::RedisValue>& reply) {
            const auto impl = weak.lock();
            if (!impl || !reply) {
                return;
            }
            const net::RedisValue& keys = reply->at(1);
            for (std::size_t i = 0; i < keys.size(); ++i) {
                const auto id = number_in(keys.at(i).text().substr(impl->calls_prefix().size()));
                if (id && !impl->counters.contains(OpbxCampaignId{*id})) {
                    impl->adopt(OpbxCampaignId{*id});
                }
            }
            if (reply->at(0).text() != "0") {
                impl->scan(std::string(reply->at(0).text()));
            }
        }
    );
}

/// What is over is given back before what is live is counted, so that the counter is at no moment
/// above both.
void OpbxSlots::Impl::adopt(OpbxCampaignId campaign) {
    redis.command(
        {"HKEYS", calls_key(campaign)},
        [weak = weak_from_this(), campaign](const base::Result<net::RedisValue>& listed) {
            const auto impl = weak.lock();
            if (!impl || !listed) {
                return;
            }
            for (std::size_t i = 0; i < listed->size(); ++i) {
                const auto id = number_in(listed->at(i).text());
                if (id && !impl->campaign_of.contains(AttemptId{*id})) {
                    impl->give_back(AttemptId{*id}, campaign);
                }
            }
            impl->count_live(campaign);
        }
    );
}

void OpbxSlots::Impl::count_live(OpbxCampaignId campaign) {
    std::vector<std::string> live;
    for (const AttemptId attempt : counters[campaign].live) {
        live.push_back(text_of(attempt));
    }
    if (!live.empty()) {
        run(internal::adopt_script,
            {counter_key(campaign), calls_key(campaign)},
            std::move(live),
            [](const auto& /*reply*/) {});
    }
}

void OpbxSlots::Impl::give_back(AttemptId attempt, OpbxCampaignId campaign) {
    over.insert_or_assign(attempt, campaign);
    std::vector<std::string> keys{counter_key(campaign), calls_key(campaign)};
    if (const auto token = ports.token_of(attempt)) {
        keys.push_back(marker_key(*token));
    }
    run(internal::release_script,
        std::move(keys),
        {text_of(attempt), marker_kept_s},
        [this, attempt](const base::Result<net::RedisValue>& reply) {
            if (reply) {
                over.erase(attempt);
            }
        });
}

void OpbxSlots::Impl::give_all_back() {
    for (const auto& [attempt, campaign] : std::map(over)) {
        give_back(attempt, campaign);
    }
}

void OpbxSlots::Impl::look() {
    timer.start(settings.look_every, [this] { look(); });
    if (!redis.connected()) {
        return;
    }
    const base::MonoTime now = clock.now().mono;
    std::erase_if(counters, [&](const auto& entry) {
        const Counter& counter = entry.second;
        return counter.live.empty() && counter.others == 0 && counter.used_at + looked_after < now;
    });
    for (auto& [campaign, counter] : counters) {
        look_at(campaign, counter);
    }
}

void OpbxSlots::Impl::look_at(OpbxCampaignId campaign, Counter& counter) {
    const bool raise =
        counter.low_since && *counter.low_since + settings.low_for <= clock.now().mono;
    if (raise) {
        counter.low_since.reset();
        base::log_warn("opbx_counter_raised", {{"campaign", campaign.raw()}});
    }
    run(internal::look_script,
        {counter_key(campaign), calls_key(campaign)},
        {raise ? "1" : "0"},
        [this, campaign, raise](const base::Result<net::RedisValue>& reply) {
            if (reply && !raise) {
                seen(campaign, reply->at(0).number(), reply->at(1).number());
            }
        });
}

void OpbxSlots::Impl::seen(OpbxCampaignId campaign, std::int64_t counted, std::int64_t ours) {
    const auto found = counters.find(campaign);
    if (found == counters.end()) {
        return;
    }
    Counter& counter = found->second;
    if (counted >= ours) {
        counter.low_since.reset();
    } else if (!counter.low_since) {
        counter.low_since = clock.now().mono;
    }
    constexpr std::int64_t slots_max = 1'000'000;
    const auto others = static_cast<int>(std::clamp<std::int64_t>(counted - ours, 0, slots_max));
    if (std::exchange(counter.others, others) != others) {
        ports.on_others(campaign, others);
    }
}

OpbxSlots::OpbxSlots(
    net::Loop& loop,
    const base::Clock& clock,
    net::RedisServer server,
    Settings settings,
    Ports ports
)
    : impl_(std::make_shared<Impl>(
          loop, clock, std::move(server), std::move(settings), std::move(ports)
      )) {
    for (const SharedCall& call : impl_->settings.live) {
        impl_->count(call);
    }
    impl_->redis.on_change([impl = impl_.get()](bool is_connected) {
        if (is_connected) {
            impl->connected();
        }
        impl->ports.on_reachable(is_connected);
    });
}

OpbxSlots::~OpbxSlots() = default;

void OpbxSlots::admit(const SharedCall& call, std::function<void(Admission)> done) {
    Impl& impl = *impl_;
    const auto ours = impl.counters[call.campaign].live.size();
    impl.count(call);
    impl.run(
        internal::admit_script,
        {lock_key(call), counter_key(call.campaign), impl.calls_key(call.campaign)},
        {impl.lock_value(call),
         std::to_string(impl.settings.lock_for.count()),
         std::to_string(call.concurrent_active_calls),
         std::to_string(ours),
         text_of(call.attempt),
         list_kept_ms,
         impl.settings.worker_id + ":"},
        [&impl, campaign = call.campaign, done = std::move(done)](const auto& reply) {
            if (!reply) {
                done(Admission::unavailable);
                return;
            }
            impl.seen(campaign, reply->at(1).number(), reply->at(2).number());
            done(admission_of(reply->at(0).text()));
        }
    );
}

void OpbxSlots::unlock(const SharedCall& call, bool called) {
    const base::Millis lingers = called ? impl_->settings.lock_lingers : base::Millis{0};
    impl_->run(
        internal::unlock_script,
        {lock_key(call)},
        {impl_->lock_value(call), std::to_string(lingers.count())},
        [](const auto& /*reply*/) {}
    );
}

void OpbxSlots::ended(campaign::AttemptId attempt) {
    const auto found = impl_->campaign_of.find(attempt);
    if (found == impl_->campaign_of.end()) {
        return;
    }
    const OpbxCampaignId campaign = found->second;
    impl_->campaign_of.erase(found);
    impl_->counters[campaign].live.erase(attempt);
    impl_->give_back(attempt, campaign);
}

bool OpbxSlots::reachable() const {
    return impl_->redis.connected();
}

std::size_t OpbxSlots::owed() const {
    return impl_->over.size();
}

}  // namespace cxdial::api_client
