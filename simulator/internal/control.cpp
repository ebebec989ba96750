#include "simulator/internal/control.h"

#include "simulator/internal/draw.h"
#include "simulator/internal/inbound_call.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace cxdial::simulator {
namespace {

using nlohmann::json;

std::map<std::string, std::string> query_of(const net::HttpRequest& request) {
    std::map<std::string, std::string> all;
    for (auto& [name, value] : net::parse_form(request.query())) {
        all[name] = value;
    }
    return all;
}

std::uint64_t number_in(
    const std::map<std::string, std::string>& query, const char* name, std::uint64_t otherwise
) {
    const auto found = query.find(name);
    if (found == query.end()) {
        return otherwise;
    }
    std::uint64_t value = 0;
    const auto& text = found->second;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && stop == text.data() + text.size() ? value : otherwise;
}

json shown(const Knob& knob, const Options& options) {
    const auto text = knob.get(options);
    if (knob.kind == KnobKind::text) {
        return text;
    }
    if (knob.kind != KnobKind::list) {
        return json::parse(text, nullptr, false);
    }
    auto list = json::array();
    for (std::size_t from = 0; from < text.size();) {
        const auto to = std::min(text.find(',', from), text.size());
        list.push_back(text.substr(from, to - from));
        from = to + 1;
    }
    return list;
}

/// A JSON value as the text that a knob takes.
std::string text_of(const json& value) {
    if (value.is_string()) {
        return value.get<std::string>();
    }
    if (!value.is_array()) {
        return value.dump();
    }
    std::string text;
    for (const auto& item : value) {
        text += (text.empty() ? "" : ",") + text_of(item);
    }
    return text;
}

constexpr std::string_view domain_path = "/control/domains/";
constexpr std::string_view inbound_path = "/control/inbound-calls";

/// A time that is not negative, from text such as `3s`.
base::Result<void> read_window(const json& value, std::optional<std::chrono::milliseconds>& per) {
    const auto length = parse_duration(value.is_string() ? value.get<std::string>() : "");
    if (!length || length->count() <= 0) {
        return base::Error{base::Errc::invalid_argument, "per must be a time above 0"};
    }
    per = *length;
    return {};
}

base::Error wrong_setting(const std::string& name, const std::string& expected) {
    return {base::Errc::invalid_argument, name + " " + expected};
}

/// A whole number; null: the default.
base::Result<std::optional<std::uint64_t>> read_count(const std::string& name, const json& value) {
    if (value.is_null()) {
        return std::optional<std::uint64_t>();
    }
    if (!value.is_number_unsigned()) {
        return wrong_setting(name, "must be a whole number");
    }
    return std::optional(value.get<std::uint64_t>());
}

base::Result<void> change_count(Domain& domain, const std::string& name, const json& value) {
    const auto count = read_count(name, value);
    if (!count) {
        return count.error();
    }
    if (name == "requests") {
        domain.requests = *count;
    } else {
        domain.max_concurrent = count->value_or(0);
    }
    return {};
}

base::Result<void> change_setting(Domain& domain, const std::string& name, const json& value) {
    if (name == "requests" || name == "max-concurrent") {
        return change_count(domain, name, value);
    }
    if (name == "per") {
        domain.per.reset();
        return value.is_null() ? base::Result<void>() : read_window(value, domain.per);
    }
    if (name != "api-key") {
        return wrong_setting(name, "is no setting of a domain");
    }
    if (!value.is_null() && !value.is_string()) {
        return wrong_setting(name, "must be a string");
    }
    domain.api_key = value.is_null() ? "" : value.get<std::string>();
    return {};
}

json domain_json(const Domain& domain) {
    auto shown_domain = domain.meter.summary();
    shown_domain["live"] = domain.live;
    shown_domain["live_max"] = domain.live_max;
    shown_domain["inbound_live"] = domain.inbound_live;
    shown_domain["max_concurrent"] = domain.max_concurrent;
    return shown_domain;
}

json placed_json(const Call& call) {
    auto shown_call = session_json(call);
    shown_call["ended"] = call.is_ended;
    shown_call["outcome"] = call.is_ended ? json(disposition_of(call.status)) : json();
    return shown_call;
}

json config_of(const Options& options) {
    auto config = json::object();
    for (const auto& knob : knobs()) {
        config[std::string(knob.name)] = shown(knob, options);
    }
    return config;
}

}  // namespace

