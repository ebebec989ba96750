#include "daemon/opbx_resources.h"

#include <catch2/catch.hpp>

#include <string>

namespace cxdial::daemon {
namespace {

using api_client::read_opbx_assistant;
using api_client::read_opbx_balancer;

}  // namespace

TEST_CASE("opbx resources: a SIP assistant is reached by its provider and number", "[opbx]") {
    const auto made = assistant_of(
        read_opbx_assistant(
            R"({"data":{"id":"7","name":"Eve","provider":"vapi","protocol":"sip","status":"active",
                "configuration":{"phone_number":"+12125550111"}}})"
        )
            .value()
    );
    CHECK(made.name == "opbx-7");
    CHECK(made.protocol == balancer::Protocol::sip);
    CHECK(made.provider == "vapi");
    CHECK(made.phone_number == "+12125550111");
    CHECK(made.status == balancer::ResourceStatus::active);
}

TEST_CASE("opbx resources: a WebSocket assistant keeps its secrets out of the URL", "[opbx]") {
    const auto deepdub =
        assistant_of(read_opbx_assistant(
                         R"({"id":8,"provider":"deepdub","protocol":"websocket","status":"inactive",
                "configuration":{"bot_id":"b1","auth_token":"secret"}})"
        )
                         .value());
    CHECK(deepdub.url_template.find("{auth_token}") != std::string::npos);
    CHECK(deepdub.bot_id == "b1");
    CHECK(deepdub.auth_token.reveal() == "secret");
    CHECK(deepdub.status == balancer::ResourceStatus::paused);
    const auto own_endpoint =
        assistant_of(read_opbx_assistant(
                         R"({"id":9,"provider":"dograh-oss","protocol":"websocket",
                "configuration":{"websocket_endpoint":"wss://me.test/s","agent_uuid":"u-1"}})"
        )
                         .value());
    CHECK(own_endpoint.url_template == "wss://me.test/s/{agent_uuid}");
    CHECK(own_endpoint.parameters.at("agent_uuid") == "u-1");
}

TEST_CASE("opbx resources: a load balancer keeps strategy, weights and priorities", "[opbx]") {
    const auto made = balancer_of(read_opbx_balancer(
                                      R"({"data":{"id":3,"strategy":"percentage","members":[
                {"ai_assistant_id":7,"weight":70,"priority":1,"status":"active"},
                {"ai_assistant_id":"8","weight":30,"status":"inactive"},{"weight":1}]}})"
    )
                                      .value());
    CHECK(made.name == "opbx-3");
    CHECK(made.strategy == balancer::Strategy::weighted);
    REQUIRE(made.members.size() == 2);
    CHECK(made.members[0].assistant == "opbx-7");
    CHECK(made.members[0].weight == 70);
    CHECK(made.members[1].status == balancer::ResourceStatus::paused);
    CHECK(made.fallback == "hangup");
}

TEST_CASE("opbx resources: what is neither is an error", "[opbx]") {
    CHECK_FALSE(read_opbx_assistant(R"({"message":"Not found."})"));
    CHECK_FALSE(read_opbx_balancer("<html>"));
    CHECK_FALSE(read_opbx_balancer(R"({"id":3})"));
}

}  // namespace cxdial::daemon
