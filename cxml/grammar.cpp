#include "cxml/grammar.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace cxdial::cxml {
namespace {

using List = std::span<const std::string_view>;

// Words that a value may be.
constexpr std::array<std::string_view, 2> methods{"GET", "POST"};
constexpr std::array<std::string_view, 3> trims{"trim-silence", "do-not-trim", "do-no-trim"};
constexpr std::array<std::string_view, 3> recording_events{"in-progress", "completed", "absent"};
constexpr std::array<std::string_view, 3> dial_records{
    "do-not-record", "record-from-answer", "record-from-ringing"};
constexpr std::array<std::string_view, 2> dual_records{
    "record-from-answer-dual", "record-from-ringing-dual"};
constexpr std::array<std::string_view, 2> sip_domains{"origin", "destination"};
constexpr std::array<std::string_view, 4> beeps{"true", "false", "onEnter", "onExit"};
constexpr std::array<std::string_view, 2> conference_dtmf{"block", "pass"};
constexpr std::array<std::string_view, 3> conference_starts{"true", "false", "required"};
constexpr std::array<std::string_view, 2> conference_records{"do-not-record", "record-from-start"};
constexpr std::array<std::string_view, 8> conference_events{
    "start", "end", "join", "leave", "mute", "hold", "dtmf", "speaker"};
constexpr std::array<std::string_view, 3> talk_detections{"normal", "quick", "lazy"};
constexpr std::array<std::string_view, 3> tracks{"inbound_track", "outbound_track", "both_tracks"};
constexpr std::array<std::string_view, 4> reject_reasons{
    "rejected", "busy", "congestion", "failed"};
constexpr std::array<std::string_view, 3> coach_policies{"listen", "whisper", "barge"};
// The documentation spells it "calee"; whoever spells it right deserves a doubt and no refusal.
constexpr std::array<std::string_view, 4> spy_directions{"none", "caller", "calee", "both"};
constexpr std::array<std::string_view, 1> callee{"callee"};
constexpr std::array<std::string_view, 2> gather_inputs{"dtmf", "speech"};
constexpr std::array<std::string_view, 1> automatic{"auto"};
constexpr std::array<std::string_view, 2> speech_engines{"aws", "google"};
constexpr std::array<std::string_view, 5> speech_detections{"auto", "low", "normal", "high", "stt"};
constexpr std::array<std::string_view, 4> converse_events{
    "in-progress", "tool-response", "llm-response", "completed"};
constexpr std::array<std::string_view, 3> session_tools{"hangup", "redirect", "dial"};
constexpr std::array<std::string_view, 3> contexts{"auto", "none", "no"};
constexpr std::array<std::string_view, 5> parameter_types{
    "string", "integer", "number", "boolean", "enum"};
constexpr std::array<std::string_view, 6> break_strengths{
    "none", "x-weak", "weak", "medium", "strong", "x-strong"};

constexpr AttributeRule of(std::string_view name, ValueKind kind) {
    return {.name = name, .value = {.kind = kind}};
}
constexpr AttributeRule text(std::string_view name) {
    return of(name, ValueKind::text);
}
constexpr AttributeRule boolean(std::string_view name) {
    return of(name, ValueKind::boolean);
}
constexpr AttributeRule keys(std::string_view name) {
    return of(name, ValueKind::keys);
}
constexpr AttributeRule callback(std::string_view name) {
    return of(name, ValueKind::callback_url);
}
constexpr AttributeRule integer(
    std::string_view name, std::int64_t min = 0, std::int64_t max = ValueRule{}.max
) {
    return {.name = name, .value = {.kind = ValueKind::integer, .min = min, .max = max}};
}
constexpr AttributeRule choice(std::string_view name, List choices, List reported = {}) {
    return {
        .name = name,
        .value = {.kind = ValueKind::choice, .choices = choices, .reported_choices = reported}};
}
constexpr AttributeRule choice_list(std::string_view name, List choices) {
    return {.name = name, .value = {.kind = ValueKind::choice_list, .choices = choices}};
}
constexpr AttributeRule method(std::string_view name) {
    return choice(name, methods);
}
constexpr AttributeRule needed(AttributeRule rule, Need need = Need::non_blank) {
    rule.need = need;
    return rule;
}
constexpr AttributeRule reported(AttributeRule rule) {
    rule.documented = false;
    return rule;
}
constexpr AttributeRule confidential(AttributeRule rule) {
    rule.value.confidential = true;
    return rule;
}

constexpr std::array dial_attributes{
    callback("action"),
    method("method"),
    text("callerId"),
    text("callerName"),
    integer("timeout"),
    integer("timeLimit"),
    boolean("hangupOnStar"),
    keys("hangupOn"),
    boolean("forwardHeaders"),
    text("headers"),
    of("trunks", ValueKind::trunks),
    choice("record", dial_records, dual_records),
    callback("recordingStatusCallback"),
    method("recordingStatusCallbackMethod"),
    choice_list("recordingStatusCallbackEvent", recording_events),
    choice("trim", trims),
};

constexpr std::array sip_attributes{
    text("username"),
    confidential(text("password")),
    choice("domain", sip_domains),
};

constexpr std::array header_attributes{
    needed(of("name", ValueKind::header_name)),
    needed(of("value", ValueKind::header_value), Need::required),
};

constexpr std::array service_attributes{
    needed(of("provider", ValueKind::provider)),
    text("username"),
    confidential(text("password")),
};

constexpr std::array conference_attributes{
    choice("beep", beeps),
    choice("dtmf", conference_dtmf),
    boolean("holdMusic"),
    boolean("muted"),
    boolean("prompts"),
    choice("startConferenceOnEnter", conference_starts),
    boolean("endConferenceOnExit"),
    integer("maxParticipants", 1, 250),
    choice("record", conference_records),
    callback("recordingStatusCallback"),
    method("recordingStatusCallbackMethod"),
    choice_list("recordingStatusCallbackEvent", recording_events),
    callback("statusCallback"),
    method("statusCallbackMethod"),
    choice_list("statusCallbackEvent", conference_events),
    choice("talkDetection", talk_detections),
    choice("trim", trims),
};

constexpr std::array connect_attributes{
    reported(callback("action")),
};

// A stream's URL carries the assistant's token.
constexpr std::array stream_attributes{
    needed(confidential(of("url", ValueKind::stream_url))),
    text("name"),
    choice("track", tracks),
    callback("statusCallback"),
    method("statusCallbackMethod"),
};

constexpr std::array stopped_stream_attributes{
    needed(text("name")),
    confidential(of("url", ValueKind::stream_url)),
    choice("track", tracks),
    callback("statusCallback"),
    method("statusCallbackMethod"),
};

constexpr std::array parameter_attributes{
    needed(text("name")),
    confidential(text("value")),
};

constexpr std::array reject_attributes{
    choice("reason", reject_reasons),
};

constexpr std::array redirect_attributes{
    method("method"),
};

constexpr std::array pause_attributes{
    integer("length"),
    boolean("answer"),
};

// The documentation gives no values for whisperDirection.
constexpr std::array coach_attributes{
    choice("policy", coach_policies),
    choice("spyDirection", spy_directions, callee),
    text("whisperDirection"),
    keys("finishOnKey"),
};

constexpr std::array say_attributes{
    text("voice"),
    text("language"),
    integer("loop"),
    boolean("answer"),
    callback("statusCallback"),
    method("statusCallbackMethod"),
};

constexpr std::array play_attributes{
    integer("loop"),
    of("digits", ValueKind::dial_string),
    boolean("answer"),
    callback("statusCallback"),
    method("statusCallbackMethod"),
};

constexpr std::array gather_attributes{
    callback("action"),
    method("method"),
    choice_list("input", gather_inputs),
    keys("finishOnKey"),
    integer("numDigits", 1),
    integer("timeout"),
    integer("maxTimeout"),
    AttributeRule{
        .name = "speechTimeout", .value = {.kind = ValueKind::integer, .choices = automatic}},
    choice("speechEngine", speech_engines),
    text("language"),
    boolean("actionOnEmptyResult"),
    integer("maxDuration"),
    choice("speechDetection", speech_detections),
    boolean("interruptible"),
    reported(integer("minDigits")),
    reported(integer("maxDigits")),
};

constexpr std::array record_attributes{
    callback("action"),
    method("method"),
    integer("timeout"),
    keys("finishOnKey"),
    integer("maxLength"),
    boolean("playBeep"),
    callback("recordingStatusCallback"),
    method("recordingStatusCallbackMethod"),
    choice_list("recordingStatusCallbackEvent", recording_events),
    choice("trim", trims),
    reported(boolean("answer")),
    reported(boolean("transcribe")),
    reported(callback("transcribeCallback")),
    reported(text("transcribeEngine")),
    reported(integer("maxSilence")),
    reported(text("fileFormat")),
};

constexpr std::array converse_attributes{
    text("voice"),
    text("language"),
    callback("statusCallback"),
    method("statusCallbackMethod"),
    choice_list("statusCallbackEvent", converse_events),
    choice_list("sessionTools", session_tools),
    text("model"),
    choice("context", contexts),
    AttributeRule{.name = "temperature", .value = {.kind = ValueKind::decimal, .max = 1}},
};

constexpr std::array tool_attributes{
    needed(text("name")),
    needed(callback("url")),
};

constexpr std::array tool_parameter_attributes{
    needed(text("name")),
    text("description"),
    choice("type", parameter_types),
    boolean("required"),
    text("values"),
};

constexpr std::array ssml_say_as_attributes{
    text("interpret-as"),
    text("format"),
    text("detail"),
};

constexpr std::array ssml_break_attributes{
    choice("strength", break_strengths),
    text("time"),
};

constexpr std::array ssml_audio_attributes{
    of("src", ValueKind::url),
};

using enum Element;

constexpr std::array verbs{
    coach,
    connect,
    converse,
    dial,
    gather,
    hangup,
    pause,
    play,
    record,
    redirect,
    reject,
    say,
    start,
    stop,
};
constexpr std::array dial_children{number, sip, conference, service, header};
constexpr std::array connect_children{stream};
constexpr std::array stop_children{stopped_stream};
constexpr std::array stream_children{parameter};
constexpr std::array gather_children{say, play, pause, converse};
constexpr std::array record_children{say, play, pause};
constexpr std::array say_children{ssml_say_as, ssml_break, ssml_audio};
constexpr std::array converse_children{system, user, tool, speech};
constexpr std::array tool_children{description, tool_parameter};

constexpr std::array rules{
    ElementRule{
        .element = response, .name = "Response", .content = Content::elements, .children = verbs},
    ElementRule{
        .element = coach,
        .name = "Coach",
        .content = Content::required_text,
        .attributes = coach_attributes},
    ElementRule{
        .element = connect,
        .name = "Connect",
        .content = Content::required_elements,
        .attributes = connect_attributes,
        .children = connect_children},
    ElementRule{
        .element = converse,
        .name = "Converse",
        .content = Content::elements,
        .attributes = converse_attributes,
        .children = converse_children},
    ElementRule{
        .element = dial,
        .name = "Dial",
        .content = Content::text_or_elements,
        .attributes = dial_attributes,
        .children = dial_children,
        .one_kind_of_child = true},
    ElementRule{
        .element = gather,
        .name = "Gather",
        .content = Content::elements,
        .attributes = gather_attributes,
        .children = gather_children},
    ElementRule{.element = hangup, .name = "Hangup", .ends_document = true},
    ElementRule{.element = pause, .name = "Pause", .attributes = pause_attributes},
    ElementRule{
        .element = play,
        .name = "Play",
        .content = Content::required_text,
        .text = {.kind = ValueKind::url},
        .attributes = play_attributes},
    ElementRule{
        .element = record,
        .name = "Record",
        .content = Content::elements,
        .attributes = record_attributes,
        .children = record_children},
    ElementRule{
        .element = redirect,
        .name = "Redirect",
        .content = Content::required_text,
        .text = {.kind = ValueKind::redirect_url},
        .attributes = redirect_attributes,
        .ends_document = true},
    ElementRule{
        .element = reject,
        .name = "Reject",
        .attributes = reject_attributes,
        .order = Order::first,
        .ends_document = true},
    ElementRule{
        .element = say,
        .name = "Say",
        .content = Content::mixed,
        .attributes = say_attributes,
        .children = say_children},
    ElementRule{
        .element = start,
        .name = "Start",
        .content = Content::required_elements,
        .children = connect_children},
    ElementRule{
        .element = stop,
        .name = "Stop",
        .content = Content::required_elements,
        .children = stop_children},
    ElementRule{
        .element = conference,
        .name = "Conference",
        .content = Content::text,
        .attributes = conference_attributes},
    ElementRule{
        .element = header,
        .name = "Header",
        .attributes = header_attributes,
        .order = Order::first},
    ElementRule{.element = number, .name = "Number", .content = Content::required_text},
    ElementRule{
        .element = service,
        .name = "Service",
        .content = Content::required_text,
        .attributes = service_attributes},
    ElementRule{
        .element = sip,
        .name = "Sip",
        .content = Content::required_text,
        .text = {.kind = ValueKind::sip_address},
        .attributes = sip_attributes},
    ElementRule{
        .element = stream,
        .name = "Stream",
        .content = Content::elements,
        .attributes = stream_attributes,
        .children = stream_children},
    ElementRule{
        .element = stopped_stream,
        .name = "Stream",
        .content = Content::elements,
        .attributes = stopped_stream_attributes,
        .children = stream_children},
    ElementRule{.element = parameter, .name = "Parameter", .attributes = parameter_attributes},
    ElementRule{.element = system, .name = "System", .content = Content::text},
    ElementRule{.element = user, .name = "User", .content = Content::text},
    ElementRule{
        .element = tool,
        .name = "Tool",
        .content = Content::elements,
        .attributes = tool_attributes,
        .children = tool_children},
    ElementRule{
        .element = speech, .name = "Speech", .order = Order::last, .meaningful_in = "Gather"},
    ElementRule{.element = description, .name = "Description", .content = Content::text},
    ElementRule{
        .element = tool_parameter, .name = "Parameter", .attributes = tool_parameter_attributes},
    ElementRule{
        .element = ssml_say_as,
        .name = "say-as",
        .content = Content::text,
        .attributes = ssml_say_as_attributes},
    ElementRule{.element = ssml_break, .name = "break", .attributes = ssml_break_attributes},
    ElementRule{
        .element = ssml_audio,
        .name = "audio",
        .content = Content::text,
        .attributes = ssml_audio_attributes},
};

constexpr bool in_enumeration_order() {
    for (std::size_t i = 0; i < rules.size(); ++i) {
        if (static_cast<std::size_t>(rules.at(i).element) != i) {
            return false;
        }
    }
    return rules.size() == static_cast<std::size_t>(Element::ssml_audio) + 1;
}
static_assert(in_enumeration_order());

}  // namespace

std::span<const ElementRule> grammar() {
    return rules;
}

const ElementRule& rule_of(Element element) {
    return rules.at(static_cast<std::size_t>(element));
}

const ElementRule* child_rule(const ElementRule& parent, std::string_view name) {
    for (const Element child : parent.children) {
        if (rule_of(child).name == name) {
            return &rule_of(child);
        }
    }
    return nullptr;
}

const ElementRule* find_rule(std::string_view name) {
    const auto* const found = std::ranges::find(rules, name, &ElementRule::name);
    return found == rules.end() ? nullptr : found;
}

const AttributeRule* attribute_rule(const ElementRule& element, std::string_view name) {
    const auto found = std::ranges::find(element.attributes, name, &AttributeRule::name);
    return found == element.attributes.end() ? nullptr : &*found;
}

}  // namespace cxdial::cxml
