#pragma once

#include "api_client/opbx_reply.h"
#include "api_client/opbx_users.h"
#include "balancer/assistant.h"

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace cxdial::daemon {

/// Where OPBX's campaigns send their calls, as resources of ours.
struct OpbxRouting {
    std::vector<balancer::Assistant> assistants;
    std::vector<balancer::Balancer> balancers;
};

/// The name here of OPBX's assistant, or balancer, of that id.
[[nodiscard]] std::string opbx_resource_name(std::int64_t id);
/// OPBX's assistant as one of ours.
[[nodiscard]] balancer::Assistant assistant_of(const api_client::OpbxAssistant& read);
/// OPBX's load balancer as one of ours; when nobody can take the call, it is hung up.
[[nodiscard]] balancer::Balancer balancer_of(const api_client::OpbxBalancer& read);

/// Reads the assistants and balancers of campaigns from OPBX's users' API. Thread rule: the loop's
/// thread.
class OpbxResources {
public:
    using Done = std::function<void(OpbxRouting)>;

    explicit OpbxResources(api_client::OpbxUsers users) : users_(std::move(users)) {}

    /// What the campaigns need; what cannot be read is left out, and logged. One at a time.
    void read(const std::vector<api_client::OpbxCampaign>& listed, Done done);

private:
    void read_next();

    api_client::OpbxUsers users_;
    std::set<std::int64_t> balancers_;  ///< still to be read
    std::set<std::int64_t> assistants_;
    std::set<std::int64_t> known_;  ///< assistants that were read, or could not be
    OpbxRouting routing_;
    Done done_;
};

}  // namespace cxdial::daemon