void Control::handle(const net::HttpRequest& request, const Reply& reply) {
    const auto path = request.path();
    const auto is = [&](std::string_view method, std::string_view wanted) {
        return request.method == method && path == wanted;
    };
    if (is("GET", "/control/config")) {
        reply.json(config_of(world_.options()));
    } else if (is("PATCH", "/control/config")) {
        change_config(request, reply);
    } else if (is("GET", "/control/truth")) {
        show_truth(request, reply);
    } else if (is("GET", "/control/domains")) {
        show_domains(reply);
    } else if (request.method == "PATCH" && path.rfind(domain_path, 0) == 0) {
        change_domain(path.substr(domain_path.size()), request, reply);
    } else if (is("PUT", "/control/bounds")) {
        declare_bounds(request, reply);
    } else if (is("GET", "/control/calls")) {
        list_calls(request, reply, false);
    } else if (path.rfind(inbound_path, 0) == 0) {
        handle_inbound(request, path.substr(inbound_path.size()), reply);
    } else if (is("POST", "/control/reset")) {
        world_.reset();
        reply.no_content();
    } else if (is("POST", "/control/shutdown")) {
        reply.no_content();
        // The answer has to leave first.
        world_.schedule().after(std::chrono::milliseconds{20}, on_shutdown_);
    } else if (request.method == "POST" && path.rfind("/control/calls/", 0) == 0) {
        hang_up(path, reply);
    } else {
        reply.error(404, "not found");
    }
}

void Control::change_config(const net::HttpRequest& request, const Reply& reply) {
    const auto body = json::parse(request.body, nullptr, false);
    if (body.is_discarded() || !body.is_object()) {
        reply.error(400, "malformed JSON");
        return;
    }
    auto options = world_.options();
    for (const auto& [name, value] : body.items()) {
        const auto* const knob = find_knob(name);
        if (knob == nullptr || !knob->at_run_time) {
            reply.error(400, name + ": no knob that can be set at run time");
            return;
        }
        if (auto done = knob->set(options, text_of(value)); !done) {
            reply.error(400, name + ": " + done.error().detail);
            return;
        }
    }
    world_.change_options(std::move(options));
    reply.json(config_of(world_.options()));
}

void Control::show_truth(const net::HttpRequest& request, const Reply& reply) {
    const auto query = query_of(request);
    const auto& truth = world_.truth();
    if (const auto found = query.find("destination"); found != query.end()) {
        reply.json(truth.destination(found->second));
        return;
    }
    if (const auto found = query.find("attempt"); found != query.end()) {
        reply.json(truth.attempt(found->second));
        return;
    }
    if (query.count("destinations") > 0) {
        reply.json(truth.destinations());
        return;
    }
    if (const auto found = query.find("assistant"); found != query.end()) {
        reply.json(world_.ledger().assistant(found->second));
        return;
    }
    if (const auto found = query.find("domain"); found != query.end()) {
        if (const auto* const domain = world_.find_domain(found->second)) {
            show_domain_span(*domain, request, reply);
        } else {
            reply.error(404, "no such domain");
        }
        return;
    }
    show_summary(reply);
}

void Control::show_summary(const Reply& reply) {
    auto summary = world_.truth().summary();
    auto ledger = world_.ledger().summary();
    summary["domains"] = json::object();
    std::uint64_t over_limit = 0;
    for (const auto& domain : world_.domains()) {
        auto shown_domain = domain_json(domain);
        if (const auto bounds = ledger["domains"].find(domain.name);
            bounds != ledger["domains"].end()) {
            shown_domain["violations"] = (*bounds)["violations"];
        }
        over_limit += shown_domain["over_limit"].get<std::uint64_t>();
        summary["domains"][domain.name] = std::move(shown_domain);
    }
    for (const auto* const part :
         {"all", "caller_ids", "destination_prefixes", "assistants", "violations"}) {
        summary[part] = std::move(ledger[part]);
    }
    summary["over_limit"] = over_limit;
    summary["elapsed_ms"] =
        std::chrono::floor<std::chrono::milliseconds>(world_.now().mono - world_.begun()).count();
    reply.json(summary);
}

void Control::show_domain_span(
    const Domain& domain, const net::HttpRequest& request, const Reply& reply
) {
    using std::chrono::milliseconds;
    constexpr std::uint64_t longest_ms = 1'000'000'000;
    const auto query = query_of(request);
    const auto from = std::min(number_in(query, "from_ms", 0), longest_ms);
    const auto to = std::min(number_in(query, "to_ms", longest_ms), longest_ms);
    reply.json(domain.meter.span(
        world_.now().mono,
        milliseconds{static_cast<std::int64_t>(from)},
        milliseconds{static_cast<std::int64_t>(to)}
    ));
}

