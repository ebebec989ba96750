#include "daemon/opbx_source.h"

#include "base/log.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace cxdial::daemon {

using api_client::OpbxCampaign;
using api_client::OpbxDestination;

namespace {

constexpr int smallest_limit = 200;
constexpr int largest_limit = 50'000;
constexpr int retries_limit = 200;
constexpr std::chrono::minutes retries_interval{1};

std::vector<dialer::Input> news_of(campaign::CampaignId id, const storage::TakenOffer& taken) {
    std::vector<dialer::Input> inputs;
    if (taken.imported > 0) {
        inputs.emplace_back(dialer::CampaignEdited{id});
    }
    if (!taken.withdrawn.empty()) {
        inputs.emplace_back(dialer::DestinationsWithdrawn{id, taken.withdrawn});
    }
    return inputs;
}

}  // namespace

OpbxSource::OpbxSource(
    net::Loop& loop, api_client::OpbxClient& client, OpbxRules rules, Links links
)
    : timer_(loop), client_(client), rules_(rules), links_(std::move(links)) {}

void OpbxSource::start() {
    poll();
}

void OpbxSource::refuse(const std::string& why) {
    if (!std::exchange(is_refused_, true)) {
        base::log_error("opbx_mismatch", {{"why", why}});
    }
    tell_hold();
}

void OpbxSource::on_down(const std::string& why) {
    if (std::exchange(is_up_, false)) {
        base::log_warn("opbx_unreachable", {{"why", why}, {"effect", "no call is placed for it"}});
    }
    tell_hold();
}

void OpbxSource::on_redis(bool is_reachable) {
    has_redis_ = is_reachable;
    tell_hold();
}

void OpbxSource::tell_hold() {
    using dialer::HoldReason;
    HoldReason reason = is_up_ ? HoldReason::none : HoldReason::opbx_unreachable;
    reason = is_up_ && !has_redis_ ? HoldReason::redis_unreachable : reason;
    reason = is_refused_ ? HoldReason::opbx_mismatch : reason;
    links_.tell(dialer::ExternalHold{.reason = reason}, {});
}

void OpbxSource::poll() {
    started_at_ = links_.now().mono;
    client_.active_campaigns([this](auto listed) { on_campaigns(listed); });
}

void OpbxSource::finish() {
    const base::MonoTime next = started_at_ + rules_.poll_interval;
    timer_.start(next - links_.now().mono, [this] { poll(); });
}

void OpbxSource::on_campaigns(const base::Result<std::vector<OpbxCampaign>>& listed) {
    if (!listed) {
        on_down(listed.error().detail);
        finish();
        return;
    }
    if (!std::exchange(is_up_, true)) {
        base::log_info("opbx_reached", {{"active_campaigns", listed->size()}});
    }
    for (const OpbxCampaign& campaign : *listed) {
        if (campaign.resource) {
            links_.on_listed(campaign);
        }
    }
    if (!links_.read_routing) {
        start_round(*listed, {});
        return;
    }
    links_.read_routing(*listed, [this, listed = *listed](OpbxRouting routing) {
        start_round(listed, std::move(routing));
    });
}

void OpbxSource::start_round(std::vector<OpbxCampaign> listed, OpbxRouting routing) {
    const bool has_room = links_.run(
        [this, listed = std::move(listed), routing = std::move(routing), rules = rules_](
            storage::Repository& repository
        ) -> Inbox::Written {
            const base::WallTime now = links_.now().wall;
            const bool rerouted = store_routing(repository, routing, now);
            base::Result<OpbxRound> round = reconcile(repository, listed, rules, now);
            if (round && rerouted) {
                for (const OpbxToFill& campaign : round->to_fill) {
                    round->edited.push_back(campaign.id);
                }
            }
            return {
                .inputs = round ? inputs_of(round->edited) : std::vector<dialer::Input>{},
                .answer = [this, round] { links_.post([this, round] { on_round(round); }); },
            };
        }
    );
    if (!has_room) {
        finish();
    }
}

