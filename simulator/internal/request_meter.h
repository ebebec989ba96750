#pragma once

#include "base/clock.h"
#include "simulator/internal/window_peak.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <vector>

namespace cxdial::simulator {

/// A bucket that holds `size` requests and is refilled evenly over `window`.
class RateBucket {
public:
    /// Takes one request out. A size of 0 has no limit.
    [[nodiscard]] bool take(
        base::MonoTime now, std::uint64_t size, std::chrono::milliseconds window
    );

private:
    bool is_fresh_ = true;
    double tokens_ = 0;
    base::MonoTime filled_at_;
};

/// The request limit of a domain. How the platform counts is undocumented, so both usual ways are
/// here: a bucket, and a log of the requests let through in the last window. The second is the
/// stricter one.
struct RequestLimit {
    std::uint64_t size = 0;  ///< 0: no limit
    std::chrono::milliseconds window{10'000};
    bool is_bucket = true;
    friend bool operator==(const RequestLimit&, const RequestLimit&) = default;
};

/// Keeps a domain's request limit and counts what is asked under it, in cells of 100 ms.
class RequestMeter {
public:
    /// From now on this limit holds. One that changed begins a new window.
    void set_limit(base::MonoTime now, const RequestLimit& limit);
    /// A request has come. False: it is to be refused.
    [[nodiscard]] bool take(base::MonoTime now);
    /// A placement has come (also one that is refused).
    void asked(base::MonoTime now);
    /// A placement has been answered 429, for whatever reason.
    void refused(base::MonoTime now);
    /// A placement has become a call.
    void accepted(base::MonoTime now);

    /// `{"requests","asked","accepted","refused_429","limited","limit","window_ms",
    /// "max_in_window","over_limit"}`. `over_limit`: requests with which more than the limit fell
    /// into one window, refused ones included.
    [[nodiscard]] nlohmann::json summary() const;
    /// `{"requests","asked","accepted","refused_429","allowed","share"}` of a span of time, counted
    /// from the first limit, in whole cells. `allowed`: limit times span over window; null without
    /// a limit. `share`: accepted over allowed.
    [[nodiscard]] nlohmann::json span(
        base::MonoTime now, std::chrono::milliseconds from, std::chrono::milliseconds to
    ) const;

private:
    struct Cell {
        std::uint32_t requests = 0;
        std::uint32_t asked = 0;
        std::uint32_t accepted = 0;
        std::uint32_t refused = 0;
    };
    /// A limit and when it began.
    struct Era {
        base::MonoTime at;
        RequestLimit limit;
    };
    Cell& cell(base::MonoTime now);
    [[nodiscard]] Cell sum(std::size_t from, std::size_t to) const;
    /// Requests allowed in that span; below 0 when any part of it has no limit.
    [[nodiscard]] double allowed(base::MonoTime from, base::MonoTime to) const;

    std::vector<Era> eras_;
    std::vector<Cell> cells_;
    RateBucket bucket_;
    WindowPeak passed_{std::chrono::seconds{10}};
    WindowPeak all_{std::chrono::seconds{10}};
    std::uint64_t limited_ = 0;
    std::uint64_t over_limit_ = 0;
};

}  // namespace cxdial::simulator
