#pragma once

#include "net/http.h"
#include "net/http_server.h"
#include "simulator/internal/domain.h"
#include "simulator/internal/reply.h"
#include "simulator/internal/world.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cxdial::simulator {

/// The REST API. Source: Cloudonix REST API 1.0.0, and the older paths that still answer.
class Rest {
public:
    explicit Rest(World& world) : world_(world) {}
    void handle(const net::HttpRequest& request, const net::Responder& responder);

private:
    /// A request on its way through the paths: what is left of the path, and what was found so far.
    struct Visit {
        const net::HttpRequest& request;
        Reply reply;
        std::vector<std::string> path;
        Domain* domain = nullptr;
        std::string key;
        bool is_placement = false;

        [[nodiscard]] bool is(const char* method) const { return request.method == method; }
        [[nodiscard]] const std::string& at(std::size_t index) const;
        /// The path has this many parts.
        [[nodiscard]] bool has(std::size_t parts) const { return path.size() == parts; }
    };

    void handle_customer(Visit& visit);
    void handle_concurrency(const Visit& visit);
    void enter_domain(Visit& visit, std::size_t parts_used);
    void handle_domains(const Visit& visit);
    void handle_domain_part(Visit& visit);
    void handle_domain(const Visit& visit);
    void handle_applications(const Visit& visit);
    void create_application(const Visit& visit);
    void change_application(const Visit& visit, Application& application);

    void handle_calls(Visit& visit);
    void place(const Visit& visit);
    void place_checked(const Visit& visit, CallRequest request);
    /// True when a fault has taken care of the request; the call is made where the fault says so.
    bool place_with_fault(const Visit& visit, const CallRequest& request);
    void accept_late(Domain& domain, const CallRequest& request);
    void handle_sessions(const Visit& visit, bool active_only);
    void list_sessions(const Visit& visit, bool active_only);
    void handle_session(const Visit& visit, Call& call);
    void change_session(const Visit& visit, Call& call);
    void hang_up(const Visit& visit, Call& call);
    void switch_application(const Visit& visit, Call& call);

    [[nodiscard]] bool is_over_concurrency(const Domain& domain) const;
    /// The customer's key, or one of a domain.
    [[nodiscard]] bool is_known_key(const std::string& key) const;
    void refuse_429(const Visit& visit, const std::string& why);
    /// The body, or nothing after a 400 has been sent.
    [[nodiscard]] static std::optional<nlohmann::json> read_body(const Visit& visit);

    World& world_;
    std::optional<std::uint64_t> concurrency_limit_;
};

/// A member of a JSON object that is a string; empty when there is none.
[[nodiscard]] std::string text_member(const nlohmann::json& body, const char* name);

}  // namespace cxdial::simulator
