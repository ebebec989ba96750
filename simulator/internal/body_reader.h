#pragma once

#include "base/clock.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cxdial::simulator {

/// Reads members of a JSON object by name and remembers the first thing that was wrong. A member
/// that is not there, or null, is read as empty, 0 or false.
class BodyReader {
public:
    /// `body` is an object that outlives the reader.
    explicit BodyReader(const nlohmann::json& body) : body_(body) {}

    [[nodiscard]] std::string text(const char* name);
    [[nodiscard]] std::string name_or_id(const char* name);
    [[nodiscard]] std::string http_url(const char* name);
    [[nodiscard]] int number(const char* name);
    /// 0 when it is not there; else it must lie between the bounds, both included.
    [[nodiscard]] int number_within(const char* name, int min, int max);
    [[nodiscard]] bool flag(const char* name);
    [[nodiscard]] std::string one_of(
        const char* name, const std::vector<std::string_view>& allowed
    );
    [[nodiscard]] std::optional<base::WallTime> time(const char* name);
    /// Null when it is not there.
    [[nodiscard]] const nlohmann::json* find(const char* name) const;
    void fail(const std::string& name, const std::string& why);
    /// Empty when all was right so far.
    [[nodiscard]] const std::string& problem() const { return problem_; }

private:
    const nlohmann::json& body_;
    std::string problem_;
};

}  // namespace cxdial::simulator
