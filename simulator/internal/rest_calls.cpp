#include "simulator/internal/draw.h"
#include "simulator/internal/rest.h"

#include <utility>

namespace cxdial::simulator {
namespace {

using nlohmann::json;

/// Source: Cloudonix REST API, `callObjectResult`.
json call_result(const Call& call) {
    return {
        {"domainId", call.domain->id},
        {"subscriberId", nullptr},
        {"destination", call.request.destination},
        {"direction", direction_of(call)},
        {"token", call.token}};
}

std::string query_value(const net::HttpRequest& request, std::string_view wanted) {
    for (auto& [name, value] : net::parse_form(request.query())) {
        if (name == wanted) {
            return value;
        }
    }
    return {};
}

}  // namespace

void Rest::handle_calls(Visit& visit) {
    const auto& kind = visit.at(0);
    if (kind == "application" && visit.has(1) && visit.is("POST")) {
        place(visit);
    } else if (kind == "sessions") {
        handle_sessions(visit, true);
    } else if (kind == "ringing" && visit.has(3) && visit.is("GET")) {
        visit.reply.json({{"status", "ringing"}});
    } else {
        visit.reply.error(404, "not found");
    }
}

void Rest::place(const Visit& visit) {
    const auto body = read_body(visit);
    if (!body) {
        return;
    }
    auto request = read_call_request(*body);
    if (!request) {
        visit.reply.error(400, request.error().detail);
        return;
    }
    const auto& application = request->application;
    if (!application.empty() && visit.domain->find_application(application) == nullptr) {
        visit.reply.error(404, "application not found");
        return;
    }
    if (request->deadline && *request->deadline < world_.now().wall) {
        visit.reply.error(400, "deadline has passed");
        return;
    }
    if (is_over_concurrency(*visit.domain)) {
        refuse_429(visit, "concurrency limit exceeded");
        return;
    }
    if (!place_with_fault(visit, *request)) {
        visit.reply.json(call_result(world_.create(*visit.domain, std::move(request).value())));
    }
}

bool Rest::place_with_fault(const Visit& visit, const CallRequest& request) {
    auto& rng = world_.rng();
    const auto& options = world_.options();
    const auto& reply = visit.reply;
    auto& domain = *visit.domain;
    if (rng.chance(options.drop_before)) {
        reply.reset();
    } else if (rng.chance(options.refuse_429)) {
        refuse_429(visit, "rate limit exceeded");
    } else if (rng.chance(options.refuse_402)) {
        reply.error(402, "payment required");
    } else if (rng.chance(options.error_500)) {
        reply.error(500, "internal error");
    } else if (rng.chance(options.error_500_with_effect)) {
        world_.create(domain, request);
        reply.error(500, "internal error");
    } else if (rng.chance(options.lost_reply_after_create)) {
        world_.create(domain, request);
        reply.reset();
    } else if (rng.chance(options.reply_cut)) {
        world_.create(domain, request);
        reply.cut();
    } else if (rng.chance(options.accept_late)) {
        reply.reset();
        accept_late(domain, request);
    } else if (rng.chance(options.slow_reply)) {
        const auto result = call_result(world_.create(domain, request));
        world_.schedule().after(draw(rng, options.slow_reply_delay), [reply, result] {
            reply.json(result);
        });
    } else {
        return false;
    }
    return true;
}

void Rest::accept_late(Domain& domain, const CallRequest& request) {
    const auto delay = draw(world_.rng(), world_.options().accept_late_delay);
    world_.schedule().after(delay, [this, &domain, request] {
        if (!request.deadline || world_.now().wall <= *request.deadline) {
            world_.create(domain, request);
        }
    });
}

void Rest::handle_sessions(const Visit& visit, bool active_only) {
    if (visit.has(1)) {
        if (visit.is("GET")) {
            list_sessions(visit, active_only);
        } else {
            visit.reply.error(405, "method not allowed");
        }
        return;
    }
    auto* const call = world_.find_call(visit.at(1));
    if (call == nullptr || call->domain != visit.domain) {
        visit.reply.error(404, "session not found");
        return;
    }
    const auto& part = visit.at(2);
    if (visit.has(2)) {
        handle_session(visit, *call);
    } else if (part == "application" && visit.has(3) && visit.is("POST")) {
        switch_application(visit, *call);
    } else if (part == "mute" && visit.has(3) && (visit.is("POST") || visit.is("DELETE"))) {
        visit.reply.no_content();
    } else {
        visit.reply.error(404, "not found");
    }
}

void Rest::list_sessions(const Visit& visit, bool active_only) {
    const auto& options = world_.options();
    if (world_.rng().chance(options.session_list_500)) {
        visit.reply.error(500, "internal error");
        return;
    }
    auto all = json::array();
    auto ended_left = active_only ? 0 : options.list_ended;
    const auto& calls = world_.calls();
    for (auto each = calls.rbegin(); each != calls.rend(); ++each) {
        const auto& call = *each->second;
        if (call.domain != visit.domain || (call.is_ended && ended_left == 0)) {
            continue;
        }
        if (call.is_ended) {
            --ended_left;
        }
        all.push_back(session_json(call));
    }
    if (all.empty() && options.empty_list_404) {
        visit.reply.error(404, "no sessions");
    } else {
        visit.reply.json(all);
    }
}

void Rest::handle_session(const Visit& visit, Call& call) {
    const auto& options = world_.options();
    if (visit.is("DELETE")) {
        hang_up(visit, call);
    } else if (visit.is("PUT") || visit.is("PATCH")) {
        change_session(visit, call);
    } else if (!visit.is("GET")) {
        visit.reply.error(405, "method not allowed");
    } else if (world_.rng().chance(options.session_get_500)) {
        visit.reply.error(500, "internal error");
    } else if (!call.is_ended && world_.rng().chance(options.session_get_404)) {
        visit.reply.error(404, "session not found");
    } else {
        visit.reply.json(session_json(call));
    }
}

void Rest::change_session(const Visit& visit, Call& call) {
    const auto body = read_body(visit);
    if (!body) {
        return;
    }
    const auto profile = body->find("profile");
    const auto time_limit = body->find("timeLimit");
    if (profile != body->end()) {
        auto normal = normal_profile(*profile);
        if (!normal) {
            visit.reply.error(400, "profile must be an object");
            return;
        }
        if (visit.is("PUT")) {
            call.request.profile = std::move(*normal);
        } else {
            call.request.profile.merge_patch(*normal);
        }
    }
    if (time_limit != body->end()) {
        constexpr int longest_s = 7 * 24 * 3600;
        if (!time_limit->is_number_unsigned() || *time_limit > longest_s) {
            visit.reply.error(400, "timeLimit must be a whole number of seconds");
            return;
        }
        call.request.time_limit_s = time_limit->get<int>();
        if (call.answered && !call.is_ended) {
            world_.limit_time(call);
        }
    }
    call.modified = world_.now().wall;
    visit.reply.json(visit.is("PUT") ? session_json(call) : call_result(call));
}

void Rest::hang_up(const Visit& visit, Call& call) {
    if (call.is_ended) {
        visit.reply.error(404, "session not found");
        return;
    }
    world_.destroy(call, query_value(visit.request, "reason"));
    visit.reply.no_content();
}

void Rest::switch_application(const Visit& visit, Call& call) {
    const auto body = read_body(visit);
    if (!body) {
        return;
    }
    const auto cxml = text_member(*body, "cxml");
    const auto url = text_member(*body, "url");
    if (cxml.empty() == url.empty() || (!url.empty() && !is_cxml_url(url))) {
        visit.reply.error(400, "exactly one of cxml and url must be given");
        return;
    }
    if (call.is_ended) {
        visit.reply.error(404, "session not found");
        return;
    }
    if (!call.answered) {
        visit.reply.error(409, "session is not connected");
        return;
    }
    const json result = {
        {"domainId", call.domain->id},
        {"subscriberId", nullptr},
        {"callerId", call.request.caller_id},
        {"remote", call.request.destination},
        {"token", call.token}};
    const auto method = text_member(*body, "method");
    world_.switch_program(call, cxml, url, method.empty() ? "POST" : method);
    visit.reply.json(result);
}

}  // namespace cxdial::simulator
