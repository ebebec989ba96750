#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace cxdial::campaign {

/// How an attempt came out.
enum class Disposition {
    answered,
    busy,
    no_answer,
    cancelled,
    congestion,
    failed,
    no_credit,
    voicemail,
    unknown,  ///< nobody could tell us: the attempt was abandoned
};

inline constexpr std::array all_dispositions{
    Disposition::answered,
    Disposition::busy,
    Disposition::no_answer,
    Disposition::cancelled,
    Disposition::congestion,
    Disposition::failed,
    Disposition::no_credit,
    Disposition::voicemail,
    Disposition::unknown,
};

/// The name users see, as in `answered`.
[[nodiscard]] std::string_view to_string(Disposition disposition);
[[nodiscard]] std::optional<Disposition> parse_disposition(std::string_view name);

}  // namespace cxdial::campaign
