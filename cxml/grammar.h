#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace cxdial::cxml {

/// Every element of CXML. An element whose rules depend on where it stands has two entries with one
/// name: `<Stream>` in `<Stop>` needs a name and no URL, `<Parameter>` of a `<Tool>` is described
/// and not given a value.
enum class Element : std::uint8_t {
    response,
    // Verbs, directly in <Response>.
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
    // Nouns of <Dial>.
    conference,
    header,
    number,
    service,
    sip,
    // In <Connect> and <Start>; in <Stop>; in <Stream>.
    stream,
    stopped_stream,
    parameter,
    // In <Converse>, and in its <Tool>.
    system,
    user,
    tool,
    speech,
    description,
    tool_parameter,
    // SSML in <Say>.
    ssml_say_as,
    ssml_break,
    ssml_audio,
};

/// What a value must be.
enum class ValueKind : std::uint8_t {
    text,
    boolean,       ///< `true` or `false`
    integer,       ///< a whole number from `min` to `max`, or one of `choices`
    decimal,       ///< a number from `min` to `max`
    choice,        ///< one of `choices`
    choice_list,   ///< some of `choices`, separated by blanks or commas
    keys,          ///< telephone keys: digits, `*`, `#`, A to D; may be empty
    dial_string,   ///< telephone keys and pauses `w`, `W`, `,`
    url,           ///< any URL
    callback_url,  ///< a URL that Cloudonix calls; plain http is doubtful
    redirect_url,  ///< `https://`, `cx://` or `service://`
    stream_url,    ///< absolute `ws://` or `wss://`
    sip_address,   ///< `[sip:]user@host[:port][;transport=…]`
    header_name,   ///< a SIP header that begins with `X-`
    header_value,  ///< one line
    provider,      ///< see providers.h
    trunks,        ///< names or ids separated by commas
};

/// The rule for one value.
struct ValueRule {
    ValueKind kind = ValueKind::text;
    std::span<const std::string_view> choices = {};
    /// Seen in code but in no documentation; legal with a warning.
    std::span<const std::string_view> reported_choices = {};
    std::int64_t min = 0;
    std::int64_t max = std::numeric_limits<std::int32_t>::max();
    /// A message must not repeat the value: it may hold a password or a token.
    bool confidential = false;
};

/// Whether an attribute must be there.
enum class Need : std::uint8_t {
    optional,
    required,   ///< present, perhaps empty
    non_blank,  ///< present with something other than blanks
};

struct AttributeRule {
    std::string_view name;
    ValueRule value = {};
    Need need = Need::optional;
    /// False: seen in code but in no documentation; legal with a warning.
    bool documented = true;
};

/// What may stand between the tags of an element.
enum class Content : std::uint8_t {
    empty,
    text,               ///< text, perhaps none
    required_text,      ///< text that is not blank
    elements,           ///< children, perhaps none
    required_elements,  ///< at least one child
    text_or_elements,   ///< text that is not blank, or at least one child, and never both
    mixed,              ///< text and children
};

/// Where an element has to stand among its siblings.
enum class Order : std::uint8_t {
    any,
    first,  ///< before every sibling that is not `first`
    last,
};

/// Everything that is known about one element.
struct ElementRule {
    Element element;
    std::string_view name;
    Content content = Content::empty;
    ValueRule text = {};
    std::span<const AttributeRule> attributes = {};
    std::span<const Element> children = {};
    Order order = Order::any;
    /// What follows it in the document is never reached.
    bool ends_document = false;
    /// Its children of order `any` should all be of one kind.
    bool one_kind_of_child = false;
    /// The element somewhere around it without which it means nothing; empty: none needed.
    std::string_view meaningful_in = {};
};

/// The whole grammar, one rule for each `Element`, in the enumeration's order. The builder and the
/// validator both read it and nothing else, so they cannot disagree.
///
/// Sources: the public Cloudonix CXML documentation for elements, nesting, attributes and defaults;
/// what is marked as not documented was seen in the vendor's client libraries. SSML attributes are
/// those of W3C SSML 1.1.
[[nodiscard]] std::span<const ElementRule> grammar();

[[nodiscard]] const ElementRule& rule_of(Element element);

/// The rule of the child with this name in this parent; null when it may not stand there. Names are
/// compared exactly: CXML promises no reading of other cases.
[[nodiscard]] const ElementRule* child_rule(const ElementRule& parent, std::string_view name);

/// The first rule with this name, wherever it may stand; null when CXML has no such element.
[[nodiscard]] const ElementRule* find_rule(std::string_view name);

/// The rule of the attribute with this name; null when the element is not known to have it.
[[nodiscard]] const AttributeRule* attribute_rule(
    const ElementRule& element, std::string_view name
);

}  // namespace cxdial::cxml