void OpbxSource::on_round(const base::Result<OpbxRound>& round) {
    if (!round) {
        base::log_error("opbx_not_reconciled", {{"why", round.error().detail}});
        finish();
        return;
    }
    for (const OpbxRound::Change& wanted : round->changes) {
        change(wanted);
    }
    for (const OpbxRound::Pause& pause : round->to_tell) {
        client_.pause(pause.id, pause.reason, std::nullopt, [id = pause.id](const auto& done) {
            base::log_info(
                "opbx_campaign_paused",
                {{"campaign", id.raw()}, {"why_not", done ? "" : done.error().detail}}
            );
        });
    }
    tell_hold();
    to_fill_.assign(round->to_fill.rbegin(), round->to_fill.rend());
    fill_next();
}

void OpbxSource::change(const OpbxRound::Change& change) {
    const auto keep_why = [this, id = change.id](const base::Result<void>& outcome) {
        if (outcome || outcome.error().code != base::Errc::conflict) {
            return;
        }
        static_cast<void>(links_.run(
            [id, why = why_unfit(outcome.error().detail)](auto& repository) -> Inbox::Written {
                static_cast<void>(repository.set_pause_reason(id, why));
                return {};
            }
        ));
    };
    links_.tell(dialer::ChangeCampaign{change.id, change.transition, change.reason}, keep_why);
}

void OpbxSource::fill_next() {
    if (to_fill_.empty()) {
        finish();
        return;
    }
    const OpbxToFill wanted = to_fill_.back();
    to_fill_.pop_back();
    List& list = lists_[wanted.id];
    list.limit = std::max({list.limit, smallest_limit, 2 * wanted.wanted});
    client_.pending(wanted.external_id, list.limit, [this, wanted](auto rows) {
        on_pending(wanted, rows);
    });
}

void OpbxSource::on_pending(
    const OpbxToFill& wanted, const base::Result<std::vector<OpbxDestination>>& rows
) {
    if (!rows) {
        base::log_warn(
            "opbx_list_not_read",
            {{"campaign", wanted.external_id.raw()}, {"why", rows.error().detail}}
        );
        fill_next();
        return;
    }
    List& list = lists_[wanted.id];
    std::vector<storage::OfferedDestination> offers = offers_of(*rows, list.seen);
    const bool is_whole = rows->size() < static_cast<std::size_t>(list.limit);
    list.seen.was_whole = is_whole;
    list.seen.offered.clear();
    for (const OpbxDestination& row : *rows) {
        list.seen.offered.insert(row.id);
    }
    take(wanted, std::move(offers), true, [this, wanted, is_whole](const auto& taken) {
        List& known = lists_[wanted.id];
        const bool is_short = taken.untried < wanted.wanted;
        if (is_short && !is_whole && taken.imported == 0 && known.limit < largest_limit) {
            // All that was offered is known: what is new stands behind it.
            known.limit *= 2;
            to_fill_.push_back(wanted);
        } else if (is_short && links_.now().mono >= known.retries_at) {
            ask_retries(wanted);
            return;
        }
        fill_next();
    });
}

void OpbxSource::ask_retries(const OpbxToFill& wanted) {
    lists_[wanted.id].retries_at = links_.now().mono + retries_interval;
    client_.due_retries(
        wanted.external_id,
        retries_limit,
        [this, wanted](const base::Result<std::vector<OpbxDestination>>& rows) {
            if (!rows) {
                fill_next();
                return;
            }
            take(wanted, offers_of(*rows, {}), false, [this](const auto&) { fill_next(); });
        }
    );
}

void OpbxSource::take(
    const OpbxToFill& wanted,
    std::vector<storage::OfferedDestination> offers,
    bool is_whole,
    const std::function<void(const storage::TakenOffer&)>& done
) {
    const bool has_room = links_.run(
        [this, wanted, offers = std::move(offers), is_whole, done](storage::Repository& repository
        ) -> Inbox::Written {
            const auto taken = repository.take_offer(wanted.id, offers, is_whole);
            return {
                .inputs = taken ? news_of(wanted.id, *taken) : std::vector<dialer::Input>{},
                .answer = [this,
                           taken,
                           done] { links_.post([this, taken, done] { on_taken(taken, done); }); },
            };
        }
    );
    if (!has_room) {
        fill_next();
    }
}

void OpbxSource::on_taken(
    const base::Result<storage::TakenOffer>& taken,
    const std::function<void(const storage::TakenOffer&)>& done
) {
    if (taken) {
        done(*taken);
        return;
    }
    base::log_error("opbx_list_not_kept", {{"why", taken.error().detail}});
    fill_next();
}

}  // namespace cxdial::daemon
