#pragma once

#include "base/clock.h"

#include <cstdint>
#include <string>

namespace cxdial::daemon {

/// Progress on standard error: a bar that redraws itself on a terminal; a plain line now and then
/// when there is none. Thread rule: one thread.
class Progress {
public:
    /// `total` 0: unknown, so that only the count and the rate are shown.
    Progress(std::string title, std::int64_t total, base::MonoTime now);

    /// Draws when enough time has gone by since it was last drawn.
    void update(std::int64_t done, const std::string& detail, base::MonoTime now);
    /// Draws the last state and ends the line.
    void finish(std::int64_t done, const std::string& detail, base::MonoTime now);

private:
    void draw(std::int64_t done, const std::string& detail, base::MonoTime now);
    [[nodiscard]] std::string line(std::int64_t done, const std::string& detail, base::MonoTime now)
        const;

    std::string title_;
    std::int64_t total_;
    base::MonoTime started_;
    base::MonoTime drawn_;
    bool terminal_;
};

/// Whether people see standard error.
[[nodiscard]] bool stderr_is_terminal();

}  // namespace cxdial::daemon
