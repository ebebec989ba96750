#include "campaign/json_fields.h"
#include "routing/memory.h"
#include "routing/resource_json.h"
#include "webhook/internal/api_impl.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace cxdial::webhook {

using internal::ApiCall;
using internal::failure;

namespace {

constexpr std::size_t facts_max = 100;
constexpr const char* refused = "it is refused as a whole";

/// Free text: any but NUL and its like, which no document and no screen can hold.
bool is_free_text(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char byte) {
        const auto code = static_cast<unsigned char>(byte);
        return code >= ' ' || byte == '\n' || byte == '\r' || byte == '\t';
    });
}

/// Reads a field's free text; true when it was there and could be read.
bool read_free_text(
    campaign::JsonFields& fields,
    const nlohmann::json& value,
    std::string_view key,
    std::string& target
) {
    const std::size_t bytes_max =
        key == "summary" ? routing::memory_summary_bytes_max : routing::memory_value_bytes_max;
    if (!value.is_string()) {
        fields.wrong(key, "expected a string or null");
        return false;
    }
    target = value.get<std::string>();
    if (target.size() > bytes_max) {
        fields.wrong(key, "is longer than " + std::to_string(bytes_max) + " bytes");
        return false;
    }
    if (!is_free_text(target)) {
        fields.wrong(key, "contains a control character");
        return false;
    }
    return true;
}

/// One fact; null: forgets it.
void read_fact(
    campaign::JsonFields& facts,
    const std::string& key,
    const nlohmann::json& value,
    ApiMemoryEdit& edit
) {
    facts.ignore(key);
    if (!routing::is_fact_key(key)) {
        facts.wrong(key, "is no key: 1 to 64 letters, digits, `_`, `-` and `.`");
    } else if (value.is_null()) {
        edit.forgotten.push_back(key);
    } else if (std::string text; read_free_text(facts, value, key, text)) {
        edit.facts[key] = std::move(text);
    }
}

/// Reads `{"facts": {"key": "value" or null}, "summary": "…"}`; a summary of null removes it.
std::variant<ApiMemoryEdit, campaign::FieldErrors> memory_edit_from_json(std::string_view json) {
    ApiMemoryEdit edit;
    campaign::FieldErrors errors;
    const auto document = campaign::parse_json_object(json, errors);
    if (!document) {
        return errors;
    }
    campaign::JsonFields fields{*document, "", errors};
    if (const nlohmann::json* const facts = fields.object("facts")) {
        if (facts->size() > facts_max) {
            fields.wrong("facts", "has more than " + std::to_string(facts_max) + " fields");
        } else {
            campaign::JsonFields inner{*facts, fields.path_of("facts"), errors};
            for (const auto& [key, value] : facts->items()) {
                read_fact(inner, key, value, edit);
            }
        }
    }
    fields.ignore("summary");
    if (const auto summary = document->find("summary"); summary != document->end()) {
        std::string text;
        if (summary->is_null() || read_free_text(fields, *summary, "summary", text)) {
            edit.summary = std::move(text);
        }
    }
    fields.finish();
    if (!errors.empty()) {
        return errors;
    }
    return edit;
}

/// What the body describes, in the call's tenant; nothing, and answered, when something is wrong.
template <class Value>
std::optional<Value> taken(
    std::variant<Value, campaign::FieldErrors> read,
    const ApiCall& call,
    const net::Responder& responder
) {
    std::vector<FieldError> wrong;
    if (const auto* errors = std::get_if<campaign::FieldErrors>(&read)) {
        wrong = internal::fields_of(*errors);
    } else if constexpr (!std::is_same_v<Value, ApiMemoryEdit>) {
        wrong = internal::fit_to_tenant(call, std::get<Value>(read).tenant);
    }
    if (!wrong.empty()) {
        responder.answer(error_response(422, refused, wrong));
        return std::nullopt;
    }
    return std::get<Value>(std::move(read));
}

/// The contact that the path names second; nothing, and answered, when it names none.
std::optional<ApiContact> contact_in(const ApiCall& call, const net::Responder& responder) {
    const base::Result<base::PhoneNumber> number = internal::number_in(call.path[1]);
    if (!number) {
        responder.answer(failure(number.error()));
        return std::nullopt;
    }
    return ApiContact{call.tenant, *number};
}

/// What the path names second; nothing, and answered, when it names none.
template <class Id>
std::optional<Id> id_in(const ApiCall& call, const net::Responder& responder) {
    const base::Result<std::int64_t> id = internal::id_in(call.path[1]);
    if (!id) {
        responder.answer(failure(id.error()));
        return std::nullopt;
    }
    return Id{*id};
}

}  // namespace

void Api::Impl::contacts(const ApiCall& call, const net::Responder& responder) const {
    internal::answer_page(ports.contacts.list(call.tenant, call.slice), responder);
}

void Api::Impl::contact(const ApiCall& call, const net::Responder& responder) const {
    if (const auto contact = contact_in(call, responder)) {
        internal::answer_text(ports.contacts.show(*contact), responder);
    }
}

