#pragma once

#include "base/result.h"
#include "cxml/name_value.h"

#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cxdial::cxml {

/// The placeholders that every template may use. `from` and `to` are known for every call, `bot_id`
/// and `auth_token` belong to the assistant. `session` is the session token that Cloudonix answers
/// to the request which places the call, so it is not known while that request is being written.
namespace placeholder {
inline constexpr std::string_view session = "session";
inline constexpr std::string_view from = "from";
inline constexpr std::string_view to = "to";
inline constexpr std::string_view bot_id = "bot_id";
inline constexpr std::string_view auth_token = "auth_token";
}  // namespace placeholder

/// When a template is filled in: while the call is placed (inline CXML), or when it has been
/// answered and Cloudonix asks for its document.
enum class FilledIn : std::uint8_t { when_placed, when_answered };

/// A WebSocket URL with placeholders, `wss://agent.example/ws/{bot_id}?session={session}`.
/// Immutable once parsed; any thread may use it.
class UrlTemplate {
public:
    /// Reads a template. `parameters` are the names of the assistant's further parameters.
    /// `invalid_argument`: a placeholder that is neither one of the five nor a parameter, a brace
    /// without its partner, a name with other characters than letters, digits, `_`, `-` and `.`, or
    /// a text that is no absolute `ws://` or `wss://` URL. The detail names the placeholder.
    [[nodiscard]] static base::Result<UrlTemplate> parse(
        std::string_view text, const std::set<std::string, std::less<>>& parameters = {}
    );

    [[nodiscard]] const std::string& text() const noexcept { return text_; }

    /// Each placeholder once, in the order of first use.
    [[nodiscard]] const std::vector<std::string>& names_used() const noexcept { return names_; }
    [[nodiscard]] bool uses(std::string_view name) const;

    /// For the moment when a campaign is made or started: whether each placeholder will have a
    /// value. `assistant` holds what is known by then: `bot_id`, `auth_token` and the parameters.
    /// `from` and `to` come with the call; `session` only to a template filled in when the call was
    /// answered. `invalid_argument` names every placeholder that would have none.
    [[nodiscard]] base::Result<void> check(std::span<const NameValue> assistant, FilledIn filled_in)
        const;

    /// The URL with each placeholder replaced by its value, percent-encoded but for letters,
    /// digits,
    /// `-`, `.`, `_` and `~` (RFC 3986, unreserved), so that no value can change the URL's shape.
    /// Not yet escaped for XML; the builder does that. The first value of a name counts.
    /// `invalid_argument` names the placeholder that has no value, an empty one, or one that is not
    /// text (no UTF-8, or control characters). No value is ever repeated in the detail.
    [[nodiscard]] base::Result<std::string> fill(std::span<const NameValue> values) const;

private:
    UrlTemplate() = default;

    /// A literal, and then the placeholder that follows it; the last one has none.
    struct Part {
        std::string literal;
        std::string name;
    };

    std::string text_;
    std::vector<Part> parts_;
    std::vector<std::string> names_;
};

/// Percent-encodes every byte that is not unreserved in RFC 3986.
[[nodiscard]] std::string percent_encoded(std::string_view text);

}  // namespace cxdial::cxml
