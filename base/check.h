#pragma once

namespace cxdial::base {

/// Writes the broken condition as an error line and aborts. Recovery is the next start, which runs
/// the same code as after a power cut.
[[noreturn]] void invariant_broken(const char* condition, const char* file, int line) noexcept;

}  // namespace cxdial::base

/// Stops the program when a condition that our own code must uphold does not hold; in release
/// builds too. Never for data from outside or from disk: those are outcomes, not bugs.
// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): a function could not show the condition's text.
#define CHECK_INVARIANT(condition)      \
    ((condition) ? static_cast<void>(0) \
                 : ::cxdial::base::invariant_broken(#condition, __FILE__, __LINE__))
