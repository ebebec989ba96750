#include "balancer/resource_json.h"

#include "campaign/json_fields.h"
#include "cxml/url_template.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace cxdial::balancer {
namespace {

using campaign::FieldErrors;
using campaign::JsonFields;
using Json = nlohmann::json;
using Written = nlohmann::ordered_json;
using campaign::write_text;
using campaign::written;

constexpr std::size_t members_max = 1000;
constexpr std::size_t parameters_max = 100;
constexpr std::size_t secret_bytes_max = 4096;
constexpr campaign::IntegerRange cap_range{0, 100'000};
constexpr campaign::IntegerRange weight_range{0, 10'000};
constexpr campaign::IntegerRange priority_range{-1'000'000, 1'000'000};

template <class Value>
using Named = std::pair<std::string_view, Value>;

constexpr std::array protocols{
    Named<Protocol>{"sip", Protocol::sip},
    Named<Protocol>{"websocket", Protocol::websocket},
};
constexpr std::array people_protocols{
    Named<Protocol>{"number", Protocol::number},
    Named<Protocol>{"subscriber", Protocol::subscriber},
};
constexpr std::array statuses{
    Named<ResourceStatus>{"active", ResourceStatus::active},
    Named<ResourceStatus>{"paused", ResourceStatus::paused},
    Named<ResourceStatus>{"archived", ResourceStatus::archived},
};
constexpr std::array strategies{
    Named<Strategy>{"round_robin", Strategy::round_robin},
    Named<Strategy>{"least_connections", Strategy::least_connections},
    Named<Strategy>{"random", Strategy::random},
    Named<Strategy>{"weighted", Strategy::weighted},
    Named<Strategy>{"priority", Strategy::priority},
};
constexpr std::array<std::string_view, 5> built_in_placeholders{
    cxml::placeholder::session,
    cxml::placeholder::from,
    cxml::placeholder::to,
    cxml::placeholder::bot_id,
    cxml::placeholder::auth_token,
};

/// Text that stands in a document as it is, so without blanks around or within.
void read_token(JsonFields& fields, std::string_view key, std::string& target) {
    if (fields.required_text(key, target, 128) && target.find(' ') != std::string::npos) {
        fields.wrong(key, "must not contain a blank");
    }
}

void must_be_absent(JsonFields& fields, std::string_view key, std::string_view protocol) {
    std::string unwanted;
    if (fields.text(key, unwanted) && !unwanted.empty()) {
        fields.wrong(key, "must be absent when the protocol is " + std::string(protocol));
    }
}

void read_parameters(JsonFields& fields, FieldErrors& errors, Assistant& assistant) {
    const Json* const json = fields.object("parameters");
    if (json == nullptr) {
        return;
    }
    if (json->size() > parameters_max) {
        fields.wrong("parameters", "has more than " + std::to_string(parameters_max) + " fields");
        return;
    }
    JsonFields parameters{*json, fields.path_of("parameters"), errors};
    for (const auto& [name, value] : json->items()) {
        if (!campaign::is_word(name, "_-.")) {
            fields.wrong(
                "parameters", "has a name that is not 1 to 64 letters, digits, `_`, `-` and `.`"
            );
        } else if (std::find(built_in_placeholders.begin(), built_in_placeholders.end(), name) !=
                   built_in_placeholders.end()) {
            parameters.wrong(name, "is the name of a built-in placeholder");
        } else {
            std::string text;
            if (parameters.text(name, text)) {
                assistant.parameters[name] = std::move(text);
            }
        }
    }
}

void check_template(JsonFields& fields, const Assistant& assistant) {
    std::set<std::string, std::less<>> names;
    std::vector<cxml::NameValue> values{
        {cxml::placeholder::bot_id, assistant.bot_id},
        {cxml::placeholder::auth_token, assistant.auth_token.reveal()},
    };
    for (const auto& [name, value] : assistant.parameters) {
        names.insert(name);
        values.push_back({name, value});
    }
    const auto url = cxml::UrlTemplate::parse(assistant.url_template, names);
    if (!url) {
        fields.wrong("url_template", url.error().detail);
        return;
    }
    // Whether the session is known too depends on the campaign that uses the assistant.
    if (const auto filled = url->check(values, cxml::FilledIn::when_answered); !filled) {
        fields.wrong("url_template", filled.error().detail);
    }
}

void read_connection(JsonFields& fields, Assistant& assistant) {
    if (!fields.has("protocol")) {
        fields.wrong("protocol", "is required");
    } else if (!fields.one_of("protocol", assistant.protocol, protocols)) {
        fields.ignore("provider");
        fields.ignore("phone_number");
        fields.ignore("url_template");
    } else if (assistant.protocol == Protocol::sip) {
        read_token(fields, "provider", assistant.provider);
        read_token(fields, "phone_number", assistant.phone_number);
        must_be_absent(fields, "url_template", "sip");
    } else {
        must_be_absent(fields, "provider", "websocket");
        must_be_absent(fields, "phone_number", "websocket");
        if (fields.required_text("url_template", assistant.url_template, 2000)) {
            check_template(fields, assistant);
        }
    }
}

void read_availability(JsonFields& fields, Assistant& assistant) {
    fields.integer("max_concurrent_calls", assistant.max_concurrent_calls, cap_range);
    fields.one_of("status", assistant.status, statuses);
    fields.boolean("published", assistant.published);
}

void read_assistant(JsonFields& fields, FieldErrors& errors, Assistant& assistant) {
    campaign::ignore_read_only(fields);
    campaign::read_resource_names(fields, assistant.tenant, assistant.name);
    fields.text("bot_id", assistant.bot_id);
    std::string auth_token;
    fields.text("auth_token", auth_token, secret_bytes_max);
    assistant.auth_token = base::Secret{std::move(auth_token)};
    read_parameters(fields, errors, assistant);
    read_connection(fields, assistant);
    read_availability(fields, assistant);
    fields.finish();
}

void read_person(JsonFields& fields, FieldErrors& /*errors*/, Assistant& person) {
    person.max_concurrent_calls = 1;
    campaign::ignore_read_only(fields);
    campaign::read_resource_names(fields, person.tenant, person.name);
    if (!fields.has("protocol")) {
        fields.wrong("protocol", "is required");
    }
    if (!fields.one_of("protocol", person.protocol, people_protocols)) {
        fields.ignore("phone_number");
    } else if (person.protocol == Protocol::number) {
        if (const auto number = campaign::read_required_number(fields, "phone_number")) {
            person.phone_number = number->reveal();
        }
    } else if (fields.required_text("phone_number", person.phone_number) &&
               !campaign::is_word(person.phone_number, "_-.+")) {
        fields.wrong(
            "phone_number", "is no subscriber: 1 to 64 letters, digits, `_`, `-`, `.` and `+`"
        );
    }
    read_availability(fields, person);
    fields.finish();
}

void read_member(
    const Json& json, const std::string& path, FieldErrors& errors, Balancer& balancer
) {
    if (!json.is_object()) {
        errors.push_back({path, "expected an object"});
        return;
    }
    JsonFields fields{json, path, errors};
    Member member;
    campaign::read_resource_name(fields, "assistant", member.assistant);
    fields.integer("weight", member.weight, weight_range);
    fields.integer("priority", member.priority, priority_range);
    fields.one_of("status", member.status, statuses);
    fields.finish();
    const bool doubled =
        std::any_of(balancer.members.begin(), balancer.members.end(), [&](const Member& other) {
            return other.assistant == member.assistant;
        });
    if (doubled && !member.assistant.empty()) {
        fields.wrong("assistant", "is a member twice");
    }
    balancer.members.push_back(std::move(member));
}

void read_balancer(JsonFields& fields, FieldErrors& errors, Balancer& balancer) {
    campaign::ignore_read_only(fields);
    campaign::read_resource_names(fields, balancer.tenant, balancer.name);
    fields.one_of("strategy", balancer.strategy, strategies);
    if (const Json* const members = fields.array("members", members_max)) {
        for (std::size_t i = 0; i < members->size(); ++i) {
            read_member((*members)[i], campaign::element_path("members", i), errors, balancer);
        }
        if (members->empty()) {
            fields.wrong("members", "needs at least one");
        }
    } else if (!fields.has("members")) {
        fields.wrong("members", "is required");
    }
    fields.text("fallback", balancer.fallback, 100);
    fields.finish();
}

template <class Resource, class Read>
std::variant<Resource, FieldErrors> from_json(std::string_view json, const Read& read) {
    Resource resource;
    FieldErrors errors = campaign::read_resource(json, [&](JsonFields& fields, FieldErrors& wrong) {
        read(fields, wrong, resource);
    });
    if (!errors.empty()) {
        return errors;
    }
    return resource;
}

}  // namespace

std::variant<Assistant, FieldErrors> assistant_from_json(std::string_view json) {
    return from_json<Assistant>(json, read_assistant);
}

std::variant<Assistant, FieldErrors> agent_from_json(std::string_view json) {
    return from_json<Assistant>(json, read_person);
}

std::variant<Balancer, FieldErrors> balancer_from_json(std::string_view json) {
    return from_json<Balancer>(json, read_balancer);
}

std::string to_json(const Assistant& assistant, Reveal secrets) {
    Written json;
    const bool person = is_person(assistant.protocol);
    json["kind"] = person ? "agent" : "assistant";
    json["tenant"] = assistant.tenant;
    json["name"] = assistant.name;
    json["protocol"] = to_string(assistant.protocol);
    write_text(json, "provider", assistant.provider);
    write_text(json, "phone_number", assistant.phone_number);
    write_text(json, "url_template", assistant.url_template);
    write_text(json, "bot_id", assistant.bot_id);
    if (secrets == Reveal::yes) {
        write_text(json, "auth_token", assistant.auth_token.reveal());
    }
    if (!person) {
        json["parameters"] = Written::object();
    }
    for (const auto& [name, value] : assistant.parameters) {
        json["parameters"][name] = value;
    }
    json["max_concurrent_calls"] = assistant.max_concurrent_calls;
    json["status"] = to_string(assistant.status);
    json["published"] = assistant.published;
    return written(json);
}

std::string to_json(const Balancer& balancer) {
    Written json;
    json["kind"] = "ai_load_balancer";
    json["tenant"] = balancer.tenant;
    json["name"] = balancer.name;
    json["strategy"] = to_string(balancer.strategy);
    json["members"] = Written::array();
    for (const Member& member : balancer.members) {
        json["members"].push_back(
            {{"assistant", member.assistant},
             {"weight", member.weight},
             {"priority", member.priority},
             {"status", to_string(member.status)}}
        );
    }
    write_text(json, "fallback", balancer.fallback);
    return written(json);
}

}  // namespace cxdial::balancer
