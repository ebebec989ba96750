#include "campaign/destination.h"

#include <catch2/catch.hpp>

#include <map>
#include <set>

using namespace cxdial::campaign;
using enum DestinationStatus;

TEST_CASE("destination: exactly these changes of status are legal", "[campaign][destination]") {
    const std::set<DestinationStatus> taken_out{contacted_inbound, suppressed, cancelled};
    const std::map<DestinationStatus, std::set<DestinationStatus>> legal{
        {pending, {queued, placing_call, invalid}},
        {queued, {pending, retry_pending, placing_call, failed, invalid}},
        {placing_call, {pending, queued, retry_pending, calling, completed, failed, invalid}},
        {calling, {retry_pending, completed, failed}},
        {retry_pending, {queued, placing_call, failed, invalid}},
    };
    for (const DestinationStatus from : all_destination_statuses) {
        for (const DestinationStatus to : all_destination_statuses) {
            CAPTURE(to_string(from), to_string(to));
            const bool expected =
                legal.contains(from) && (legal.at(from).contains(to) || taken_out.contains(to));
            REQUIRE(may_become(from, to) == expected);
        }
    }
}

TEST_CASE("destination: a terminal status is final", "[campaign][destination]") {
    const std::set<DestinationStatus> terminal{
        completed, failed, contacted_inbound, suppressed, cancelled, invalid};
    for (const DestinationStatus status : all_destination_statuses) {
        CAPTURE(to_string(status));
        REQUIRE(is_terminal(status) == terminal.contains(status));
    }
}

TEST_CASE("destination: names read back, and the stored numbers stay", "[campaign][destination]") {
    int number = 0;
    for (const DestinationStatus status : all_destination_statuses) {
        REQUIRE(parse_destination_status(to_string(status)) == status);
        REQUIRE(static_cast<int>(status) == number++);
    }
    REQUIRE(to_string(contacted_inbound) == "contacted_inbound");
    REQUIRE_FALSE(parse_destination_status("done"));
}
