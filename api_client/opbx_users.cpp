#include "api_client/opbx_users.h"

#include "api_client/internal/json_read.h"
#include "api_client/opbx_reply.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace cxdial::api_client {

namespace {

using base::Errc;
using base::Error;
using internal::integer_of;
using internal::member;
using internal::text_of;
using nlohmann::json;

json object_in(std::string_view body) {
    json document = internal::parse_json(body);
    const json* const data = member(document, "data");
    return data != nullptr && data->is_object() ? *data : document;
}

bool is_active(const json& object) {
    const std::string status = text_of(member(object, "status"));
    return status.empty() || status == "active";
}

int small_int(const json* value, int otherwise) {
    constexpr std::int64_t most = 1'000'000;
    return static_cast<int>(std::clamp<std::int64_t>(integer_of(value).value_or(otherwise), 0, most)
    );
}

}  // namespace

base::Result<OpbxAssistant> read_opbx_assistant(std::string_view body) {
    const json object = object_in(body);
    const auto id = integer_of(member(object, "id"));
    if (!id) {
        return Error{Errc::invalid_argument, "OPBX answered no assistant"};
    }
    OpbxAssistant assistant;
    assistant.id = *id;
    assistant.name = text_of(member(object, "name"));
    assistant.protocol = text_of(member(object, "protocol"));
    assistant.provider = text_of(member(object, "provider"));
    assistant.is_active = is_active(object);
    if (const json* const configuration = member(object, "configuration");
        configuration != nullptr && configuration->is_object()) {
        for (const auto& [key, value] : configuration->items()) {
            if (std::string text = text_of(&value); !text.empty()) {
                assistant.configuration.emplace(key, std::move(text));
            }
        }
    }
    return assistant;
}

base::Result<OpbxBalancer> read_opbx_balancer(std::string_view body) {
    const json object = object_in(body);
    const auto id = integer_of(member(object, "id"));
    const json* const members = member(object, "members");
    if (!id || members == nullptr || !members->is_array()) {
        return Error{Errc::invalid_argument, "OPBX answered no load balancer"};
    }
    OpbxBalancer balancer;
    balancer.id = *id;
    balancer.strategy = text_of(member(object, "strategy"));
    for (const json& one : *members) {
        OpbxBalancer::Member read;
        read.assistant = integer_of(member(one, "ai_assistant_id")).value_or(0);
        read.weight = small_int(member(one, "weight"), 100);
        read.priority = small_int(member(one, "priority"), 0);
        read.is_active = is_active(one);
        if (read.assistant > 0) {
            balancer.members.push_back(read);
        }
    }
    return balancer;
}

OpbxUsers::OpbxUsers(net::HttpClient& http, std::string url, base::Secret token)
    : http_(http), url_(std::move(url)), token_(std::move(token)) {
    while (!url_.empty() && url_.back() == '/') {
        url_.pop_back();
    }
}

template <class Value, class Read>
void OpbxUsers::get(const std::string& path, Read read, Done<Value> done) {
    net::HttpRequest request;
    request.target = url_ + "/api/v1" + path;
    request.headers.add("Authorization", "Bearer " + token_.reveal());
    request.headers.add("Accept", "application/json");
    http_.send(std::move(request), [read, done = std::move(done)](const net::HttpOutcome& outcome) {
        const base::Result<std::string> body = read_opbx_reply(outcome);
        done(body ? read(*body) : base::Result<Value>(body.error()));
    });
}

void OpbxUsers::assistant(std::int64_t id, Done<OpbxAssistant> done) {
    get<OpbxAssistant>(
        "/ai-assistants/" + std::to_string(id), read_opbx_assistant, std::move(done)
    );
}

void OpbxUsers::balancer(std::int64_t id, Done<OpbxBalancer> done) {
    get<OpbxBalancer>(
        "/ai-load-balancers/" + std::to_string(id), read_opbx_balancer, std::move(done)
    );
}

}  // namespace cxdial::api_client
