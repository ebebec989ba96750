#include "daemon/opbx_resources.h"

#include "base/log.h"

#include <map>
#include <string_view>
#include <utility>

namespace cxdial::daemon {

using api_client::OpbxAssistant;
using api_client::OpbxBalancer;
using api_client::OpbxCampaign;

namespace {

/// Where the providers' agents are reached that have no endpoint of their own.
const std::map<std::string, std::string, std::less<>>& known_endpoints() {
    static const std::map<std::string, std::string, std::less<>> endpoints{
        {"dograh-cloud", "wss://api.dograh.com/api/v1/agent-stream/cloudonix"},
        {"assembly.ai", "wss://agents.assemblyai.com/v1/ws"},
        {"cloudonix", "wss://agents.cloudonix.cloud/api/v1/agent-stream/cloudonix"},
    };
    return endpoints;
}

std::string configured(const OpbxAssistant& read, const std::string& key) {
    const auto found = read.configuration.find(key);
    return found == read.configuration.end() ? std::string() : found->second;
}

std::string url_template_of(const OpbxAssistant& read) {
    if (read.provider == "deepdub") {
        return "wss://bot.deepdub.dev/ws/{bot_id}/{auth_token}"
               "?session={session}&from={from}&to={to}";
    }
    std::string endpoint = configured(read, "websocket_endpoint");
    if (const auto known = known_endpoints().find(read.provider);
        endpoint.empty() && known != known_endpoints().end()) {
        endpoint = known->second;
    }
    return endpoint + "/{agent_uuid}";
}

balancer::Strategy strategy_of(std::string_view name) {
    if (name == "priority") {
        return balancer::Strategy::priority;
    }
    return name == "percentage" ? balancer::Strategy::weighted : balancer::Strategy::round_robin;
}

balancer::ResourceStatus status_of(bool is_active) {
    return is_active ? balancer::ResourceStatus::active : balancer::ResourceStatus::paused;
}

void log_missing(const char* kind, std::int64_t id, const base::Error& why) {
    base::log_warn("opbx_resource_not_read", {{"kind", kind}, {"id", id}, {"why", why.detail}});
}

}  // namespace

std::string opbx_resource_name(std::int64_t id) {
    return "opbx-" + std::to_string(id);
}

balancer::Assistant assistant_of(const OpbxAssistant& read) {
    balancer::Assistant made;
    made.name = opbx_resource_name(read.id);
    made.provider = read.provider;
    made.status = status_of(read.is_active);
    if (read.protocol != "websocket") {
        made.phone_number = configured(read, "phone_number");
        return made;
    }
    made.protocol = balancer::Protocol::websocket;
    made.url_template = url_template_of(read);
    made.bot_id = configured(read, "bot_id");
    made.auth_token = base::Secret{configured(read, "auth_token")};
    for (const auto& [key, value] : read.configuration) {
        if (key != "bot_id" && key != "auth_token" && key != "websocket_endpoint") {
            made.parameters.emplace(key, value);
        }
    }
    return made;
}

balancer::Balancer balancer_of(const OpbxBalancer& read) {
    balancer::Balancer made;
    made.name = opbx_resource_name(read.id);
    made.strategy = strategy_of(read.strategy);
    for (const OpbxBalancer::Member& member : read.members) {
        made.members.push_back(
            {.assistant = opbx_resource_name(member.assistant),
             .weight = member.weight,
             .priority = member.priority,
             .status = status_of(member.is_active)}
        );
    }
    made.fallback = balancer::hangup_fallback;
    return made;
}

void OpbxResources::read(const std::vector<OpbxCampaign>& listed, Done done) {
    routing_ = {};
    known_.clear();
    done_ = std::move(done);
    for (const OpbxCampaign& campaign : listed) {
        if (campaign.routing_id > 0 && campaign.routing_type == "ai_assistant") {
            assistants_.insert(campaign.routing_id);
        } else if (campaign.routing_id > 0 && campaign.routing_type == "ai_load_balancer") {
            balancers_.insert(campaign.routing_id);
        }
    }
    read_next();
}

void OpbxResources::read_next() {
    if (!balancers_.empty()) {
        const std::int64_t id = balancers_.extract(balancers_.begin()).value();
        users_.balancer(id, [this, id](const base::Result<OpbxBalancer>& read) {
            if (read) {
                routing_.balancers.push_back(balancer_of(*read));
                for (const OpbxBalancer::Member& member : read->members) {
                    assistants_.insert(member.assistant);
                }
            } else {
                log_missing("ai_load_balancer", id, read.error());
            }
            read_next();
        });
        return;
    }
    while (!assistants_.empty()) {
        const std::int64_t id = assistants_.extract(assistants_.begin()).value();
        if (!known_.insert(id).second) {
            continue;
        }
        users_.assistant(id, [this, id](const base::Result<OpbxAssistant>& read) {
            if (read) {
                routing_.assistants.push_back(assistant_of(*read));
            } else {
                log_missing("ai_assistant", id, read.error());
            }
            read_next();
        });
        return;
    }
    std::exchange(done_, nullptr)(std::exchange(routing_, {}));
}

}  // namespace cxdial::daemon
