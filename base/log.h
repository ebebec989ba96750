#pragma once

#include "base/phone_number.h"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace cxdial::base {

/// error: someone must look. warn: degraded and handled. info: a state changed. debug, trace: the
/// rest.
enum class LogLevel { trace, debug, info, warn, error };

[[nodiscard]] std::string_view to_string(LogLevel level);

/// One named value of a log line. A phone number is masked here, so that no call site can forget
/// it; a `Secret` does not convert.
class LogField {
public:
    using Value = std::variant<std::int64_t, double, bool, std::string>;

    LogField(std::string_view name, std::string_view value)
        : name_(name), value_(std::string(value)) {}
    LogField(std::string_view name, const char* value) : name_(name), value_(std::string(value)) {}
    LogField(std::string_view name, const PhoneNumber& value)
        : name_(name), value_(value.masked()) {}
    LogField(std::string_view name, bool value) : name_(name), value_(value) {}
    LogField(std::string_view name, double value) : name_(name), value_(value) {}
    template <class Integer>
    requires(std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>)
        LogField(std::string_view name, Integer value)
        : name_(name), value_(static_cast<std::int64_t>(value)) {}

    [[nodiscard]] std::string_view name() const noexcept { return name_; }
    [[nodiscard]] const Value& value() const noexcept { return value_; }

private:
    std::string_view name_;
    Value value_;
};

/// One line: an event name (a constant, `attempt_placed`) and its fields.
struct LogLine {
    LogLevel level;
    std::string_view event;
    std::vector<LogField> fields;
};

/// Where log lines go. Thread rule: `write` may be called from any thread.
class LogSink {
public:
    virtual ~LogSink() = default;
    [[nodiscard]] virtual bool wants(LogLevel level) const = 0;
    virtual void write(const LogLine& line) = 0;
};

/// Sets the process's sink; null: lines go nowhere but errors, which go to standard error. The sink
/// must outlive every thread that logs.
void set_log_sink(LogSink* sink);

using LogFields = std::initializer_list<LogField>;
void log(LogLevel level, std::string_view event, LogFields fields = {});
inline void log_debug(std::string_view event, LogFields fields = {}) {
    log(LogLevel::debug, event, fields);
}
inline void log_info(std::string_view event, LogFields fields = {}) {
    log(LogLevel::info, event, fields);
}
inline void log_warn(std::string_view event, LogFields fields = {}) {
    log(LogLevel::warn, event, fields);
}
inline void log_error(std::string_view event, LogFields fields = {}) {
    log(LogLevel::error, event, fields);
}

/// `event=… name=value …`, for people. Values with spaces or quotes are quoted.
[[nodiscard]] std::string to_text(const LogLine& line);
/// One JSON object without a line end: `{"level":…,"event":…,"name":value,…}`. Any text is escaped;
/// bytes that are not UTF-8 are replaced.
[[nodiscard]] std::string to_json(const LogLine& line);

}  // namespace cxdial::base
