#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "net/http_client.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cxdial::api_client {

/// An AI assistant as OPBX's users' API shows it.
struct OpbxAssistant {
    std::int64_t id = 0;
    std::string name;
    std::string protocol;  ///< `sip`, `websocket`, `dummy`
    std::string provider;
    bool is_active = true;
    std::map<std::string, std::string> configuration;  ///< may hold secrets
};

/// An AI load balancer as OPBX's users' API shows it.
struct OpbxBalancer {
    struct Member {
        std::int64_t assistant = 0;
        int weight = 100;
        int priority = 0;  ///< lower is chosen first
        bool is_active = true;
    };
    std::int64_t id = 0;
    std::string strategy;  ///< `round_robin`, `priority`, `percentage`
    std::vector<Member> members;
};

/// `invalid_argument`: no such thing.
[[nodiscard]] base::Result<OpbxAssistant> read_opbx_assistant(std::string_view body);
[[nodiscard]] base::Result<OpbxBalancer> read_opbx_balancer(std::string_view body);

/// As much of OPBX's users' API as tells where a campaign's calls go. `http` must outlive every
/// request under way. Thread rule: the loop's thread; handlers are called on it, once each, later.
class OpbxUsers {
public:
    template <class Value>
    using Done = std::function<void(base::Result<Value>)>;

    OpbxUsers(net::HttpClient& http, std::string url, base::Secret token);

    void assistant(std::int64_t id, Done<OpbxAssistant> done);
    void balancer(std::int64_t id, Done<OpbxBalancer> done);

private:
    template <class Value, class Read>
    void get(const std::string& path, Read read, Done<Value> done);

    net::HttpClient& http_;
    std::string url_;
    base::Secret token_;
};

}  // namespace cxdial::api_client
