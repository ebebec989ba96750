#include "dialer/advice.h"

#include "campaign/calendar.h"
#include "cxml/providers.h"
#include "dialer/answer.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>

namespace cxdial::dialer {
namespace {

using balancer::Assistant;
using balancer::Protocol;

/// More calls than this at once are more than one assistant is usually sized for.
constexpr int comfortable_for_one = 10;
/// A call with its ringing, at the shortest: for the question whether a list can be finished.
constexpr double shortest_call_seconds = 30.0;
constexpr std::chrono::days a_year{365};

base::Error conflict(const std::string& why) {
    return {base::Errc::conflict, why};
}

base::Result<void> delivery_is_possible(const campaign::Campaign& campaign, bool has_public_url) {
    const bool has_amd = !campaign.amd.mode.empty();
    if (has_amd && campaign.cxml_delivery == campaign::CxmlDelivery::inline_document) {
        return conflict(
            "amd needs cxml_delivery \"auto\" or \"callback\": its verdict comes with the answer"
        );
    }
    const bool must_ask = has_amd || campaign.cxml_delivery == campaign::CxmlDelivery::callback;
    if (must_ask && !has_public_url) {
        return conflict(
            "amd and cxml_delivery \"callback\" need daemon.public_url: Cloudonix must be able to "
            "ask what an answered call shall do"
        );
    }
    return {};
}

/// How many calls the assistants take at once; nothing: any number.
std::optional<int> capacity_of(const std::vector<const Assistant*>& assistants) {
    int sum = 0;
    for (const Assistant* assistant : assistants) {
        if (assistant->max_concurrent_calls == 0) {
            return std::nullopt;
        }
        sum += assistant->max_concurrent_calls;
    }
    return sum;
}

void advise_on_capacity(
    const campaign::Campaign& campaign,
    const std::vector<const Assistant*>& assistants,
    std::vector<Advice>& advice
) {
    const int cac = campaign.concurrent_active_calls;
    const std::optional<int> capacity = capacity_of(assistants);
    if (capacity && cac > *capacity) {
        advice.push_back(
            {"cac_above_capacity",
             "concurrent_active_calls is " + std::to_string(cac) + " and its assistants take " +
                 std::to_string(*capacity) + " calls at once: the rest of the cap is never used"}
        );
    }
    using enum campaign::RoutingDestinationType;
    if (campaign.routing_destination_type == ai_assistant && cac > comfortable_for_one) {
        advice.push_back(
            {"cac_without_balancer",
             std::to_string(cac) +
                 " calls at once go to a single assistant: put several behind an ai_load_balancer"}
        );
    }
    if (campaign.routing_destination_type == ai_load_balancer && assistants.size() == 1) {
        advice.push_back(
            {"balancer_of_one",
             "its balancer has one usable assistant: when that one fails, nobody takes the calls"}
        );
    }
}

void advise_on_assistant(const Assistant& assistant, std::vector<Advice>& advice) {
    if (assistant.protocol == Protocol::sip && cxml::find_provider(assistant.provider) == nullptr) {
        advice.push_back(
            {"unknown_provider",
             "assistant \"" + assistant.name + "\": provider \"" + assistant.provider +
                 "\" is not one that Cloudonix documents"}
        );
    }
    if (assistant.protocol == Protocol::websocket &&
        !assistant.url_template.starts_with("wss://")) {
        advice.push_back(
            {"insecure_stream",
             "assistant \"" + assistant.name +
                 "\": its URL is not wss://, and Cloudonix may refuse to connect"}
        );
    }
}

/// The best that could be hoped for, in calls per second.
double best_rate(const campaign::Campaign& campaign) {
    const double by_slots = campaign.concurrent_active_calls / shortest_call_seconds;
    return campaign.calls_per_second == 0 ? by_slots
                                          : std::min(by_slots, campaign.calls_per_second);
}

void advise_on_time(
    const campaign::Campaign& campaign, const Situation& situation, std::vector<Advice>& advice
) {
    const base::Result<campaign::Calendar> calendar = campaign::Calendar::of(campaign);
    if (!calendar || !campaign.end_date || situation.open_destinations == 0) {
        return;
    }
    const std::chrono::duration<double> open =
        calendar->open_time(situation.now, situation.now + a_year);
    const double calls = open.count() * best_rate(campaign);
    if (calls < static_cast<double>(situation.open_destinations)) {
        advice.push_back(
            {"list_cannot_be_finished",
             "at most some " + std::to_string(static_cast<std::int64_t>(calls)) + " of " +
                 std::to_string(situation.open_destinations) +
                 " destinations can be dialed before " + *campaign.end_date +
                 ": raise the cap or the pace, or move the end date"}
        );
    }
}

}  // namespace

bool asks_at_answer(const campaign::Campaign& campaign, bool has_public_url) {
    switch (campaign.cxml_delivery) {
        case campaign::CxmlDelivery::inline_document:
            return false;
        case campaign::CxmlDelivery::callback:
            return true;
        case campaign::CxmlDelivery::automatic:
            // A call that is only hung up gains nothing from a request of its own.
            return has_public_url &&
                   (!PoolKey::of(campaign).is_hangup() || !campaign.amd.mode.empty());
    }
    return false;
}

base::Result<void> fit_to_dial(
    Store& store, Switchboard& switchboard, const campaign::Campaign& campaign, bool has_public_url
) {
    if (const auto calendar = campaign::Calendar::of(campaign); !calendar) {
        return calendar.error();
    }
    const PoolKey pool = PoolKey::of(campaign);
    if (base::Result<void> loaded = switchboard.load(store, pool); !loaded) {
        return loaded;
    }
    if (base::Result<void> possible = delivery_is_possible(campaign, has_public_url); !possible) {
        return possible;
    }
    // A placeholder of the URL that has no value must show now, not in somebody's ear.
    const bool has_session = asks_at_answer(campaign, has_public_url);
    const CallFacts facts{
        .session = has_session ? "00000000000000000000000000000000" : "",
        .from = "+12025550100",
        .to = "+12025550101",
    };
    for (const Assistant* assistant : switchboard.usable(pool)) {
        const base::Result<std::string> trial = answer_document(assistant, facts);
        if (!trial) {
            return conflict("assistant \"" + assistant->name + "\": " + trial.error().detail);
        }
    }
    return {};
}

std::vector<Advice> advise(
    const campaign::Campaign& campaign, const Switchboard& switchboard, const Situation& situation
) {
    std::vector<Advice> advice;
    const PoolKey pool = PoolKey::of(campaign);
    const std::vector<const Assistant*> assistants = switchboard.usable(pool);
    if (campaign.routing_destination_type == campaign::RoutingDestinationType::external) {
        return advice;  // OPBX's business
    }
    if (pool.is_hangup()) {
        advice.push_back(
            {"hangup_routing",
             "whoever answers is hung up on: routing_destination_type \"hangup\" is for tests"}
        );
    } else if (assistants.empty()) {
        advice.push_back(
            {"no_assistant", "no assistant of it is active and published: nothing will be dialed"}
        );
    } else {
        advise_on_capacity(campaign, assistants, advice);
    }
    for (const Assistant* assistant : assistants) {
        advise_on_assistant(*assistant, advice);
    }
    if (!pool.balancer.empty() && !situation.has_public_url) {
        advice.push_back(
            {"no_public_url",
             "daemon.public_url is not set: the balancer has to choose before anybody has "
             "answered, and cannot pass a call on when the chosen one does not take it"}
        );
    }
    advise_on_time(campaign, situation, advice);
    return advice;
}

}  // namespace cxdial::dialer
