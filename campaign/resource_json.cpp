#include "campaign/resource_json.h"

#include "base/duration.h"
#include "campaign/calendar.h"
#include "campaign/internal/campaign_names.h"
#include "campaign/internal/civil_time.h"
#include "campaign/json_fields.h"
#include "campaign/phone.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace cxdial::campaign {
namespace {

using Json = nlohmann::json;

/// Who wrote the resource.
enum class Author : std::uint8_t { user, cxdial };

constexpr std::size_t caller_ids_max = 1000;
constexpr std::size_t delays_max = 20;
constexpr std::size_t ranges_max = 24;
constexpr std::size_t metadata_bytes_max = std::size_t{64} << 10U;
constexpr base::Millis delay_max = std::chrono::hours{24 * 30};

void read_seconds(
    JsonFields& fields, std::string_view key, std::chrono::seconds& target, IntegerRange range
) {
    int seconds = static_cast<int>(target.count());
    fields.integer(key, seconds, range);
    target = std::chrono::seconds{seconds};
}

void read_caller_id_pool(
    JsonFields& fields, FieldErrors& errors, Author author, Campaign& campaign
) {
    const Json* const pool = fields.array("caller_id_pool", caller_ids_max);
    if (pool == nullptr) {
        return;
    }
    if (pool->empty()) {
        fields.wrong("caller_id_pool", "needs at least one caller ID");
    }
    for (std::size_t i = 0; i < pool->size(); ++i) {
        const std::string path = element_path("caller_id_pool", i);
        if (!(*pool)[i].is_object()) {
            errors.push_back({path, "expected an object"});
            continue;
        }
        JsonFields member{(*pool)[i], path, errors};
        CallerId caller_id;
        read_domain_number(member, "phone_number", caller_id.phone_number, "caller ID");
        member.integer("weight", caller_id.weight, {0, 10'000});
        if (author == Author::cxdial && member.has("did_id")) {
            const Json& did = (*pool)[i]["did_id"];
            caller_id.did_id = did.is_number_integer() ? did.get<std::int64_t>() : 0;
        }
        member.finish();
        const bool doubled = std::any_of(
            campaign.caller_ids.begin(),
            campaign.caller_ids.end(),
            [&](const CallerId& other) { return other.phone_number == caller_id.phone_number; }
        );
        if (doubled && !caller_id.phone_number.empty()) {
            member.wrong("phone_number", "is in the pool twice");
        }
        campaign.caller_ids.push_back(std::move(caller_id));
    }
}

void read_caller_ids(JsonFields& fields, FieldErrors& errors, Author author, Campaign& campaign) {
    const bool has_pool = fields.has("caller_id_pool");
    if (fields.has("caller_id")) {
        if (has_pool) {
            fields.wrong("caller_id", "is given together with caller_id_pool: only one may be");
        }
        CallerId caller_id;
        read_domain_number(fields, "caller_id", caller_id.phone_number, "caller ID");
        campaign.caller_ids.push_back(std::move(caller_id));
    } else if (has_pool) {
        read_caller_id_pool(fields, errors, author, campaign);
    } else {
        fields.wrong("caller_id", "is required, or caller_id_pool");
    }
    fields.one_of("caller_id_strategy", campaign.caller_id_strategy, caller_id_strategies);
    fields.boolean("caller_id_sticky", campaign.caller_id_sticky);
}

void read_routing(JsonFields& fields, Author author, Campaign& campaign) {
    if (!fields.has("routing_destination_type")) {
        fields.wrong("routing_destination_type", "is required");
        fields.ignore("routing_destination");
        return;
    }
    std::string name;
    if (author == Author::cxdial && fields.text("routing_destination_type", name) &&
        name == external_routing) {
        campaign.routing_destination_type = RoutingDestinationType::external;
        return;
    }
    const bool known = fields.one_of(
        "routing_destination_type", campaign.routing_destination_type, routing_destination_types
    );
    if (known && campaign.routing_destination_type != RoutingDestinationType::hangup) {
        read_resource_name(fields, "routing_destination", campaign.routing_destination);
        return;
    }
    std::string unwanted;
    fields.text("routing_destination", unwanted);
    if (known && !unwanted.empty()) {
        fields.wrong("routing_destination", "must be absent when calls are hung up");
    }
}

std::vector<base::Millis> read_delays(
    const Json& delays, const std::string& path, FieldErrors& errors
) {
    std::vector<base::Millis> read;
    for (std::size_t i = 0; i < delays.size(); ++i) {
        const auto delay = delays[i].is_string()
                               ? base::parse_duration(delays[i].get_ref<const std::string&>())
                               : std::nullopt;
        if (!delay || delay->count() == 0 || *delay > delay_max) {
            errors.push_back(
                {element_path(path, i),
                 R"(expected a duration such as "10m", longer than 0 and at most 30 days)"}
            );
        } else {
            read.push_back(*delay);
        }
    }
    return read;
}

void read_retry(JsonFields& fields, FieldErrors& errors, Campaign& campaign) {
    const Json* const retry = fields.object("retry");
    if (retry == nullptr) {
        return;
    }
    JsonFields policy{*retry, fields.path_of("retry"), errors};
    for (const Disposition disposition : all_dispositions) {
        const std::string_view key = to_string(disposition);
        const Json* const delays = policy.array(key, delays_max);
        if (delays == nullptr) {
            continue;
        }
        if (disposition == Disposition::answered) {
            policy.wrong(key, "an answered call is never tried again");
            continue;
        }
        campaign.retry[disposition] = read_delays(*delays, policy.path_of(key), errors);
    }
    policy.finish();
}

void read_time_range(
    const Json& json, const std::string& path, FieldErrors& errors, TimeRange& to
) {
    if (!json.is_object()) {
        errors.push_back({path, "expected an object"});
        return;
    }
    JsonFields range{json, path, errors};
    range.ignore("id");
    range.time_of_day("start_time", to.start_minute);
    range.time_of_day("end_time", to.end_minute);
    if (to.start_minute == minutes_per_day) {
        range.wrong("start_time", "must be before 24:00");
    }
    range.finish();
}

void read_day(JsonFields& week, std::string_view name, FieldErrors& errors, DaySchedule& day) {
    const Json* const json = week.object(name);
    if (json == nullptr) {
        return;
    }
    JsonFields fields{*json, week.path_of(name), errors};
    day.enabled = true;
    fields.boolean("enabled", day.enabled);
    if (const Json* const ranges = fields.array("time_ranges", ranges_max)) {
        for (std::size_t i = 0; i < ranges->size(); ++i) {
            read_time_range(
                (*ranges)[i],
                element_path(fields.path_of("time_ranges"), i),
                errors,
                day.time_ranges.emplace_back()
            );
        }
    }
    if (day.enabled && day.time_ranges.empty()) {
        fields.wrong("time_ranges", "an enabled day needs at least one");
    }
    fields.finish();
}

void read_dates(JsonFields& fields, Campaign& campaign) {
    if (fields.text("timezone", campaign.timezone) && !is_time_zone(campaign.timezone)) {
        fields.wrong("timezone", "is not a zone of the IANA database such as Europe/Rome");
    }
    const auto read_date = [&](std::string_view key, std::optional<std::string>& target) {
        std::string text;
        if (!fields.text(key, text)) {
            return;
        }
        if (!midnight_of(text)) {
            fields.wrong(key, "expected a date such as 2026-03-01");
            return;
        }
        target = text;
    };
    read_date("start_date", campaign.start_date);
    read_date("end_date", campaign.end_date);
    if (campaign.start_date && campaign.end_date && *campaign.end_date < *campaign.start_date) {
        fields.wrong("end_date", "is before start_date");
    }
}

void read_schedule(JsonFields& fields, FieldErrors& errors, Campaign& campaign) {
    const Json* const schedule = fields.object("schedule");
    if (schedule == nullptr) {
        return;
    }
    JsonFields week{*schedule, fields.path_of("schedule"), errors};
    auto& days = campaign.schedule.emplace();
    for (std::size_t i = 0; i < days.size(); ++i) {
        read_day(week, weekdays.at(i), errors, days.at(i));
    }
    week.finish();
    if (std::none_of(days.begin(), days.end(), [](const DaySchedule& day) {
            return day.enabled;
        })) {
        fields.wrong("schedule", "enables no day: leave it out to dial at any time");
    }
}

/// With both dates the whole life of the campaign is known: it must have an open instant.
void check_some_time_is_open(JsonFields& fields, const Campaign& campaign) {
    if (!campaign.schedule || !campaign.start_date || !campaign.end_date) {
        return;
    }
    const auto calendar = Calendar::of(campaign);
    const auto long_before = parse_instant(*campaign.start_date, "UTC").time;
    if (!calendar || !long_before) {
        return;  // said by the fields themselves
    }
    const Opening opening = calendar->at(*long_before - std::chrono::hours{48});
    if (!opening.open && !opening.until) {
        fields.wrong("schedule", "has no open time from start_date to end_date");
    }
}

void read_times(JsonFields& fields, FieldErrors& errors, Campaign& campaign) {
    const std::size_t errors_before = errors.size();
    read_dates(fields, campaign);
    read_schedule(fields, errors, campaign);
    if (errors.size() == errors_before) {
        check_some_time_is_open(fields, campaign);
    }
    if (const Json* const hours = fields.object("respect_recipient_time")) {
        read_time_range(
            *hours,
            fields.path_of("respect_recipient_time"),
            errors,
            campaign.respect_recipient_time.emplace()
        );
    }
}

void read_amd(JsonFields& fields, FieldErrors& errors, Campaign& campaign) {
    const Json* const json = fields.object("amd");
    if (json == nullptr) {
        return;
    }
    JsonFields amd{*json, fields.path_of("amd"), errors};
    if (!amd.has("mode")) {
        amd.wrong("mode", "is required");
    }
    amd.one_of("mode", campaign.amd.mode, amd_modes);
    read_seconds(amd, "timeout", campaign.amd.timeout, {1, 120});
    amd.one_of("on_machine", campaign.amd.on_machine, amd_actions);
    amd.finish();
    if (campaign.amd.on_machine == "hangup" &&
        campaign.cxml_delivery == CxmlDelivery::inline_document) {
        fields.wrong(
            "cxml_delivery",
            "inline CXML is sent before a machine can be detected: amd.on_machine hangup needs "
            "callback"
        );
    }
}

void read_pace(JsonFields& fields, Campaign& campaign) {
    fields.integer("concurrent_active_calls", campaign.concurrent_active_calls, {1, 10'000});
    fields.number("calls_per_second", campaign.calls_per_second, 0, 1000);
    read_seconds(fields, "dial_timeout", campaign.dial_timeout, {5, 600});
    read_seconds(fields, "time_limit", campaign.time_limit, {1, 86'400});
    fields.integer("max_dial_attempts", campaign.max_dial_attempts, {1, 20});
    fields.integer("priority", campaign.priority, {-1'000'000, 1'000'000});
    fields.integer("weight", campaign.weight, {1, 1000});
}

void read_metadata(JsonFields& fields, Campaign& campaign) {
    const Json* const metadata = fields.object("metadata");
    if (metadata == nullptr || metadata->empty()) {
        return;
    }
    campaign.metadata = metadata->dump();
    if (campaign.metadata.size() > metadata_bytes_max) {
        fields.wrong("metadata", "is longer than 64 KiB");
    }
}

void read_campaign(JsonFields& fields, FieldErrors& errors, Author author, Campaign& campaign) {
    for (const std::string_view key : read_only_fields) {
        fields.ignore(key);
    }
    read_resource_names(fields, campaign.tenant, campaign.name);
    fields.text("description", campaign.description, 2000);
    fields.text("cloudonix_domain", campaign.cloudonix_domain, 253);
    read_routing(fields, author, campaign);
    read_caller_ids(fields, errors, author, campaign);
    read_pace(fields, campaign);
    read_retry(fields, errors, campaign);
    read_times(fields, errors, campaign);
    fields.boolean("record_calls", campaign.record_calls);
    fields.boolean("keep_open", campaign.keep_open);
    fields.one_of("cxml_delivery", campaign.cxml_delivery, cxml_deliveries);
    read_amd(fields, errors, campaign);
    read_metadata(fields, campaign);
    fields.finish();
}

std::variant<Campaign, FieldErrors> read_document(std::string_view json, Author author) {
    Campaign campaign;
    FieldErrors errors = read_resource(json, [&](JsonFields& fields, FieldErrors& wrong) {
        read_campaign(fields, wrong, author, campaign);
    });
    if (!errors.empty()) {
        return errors;
    }
    return campaign;
}

}  // namespace

std::variant<Campaign, FieldErrors> campaign_from_json(std::string_view json) {
    return read_document(json, Author::user);
}

std::variant<Campaign, FieldErrors> stored_campaign_from_json(std::string_view json) {
    return read_document(json, Author::cxdial);
}

}  // namespace cxdial::campaign
