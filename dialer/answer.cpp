#include "dialer/answer.h"

#include "cxml/documents.h"
#include "cxml/name_value.h"
#include "cxml/url_template.h"

#include <set>

namespace cxdial::dialer {
namespace {

using balancer::Assistant;
using balancer::Protocol;

std::set<std::string, std::less<>> parameter_names(const Assistant& assistant) {
    std::set<std::string, std::less<>> names;
    for (const auto& [name, value] : assistant.parameters) {
        names.insert(name);
    }
    return names;
}

base::Result<std::string> stream_document(const Assistant& assistant, const CallFacts& facts) {
    const base::Result<cxml::UrlTemplate> url_template =
        cxml::UrlTemplate::parse(assistant.url_template, parameter_names(assistant));
    if (!url_template) {
        return url_template.error();
    }
    std::vector<cxml::NameValue> parameters;
    for (const auto& [name, value] : assistant.parameters) {
        parameters.push_back({name, value});
    }
    std::vector<cxml::NameValue> values{
        {cxml::placeholder::session, facts.session},
        {cxml::placeholder::from, facts.from},
        {cxml::placeholder::to, facts.to},
        {cxml::placeholder::bot_id, assistant.bot_id},
        {cxml::placeholder::auth_token, assistant.auth_token.reveal()},
    };
    values.insert(values.end(), parameters.begin(), parameters.end());
    const base::Result<std::string> url = url_template->fill(values);
    if (!url) {
        return url.error();
    }
    for (const auto& [name, value] : facts.parameters) {
        if (!assistant.parameters.contains(name)) {
            parameters.push_back({name, value});
        }
    }
    return cxml::connect_stream_document({.url = *url, .parameters = parameters});
}

}  // namespace

base::Result<std::string> answer_document(const Assistant* assistant, const CallFacts& facts) {
    if (assistant == nullptr) {
        return cxml::hangup_document();
    }
    const cxml::DialOptions options{.action = facts.after_dial};
    switch (assistant->protocol) {
        case Protocol::websocket:
            return stream_document(*assistant, facts);
        case Protocol::sip:
            return cxml::dial_service_document(
                {.provider = assistant->provider,
                 .number = assistant->phone_number,
                 .options = options}
            );
        case Protocol::number:
        case Protocol::subscriber:
            break;
    }
    return cxml::dial_number_document({.number = assistant->phone_number, .options = options});
}

bool is_machine(std::string_view answered_by) {
    return answered_by.starts_with("machine") || answered_by == "fax";
}

}  // namespace cxdial::dialer
