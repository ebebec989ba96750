#include "simulator/internal/rest.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace cxdial::simulator {
namespace {

using nlohmann::json;

std::vector<std::string> split_path(std::string_view path) {
    std::vector<std::string> parts;
    while (!path.empty()) {
        path.remove_prefix(1);
        const auto cut = std::min(path.find('/'), path.size());
        if (cut > 0) {
            parts.emplace_back(path.substr(0, cut));
        }
        path.remove_prefix(cut);
    }
    return parts;
}

/// The scheme is written in either case by the vendor's own documents.
/// Empty: there is none.
std::string bearer_of(const net::HttpRequest& request) {
    const auto field = request.headers.find("Authorization");
    constexpr std::string_view scheme = "bearer ";
    if (!field || field->size() < scheme.size()) {
        return {};
    }
    const auto is_bearer =
        std::equal(scheme.begin(), scheme.end(), field->begin(), [](char a, char b) {
            return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b - 'A' + 'a') : b);
        });
    return is_bearer ? std::string(field->substr(scheme.size())) : "";
}

bool is_placement(const net::HttpRequest& request, const std::vector<std::string>& path) {
    return request.method == "POST" && path.size() == 3 && path[0] == "calls" &&
           path[2] == "application";
}

}  // namespace

const std::string& Rest::Visit::at(std::size_t index) const {
    static const std::string none;
    return index < path.size() ? path[index] : none;
}

std::string text_member(const json& body, const char* name) {
    const auto found = body.find(name);
    return found != body.end() && found->is_string() ? found->get<std::string>() : "";
}

std::optional<json> Rest::read_body(const Visit& visit) {
    auto body = json::parse(visit.request.body, nullptr, false);
    if (body.is_discarded() || !body.is_object()) {
        visit.reply.error(400, "malformed JSON");
        return std::nullopt;
    }
    return body;
}

void Rest::handle(const net::HttpRequest& request, const net::Responder& responder) {
    auto path = split_path(request.path());
    Reply::OnAnswer on_answer;
    const auto places = is_placement(request, path);
    if (places) {
        world_.truth().placement_received();
        on_answer = [this](int status) { world_.truth().placement_answered(status); };
    }
    world_.truth().rest_request();
    Visit visit{request, Reply(responder, std::move(on_answer)), std::move(path)};
    visit.key = bearer_of(request);
    visit.is_placement = places;
    if (!is_known_key(visit.key)) {
        visit.reply.error(401, "unauthorized");
        return;
    }
    const auto& first = visit.at(0);
    if (first == "calls") {
        enter_domain(visit, 2);
    } else if (first == "domains") {
        visit.path.insert(visit.path.begin(), {"customers", "self"});
        handle_customer(visit);
    } else if (first == "customers") {
        handle_customer(visit);
    } else {
        visit.reply.error(404, "not found");
    }
}

void Rest::handle_customer(Visit& visit) {
    const auto& customer = visit.at(1);
    const auto& kind = visit.at(2);
    if (customer != "self" && customer != "1") {
        visit.reply.error(404, "customer not found");
    } else if (kind == "concurrency-limit" && visit.has(3)) {
        handle_concurrency(visit);
    } else if (kind == "domains" && visit.has(3)) {
        handle_domains(visit);
    } else if (kind == "domains") {
        enter_domain(visit, 4);
    } else {
        visit.reply.error(404, "not found");
    }
}

void Rest::enter_domain(Visit& visit, std::size_t parts_used) {
    const auto is_calls = visit.at(0) == "calls";
    visit.domain = world_.find_domain(visit.at(parts_used - 1));
    if (visit.domain == nullptr) {
        visit.reply.error(404, "domain not found");
        return;
    }
    // The customer's key reaches every domain, a domain's key only its own.
    if (visit.key != world_.options().api_key && visit.key != visit.domain->api_key) {
        visit.reply.error(403, "forbidden");
        return;
    }
    const auto now = world_.now().mono;
    if (visit.is_placement) {
        visit.domain->meter.asked(now);
    }
    if (!visit.domain->meter.take(now)) {
        refuse_429(visit, "rate limit exceeded");
        return;
    }
    const auto used = static_cast<std::ptrdiff_t>(std::min(parts_used, visit.path.size()));
    visit.path.erase(visit.path.begin(), visit.path.begin() + used);
    if (is_calls) {
        handle_calls(visit);
    } else {
        handle_domain_part(visit);
    }
}

void Rest::handle_domain_part(Visit& visit) {
    const auto& kind = visit.at(0);
    if (kind.empty()) {
        handle_domain(visit);
    } else if (kind == "applications") {
        handle_applications(visit);
    } else if (kind == "sessions") {
        handle_sessions(visit, false);
    } else {
        visit.reply.error(404, "not found");
    }
}

void Rest::handle_concurrency(const Visit& visit) {
    if (visit.is("DELETE")) {
        concurrency_limit_.reset();
        visit.reply.no_content();
        return;
    }
    if (visit.is("PUT")) {
        const auto body = read_body(visit);
        if (!body) {
            return;
        }
        const auto limit = body->find("limit");
        if (limit == body->end() || !limit->is_number_unsigned()) {
            visit.reply.error(400, "limit must be a whole number");
            return;
        }
        concurrency_limit_ = limit->get<std::uint64_t>();
    } else if (!visit.is("GET")) {
        visit.reply.error(405, "method not allowed");
        return;
    }
    const auto limit = concurrency_limit_.value_or(world_.options().max_concurrent);
    visit.reply.json({{"limit", limit}});
}

bool Rest::is_known_key(const std::string& key) const {
    const auto& domains = world_.domains();
    const auto is_domains = std::any_of(domains.begin(), domains.end(), [&](const Domain& each) {
        return !each.api_key.empty() && key == each.api_key;
    });
    return key == world_.options().api_key || is_domains;
}

void Rest::refuse_429(const Visit& visit, const std::string& why) {
    if (visit.is_placement) {
        visit.domain->meter.refused(world_.now().mono);
    }
    visit.reply.too_many(why, world_.options().retry_after);
}

bool Rest::is_over_concurrency(const Domain& domain) const {
    if (domain.max_concurrent > 0 && domain.live + domain.inbound_live >= domain.max_concurrent) {
        return true;
    }
    const auto soft = concurrency_limit_.value_or(0);
    const auto hard = world_.options().max_concurrent;
    return (soft > 0 && world_.live() >= soft) || (hard > 0 && world_.live() >= hard);
}

}  // namespace cxdial::simulator
