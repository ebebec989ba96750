#include "simulator/internal/truth.h"

#include "base/check.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <system_error>
#include <utility>

namespace cxdial::simulator {
namespace {

using nlohmann::json;

constexpr std::size_t examples_max = 100;
constexpr std::uint64_t hashed = 1ULL << 63U;

/// Digits as their number, anything else as a hash with the top bit set.
std::uint64_t key_of(std::string_view text) {
    const auto digits = text.substr(!text.empty() && text.front() == '+' ? 1 : 0);
    std::uint64_t number = 0;
    const auto* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, number);
    const auto is_plain =
        error == std::errc{} && stop == end && (number & hashed) == 0 && digits.front() != '0';
    return is_plain ? number : std::hash<std::string_view>{}(text) | hashed;
}

}  // namespace

void Truth::call_started(
    base::MonoTime now,
    std::string_view destination,
    std::string_view attempt,
    std::string_view token
) {
    ++accepted_;
    live_max_ = std::max(live_max_, ++live_);
    per_second_.add(now);
    per_ten_seconds_.add(now);
    auto& count = destinations_[key_of(destination)];
    ++count.started;
    ++count.live;
    count.live_max = std::max(count.live_max, count.live);
    if (count.live > 1) {
        ++double_dials_;
        if (double_dial_examples_.size() < examples_max) {
            double_dial_examples_.push_back({{"destination", destination}, {"token", token}});
        }
    }
    if (!attempt.empty() && ++attempts_[key_of(attempt)] > 1) {
        ++repeated_attempts_;
        if (repeated_attempt_examples_.size() < examples_max) {
            repeated_attempt_examples_.push_back({{"attempt", attempt}, {"token", token}});
        }
    }
}

void Truth::call_ended(std::string_view destination) {
    auto& count = destinations_[key_of(destination)];
    CHECK_INVARIANT(live_ > 0 && count.live > 0);
    --live_;
    --count.live;
}

void Truth::Inbound::made() {
    ++made_;
    live_max_ = std::max(live_max_, ++live_);
}

void Truth::Inbound::ended(std::string_view disposition) {
    CHECK_INVARIANT(live_ > 0);
    --live_;
    ++outcomes_[std::string(disposition)];
}

json Truth::Inbound::summary() const {
    return {
        {"made", made_},
        {"answered", answered_},
        {"live", live_},
        {"live_max", live_max_},
        {"outcomes", outcomes_}};
}

void Truth::cxml_error(std::string why) {
    ++cxml_errors_;
    if (cxml_error_examples_.size() < examples_max) {
        cxml_error_examples_.push_back(std::move(why));
    }
}

json Truth::summary() const {
    json statuses = json::object();
    for (const auto& [status, count] : placement_statuses_) {
        statuses[status == 0 ? "reset" : std::to_string(status)] = count;
    }
    json webhooks = json::object();
    for (const auto& [kind, count] : webhooks_) {
        webhooks[kind] = {
            {"made", count.made},
            {"sent", count.sent},
            {"acked", count.acked},
            {"given_up", count.given_up}};
    }
    return {
        {"placements", {{"received", placements_}, {"accepted", accepted_}, {"answers", statuses}}},
        {"rest_requests", rest_requests_},
        {"live", {{"now", live_}, {"max", live_max_}}},
        {"started", {{"max_in_1s", per_second_.max()}, {"max_in_10s", per_ten_seconds_.max()}}},
        {"destinations", destinations_.size()},
        {"double_dials", double_dials_},
        {"double_dial_examples", double_dial_examples_},
        {"attempts", attempts_.size()},
        {"repeated_attempts", repeated_attempts_},
        {"repeated_attempt_examples", repeated_attempt_examples_},
        {"outcomes", outcomes_},
        {"answered_by", answered_by_},
        {"late_starts", late_starts_},
        {"voice_requests", voice_requests_},
        {"voice_repeats", voice_repeats_},
        {"inbound", inbound_.summary()},
        {"cxml_errors", cxml_errors_},
        {"cxml_error_examples", cxml_error_examples_},
        {"webhooks", webhooks}};
}

json Truth::destination(std::string_view destination) const {
    const auto found = destinations_.find(key_of(destination));
    const auto count = found == destinations_.end() ? PerDestination{} : found->second;
    return {
        {"destination", destination},
        {"started", count.started},
        {"live", count.live},
        {"live_max", count.live_max}};
}

json Truth::destinations() const {
    auto all = json::object();
    for (const auto& [key, count] : destinations_) {
        if ((key & hashed) == 0) {
            all[std::to_string(key)] = {
                {"started", count.started}, {"live", count.live}, {"live_max", count.live_max}};
        }
    }
    return all;
}

json Truth::attempt(std::string_view attempt) const {
    const auto found = attempts_.find(key_of(attempt));
    return {{"attempt", attempt}, {"accepted", found == attempts_.end() ? 0U : found->second}};
}

}  // namespace cxdial::simulator
