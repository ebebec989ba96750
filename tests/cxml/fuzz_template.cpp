// A template that is read can be filled with any text, and the URL keeps the template's shape.

#include "base/check.h"
#include "cxml/documents.h"
#include "cxml/internal/text.h"
#include "cxml/url_template.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace cxdial::cxml {

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::size_t split = std::min(bytes.find('\n'), bytes.size());
    const std::string_view value = bytes.substr(std::min(split + 1, bytes.size()));
    const auto url = UrlTemplate::parse(bytes.substr(0, split), {"region"});
    if (!url) {
        CHECK_INVARIANT(!find_illegal(url.error().detail));
        return 0;
    }
    const std::array values{
        NameValue{"session", value},
        NameValue{"from", value},
        NameValue{"to", value},
        NameValue{"bot_id", value},
        NameValue{"auth_token", value},
        NameValue{"region", value},
    };
    const auto filled = url->fill(values);
    const bool value_is_good = !value.empty() && !find_illegal(value);
    CHECK_INVARIANT(filled.has_value() == (url->names_used().empty() || value_is_good));
    if (filled) {
        CHECK_INVARIANT(is_stream_url(*filled));
        CHECK_INVARIANT(connect_stream_document({.url = *filled}).has_value());
        CHECK_INVARIANT(std::ranges::count(*filled, '/') == std::ranges::count(url->text(), '/'));
        CHECK_INVARIANT(std::ranges::count(*filled, '?') == std::ranges::count(url->text(), '?'));
        CHECK_INVARIANT(url->check(values, FilledIn::when_answered).has_value());
    }
    return 0;
}

}  // namespace cxdial::cxml
