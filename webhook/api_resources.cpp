#include "balancer/resource_json.h"
#include "campaign/resource_json.h"
#include "routing/resource_json.h"
#include "webhook/internal/api_impl.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace cxdial::webhook {

using internal::ApiCall;
using internal::failure;
using nlohmann::ordered_json;

namespace {

constexpr int depth_max = 40;

using ReadResource = std::variant<ApiResource, std::vector<FieldError>>;

template <class Resource>
ReadResource wrapped(std::variant<Resource, campaign::FieldErrors> read) {
    if (const auto* errors = std::get_if<campaign::FieldErrors>(&read)) {
        return internal::fields_of(*errors);
    }
    return ApiResource(std::get<Resource>(std::move(read)));
}

ReadResource read_resource(ApiKind kind, std::string_view json) {
    switch (kind) {
        case ApiKind::campaign:
            return wrapped(campaign::campaign_from_json(json));
        case ApiKind::assistant:
            return wrapped(balancer::assistant_from_json(json));
        case ApiKind::ai_load_balancer:
            return wrapped(balancer::balancer_from_json(json));
        case ApiKind::agent:
            return wrapped(balancer::agent_from_json(json));
        case ApiKind::phone_number:
            return wrapped(routing::dialed_number_from_json(json));
        case ApiKind::tenant:
            return wrapped(routing::tenant_from_json(json));
    }
    return std::vector<FieldError>{};
}

const std::string& name_of(const ApiResource& resource) {
    return std::visit([](const auto& known) -> const std::string& { return known.name; }, resource);
}

/// The text under a key; empty where there is none.
std::string text_at(const ordered_json& document, const char* key) {
    const auto found = document.is_object() ? document.find(key) : document.end();
    return found != document.end() && found->is_string() ? found->get<std::string>() : "";
}

template <class Resource>
std::vector<FieldError> fit_to_tenant(const ApiCall& call, Resource& resource) {
    return internal::fit_to_tenant(call, resource.tenant);
}
/// A tenant is in no other.
std::vector<FieldError> fit_to_tenant(const ApiCall& /*call*/, routing::Tenant& /*resource*/) {
    return {};
}

/// Puts the resource into the call's tenant, unless it says its own, and holds it against its path.
std::vector<FieldError> fit_to_path(ApiKind kind, const ApiCall& call, ApiResource& resource) {
    std::vector<FieldError> wrong =
        std::visit([&](auto& known) { return fit_to_tenant(call, known); }, resource);
    const std::string said_kind = text_at(ordered_json::parse(call.body), "kind");
    if (!said_kind.empty() && said_kind != internal::kind_name(kind)) {
        wrong.push_back({"kind", "is not that of the path"});
    }
    if (name_of(resource) != call.path[1]) {
        wrong.push_back({"name", "is not that of the path"});
    }
    return wrong;
}

/// The list that `apply` is sent: an array, or an object whose `resources` is one. Deep nesting is
/// refused before anything walks through it.
std::optional<ordered_json> read_group(std::string_view body) {
    bool is_too_deep = false;
    const auto watch = [&](int depth, ordered_json::parse_event_t, const ordered_json&) {
        is_too_deep = is_too_deep || depth > depth_max;
        return !is_too_deep;
    };
    ordered_json document = ordered_json::parse(body, watch, false);
    if (is_too_deep) {
        return std::nullopt;
    }
    if (document.is_object() && document.contains("resources")) {
        document = ordered_json(document["resources"]);
    }
    return document.is_array() ? std::optional(std::move(document)) : std::nullopt;
}

std::optional<ApiKind> kind_named(std::string_view name) {
    return internal::kind_of_plural(std::string(name) + "s");
}

/// Reads each; the paths of what is wrong begin with the element's place, `[3].name`.
std::vector<ApiResource> read_all(const ordered_json& group, std::vector<FieldError>& wrong) {
    std::vector<ApiResource> resources;
    for (std::size_t i = 0; i < group.size(); ++i) {
        const std::string place = "[" + std::to_string(i) + "]";
        const std::optional<ApiKind> kind = kind_named(text_at(group[i], "kind"));
        if (!kind) {
            wrong.push_back({place + ".kind", "expected " + std::string(api_kinds)});
            continue;
        }
        ReadResource read = read_resource(*kind, group[i].dump());
        if (const auto* errors = std::get_if<std::vector<FieldError>>(&read)) {
            for (const FieldError& error : *errors) {
                wrong.push_back({place + "." + error.path, error.reason});
            }
            continue;
        }
        resources.push_back(std::get<ApiResource>(std::move(read)));
    }
    return resources;
}

/// One of a group could not be stored: its place comes before the path of the field.
net::HttpResponse group_failure(const ApiStored& stored) {
    const std::string place = "[" + std::to_string(stored.failed) + "]";
    net::HttpResponse response = failure(*stored.error);
    ordered_json body = ordered_json::parse(response.body);
    ordered_json& fields = body["error"]["fields"];
    if (fields.empty()) {
        fields.push_back({{"path", place}, {"reason", stored.error->detail}});
    } else {
        fields[0]["path"] = place + "." + fields[0]["path"].get<std::string>();
    }
    response.body = body.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
    return response;
}

ApiKind kind_of(const ApiCall& call) {
    return internal::kind_of_plural(call.path[0]).value_or(ApiKind::campaign);
}

}  // namespace

