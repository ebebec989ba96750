#include "simulator/internal/knob_makers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <optional>
#include <system_error>
#include <utility>

namespace cxdial::simulator {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using std::chrono::milliseconds;

Error wrong(std::string_view text, std::string_view expected) {
    return {Errc::invalid_argument, "'" + std::string(text) + "' is not " + std::string(expected)};
}

template <class Number>
std::optional<Number> read_number(std::string_view text) {
    Number value{};
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stop != end) {
        return std::nullopt;
    }
    return value;
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const auto cut = std::min(text.find(separator), text.size());
        parts.emplace_back(text.substr(0, cut));
        text.remove_prefix(std::min(cut + 1, text.size()));
    }
    return parts;
}

std::string join(const std::vector<std::string>& parts) {
    std::string text;
    for (const auto& part : parts) {
        text += (text.empty() ? "" : ",") + part;
    }
    return text;
}

std::string show(milliseconds time) {
    return time.count() % 1000 == 0 ? std::to_string(time.count() / 1000) + "s"
                                    : std::to_string(time.count()) + "ms";
}

Result<Weights> read_weights(
    std::string_view text, const std::function<bool(std::string_view)>& known
) {
    Weights weights;
    std::uint64_t sum = 0;
    for (const auto& part : split(text, ',')) {
        const auto equals = part.find('=');
        const auto name = part.substr(0, equals);
        const auto weight =
            equals == std::string::npos
                ? std::optional<std::uint32_t>(1)
                : read_number<std::uint32_t>(std::string_view(part).substr(equals + 1));
        if (!weight || !known(name)) {
            return wrong(part, "NAME=WEIGHT with a known name");
        }
        sum += *weight;
        weights.emplace_back(name, *weight);
    }
    if (sum == 0) {
        return wrong(text, "a list with a weight above 0");
    }
    return weights;
}

std::string show(const Weights& weights) {
    std::string text;
    for (const auto& [name, weight] : weights) {
        text += (text.empty() ? "" : ",") + name + "=" + std::to_string(weight);
    }
    return text;
}

Result<double> read_chance(std::string_view text) {
    const auto value = read_number<double>(text);
    if (!value || !(*value >= 0 && *value <= 1)) {
        return wrong(text, "a probability from 0 to 1");
    }
    return *value;
}

std::string show_chance(double value) {
    std::array<char, 32> text{};
    return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

template <class Number>
Result<Number> read_count(std::string_view text) {
    const auto value = read_number<Number>(text);
    if (!value) {
        return wrong(text, "a whole number");
    }
    return *value;
}

Result<bool> read_flag(std::string_view text) {
    if (text != "true" && text != "false") {
        return wrong(text, "true or false");
    }
    return text == "true";
}

/// What every knob is: a member that a text is read into and shown from.
template <class Value, class Read, class Show>
Knob make_knob(
    std::string_view name,
    std::string_view help,
    KnobKind kind,
    Value Options::*member,
    std::pair<Read, Show> forms
) {
    return {
        name,
        help,
        kind,
        true,
        [member,
         read = std::move(forms.first)](Options& options, std::string_view text) -> Result<void> {
            Result<Value> value = read(text);
            if (!value) {
                return value.error();
            }
            options.*member = std::move(*value);
            return {};
        },
        [member, show = std::move(forms.second)](const Options& options) -> std::string {
            return show(options.*member);
        }};
}

template <class Number>
Knob make_count(std::string_view name, Number Options::*member, std::string_view help) {
    const auto shown = [](Number value) { return std::to_string(value); };
    return make_knob(name, help, KnobKind::number, member, std::pair{&read_count<Number>, shown});
}

}  // namespace

Knob chance(std::string_view name, double Options::*member, std::string_view help) {
    return make_knob(name, help, KnobKind::number, member, std::pair{&read_chance, &show_chance});
}

Knob count(std::string_view name, std::uint64_t Options::*member, std::string_view help) {
    return make_count(name, member, help);
}

