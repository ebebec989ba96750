#pragma once

#include "base/clock.h"
#include "base/phone_number.h"
#include "campaign/resource_json.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cxdial::campaign {

/// Reads the text of a resource: one JSON object without doubled keys, nested at most 32 deep.
/// Nothing, and the reason under an empty path or that of the doubled key, when it is not one.
[[nodiscard]] std::optional<nlohmann::json> parse_json_object(
    std::string_view text, FieldErrors& errors
);

struct DurationRange {
    base::Millis min;
    base::Millis max;
};
struct IntegerRange {
    std::int64_t min;
    std::int64_t max;
};

/// Reads the fields of one JSON object strictly and notes all that is wrong with them. A field that
/// is absent or null leaves the target, and with it the default, as it is. Reasons never repeat a
/// value, which may be a secret. References must outlive the reader. Thread rule: one thread at a
/// time.
class JsonFields {
public:
    /// `path` is that of the object, empty for the resource itself.
    JsonFields(const nlohmann::json& object, std::string path, FieldErrors& errors);

    /// Whether the field is there and not null. Counts as known from now on.
    [[nodiscard]] bool has(std::string_view key);
    /// Text of at most `bytes_max` bytes without control characters. True when it was read.
    bool text(std::string_view key, std::string& target, std::size_t bytes_max = 1000);
    /// As `text`, for what must be there and not be empty.
    bool required_text(std::string_view key, std::string& target, std::size_t bytes_max = 1000);
    void integer(std::string_view key, int& target, IntegerRange range);
    void number(std::string_view key, double& target, double min, double max);
    void boolean(std::string_view key, bool& target);
    void time_of_day(std::string_view key, int& minutes);
    /// A text such as `50ms`.
    void duration(std::string_view key, base::Millis& target, DurationRange range);
    /// An ISO 8601 time. One without an offset is meant in `zone`, an IANA name. Empty: as absent.
    void instant(
        std::string_view key, std::optional<base::WallTime>& target, std::string_view zone = {}
    );
    /// One of the given names; `names` holds pairs of a name and its value. True when it was read.
    template <class Enum, class Names>
    bool one_of(std::string_view key, Enum& target, const Names& names) {
        std::string name;
        if (!text(key, name)) {
            return false;
        }
        std::string listed;
        for (const auto& [known, value] : names) {
            if (name == known) {
                target = value;
                return true;
            }
            listed.append(listed.empty() ? "" : ", ").append(known);
        }
        wrong(key, "expected one of " + listed);
        return false;
    }
    /// The object or array under the key; null when it is absent or, which is noted, something
    /// else.
    [[nodiscard]] const nlohmann::json* object(std::string_view key);
    [[nodiscard]] const nlohmann::json* array(std::string_view key, std::size_t size_max);
    /// Known, and of no interest.
    void ignore(std::string_view key);

    void wrong(std::string_view key, std::string reason);
    [[nodiscard]] std::string path_of(std::string_view key) const;
    /// Notes every field that nobody asked for. To be called last.
    void finish();

private:
    [[nodiscard]] const nlohmann::json* find(std::string_view key);

    const nlohmann::json& object_;
    std::string path_;
    FieldErrors& errors_;
    std::set<std::string, std::less<>> known_;
};

/// `schedule.monday` and 2: `schedule.monday[2]`.
[[nodiscard]] std::string element_path(std::string_view path, std::size_t index);

/// A resource's name or tenant: 1 to 100 bytes, not blank at either end, no control character, no
/// `/`.
void read_resource_name(JsonFields& fields, std::string_view key, std::string& target);
/// What every resource has: its `name`, its `tenant` unless that is the default, and what the
/// interface adds and nobody may set.
void read_resource_names(JsonFields& fields, std::string& tenant, std::string& name);
void ignore_read_only(JsonFields& fields);

/// Reads a resource's document: `read` takes the fields, ends with `finish`, and may note further
/// errors. All that is wrong; empty: nothing is.
[[nodiscard]] FieldErrors read_resource(
    std::string_view json, const std::function<void(JsonFields&, FieldErrors&)>& read
);

/// A phone number as people write it; nothing, and noted, when it is absent or none.
[[nodiscard]] std::optional<base::PhoneNumber> read_required_number(
    JsonFields& fields, std::string_view key
);
/// A number that a Cloudonix domain knows: what reads as a phone number becomes E.164, and 2 to 15
/// digits otherwise stay as they are. `what` names it in the reason.
void read_domain_number(
    JsonFields& fields, std::string_view key, std::string& target, std::string_view what
);

/// Whether a text is 1 to 64 ASCII letters, digits and characters of `further`.
[[nodiscard]] bool is_word(std::string_view text, std::string_view further);

/// Writes a field unless it is empty.
void write_text(nlohmann::ordered_json& json, const char* key, const std::string& text);
/// The document on one line; bytes that are no UTF-8 are replaced.
[[nodiscard]] std::string written(const nlohmann::ordered_json& json);
/// `2026-03-01T09:00:00.000Z`.
[[nodiscard]] std::string instant_text(base::WallTime time);

}  // namespace cxdial::campaign