std::vector<FieldError> internal::fields_of(const campaign::FieldErrors& errors) {
    std::vector<FieldError> fields;
    for (const campaign::FieldError& error : errors) {
        fields.push_back({error.path, error.reason});
    }
    return fields;
}

std::vector<FieldError> internal::fit_to_tenant(const ApiCall& call, std::string& tenant) {
    const std::string said = text_at(ordered_json::parse(call.body), "tenant");
    if (said.empty()) {
        tenant = call.tenant;
    } else if (said != call.tenant) {
        return {{"tenant", "is not that of the query"}};
    }
    return {};
}

void Api::Impl::list(const ApiCall& call, const net::Responder& responder) const {
    internal::answer_page(ports.list(kind_of(call), call.tenant, call.slice), responder);
}

void Api::Impl::show(const ApiCall& call, const net::Responder& responder) const {
    internal::answer_text(ports.show(kind_of(call), call.name()), responder);
}

void Api::Impl::put(const ApiCall& call, const net::Responder& responder) const {
    const ApiKind kind = kind_of(call);
    ReadResource read = read_resource(kind, call.body);
    std::vector<FieldError> wrong;
    if (const auto* errors = std::get_if<std::vector<FieldError>>(&read)) {
        wrong = *errors;
    } else {
        wrong = fit_to_path(kind, call, std::get<ApiResource>(read));
    }
    if (!wrong.empty()) {
        responder.answer(error_response(422, "the resource is refused as a whole", wrong));
        return;
    }
    std::vector<ApiResource> one;
    one.push_back(std::get<ApiResource>(std::move(read)));
    ports.put(
        std::move(one),
        [responder, kind, name = call.name(), show = ports.show](const ApiStored& stored) {
            if (stored.error) {
                responder.answer(failure(*stored.error));
                return;
            }
            const base::Result<std::string> now = show(kind, name);
            const bool is_new = stored.outcomes.front() == "created";
            responder.answer(now ? json_response(is_new ? 201 : 200, *now) : failure(now.error()));
        }
    );
}

void Api::Impl::remove(const ApiCall& call, const net::Responder& responder) const {
    ports.remove(kind_of(call), call.name(), [responder](const base::Result<void>& removed) {
        internal::answer_gone(removed, responder);
    });
}

void Api::Impl::apply(const ApiCall& call, const net::Responder& responder) const {
    const std::optional<ordered_json> group = read_group(call.body);
    if (!group) {
        responder.answer(error_response(400, "expected a JSON array of resources"));
        return;
    }
    std::vector<FieldError> wrong;
    std::vector<ApiResource> resources = read_all(*group, wrong);
    if (!wrong.empty()) {
        responder.answer(error_response(422, "nothing was changed", wrong));
        return;
    }
    ordered_json report = ordered_json::array();
    for (std::size_t i = 0; i < resources.size(); ++i) {
        report.push_back({{"kind", (*group)[i]["kind"]}, {"name", name_of(resources[i])}});
    }
    ports.put(std::move(resources), [responder, report](const ApiStored& stored) mutable {
        if (stored.error) {
            responder.answer(group_failure(stored));
            return;
        }
        for (std::size_t i = 0; i < stored.outcomes.size(); ++i) {
            report[i]["outcome"] = stored.outcomes[i];
        }
        responder.answer(json_response(200, report.dump()));
    });
}

}  // namespace cxdial::webhook