void Api::Impl::put_contact(const ApiCall& call, const net::Responder& responder) const {
    const auto named = contact_in(call, responder);
    const auto contact =
        named ? taken(routing::contact_from_json(call.body), call, responder) : std::nullopt;
    if (!contact) {
        return;
    }
    if (contact->phone_number != named->phone_number) {
        const FieldError wrong{"phone_number", "is not that of the path"};
        responder.answer(error_response(422, refused, {wrong}));
        return;
    }
    ports.contacts.put(
        *contact,
        [responder, named = *named, show = ports.contacts.show](const base::Result<bool>& is_new) {
            const auto now = is_new ? show(named) : base::Result<std::string>(is_new.error());
            responder.answer(now ? json_response(*is_new ? 201 : 200, *now) : failure(now.error()));
        }
    );
}

void Api::Impl::remove_contact(const ApiCall& call, const net::Responder& responder) const {
    if (const auto contact = contact_in(call, responder)) {
        ports.contacts.remove(*contact, [responder](const base::Result<void>& removed) {
            internal::answer_gone(removed, responder);
        });
    }
}

void Api::Impl::timeline(const ApiCall& call, const net::Responder& responder) const {
    if (const auto contact = contact_in(call, responder)) {
        internal::answer_text(ports.contacts.timeline(*contact, call.slice.limit), responder);
    }
}

void Api::Impl::memory(const ApiCall& call, const net::Responder& responder) const {
    if (const auto contact = contact_in(call, responder)) {
        const ApiMemoryFilter filter{
            .agent = call.filter("agent"), .except = call.filter("except")};
        internal::answer_text(ports.contacts.memory(*contact, filter), responder);
    }
}

void Api::Impl::edit_memory(const ApiCall& call, const net::Responder& responder) const {
    const auto contact = contact_in(call, responder);
    auto edit = contact ? taken(memory_edit_from_json(call.body), call, responder) : std::nullopt;
    if (!edit) {
        return;
    }
    ports.contacts.edit_memory(
        *contact,
        call.path[3],
        *std::move(edit),
        [responder, contact = *contact, agent = call.path[3], show = ports.contacts.memory](
            const base::Result<void>& edited
        ) {
            internal::answer_text(
                edited ? show(contact, {.agent = agent, .except = {}}) : edited.error(), responder
            );
        }
    );
}

void Api::Impl::forget(const ApiCall& call, const net::Responder& responder) const {
    if (const auto contact = contact_in(call, responder)) {
        ports.contacts
            .forget(*contact, call.path[3], [responder](const base::Result<bool>& was_there) {
                internal::answer_gone(
                    was_there, "the agent remembers nothing of the contact", responder
                );
            });
    }
}

void Api::Impl::follow_ups(const ApiCall& call, const net::Responder& responder) const {
    const std::string named = call.filter("status");
    const auto status = routing::parse_follow_up_status(named);
    if (!named.empty() && !status) {
        const FieldError wrong{"status", "is no status of a follow-up"};
        responder.answer(internal::unreadable_query({wrong}));
        return;
    }
    const ApiFollowUpFilter filter{
        .tenant = call.tenant,
        .contact = call.contact,
        .agent = call.filter("agent"),
        .campaign = call.filter("campaign"),
        .status = status,
    };
    internal::answer_page(ports.contacts.follow_ups(filter, call.slice), responder);
}

void Api::Impl::follow_up(const ApiCall& call, const net::Responder& responder) const {
    if (const auto id = id_in<campaign::FollowUpId>(call, responder)) {
        internal::answer_text(ports.contacts.follow_up(call.tenant, *id), responder);
    }
}

void Api::Impl::add_follow_up(const ApiCall& call, const net::Responder& responder) const {
    const auto follow_up =
        taken(routing::follow_up_from_json(call.body, ports.contacts.now()), call, responder);
    if (!follow_up) {
        return;
    }
    ports.contacts.add_follow_up(
        *follow_up,
        [responder,
         tenant = call.tenant,
         show = ports.contacts.follow_up](const base::Result<ApiAddedFollowUp>& added) {
            const auto now =
                added ? show(tenant, added->id) : base::Result<std::string>(added.error());
            responder.answer(
                now ? json_response(added->is_new ? 201 : 200, *now) : failure(now.error())
            );
        }
    );
}

void Api::Impl::cancel_follow_up(const ApiCall& call, const net::Responder& responder) const {
    if (const auto id = id_in<campaign::FollowUpId>(call, responder)) {
        ports.contacts.cancel_follow_up(
            call.tenant,
            *id,
            call.reason.empty() ? "cancelled by an operator" : call.reason,
            [responder](const base::Result<void>& cancelled) {
                internal::answer_gone(cancelled, responder);
            }
        );
    }
}

void Api::Impl::decisions(const ApiCall& call, const net::Responder& responder) const {
    const ApiDecisionFilter filter{
        .tenant = call.tenant,
        .contact = call.contact,
        .campaign = call.filter("campaign"),
        .call_sid = call.filter("call_sid"),
    };
    internal::answer_page(ports.contacts.decisions(filter, call.slice), responder);
}

void Api::Impl::decision(const ApiCall& call, const net::Responder& responder) const {
    if (const auto id = id_in<campaign::DecisionId>(call, responder)) {
        internal::answer_text(ports.contacts.decision(call.tenant, *id), responder);
    }
}

void Api::Impl::inbound_returns(const ApiCall& call, const net::Responder& responder) const {
    internal::answer_text(ports.contacts.inbound_returns(call.name()), responder);
}

}  // namespace cxdial::webhook
