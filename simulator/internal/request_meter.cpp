#include "simulator/internal/request_meter.h"

#include "base/check.h"

#include <algorithm>
#include <cstddef>

namespace cxdial::simulator {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr milliseconds cell_length{100};

std::size_t cell_at(std::chrono::nanoseconds since) {
    return static_cast<std::size_t>(std::max<std::int64_t>(0, since / cell_length));
}

}  // namespace

bool RateBucket::take(base::MonoTime now, std::uint64_t size, milliseconds window) {
    if (size == 0) {
        return true;
    }
    const auto full = static_cast<double>(size);
    const std::chrono::duration<double> passed = now - filled_at_;
    const std::chrono::duration<double> whole = window;
    tokens_ = is_fresh_ ? full : std::min(full, tokens_ + full * (passed / whole));
    is_fresh_ = false;
    filled_at_ = now;
    if (tokens_ < 1) {
        return false;
    }
    tokens_ -= 1;
    return true;
}

void RequestMeter::set_limit(base::MonoTime now, const RequestLimit& limit) {
    if (!eras_.empty() && eras_.back().limit == limit) {
        return;
    }
    eras_.push_back({now, limit});
    bucket_ = {};
    passed_.restart(limit.window);
    all_.restart(limit.window);
}

bool RequestMeter::take(base::MonoTime now) {
    CHECK_INVARIANT(!eras_.empty());
    const auto& limit = eras_.back().limit;
    ++cell(now).requests;
    const auto in_window = all_.add(now);
    if (limit.size == 0) {
        return true;
    }
    over_limit_ += in_window > limit.size ? 1 : 0;
    const auto passes = limit.is_bucket ? bucket_.take(now, limit.size, limit.window)
                                        : passed_.inside(now) < limit.size;
    if (passes) {
        passed_.add(now);
    } else {
        ++limited_;
    }
    return passes;
}

void RequestMeter::asked(base::MonoTime now) {
    ++cell(now).asked;
}

void RequestMeter::refused(base::MonoTime now) {
    ++cell(now).refused;
}

void RequestMeter::accepted(base::MonoTime now) {
    ++cell(now).accepted;
}

RequestMeter::Cell& RequestMeter::cell(base::MonoTime now) {
    const auto index = cell_at(now - eras_.front().at);
    if (cells_.size() <= index) {
        cells_.resize(index + 1);
    }
    return cells_[index];
}

RequestMeter::Cell RequestMeter::sum(std::size_t from, std::size_t to) const {
    Cell all;
    for (auto i = from; i < std::min(to, cells_.size()); ++i) {
        all.requests += cells_[i].requests;
        all.asked += cells_[i].asked;
        all.accepted += cells_[i].accepted;
        all.refused += cells_[i].refused;
    }
    return all;
}

double RequestMeter::allowed(base::MonoTime from, base::MonoTime to) const {
    double all = 0;
    for (std::size_t i = 0; i < eras_.size(); ++i) {
        const auto end = i + 1 < eras_.size() ? std::min(to, eras_[i + 1].at) : to;
        const std::chrono::duration<double> part = end - std::max(from, eras_[i].at);
        if (part.count() <= 0) {
            continue;
        }
        if (eras_[i].limit.size == 0) {
            return -1;
        }
        const std::chrono::duration<double> window = eras_[i].limit.window;
        all += static_cast<double>(eras_[i].limit.size) * (part / window);
    }
    return all;
}

json RequestMeter::summary() const {
    const auto all = sum(0, cells_.size());
    const auto& limit = eras_.back().limit;
    return {
        {"requests", all.requests},
        {"asked", all.asked},
        {"accepted", all.accepted},
        {"refused_429", all.refused},
        {"limited", limited_},
        {"limit", limit.size},
        {"window_ms", limit.window.count()},
        {"max_in_window", all_.max()},
        {"over_limit", over_limit_}};
}

json RequestMeter::span(base::MonoTime now, milliseconds from, milliseconds to) const {
    const auto begun = eras_.front().at;
    const auto end = std::min(begun + to, now);
    const auto all = sum(cell_at(from), cell_at(end - begun));
    const auto limit = allowed(begun + from, end);
    return {
        {"requests", all.requests},
        {"asked", all.asked},
        {"accepted", all.accepted},
        {"refused_429", all.refused},
        {"allowed", limit < 0 ? json() : json(limit)},
        {"share", limit > 0 ? json(all.accepted / limit) : json()}};
}

}  // namespace cxdial::simulator
