#pragma once

#include <span>
#include <string_view>

namespace cxdial::cxml {

/// A voice agent platform that `<Service provider="…">` can reach over SIP.
struct Provider {
    std::string_view id;      ///< the attribute's value, exactly so
    std::string_view family;  ///< whose platform it is; one family has an id for each transport
};

/// The providers known to be registered at Cloudonix, sorted by id. A Cloudonix domain can register
/// aliases of its own, so a provider that is not here is doubtful and not wrong.
[[nodiscard]] std::span<const Provider> providers();

/// The provider with exactly this id; null when it is not known.
[[nodiscard]] const Provider* find_provider(std::string_view id);

/// A voice agent platform that is reached over a WebSocket, with `<Connect><Stream>`.
struct StreamProvider {
    std::string_view id;
    std::string_view url_template;  ///< for `UrlTemplate::parse`
};

/// The WebSocket platforms whose URL form is known, sorted by id.
[[nodiscard]] std::span<const StreamProvider> stream_providers();

}  // namespace cxdial::cxml