Knob count(std::string_view name, std::uint16_t Options::*member, std::string_view help) {
    return make_count(name, member, help);
}

Knob duration(std::string_view name, milliseconds Options::*member, std::string_view help) {
    const auto shown = [](milliseconds time) { return show(time); };
    return make_knob(name, help, KnobKind::text, member, std::pair{&parse_duration, shown});
}

Knob range(std::string_view name, Range Options::*member, std::string_view help) {
    const auto shown = [](const Range& value) { return show(value.min) + ".." + show(value.max); };
    return make_knob(name, help, KnobKind::text, member, std::pair{&parse_range, shown});
}

Knob flag(std::string_view name, bool Options::*member, std::string_view help) {
    const auto shown = [](bool value) { return value ? "true" : "false"; };
    return make_knob(name, help, KnobKind::flag, member, std::pair{&read_flag, shown});
}

Knob text(std::string_view name, std::string Options::*member, std::string_view help) {
    const auto taken = [](std::string_view value) {
        return Result<std::string>(std::string(value));
    };
    const auto shown = [](const std::string& value) { return value; };
    return make_knob(name, help, KnobKind::text, member, std::pair{taken, shown});
}

Knob list(std::string_view name, std::vector<std::string> Options::*member, std::string_view help) {
    const auto taken = [](std::string_view value) {
        return Result<std::vector<std::string>>(split(value, ','));
    };
    return make_knob(name, help, KnobKind::list, member, std::pair{taken, &join});
}

Knob weights(
    std::string_view name,
    Weights Options::*member,
    std::function<bool(std::string_view)> known,
    std::string_view help
) {
    const auto shown = [](const Weights& value) { return show(value); };
    auto taken = [known = std::move(known)](std::string_view value) {
        return read_weights(value, known);
    };
    return make_knob(name, help, KnobKind::text, member, std::pair{std::move(taken), shown});
}

Knob checked(Knob knob, std::function<bool(const Options&)> holds, std::string_view expected) {
    knob.set = [set = std::move(knob.set),
                holds = std::move(holds),
                expected](Options& options, std::string_view value) -> Result<void> {
        auto changed = options;
        if (auto done = set(changed, value); !done) {
            return done;
        }
        if (!holds(changed)) {
            return wrong(value, expected);
        }
        options = std::move(changed);
        return {};
    };
    return knob;
}

Knob at_start(Knob knob) {
    knob.at_run_time = false;
    return knob;
}

Result<milliseconds> parse_duration(std::string_view text) {
    const auto unit_at = std::min(text.find_first_not_of("0123456789."), text.size());
    const auto number = read_number<double>(text.substr(0, unit_at));
    const auto unit = text.substr(unit_at);
    double scale = 0;
    if (unit == "ms") {
        scale = 1;
    } else if (unit == "s") {
        scale = 1000;
    } else if (unit == "m") {
        scale = 60'000;
    }
    const auto is_bare_zero = unit.empty() && number == 0.0;
    constexpr double longest_ms = 7.0 * 24 * 3600 * 1000;
    if (!number || (scale == 0 && !is_bare_zero) || *number * scale > longest_ms) {
        return wrong(text, "a time such as 250ms, 1.5s or 2m, of a week at most");
    }
    return milliseconds{std::llround(*number * scale)};
}

Result<Range> parse_range(std::string_view text) {
    const auto dots = text.find("..");
    const auto first = parse_duration(text.substr(0, dots));
    if (!first) {
        return first.error();
    }
    if (dots == std::string_view::npos) {
        return Range{*first, *first};
    }
    const auto second = parse_duration(text.substr(dots + 2));
    if (!second) {
        return second.error();
    }
    if (*second < *first) {
        return wrong(text, "a range MIN..MAX with MIN not above MAX");
    }
    return Range{*first, *second};
}

}  // namespace cxdial::simulator
