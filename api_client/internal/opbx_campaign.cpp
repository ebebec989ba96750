#include "api_client/internal/opbx_campaign.h"

#include "api_client/internal/json_read.h"
#include "campaign/phone.h"
#include "campaign/resource_json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>

namespace cxdial::api_client::internal {

namespace {

using campaign::Campaign;
using campaign::Disposition;
using nlohmann::json;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::array<const char*, 7> weekdays{
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
constexpr std::array<minutes, 5> retry_delays{
    minutes{5}, minutes{10}, minutes{20}, minutes{40}, minutes{60}};
constexpr std::size_t description_max = 1'900;

bool flag_of(const json* value, bool otherwise) {
    if (value == nullptr) {
        return otherwise;
    }
    if (value->is_boolean()) {
        return value->get<bool>();
    }
    const std::string text = text_of(value);
    return text == "1" || text == "true";
}

struct Range {
    std::int64_t least;
    std::int64_t most;
};

int number_of(const json* value, int otherwise, Range range) {
    const std::optional<std::int64_t> number = integer_of(value);
    return static_cast<int>(std::clamp(number.value_or(otherwise), range.least, range.most));
}

std::optional<double> decimal_of(const json* value) {
    if (value != nullptr && value->is_number()) {
        return value->get<double>();
    }
    const std::string text = text_of(value);
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(number)
                                                                    : std::nullopt;
}

OpbxKind kind_of(const json& row) {
    // The older form was written by servers of both kinds.
    const bool is_newest =
        row.contains("calls_per_second") || row.contains("caller_id_pool_enabled");
    return is_newest ? OpbxKind::places_calls : OpbxKind::unclear;
}

double pace_of(const json& row) {
    constexpr double fastest = 30;
    constexpr double slowest = 0.01;
    if (const auto per_second = decimal_of(member(row, "calls_per_second"))) {
        return std::clamp(*per_second, slowest, fastest);
    }
    if (const auto interval = decimal_of(member(row, "api_interval_seconds"));
        interval && *interval > 0) {
        return std::clamp(1 / *interval, slowest, fastest);
    }
    return 1;
}

/// E.164 where it is one, as our own resources have it.
std::string caller_id_text(const json* value) {
    std::string text = text_of(value);
    const auto number = campaign::read_phone_number(text);
    return number ? number->reveal() : text;
}

void read_caller_ids(const json& row, Campaign& campaign) {
    const json* const pool = member(row, "caller_id_pool");
    if (flag_of(member(row, "caller_id_pool_enabled"), false) && pool != nullptr &&
        pool->is_array()) {
        for (const json& item : *pool) {
            campaign::CallerId caller_id{
                .phone_number = caller_id_text(member(item, "phone_number"))};
            caller_id.weight = number_of(member(item, "weight"), 1, {0, 10'000});
            caller_id.did_id = integer_of(member(item, "did_id")).value_or(0);
            const bool is_known = std::any_of(
                campaign.caller_ids.begin(),
                campaign.caller_ids.end(),
                [&](const auto& other) { return other.phone_number == caller_id.phone_number; }
            );
            if (!caller_id.phone_number.empty() && !is_known) {
                campaign.caller_ids.push_back(std::move(caller_id));
            }
        }
    }
    if (campaign.caller_ids.empty()) {
        campaign.caller_ids = {{.phone_number = caller_id_text(member(row, "caller_id"))}};
    }
    const std::string strategy = text_of(member(row, "caller_id_strategy"));
    using enum campaign::CallerIdStrategy;
    const bool has_weights = std::any_of(
        campaign.caller_ids.begin(),
        campaign.caller_ids.end(),
        [&](const auto& caller_id) { return caller_id.weight != campaign.caller_ids[0].weight; }
    );
    if (strategy == "least_recently_used") {
        campaign.caller_id_strategy = least_recently_used;
    } else if (has_weights) {
        campaign.caller_id_strategy = weighted;
    } else if (strategy == "random") {
        campaign.caller_id_strategy = random;
    }
}

/// `HH:MM` as minutes since midnight; `24:00` is the end of the day.
std::optional<int> minute_of(const json* value) {
    const std::string text = text_of(value);
    int hour = 0;
    int minute = 0;
    const char* const end = text.data() + text.size();
    const auto [colon, hour_error] = std::from_chars(text.data(), end, hour);
    if (hour_error != std::errc{} || colon == end || *colon != ':') {
        return std::nullopt;
    }
    const auto [stop, minute_error] = std::from_chars(colon + 1, end, minute);
    const bool is_time = minute_error == std::errc{} && hour >= 0 && minute >= 0 && minute < 60 &&
                         hour * 60 + minute <= 24 * 60 && (stop == end || *stop == ':');
    return is_time ? std::optional(hour * 60 + minute) : std::nullopt;
}

campaign::DaySchedule day_of(const json* day) {
    campaign::DaySchedule read;
    if (day == nullptr) {
        return read;
    }
    const json* const ranges = member(*day, "time_ranges");
    if (flag_of(member(*day, "enabled"), false) && ranges != nullptr && ranges->is_array()) {
        for (const json& range : *ranges) {
            const std::optional<int> start = minute_of(member(range, "start_time"));
            const std::optional<int> end = minute_of(member(range, "end_time"));
            // There, a range over midnight never matches.
            if (start && end && *start < *end) {
                read.time_ranges.push_back({*start, *end});
            }
        }
    }
    read.enabled = !read.time_ranges.empty();
    return read;
}

std::optional<std::string> date_of(const json* value) {
    constexpr std::size_t length = std::string_view("2026-06-01").size();
    std::string text = text_of(value);
    text.resize(std::min(text.size(), length));
    return text.empty() ? std::nullopt : std::optional(text);
}

void read_times(const json& row, Campaign& campaign) {
    if (std::string zone = text_of(member(row, "timezone")); !zone.empty()) {
        campaign.timezone = std::move(zone);
    }
    campaign.start_date = date_of(member(row, "start_date"));
    campaign.end_date = date_of(member(row, "end_date"));
    const json* const schedule = member(row, "schedule");
    if (schedule == nullptr || !schedule->is_object()) {
        return;
    }
    auto& days = campaign.schedule.emplace();
    for (std::size_t i = 0; i < days.size(); ++i) {
        days.at(i) = day_of(member(*schedule, weekdays.at(i)));
    }
}

void read_retries(const json& row, Campaign& campaign) {
    campaign.max_dial_attempts = number_of(member(row, "max_dial_attempts"), 1, {1, 20});
    const std::vector<base::Millis> delays(retry_delays.begin(), retry_delays.end());
    for (const Disposition disposition :
         {Disposition::busy, Disposition::no_answer, Disposition::cancelled}) {
        campaign.retry[disposition] = delays;
    }
    if (flag_of(member(row, "retry_on_voicemail"), false)) {
        campaign.retry[Disposition::voicemail] = delays;
    }
}

/// Only the older versions leave the detection of machines to the call's request.
void read_amd(const json& row, Campaign& campaign) {
    if (!flag_of(member(row, "amd_enabled"), false)) {
        return;
    }
    const bool to_the_end = text_of(member(row, "amd_mode")) == "DetectMessageEnd";
    campaign.amd.mode = to_the_end ? "DetectMessageEnd" : "Enable";
    campaign.amd.timeout = seconds{number_of(member(row, "amd_timeout"), 30, {1, 120})};
    campaign.amd.on_machine =
        text_of(member(row, "action_voicemail")) == "CONTINUE" ? "continue" : "hangup";
}

Campaign resource_of(const json& row, campaign::OpbxCampaignId id) {
    Campaign campaign;
    campaign.name = "opbx-" + std::to_string(id.raw());
    campaign.description = text_of(member(row, "name"));
    campaign.description.resize(std::min(campaign.description.size(), description_max));
    campaign.cloudonix_domain = text_of(member(row, "cloudonix_domain"));
    campaign.routing_destination_type = campaign::RoutingDestinationType::external;
    campaign.concurrent_active_calls =
        number_of(member(row, "concurrent_active_calls"), 1, {1, 10'000});
    campaign.calls_per_second = pace_of(row);
    campaign.dial_timeout = seconds{number_of(member(row, "dial_timeout"), 60, {5, 600})};
    campaign.time_limit = seconds{number_of(member(row, "time_limit"), 3'600, {30, 86'400})};
    campaign.record_calls = flag_of(member(row, "record_calls"), false);
    read_caller_ids(row, campaign);
    read_retries(row, campaign);
    read_times(row, campaign);
    return campaign;
}

}  // namespace

OpbxCampaign opbx_campaign_of(const json& row, campaign::OpbxCampaignId id) {
    OpbxCampaign read{.id = id};
    read.name = text_of(member(row, "name"));
    read.is_active = text_of(member(row, "status")) == "active";
    read.kind = kind_of(row);
    read.routing_type = text_of(member(row, "routing_destination_type"));
    read.routing_id = integer_of(member(row, "routing_destination_id")).value_or(0);
    read.api_url = text_of(member(row, "cloudonix_api_url"));
    read.api_key = base::Secret{text_of(member(row, "cloudonix_api_key"))};
    Campaign resource = resource_of(row, id);
    // What is stored is read back with every rule for resources.
    const auto checked = campaign::stored_campaign_from_json(campaign::to_json(resource));
    if (const auto* errors = std::get_if<campaign::FieldErrors>(&checked)) {
        read.resource = base::Error{
            base::Errc::invalid_argument, errors->front().path + ": " + errors->front().reason};
    } else {
        read_amd(row, resource);
        read.resource = std::move(resource);
    }
    return read;
}

}  // namespace cxdial::api_client::internal
