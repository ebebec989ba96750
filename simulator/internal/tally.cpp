#include "simulator/internal/tally.h"

#include "base/check.h"
#include "simulator/internal/iso_time.h"
#include "simulator/options.h"

#include <algorithm>
#include <string>

namespace cxdial::simulator {
namespace {

using base::Errc;
using base::Error;
using nlohmann::json;
using namespace std::chrono_literals;

Error wrong(const std::string& what) {
    return {Errc::invalid_argument, what};
}

std::optional<base::WallTime> time_in(const json& window, const char* name) {
    const auto found = window.is_object() ? window.find(name) : window.end();
    if (!window.is_object() || found == window.end() || !found->is_string()) {
        return std::nullopt;
    }
    return parse_iso(found->get<std::string>());
}

base::Result<void> read_forbidden(const json& list, Bounds& bounds) {
    if (!list.is_array()) {
        return wrong("forbidden must be a list");
    }
    for (const auto& window : list) {
        const auto from = time_in(window, "from");
        const auto to = time_in(window, "to");
        if (!from || !to) {
            return wrong("forbidden must hold {from,to} as ISO 8601 date-times");
        }
        bounds.forbidden.emplace_back(*from, *to);
    }
    return {};
}

base::Result<void> read_count(
    const json& value, const std::string& name, std::optional<std::uint64_t>& count
) {
    if (!value.is_number_unsigned()) {
        return wrong(name + " must be a whole number");
    }
    count = value.get<std::uint64_t>();
    return {};
}

base::Result<void> read_length(const json& value, Bounds& bounds) {
    const auto length = parse_duration(value.is_string() ? value.get<std::string>() : "");
    if (!length || length->count() <= 0) {
        return wrong("per must be a time above 0");
    }
    bounds.per = *length;
    return {};
}

base::Result<void> read_bound(const std::string& name, const json& value, Bounds& bounds) {
    if (name == "cap") {
        return read_count(value, name, bounds.cap);
    }
    if (name == "rate") {
        return read_count(value, name, bounds.rate);
    }
    if (name == "per") {
        return read_length(value, bounds);
    }
    if (name == "forbidden") {
        return read_forbidden(value, bounds);
    }
    return wrong("no such bound: " + name);
}

}  // namespace

base::Result<Bounds> read_bounds(const json& body) {
    if (!body.is_object()) {
        return wrong("bounds must be an object");
    }
    Bounds bounds;
    for (const auto& [name, value] : body.items()) {
        if (auto done = read_bound(name, value, bounds); !done) {
            return done.error();
        }
    }
    return bounds;
}

void Tally::declare(Bounds bounds) {
    bounds_ = std::move(bounds);
    per_rate_.restart(bounds_.per);
}

bool Tally::is_forbidden(base::WallTime now) const {
    return std::any_of(bounds_.forbidden.begin(), bounds_.forbidden.end(), [&](const auto& window) {
        return now >= window.first && now < window.second;
    });
}

void Tally::made(base::Now now) {
    pass_time(now.mono);
    live_seconds_at_last_ = live_seconds_;
    ++accepted_;
    live_max_ = std::max(live_max_, ++live_);
    first_ = first_.value_or(now.mono);
    last_ = now.mono;
    per_second_.add(now.mono);
    over_cap_ += bounds_.cap && live_ > *bounds_.cap ? 1 : 0;
    over_rate_ += bounds_.rate && per_rate_.add(now.mono) > *bounds_.rate ? 1 : 0;
    made_forbidden_ += is_forbidden(now.wall) ? 1 : 0;
}

void Tally::started(base::Now now) {
    ++started_;
    started_forbidden_ += is_forbidden(now.wall) ? 1 : 0;
}

void Tally::pass_time(base::MonoTime now) {
    const std::chrono::duration<double> passed = now - passed_until_;
    live_seconds_ += passed.count() * static_cast<double>(live_);
    passed_until_ = now;
}

void Tally::ended(base::Now now) {
    pass_time(now.mono);
    CHECK_INVARIANT(live_ > 0);
    --live_;
}

json Tally::summary(base::MonoTime begun) const {
    const auto since = [&](base::MonoTime time) {
        return json(std::chrono::floor<std::chrono::milliseconds>(time - begun).count());
    };
    const std::chrono::duration<double> calling = first_ ? last_ - *first_ : 0s;
    return {
        {"accepted", accepted_},
        {"started", started_},
        {"live", live_},
        {"live_max", live_max_},
        {"double_dials", double_dials_},
        {"max_in_1s", per_second_.max()},
        {"first_ms", first_ ? since(*first_) : json()},
        {"last_ms", first_ ? since(last_) : json()},
        {"live_mean", calling.count() > 0 ? json(live_seconds_at_last_ / calling.count()) : json()},
        {"violations",
         {{"cap", over_cap_},
          {"rate", over_rate_},
          {"made_forbidden", made_forbidden_},
          {"started_forbidden", started_forbidden_}}}};
}

}  // namespace cxdial::simulator
