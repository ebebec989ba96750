#include "base/log.h"

#include <atomic>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace cxdial::base {
namespace {

std::atomic<LogSink*> sink_in_use{nullptr};

void append_number(std::string& out, double value) {
    char digits[32];
    const auto [end, problem] = std::to_chars(std::begin(digits), std::end(digits), value);
    out.append(std::begin(digits), problem == std::errc{} ? end : std::begin(digits));
}

/// The length of the UTF-8 sequence that starts `text`, or 0 when its first byte starts none.
std::size_t utf8_length(std::string_view text) {
    const auto first = static_cast<unsigned char>(text.front());
    std::size_t length = 0;
    if (first >= 0xc2 && first <= 0xdf) {
        length = 2;
    } else if ((first & 0xf0U) == 0xe0) {
        length = 3;
    } else if (first >= 0xf0 && first <= 0xf4) {
        length = 4;
    }
    if (length > text.size()) {
        return 0;
    }
    for (std::size_t i = 1; i < length; ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80) {
            return 0;
        }
    }
    return length;
}

void append_control(std::string& out, unsigned char byte) {
    static constexpr std::string_view hex = "0123456789abcdef";
    out += "\\u00";
    out += hex[byte >> 4U];
    out += hex[byte & 0x0fU];
}

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        const char byte = text.front();
        std::size_t length = 1;
        if (byte == '"' || byte == '\\') {
            out += '\\';
            out += byte;
        } else if (static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f) {
            append_control(out, static_cast<unsigned char>(byte));
        } else if (static_cast<unsigned char>(byte) < 0x80) {
            out += byte;
        } else if (const std::size_t sequence = utf8_length(text); sequence > 0) {
            out.append(text.substr(0, sequence));
            length = sequence;
        } else {
            out += "\\ufffd";
        }
        text.remove_prefix(length);
    }
    out += '"';
}

void append_value(std::string& out, const LogField::Value& value, bool always_quote) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        out += std::to_string(*number);
    } else if (const auto* real = std::get_if<double>(&value)) {
        std::isfinite(*real) ? append_number(out, *real) : append_quoted(out, "nan");
    } else if (const auto* flag = std::get_if<bool>(&value)) {
        out += *flag ? "true" : "false";
    } else {
        const std::string& text = std::get<std::string>(value);
        const bool plain = !text.empty() && text.find_first_of(" \"\\=\n\r\t") == std::string::npos;
        !always_quote&& plain ? void(out += text) : append_quoted(out, text);
    }
}

}  // namespace

std::string_view to_string(LogLevel level) {
    switch (level) {
        case LogLevel::trace:
            return "trace";
        case LogLevel::debug:
            return "debug";
        case LogLevel::info:
            return "info";
        case LogLevel::warn:
            return "warn";
        case LogLevel::error:
            return "error";
    }
    return "error";
}

void set_log_sink(LogSink* sink) {
    sink_in_use.store(sink);
}

void log(LogLevel level, std::string_view event, LogFields fields) {
    LogSink* sink = sink_in_use.load();
    if (sink == nullptr) {
        if (level == LogLevel::error) {
            std::fprintf(stderr, "%s\n", to_text({level, event, fields}).c_str());
        }
        return;
    }
    if (sink->wants(level)) {
        sink->write({level, event, fields});
    }
}

std::string to_text(const LogLine& line) {
    std::string out{to_string(line.level)};
    out += " ";
    out += line.event;
    for (const LogField& field : line.fields) {
        out += ' ';
        out += field.name();
        out += '=';
        append_value(out, field.value(), false);
    }
    return out;
}

std::string to_json(const LogLine& line) {
    std::string out = R"({"level":)";
    append_quoted(out, to_string(line.level));
    out += R"(,"event":)";
    append_quoted(out, line.event);
    for (const LogField& field : line.fields) {
        out += ',';
        append_quoted(out, field.name());
        out += ':';
        append_value(out, field.value(), true);
    }
    out += '}';
    return out;
}

}  // namespace cxdial::base
