#include "routing/resource_json.h"

#include "base/duration.h"
#include "campaign/json_fields.h"

#include <nlohmann/json.hpp>

#include <array>
#include <functional>
#include <optional>
#include <utility>

namespace cxdial::routing {
namespace {

using campaign::FieldErrors;
using campaign::JsonFields;
using Json = nlohmann::json;
using Written = nlohmann::ordered_json;
using campaign::write_text;
using campaign::written;
using Reader = std::function<void(JsonFields& fields, FieldErrors& errors)>;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr std::size_t name_bytes_max = 200;
constexpr std::size_t attributes_max = 100;
constexpr campaign::IntegerRange hours_range{0, 8760};  // a year
constexpr campaign::IntegerRange days_range{0, 3650};
constexpr campaign::DurationRange budget_range{1ms, 5s};

template <class Value, std::size_t size>
constexpr auto named(const std::array<Value, size>& values) {
    std::array<std::pair<std::string_view, Value>, size> pairs{};
    for (std::size_t i = 0; i < size; ++i) {
        pairs[i] = {to_string(values[i]), values[i]};
    }
    return pairs;
}

/// Reads what every resource has around what only this one has.
template <class Resource>
std::variant<Resource, FieldErrors> from_json(
    std::string_view json, Resource& resource, const Reader& read
) {
    FieldErrors errors = campaign::read_resource(json, [&](JsonFields& fields, FieldErrors& wrong) {
        campaign::ignore_read_only(fields);
        read(fields, wrong);
        fields.finish();
    });
    if (!errors.empty()) {
        return errors;
    }
    return std::move(resource);
}

void read_tenant_name(JsonFields& fields, std::string& tenant) {
    if (fields.has("tenant")) {
        campaign::read_resource_name(fields, "tenant", tenant);
    }
}

/// The name of another resource; absent or empty: none.
void read_reference(JsonFields& fields, std::string_view key, std::string& target) {
    std::string text;
    if (fields.text(key, text) && !text.empty()) {
        campaign::read_resource_name(fields, key, target);
    }
}

template <class Duration>
void read_count(
    JsonFields& fields, std::string_view key, Duration& target, campaign::IntegerRange range
) {
    int count = static_cast<int>(target.count());
    fields.integer(key, count, range);
    target = Duration{count};
}

void read_layers(JsonFields& fields, FieldErrors& errors, Tenant& tenant) {
    const Json* const json = fields.object("layers");
    if (json == nullptr) {
        return;
    }
    JsonFields layers{*json, fields.path_of("layers"), errors};
    for (const Layer layer : all_layers) {
        bool is_on = true;
        layers.boolean(to_string(layer), is_on);
        if (!is_on) {
            tenant.layers_off.insert(layer);
        }
    }
    layers.finish();
}

void read_attributes(JsonFields& fields, FieldErrors& errors, Contact& contact) {
    const Json* const json = fields.object("attributes");
    if (json == nullptr) {
        return;
    }
    if (json->size() > attributes_max) {
        fields.wrong("attributes", "has more than " + std::to_string(attributes_max) + " fields");
        return;
    }
    JsonFields attributes{*json, fields.path_of("attributes"), errors};
    for (const auto& [name, value] : json->items()) {
        std::string text;
        if (!campaign::is_word(name, "_-.")) {
            fields.wrong(
                "attributes", "has a name that is not 1 to 64 letters, digits, `_`, `-` and `.`"
            );
        } else if (attributes.text(name, text)) {
            contact.attributes[name] = std::move(text);
        }
    }
}

/// Stands for a number that could not be read, and of which the errors tell.
base::PhoneNumber no_number() {
    return *base::PhoneNumber::from_digits(1'000'000);
}

void read_number(JsonFields& fields, base::PhoneNumber& target) {
    target = campaign::read_required_number(fields, "phone_number").value_or(target);
}

}  // namespace

std::variant<Tenant, FieldErrors> tenant_from_json(std::string_view json) {
    Tenant tenant;
    return from_json(json, tenant, [&](JsonFields& fields, FieldErrors& errors) {
        campaign::read_resource_name(fields, "name", tenant.name);
        fields.one_of(
            "routing_mode", tenant.routing_mode, named(std::array{Mode::smart, Mode::legacy_did})
        );
        read_layers(fields, errors, tenant);
        read_count(fields, "retry_window_hours", tenant.retry_window, hours_range);
        read_count(fields, "last_outbound_window_days", tenant.last_outbound_window, days_range);
        fields.one_of(
            "engagement_unenroll_scope",
            tenant.engagement_unenroll_scope,
            named(std::array{
                UnenrollScope::off,
                UnenrollScope::campaign,
                UnenrollScope::agent,
                UnenrollScope::contact})
        );
        fields.one_of(
            "contact_memory_scope",
            tenant.contact_memory_scope,
            named(std::array{MemoryScope::exclusive, MemoryScope::shared, MemoryScope::on_demand})
        );
        read_reference(fields, "unknown_caller_agent", tenant.unknown_caller_agent);
        read_reference(fields, "callback_campaign", tenant.callback_campaign);
        fields.duration("layer_budget", tenant.layer_budget, budget_range);
        fields.duration("total_budget", tenant.total_budget, budget_range);
    });
}

std::variant<DialedNumber, FieldErrors> dialed_number_from_json(std::string_view json) {
    DialedNumber number;
    return from_json(json, number, [&](JsonFields& fields, FieldErrors& /*errors*/) {
        read_tenant_name(fields, number.tenant);
        campaign::read_domain_number(fields, "phone_number", number.phone_number, "number");
        number.name = number.phone_number;
        if (fields.has("name")) {
            campaign::read_resource_name(fields, "name", number.name);
        }
        read_reference(fields, "agent", number.agent);
    });
}

std::variant<Contact, FieldErrors> contact_from_json(std::string_view json) {
    Contact contact{.phone_number = no_number()};
    return from_json(json, contact, [&](JsonFields& fields, FieldErrors& errors) {
        read_tenant_name(fields, contact.tenant);
        read_number(fields, contact.phone_number);
        fields.text("name", contact.name, name_bytes_max);
        fields.text("tier", contact.tier, name_bytes_max);
        read_attributes(fields, errors, contact);
        fields.ignore("engaged_at");
    });
}

std::variant<FollowUp, FieldErrors> follow_up_from_json(std::string_view json, base::WallTime now) {
    FollowUp follow_up{.phone_number = no_number(), .due_at = now, .activated_at = now};
    return from_json(json, follow_up, [&](JsonFields& fields, FieldErrors& /*errors*/) {
        read_tenant_name(fields, follow_up.tenant);
        read_number(fields, follow_up.phone_number);
        campaign::read_resource_name(fields, "agent", follow_up.agent);
        fields.one_of(
            "type",
            follow_up.type,
            named(std::array{
                FollowUpType::call, FollowUpType::sms, FollowUpType::email, FollowUpType::none})
        );
        read_reference(fields, "campaign", follow_up.campaign);
        std::optional<base::WallTime> due_at;
        fields.instant("due_at", due_at);
        follow_up.due_at = due_at.value_or(now);
        fields.text("note", follow_up.note, 2000);
        for (const auto* key :
             {"status", "reason", "activated_at", "closed_at", "destination_id", "decision_id"}) {
            fields.ignore(key);
        }
    });
}

std::string to_json(const Tenant& tenant) {
    Written json;
    json["kind"] = "tenant";
    json["name"] = tenant.name;
    json["routing_mode"] = to_string(tenant.routing_mode);
    for (const Layer layer : all_layers) {
        json["layers"][std::string(to_string(layer))] = !tenant.layers_off.contains(layer);
    }
    json["retry_window_hours"] = tenant.retry_window.count();
    json["last_outbound_window_days"] = tenant.last_outbound_window.count();
    json["engagement_unenroll_scope"] = to_string(tenant.engagement_unenroll_scope);
    json["contact_memory_scope"] = to_string(tenant.contact_memory_scope);
    write_text(json, "unknown_caller_agent", tenant.unknown_caller_agent);
    write_text(json, "callback_campaign", tenant.callback_campaign);
    json["layer_budget"] = base::to_text(tenant.layer_budget);
    json["total_budget"] = base::to_text(tenant.total_budget);
    return written(json);
}

std::string to_json(const DialedNumber& number) {
    Written json;
    json["kind"] = "phone_number";
    json["tenant"] = number.tenant;
    json["name"] = number.name;
    json["phone_number"] = number.phone_number;
    write_text(json, "agent", number.agent);
    return written(json);
}

std::string to_json(const Contact& contact) {
    Written json;
    json["kind"] = "contact";
    json["tenant"] = contact.tenant;
    json["phone_number"] = contact.phone_number.reveal();
    write_text(json, "name", contact.name);
    write_text(json, "tier", contact.tier);
    json["attributes"] = Written::object();
    for (const auto& [name, value] : contact.attributes) {
        json["attributes"][name] = value;
    }
    if (contact.engaged_at) {
        json["engaged_at"] = campaign::instant_text(*contact.engaged_at);
    }
    return written(json);
}

std::string to_json(const FollowUp& follow_up) {
    Written json;
    json["kind"] = "follow_up";
    if (follow_up.id != campaign::FollowUpId{}) {
        json["id"] = follow_up.id.raw();
    }
    json["tenant"] = follow_up.tenant;
    json["phone_number"] = follow_up.phone_number.reveal();
    json["agent"] = follow_up.agent;
    json["type"] = to_string(follow_up.type);
    write_text(json, "campaign", follow_up.campaign);
    json["status"] = to_string(follow_up.status);
    write_text(json, "reason", follow_up.reason);
    write_text(json, "note", follow_up.note);
    json["due_at"] = campaign::instant_text(follow_up.due_at);
    json["activated_at"] = campaign::instant_text(follow_up.activated_at);
    if (follow_up.closed_at) {
        json["closed_at"] = campaign::instant_text(*follow_up.closed_at);
    }
    if (follow_up.destination) {
        json["destination_id"] = follow_up.destination->raw();
    }
    if (follow_up.decision) {
        json["decision_id"] = follow_up.decision->raw();
    }
    return written(json);
}

}  // namespace cxdial::routing
