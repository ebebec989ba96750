#include "cxml/documents.h"

#include "cxml/builder.h"
#include "cxml/internal/text.h"

namespace cxdial::cxml {
namespace {

void set_unless_empty(const Node& node, std::string_view attribute, std::string_view value) {
    if (!value.empty()) {
        node.set(attribute, value);
    }
}

void set_if_given(
    const Node& node, std::string_view attribute, std::optional<std::chrono::seconds> value
) {
    if (value) {
        node.set(attribute, value->count());
    }
}

Node add_dial(const Document& document, const DialOptions& options) {
    const Node dial = document.add(Element::dial);
    set_unless_empty(dial, "callerId", options.caller_id);
    set_if_given(dial, "timeout", options.timeout);
    set_if_given(dial, "timeLimit", options.time_limit);
    if (!options.action.empty()) {
        // The default method differs between verbs and applications, so it is always said.
        dial.set("action", options.action).set("method", "POST");
    }
    if (options.record) {
        dial.set("record", "record-from-answer");
    }
    for (const NameValue& header : options.headers) {
        dial.add(Element::header).set("name", header.name).set("value", header.value);
    }
    return dial;
}

}  // namespace

std::string legal_text(std::string_view text, std::size_t bytes_max) {
    std::string legal;
    while (const auto illegal = find_illegal(text)) {
        legal.append(text.substr(0, illegal->offset)).append(" ");
        text.remove_prefix(illegal->offset + 1);
    }
    legal.append(text);
    if (legal.size() > bytes_max) {
        std::size_t end = bytes_max;
        while (end > 0 && (static_cast<unsigned char>(legal[end]) & 0xC0U) == 0x80U) {
            --end;
        }
        legal.resize(end);
    }
    return legal;
}

std::string hangup_document() {
    return R"(<?xml version="1.0" encoding="UTF-8"?><Response><Hangup/></Response>)";
}

std::string busy_document() {
    return R"(<?xml version="1.0" encoding="UTF-8"?><Response><Reject reason="busy"/></Response>)";
}

base::Result<std::string> dial_number_document(const NumberDial& dial) {
    const Document document;
    add_dial(document, dial.options).add(Element::number).text(dial.number);
    return document.finish();
}

base::Result<std::string> dial_service_document(const ServiceDial& dial) {
    const Document document;
    const Node service = add_dial(document, dial.options).add(Element::service);
    service.set("provider", dial.provider);
    set_unless_empty(service, "username", dial.username);
    set_unless_empty(service, "password", dial.password.reveal());
    service.text(dial.number);
    return document.finish();
}

base::Result<std::string> connect_stream_document(const StreamConnect& connect) {
    const Document document;
    const Node stream = document.add(Element::connect).add(Element::stream);
    stream.set("url", connect.url);
    set_unless_empty(stream, "name", connect.name);
    if (!connect.status_callback.empty()) {
        stream.set("statusCallback", connect.status_callback).set("statusCallbackMethod", "POST");
    }
    for (const NameValue& parameter : connect.parameters) {
        stream.add(Element::parameter).set("name", parameter.name).set("value", parameter.value);
    }
    return document.finish();
}

}  // namespace cxdial::cxml
