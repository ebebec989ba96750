#pragma once

#include "simulator/internal/call.h"
#include "simulator/internal/cxml_document.h"

#include <string>
#include <string_view>
#include <vector>

namespace cxdial::simulator {

/// The assistant behind a Dial's Service, as `PROVIDER/NUMBER`; empty when it dials none.
[[nodiscard]] std::string dialed_assistant(const CxmlElement& dial);
/// The assistant behind a Connect's Stream: host and path of its URL. What in the path belongs to
/// this call alone (its token and numbers) is replaced by `{session}`, `{from}` and `{to}`, so that
/// all calls of one assistant have one name.
[[nodiscard]] std::string streamed_assistant(const Call& call, const CxmlElement& connect);

/// The text is a pattern, begins as one that ends with `*`, or ends as one that begins with `*`.
/// A leading plus does not matter.
[[nodiscard]] bool fits(std::string_view pattern, std::string_view text);
[[nodiscard]] bool fits_any(const std::vector<std::string>& patterns, std::string_view text);
/// The value of the first `PATTERN=VALUE` that fits; empty when none does.
[[nodiscard]] std::string_view value_of_rule(
    const std::vector<std::string>& rules, std::string_view text
);

}  // namespace cxdial::simulator
