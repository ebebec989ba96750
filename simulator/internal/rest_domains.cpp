#include "simulator/internal/draw.h"
#include "simulator/internal/rest.h"

#include <algorithm>
#include <utility>

namespace cxdial::simulator {
namespace {

using nlohmann::json;

bool is_method(const std::string& method) {
    return method == "GET" || method == "POST";
}

}  // namespace

void Rest::handle_domains(const Visit& visit) {
    if (!visit.is("GET")) {
        visit.reply.error(405, "method not allowed");
        return;
    }
    auto all = json::array();
    for (const auto& domain : world_.domains()) {
        all.push_back(to_json(domain));
    }
    visit.reply.json(all);
}

void Rest::handle_domain(const Visit& visit) {
    auto& domain = *visit.domain;
    if (visit.is("GET")) {
        visit.reply.json(to_json(domain));
        return;
    }
    if (!visit.is("PUT") && !visit.is("PATCH")) {
        visit.reply.error(405, "method not allowed");
        return;
    }
    const auto body = read_body(visit);
    if (!body) {
        return;
    }
    const auto profile = body->find("profile");
    if (profile != body->end() && !profile->is_object()) {
        visit.reply.error(400, "profile must be an object");
        return;
    }
    const auto application = body->find("defaultApplication");
    if (application != body->end()) {
        if (!application->is_number_integer() ||
            domain.find_application(application->dump()) == nullptr) {
            visit.reply.error(400, "defaultApplication is not an application of the domain");
            return;
        }
        domain.default_application = application->get<std::int64_t>();
    }
    if (profile != body->end()) {
        if (visit.is("PUT")) {
            domain.profile = *profile;
        } else {
            domain.profile.merge_patch(*profile);
        }
    }
    domain.modified = world_.now().wall;
    visit.reply.json(to_json(domain));
}

void Rest::handle_applications(const Visit& visit) {
    auto& domain = *visit.domain;
    if (visit.has(1) && visit.is("POST")) {
        create_application(visit);
        return;
    }
    if (visit.has(1) && visit.is("GET")) {
        auto all = json::array();
        for (const auto& application : domain.applications) {
            all.push_back(to_json(application, domain));
        }
        if (all.empty()) {
            visit.reply.error(404, "no applications");
        } else {
            visit.reply.json(all);
        }
        return;
    }
    auto* const application = visit.has(2) ? domain.find_application(visit.at(1)) : nullptr;
    if (application == nullptr) {
        visit.reply.error(404, "application not found");
    } else if (visit.is("GET")) {
        visit.reply.json(to_json(*application, domain));
    } else if (visit.is("PUT") || visit.is("PATCH")) {
        change_application(visit, *application);
    } else if (visit.is("DELETE")) {
        domain.applications.erase(
            domain.applications.begin() + (application - domain.applications.data())
        );
        visit.reply.no_content();
    } else {
        visit.reply.error(405, "method not allowed");
    }
}

void Rest::create_application(const Visit& visit) {
    const auto body = read_body(visit);
    if (!body) {
        return;
    }
    auto& domain = *visit.domain;
    Application made;
    made.name = text_member(*body, "name");
    made.url = text_member(*body, "url");
    made.method = text_member(*body, "method");
    const auto is_complete =
        !made.name.empty() && text_member(*body, "type") == "cxml" && is_cxml_url(made.url);
    if (!is_complete || !is_method(made.method)) {
        visit.reply.error(400, "name, type (cxml), url and method (GET, POST) are required");
        return;
    }
    if (domain.find_application(made.name) != nullptr) {
        visit.reply.error(409, "an application of this name exists");
        return;
    }
    made.id = static_cast<std::int64_t>(world_.next_application_id());
    made.uuid = draw_uuid(world_.rng());
    made.profile = body->value("profile", json::object());
    domain.applications.push_back(std::move(made));
    visit.reply.json(to_json(domain.applications.back(), domain));
}

void Rest::change_application(const Visit& visit, Application& application) {
    const auto body = read_body(visit);
    if (!body) {
        return;
    }
    auto url = text_member(*body, "url");
    auto method = text_member(*body, "method");
    if ((!url.empty() && !is_cxml_url(url)) || (!method.empty() && !is_method(method))) {
        visit.reply.error(400, "url must be absolute, method GET or POST");
        return;
    }
    if (!url.empty()) {
        application.url = std::move(url);
    }
    if (!method.empty()) {
        application.method = std::move(method);
    }
    if (body->contains("profile")) {
        application.profile = (*body)["profile"];
    }
    visit.reply.json(to_json(application, *visit.domain));
}

}  // namespace cxdial::simulator
