#pragma once

#include <string>
#include <utility>

namespace cxdial::base {

/// A value that must never reach a log line, a message or a reply. It has no output operator and no
/// conversion, so printing it does not compile; `reveal` is easy to search for.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string value) : value_(std::move(value)) {}

    [[nodiscard]] const std::string& reveal() const noexcept { return value_; }
    [[nodiscard]] bool empty() const noexcept { return value_.empty(); }
    friend bool operator==(const Secret&, const Secret&) = default;

private:
    std::string value_;
};

}  // namespace cxdial::base
