#include "daemon/opbx_link.h"

#include <chrono>
#include <utility>

namespace cxdial::daemon {

using api_client::OpbxKind;

namespace {

/// OPBX itself waits for Cloudonix for 30 s; whoever waits no longer cannot know.
constexpr std::chrono::seconds request_timeout{45};
constexpr std::size_t largest_list = std::size_t{64} << 20U;

OpbxRules rules_of(const config::Opbx& config) {
    return {.is_direct = config.placement == "direct", .poll_interval = config.poll_interval};
}

std::string why_of(const dialer::Delivery& delivery) {
    const auto* const not_sent = std::get_if<dialer::NotSent>(&delivery);
    return not_sent == nullptr ? std::string() : not_sent->why;
}

}  // namespace

OpbxLink::OpbxLink(
    net::Loop& loop,
    const base::Clock& clock,
    const config::Opbx& config,
    const std::vector<config::CloudonixDomain>& domains,
    Links links
)
    : loop_(loop),
      clock_(clock),
      config_(config),
      rules_(rules_of(config)),
      links_(std::move(links)),
      http_(loop, {.timeout = request_timeout, .response_bytes_max = largest_list}),
      client_(
          http_, clock, {.url = config.url, .token = config.token, .worker_id = config.worker_id}
      ),
      has_user_token_(!config.user_token.empty()),
      resources_(api_client::OpbxUsers(http_, config.url, config.user_token)),
      probe_(loop),
      source_(loop, client_, rules_, source_links()) {
    for (const config::CloudonixDomain& domain : domains) {
        configured_.insert(domain.domain);
    }
}

OpbxSource::Links OpbxLink::source_links() {
    OpbxSource::Links links{
        .run = links_.run,
        .tell = links_.tell,
        .post = links_.post,
        .now = [&clock = clock_] { return clock.now(); },
        .on_listed = [this](const api_client::OpbxCampaign& campaign) { on_listed(campaign); },
        .read_routing = {},
    };
    const bool reads_routing = rules_.is_direct && has_user_token_;
    if (reads_routing) {
        links.read_routing = [this](const auto& listed, const OpbxResources::Done& done) {
            resources_.read(listed, done);
        };
    }
    return links;
}

void OpbxLink::on_listed(const api_client::OpbxCampaign& campaign) {
    if (campaign.kind != OpbxKind::unclear) {
        kind_ = campaign.kind;
    }
    const std::string& domain = campaign.resource->cloudonix_domain;
    if (domain.empty() || configured_.contains(domain)) {
        return;
    }
    api_client::CloudonixClient::Settings settings;
    settings.domain = domain;
    settings.api_key = campaign.api_key;
    if (!campaign.api_url.empty()) {
        settings.api_url = campaign.api_url;
    }
    const auto known = lent_.find(domain);
    if (known != lent_.end() && known->second.api_key == settings.api_key &&
        known->second.api_url == settings.api_url) {
        return;
    }
    if (known == lent_.end()) {
        dialer::DomainLimits limits;
        limits.name = domain;
        links_.tell(dialer::DomainsEdited{{limits}}, {});
    }
    lent_.insert_or_assign(domain, settings);
    links_.connect(settings);
}

void OpbxLink::share(const std::string& database_path, webhook::Metrics& metrics) {
    base::Result<std::unique_ptr<OpbxState>> state = OpbxState::open(
        loop_,
        clock_,
        config_,
        database_path,
        {.run = links_.run,
         .tell = links_.tell,
         .post = links_.post,
         .on_redis = [this](bool is_reachable) { source_.on_redis(is_reachable); },
         .metrics = metrics}
    );
    if (state) {
        state_ = std::move(*state);
    } else {
        source_.refuse(state.error().detail);
    }
}

void OpbxLink::on_notes(const std::vector<dialer::Note>& notes) {
    if (state_) {
        state_->on_notes(notes);
    }
}

void OpbxLink::on_cdr_posted() {
    if (state_) {
        state_->on_cdr_posted();
    }
}

void OpbxLink::cancel_all() {
    http_.cancel_all();
    if (state_) {
        state_->stop();
    }
}

void OpbxLink::place(const dialer::PlaceCall& call, Placed done) {
    if (!state_) {
        done({call.attempt, dialer::NotSent{"the database cannot be read", true}});
        return;
    }
    Placed answered = [this, done = std::move(done)](dialer::PlacementReply reply) {
        state_->on_placed(reply);
        done(std::move(reply));
    };
    state_->admit(call, [this, call, answered](std::optional<dialer::NotSent> why_not) {
        if (why_not) {
            answered({call.attempt, *std::move(why_not)});
        } else {
            ask({call, answered});
        }
    });
}

void OpbxLink::ask(Asked asked) {
    if (kind_ == OpbxKind::unclear) {
        if (is_first_under_way_) {
            waiting_.push_back(std::move(asked));
            return;
        }
        is_first_under_way_ = true;
    }
    asked.at = clock_.now().wall;
    const dialer::ExternalCall& external = *asked.call.external;
    const api_client::OpbxInitiate wanted{
        .campaign = external.campaign,
        .destination = external.destination,
        .number = asked.call.request.destination,
        .caller_id = external.caller_did == 0 ? "" : asked.call.request.caller_id,
        .caller_did = external.caller_did,
        .at = asked.at,
    };
    client_.initiate(wanted, [this, asked](api_client::OpbxInitiated initiated) {
        on_initiated(asked, std::move(initiated));
    });
}

void OpbxLink::on_initiated(const Asked& asked, api_client::OpbxInitiated initiated) {
    if (initiated.retry_after) {
        const base::MonoTime until = clock_.now().mono + *initiated.retry_after;
        links_.tell(
            dialer::ExternalHold{.reason = dialer::HoldReason::opbx_rate, .until = until}, {}
        );
    } else if (initiated.is_down) {
        source_.on_down(why_of(initiated.delivery));
    }
    auto* const accepted = std::get_if<dialer::Accepted>(&initiated.delivery);
    if (accepted != nullptr) {
        if (initiated.kind != OpbxKind::unclear) {
            kind_ = initiated.kind;
        }
        if (kind_ == OpbxKind::unclear) {
            probe(asked, *accepted);
            return;
        }
        on_taken(asked, *accepted);
    } else if (rules_.is_direct && std::holds_alternative<dialer::Unknown>(initiated.delivery)) {
        // It may have been written down. Nobody but we would have placed it.
        const std::string why = std::get<dialer::Unknown>(initiated.delivery).why;
        asked.done({asked.call.attempt, dialer::NotSent{why}});
    } else {
        asked.done({asked.call.attempt, std::move(initiated.delivery)});
    }
    go_on();
}

void OpbxLink::probe(const Asked& asked, const dialer::Accepted& accepted) {
    probe_.look(
        [this, domain = asked.call.domain] { return links_.cloudonix(domain); },
        asked.call.request.destination,
        asked.at,
        [this, asked, accepted](const auto& found) { on_probed(asked, accepted, found); }
    );
}

void OpbxLink::on_probed(
    const Asked& asked,
    dialer::Accepted accepted,
    const base::Result<std::optional<dialer::SessionReport>>& found
) {
    if (found) {
        kind_ = *found ? OpbxKind::places_calls : OpbxKind::creates_sessions;
        if (*found) {
            accepted.token = (*found)->token;
        }
        on_taken(asked, std::move(accepted));
    } else if (rules_.is_direct) {
        asked.done({asked.call.attempt, dialer::Unknown{found.error().detail}});
    } else {
        asked.done({asked.call.attempt, std::move(accepted)});
    }
    go_on();
}

void OpbxLink::on_taken(const Asked& asked, dialer::Accepted accepted) {
    const std::string mismatch = mismatch_of(kind_, rules_.is_direct);
    if (!mismatch.empty()) {
        source_.refuse(mismatch);
    }
    if (rules_.is_direct && mismatch.empty()) {
        place_directly(asked, accepted.external_id);
    } else {
        // Where OPBX only wrote it down there is no call, and in time its absence shows.
        asked.done({asked.call.attempt, std::move(accepted)});
    }
}

void OpbxLink::go_on() {
    is_first_under_way_ = false;
    for (Asked& asked : std::exchange(waiting_, {})) {
        if (mismatch_of(kind_, rules_.is_direct).empty()) {
            ask(std::move(asked));
        } else {
            asked.done({asked.call.attempt, dialer::NotSent{"opbx.placement does not fit", true}});
        }
    }
}

void OpbxLink::place_directly(const Asked& asked, std::optional<campaign::OpbxSessionId> session) {
    api_client::CloudonixClient* client = links_.cloudonix(asked.call.domain);
    if (client == nullptr) {
        const dialer::NotSent why{"no such domain is configured"};
        asked.done({asked.call.attempt, why, session});
        return;
    }
    client->place(
        asked.call.attempt,
        asked.call.request,
        [attempt = asked.call.attempt, session, done = asked.done](dialer::Delivery delivery) {
            if (auto* const accepted = std::get_if<dialer::Accepted>(&delivery)) {
                accepted->external_id = session;
            }
            done({attempt, std::move(delivery), session});
        }
    );
}

}  // namespace cxdial::daemon
