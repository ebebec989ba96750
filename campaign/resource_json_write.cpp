#include "base/duration.h"
#include "campaign/internal/campaign_names.h"
#include "campaign/internal/civil_time.h"
#include "campaign/resource_json.h"

#include <nlohmann/json.hpp>

namespace cxdial::campaign {
namespace {

using Json = nlohmann::ordered_json;

Json to_value(const TimeRange& range) {
    return {
        {"start_time", minute_of_day_text(range.start_minute)},
        {"end_time", minute_of_day_text(range.end_minute)}};
}

void write_caller_ids(Json& json, const Campaign& campaign) {
    if (campaign.caller_ids.size() == 1 &&
        campaign.caller_ids.front() == CallerId{campaign.caller_ids.front().phone_number}) {
        json["caller_id"] = campaign.caller_ids.front().phone_number;
    } else {
        Json& pool = json["caller_id_pool"] = Json::array();
        for (const CallerId& caller_id : campaign.caller_ids) {
            pool.push_back({{"phone_number", caller_id.phone_number}, {"weight", caller_id.weight}}
            );
            if (caller_id.did_id != 0) {
                pool.back()["did_id"] = caller_id.did_id;
            }
        }
    }
    json["caller_id_strategy"] = name_in(caller_id_strategies, campaign.caller_id_strategy);
    json["caller_id_sticky"] = campaign.caller_id_sticky;
}

Json retry_value(const Campaign& campaign) {
    Json retry = Json::object();
    for (const auto& [disposition, delays] : campaign.retry) {
        Json& list = retry[std::string(to_string(disposition))] = Json::array();
        for (const base::Millis delay : delays) {
            list.push_back(base::to_text(delay));
        }
    }
    return retry;
}

Json schedule_value(const std::array<DaySchedule, 7>& days) {
    Json schedule = Json::object();
    for (std::size_t i = 0; i < days.size(); ++i) {
        Json& day = schedule[std::string(weekdays.at(i))];
        day["enabled"] = days.at(i).enabled;
        day["time_ranges"] = Json::array();
        for (const TimeRange& range : days.at(i).time_ranges) {
            day["time_ranges"].push_back(to_value(range));
        }
    }
    return schedule;
}

void write_times(Json& json, const Campaign& campaign) {
    json["timezone"] = campaign.timezone;
    if (campaign.start_date) {
        json["start_date"] = *campaign.start_date;
    }
    if (campaign.end_date) {
        json["end_date"] = *campaign.end_date;
    }
    if (campaign.schedule) {
        json["schedule"] = schedule_value(*campaign.schedule);
    }
    if (campaign.respect_recipient_time) {
        json["respect_recipient_time"] = to_value(*campaign.respect_recipient_time);
    }
}

}  // namespace

std::string to_json(const Campaign& campaign) {
    Json json;
    json["kind"] = "campaign";
    json["tenant"] = campaign.tenant;
    json["name"] = campaign.name;
    json["description"] = campaign.description;
    json["cloudonix_domain"] = campaign.cloudonix_domain;
    json["routing_destination_type"] =
        campaign.routing_destination_type == RoutingDestinationType::external
            ? external_routing
            : name_in(routing_destination_types, campaign.routing_destination_type);
    if (!campaign.routing_destination.empty()) {
        json["routing_destination"] = campaign.routing_destination;
    }
    write_caller_ids(json, campaign);
    json["concurrent_active_calls"] = campaign.concurrent_active_calls;
    json["calls_per_second"] = campaign.calls_per_second;
    json["dial_timeout"] = campaign.dial_timeout.count();
    json["time_limit"] = campaign.time_limit.count();
    json["max_dial_attempts"] = campaign.max_dial_attempts;
    json["retry"] = retry_value(campaign);
    write_times(json, campaign);
    json["priority"] = campaign.priority;
    json["weight"] = campaign.weight;
    json["record_calls"] = campaign.record_calls;
    json["keep_open"] = campaign.keep_open;
    if (!campaign.amd.mode.empty()) {
        json["amd"] = {
            {"mode", campaign.amd.mode},
            {"timeout", campaign.amd.timeout.count()},
            {"on_machine", campaign.amd.on_machine}};
    }
    json["cxml_delivery"] = name_in(cxml_deliveries, campaign.cxml_delivery);
    if (!campaign.metadata.empty()) {
        json["metadata"] = Json::parse(campaign.metadata, nullptr, false);
    }
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace cxdial::campaign