void Control::show_domains(const Reply& reply) {
    auto all = json::object();
    for (const auto& domain : world_.domains()) {
        all[domain.name] = domain_json(domain);
    }
    reply.json(all);
}

void Control::change_domain(
    std::string_view name, const net::HttpRequest& request, const Reply& reply
) {
    auto* const domain = world_.find_domain(name);
    const auto body = json::parse(request.body, nullptr, false);
    if (domain == nullptr || body.is_discarded() || !body.is_object()) {
        reply.error(domain == nullptr ? 404 : 400, "no such domain, or malformed JSON");
        return;
    }
    Domain changed = *domain;
    for (const auto& [setting, value] : body.items()) {
        if (auto done = change_setting(changed, setting, value); !done) {
            reply.error(400, done.error().detail);
            return;
        }
    }
    *domain = std::move(changed);
    world_.put_limits();
    reply.json(domain_json(*domain));
}

void Control::declare_bounds(const net::HttpRequest& request, const Reply& reply) {
    const auto body = json::parse(request.body, nullptr, false);
    if (auto done = world_.ledger().declare(body); !done) {
        reply.error(400, done.error().detail);
        return;
    }
    reply.no_content();
}

void Control::list_calls(const net::HttpRequest& request, const Reply& reply, bool inbound) {
    const auto query = query_of(request);
    const auto limit = number_in(query, "limit", 100);
    const auto& calls = world_.calls();
    auto list = json::array();
    auto has_more = false;
    auto each = calls.upper_bound(number_in(query, "after", 0));
    for (; each != calls.end() && !has_more; ++each) {
        const auto& call = *each->second;
        if ((call.inbound != nullptr) != inbound) {
            continue;
        }
        has_more = list.size() >= limit;
        if (!has_more) {
            list.push_back(inbound ? inbound_json(call) : placed_json(call));
        }
    }
    reply.json({{"calls", std::move(list)}, {"more", has_more}});
}

void Control::handle_inbound(
    const net::HttpRequest& request, std::string_view path, const Reply& reply
) {
    if (request.method == "POST" && path.empty()) {
        start_inbound(request, reply);
    } else if (request.method == "GET" && path.empty()) {
        list_calls(request, reply, true);
    } else if (request.method == "GET" && path.front() == '/') {
        const auto* const call = world_.find_call(path.substr(1));
        if (call == nullptr || !call->inbound) {
            reply.error(404, "no inbound call of that token");
        } else {
            reply.json(inbound_json(*call));
        }
    } else {
        reply.error(404, "not found");
    }
}

void Control::start_inbound(const net::HttpRequest& request, const Reply& reply) {
    auto wanted = read_inbound_request(json::parse(request.body, nullptr, false));
    if (!wanted) {
        reply.error(400, wanted.error().detail);
        return;
    }
    auto* const domain = world_.find_domain(wanted->domain);
    if (domain == nullptr) {
        reply.error(404, "no such domain");
        return;
    }
    if (wanted->application.url.empty()) {
        const auto* const application =
            domain->find_application(std::to_string(domain->default_application));
        if (application == nullptr) {
            reply.error(400, "url is required: the domain has no default application");
            return;
        }
        wanted->application = *application;
    } else {
        wanted->application.id = static_cast<std::int64_t>(world_.next_application_id());
        wanted->application.uuid = draw_uuid(world_.rng());
    }
    auto list = json::array();
    for (auto left = wanted->count; left > 0; --left) {
        list.push_back(inbound_json(world_.call_in(*domain, *wanted)));
    }
    reply.json({{"calls", std::move(list)}});
}

void Control::hang_up(std::string_view path, const Reply& reply) {
    constexpr std::string_view before = "/control/calls/";
    constexpr std::string_view after = "/hangup";
    path.remove_prefix(before.size());
    const auto cut = path.find('/');
    auto* const call = world_.find_call(path.substr(0, cut));
    if (cut == std::string_view::npos || path.substr(cut) != after || call == nullptr ||
        call->is_ended) {
        reply.error(404, "no live call of that token");
        return;
    }
    world_.destroy(*call, "");
    reply.no_content();
}

}  // namespace cxdial::simulator
