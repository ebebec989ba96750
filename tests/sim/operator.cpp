#include "operator.h"

#include "places.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace cxdial::sim {

using base::Millis;
using campaign::CampaignStatus;

namespace {

constexpr Millis minute{60'000};

}  // namespace

void Operator::set_up() {
    for (const balancer::Assistant& assistant : setup_.assistants) {
        parts_.cloudonix.add_assistant(assistant.phone_number, assistant.name);
        parts_.ledger.put(assistant, parts_.world.wall());
        parts_.judge.pools().on_assistant(assistant);
        assistants_.push_back(assistant);
    }
    for (const balancer::Balancer& balancer : setup_.balancers) {
        parts_.ledger.put(balancer, parts_.world.wall());
        parts_.judge.pools().on_balancer(balancer);
        balancers_.push_back(balancer);
    }
    for (const PlannedCampaign& planned : setup_.campaigns) {
        const base::WallTime now = parts_.world.wall();
        const auto stored = setup_.opbx ? parts_.ledger.lend(planned.campaign, now)
                                        : parts_.ledger.put(planned.campaign, now);
        parts_.judge.on_campaign(stored);
        campaigns_.emplace(stored.id, stored.campaign);
        ids_.push_back(stored.id);
        for (int i = 0; i < planned.destinations; ++i) {
            add_destination(stored.id);
        }
    }
}

base::PhoneNumber Operator::draw_number() {
    base::Rng& dice = parts_.world.dice();
    const std::size_t place = setup_.inhabited[dice.below(setup_.inhabited.size())];
    return number_in(place, dice.below(setup_.numbers_each));
}

void Operator::add_destination(campaign::CampaignId id) {
    base::Rng& dice = parts_.world.dice();
    const base::PhoneNumber number = draw_number();
    constexpr std::array zones{"America/New_York", "America/Los_Angeles", "Europe/Berlin"};
    const bool has_zone = dice.chance(setup_.with_zone);
    parts_.ledger.add_destination(id, number, has_zone ? zones[dice.below(zones.size())] : "");
}

void Operator::operate() {
    std::set<campaign::CampaignId> open;
    for (const auto& entry : parts_.ledger.destinations()) {
        const auto& row = entry.second;
        if (row.status < campaign::DestinationStatus::completed) {
            open.insert(row.campaign);
        }
    }
    for (const auto& entry : parts_.ledger.campaigns()) {
        const auto& id = entry.first;
        const auto& status = entry.second;
        if (status == CampaignStatus::active || !open.contains(id)) {
            continue;
        }
        const bool paused = status == CampaignStatus::paused;
        parts_.daemon.submit(dialer::ChangeCampaign{
            id, paused ? campaign::Transition::resume : campaign::Transition::start});
    }
}

void Operator::meddle() {
    base::Rng& dice = parts_.world.dice();
    const Faults& faults = setup_.faults;
    const campaign::CampaignId id = ids_[dice.below(ids_.size())];
    if (dice.chance(faults.operator_pauses)) {
        parts_.daemon.submit(dialer::ChangeCampaign{id, campaign::Transition::pause});
    }
    if (dice.chance(faults.destinations_added)) {
        for (std::uint64_t more = 1 + dice.below(4); more > 0; --more) {
            add_destination(id);
        }
        parts_.daemon.submit(dialer::CampaignEdited{id});
    }
    if (dice.chance(faults.suppressions)) {
        const base::PhoneNumber number = draw_number();
        parts_.ledger.suppress(number, parts_.world.wall());
        parts_.judge.on_suppressed(number);
    }
    if (dice.chance(faults.campaign_edits)) {
        edit_a_campaign();
    }
    if (dice.chance(faults.pool_edits) && !balancers_.empty()) {
        edit_a_pool();
    }
    if (dice.chance(faults.domain_edits)) {
        edit_a_domain();
    }
    if (dice.chance(faults.assistant_dies) && !balancers_.empty()) {
        let_assistants_die();
    }
    if (dice.chance(faults.limit_lowered)) {
        const auto& domains = parts_.daemon.settings().domains;
        const dialer::DomainLimits& domain = domains[dice.below(domains.size())];
        if (domain.requests > 1) {
            const auto fewer = dice.below(static_cast<std::uint64_t>(domain.requests / 2));
            lower_limit(domain.name, 1 + static_cast<int>(fewer), minute * 5);
        }
    }
}

void Operator::edit_a_campaign() {
    base::Rng& dice = parts_.world.dice();
    const campaign::CampaignId id = ids_[dice.below(ids_.size())];
    campaign::Campaign edited = campaigns_.at(id);
    switch (dice.below(6)) {
        case 0:
            edited.calls_per_second = 0.5 * static_cast<double>(dice.below(8));
            break;
        case 1:
            edited.weight = 1 + static_cast<int>(dice.below(500));
            break;
        case 2:
            edited.priority = static_cast<int>(dice.below(3));
            break;
        case 3:
            if (dice.chance(0.3)) {
                edited.schedule.reset();
            } else {
                draw_schedule(dice, parts_.world.wall(), edited);
            }
            break;
        case 4:
            edited.dial_timeout = std::chrono::seconds{10 + dice.below(30)};
            break;
        default:
            ++edited.concurrent_active_calls;
            break;
    }
    edit(id, edited);
}

void Operator::edit(campaign::CampaignId id, const campaign::Campaign& campaign) {
    parts_.world.note("campaign edited", id.raw());
    const campaign::StoredCampaign stored = parts_.ledger.put(campaign, parts_.world.wall());
    parts_.judge.on_campaign(stored);
    campaigns_[id] = stored.campaign;
    parts_.daemon.submit(
        dialer::CampaignEdited{id},
        [this, id, revision = stored.revision](bool taken) {
            if (taken) {
                parts_.judge.on_edit_taken(id, revision);
            }
        }
    );
}

void Operator::tell_users_of(const std::string& destination) {
    for (const auto& entry : campaigns_) {
        if (entry.second.routing_destination == destination) {
            parts_.daemon.submit(dialer::CampaignEdited{entry.first});
        }
    }
}

void Operator::edit(const balancer::Balancer& balancer) {
    parts_.world.note("balancer edited");
    parts_.ledger.put(balancer, parts_.world.wall());
    parts_.judge.pools().on_balancer(balancer);
    tell_users_of(balancer.name);
}

void Operator::edit(const balancer::Assistant& assistant) {
    parts_.world.note("assistant edited");
    parts_.ledger.put(assistant, parts_.world.wall());
    parts_.judge.pools().on_assistant(assistant);
    tell_users_of(assistant.name);
    for (const balancer::Balancer& balancer : balancers_) {
        const auto& members = balancer.members;
        if (std::any_of(members.begin(), members.end(), [&](const balancer::Member& member) {
                return member.assistant == assistant.name;
            })) {
            tell_users_of(balancer.name);
        }
    }
}

void Operator::edit_a_pool() {
    base::Rng& dice = parts_.world.dice();
    if (dice.chance(0.4)) {
        balancer::Assistant& assistant = assistants_[dice.below(assistants_.size())];
        if (assistant.max_concurrent_calls > 0) {
            ++assistant.max_concurrent_calls;
        }
        edit(assistant);
        return;
    }
    using balancer::ResourceStatus;
    balancer::Balancer& balancer = balancers_[dice.below(balancers_.size())];
    balancer::Member& member = balancer.members[dice.below(balancer.members.size())];
    const bool pauses = member.status == ResourceStatus::active;
    member.status = pauses ? ResourceStatus::paused : ResourceStatus::active;
    edit(balancer);
}

void Operator::edit_a_domain() {
    base::Rng& dice = parts_.world.dice();
    std::vector<dialer::DomainLimits> domains = parts_.daemon.settings().domains;
    dialer::DomainLimits& domain = domains[dice.below(domains.size())];
    if (domain.requests == 0) {
        return;
    }
    domain.requests = 4 + static_cast<int>(dice.below(16));
    parts_.cloudonix.raise_limit(domain.name, domain.requests);
    parts_.world.note("domain edited", domain.requests);
    parts_.daemon.edit_domains(domains);
}

void Operator::set_dead(const std::string& assistant, bool dead) {
    if (parts_.cloudonix.is_dead(assistant) == dead) {
        return;
    }
    parts_.judge.pools().on_dead(assistant, dead);
    parts_.cloudonix.set_dead(assistant, dead);
}

void Operator::let_assistants_die() {
    base::Rng& dice = parts_.world.dice();
    const balancer::Balancer& balancer = balancers_[dice.below(balancers_.size())];
    const Millis time = parts_.world.between(minute, minute * 8);
    for (std::size_t i = 0; i < balancer.members.size() / 2; ++i) {
        const std::string name = balancer.members[dice.below(balancer.members.size())].assistant;
        set_dead(name, true);
        parts_.world.after(time, [this, name] { set_dead(name, false); });
    }
}

void Operator::lower_limit(const std::string& domain, int requests, Millis time) {
    parts_.judge.on_limit_lowered(domain);
    parts_.cloudonix.lower_limit(domain, requests, time);
}

void Operator::calm_down() {
    for (const balancer::Assistant& assistant : assistants_) {
        set_dead(assistant.name, false);
    }
    parts_.cloudonix.recover();
    for (balancer::Balancer& balancer : balancers_) {
        for (balancer::Member& member : balancer.members) {
            member.status = balancer::ResourceStatus::active;
        }
        edit(balancer);
    }
}

}  // namespace cxdial::sim
