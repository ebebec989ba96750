#pragma once

#include "campaign/campaign.h"
#include "campaign/ids.h"

#include "daemon.h"
#include "fake_cloudonix.h"
#include "judge.h"
#include "ledger.h"
#include "setup.h"
#include "world.h"

#include <cstddef>
#include <map>
#include <vector>

namespace cxdial::sim {

/// The people who own the campaigns: they set everything up, and edit, pause, add and forbid while
/// calls are made. What they write goes past the engine, which is told afterwards, as by the CLI.
class Operator {
public:
    struct Parts {
        World& world;
        FakeCloudonix& cloudonix;
        Ledger& ledger;
        Judge& judge;
        Daemon& daemon;
    };

    Operator(Parts parts, const Setup& setup) : parts_(parts), setup_(setup) {}

    void set_up();
    /// Starts or resumes every campaign that has something to dial.
    void operate();
    /// Some of what people do in a minute.
    void meddle();
    /// Takes back what stands in the way of calls.
    void calm_down();

    void add_destination(campaign::CampaignId id);
    void edit(campaign::CampaignId id, const campaign::Campaign& campaign);
    void edit(const balancer::Balancer& balancer);
    void edit(const balancer::Assistant& assistant);
    void set_dead(const std::string& assistant, bool dead);
    void lower_limit(const std::string& domain, int requests, base::Millis time);
    [[nodiscard]] const std::vector<campaign::CampaignId>& campaigns() const { return ids_; }

private:
    [[nodiscard]] base::PhoneNumber draw_number();
    void edit_a_campaign();
    void edit_a_pool();
    void edit_a_domain();
    void let_assistants_die();
    /// Tells the engine of every campaign whose calls go to the balancer or assistant.
    void tell_users_of(const std::string& destination);

    Parts parts_;
    const Setup& setup_;
    std::vector<campaign::CampaignId> ids_;
    std::map<campaign::CampaignId, campaign::Campaign> campaigns_;
    std::vector<balancer::Assistant> assistants_;
    std::vector<balancer::Balancer> balancers_;
};

}  // namespace cxdial::sim
