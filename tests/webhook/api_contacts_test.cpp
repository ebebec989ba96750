#include "tests/webhook/api_server.h"
#include "webhook/api.h"

#include <catch2/catch.hpp>

#include <mutex>
#include <string>
#include <vector>

using namespace cxdial;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;
using webhook::ApiPorts;

namespace {

constexpr base::WallTime now = base::from_millis(1'772'355'600'000);  // 2026-03-01T09:00:00Z

base::Result<std::string> text(const char* json) {
    return std::string(json);
}

/// A program that remembers how it was asked, and to which everything is new.
class Program {
public:
    ApiPorts ports() {
        ApiPorts ports;
        ports.put = [this](const auto& resources, const auto& done) {
            for (const webhook::ApiResource& resource : resources) {
                note(std::visit([](const auto& known) { return place(known); }, resource));
            }
            done({.outcomes = std::vector<std::string>(resources.size(), "created")});
        };
        ports.show = [](auto, const auto& /*name*/) { return text("{}"); };
        read(ports.contacts);
        write(ports.contacts);
        ports.contacts.now = [] { return now; };
        return ports;
    }

    std::vector<std::string> asked() {
        const std::lock_guard lock(mutex_);
        return asked_;
    }

    bool is_new = true;

private:
    template <class Resource>
    static std::string place(const Resource& resource) {
        return resource.tenant + "/" + resource.name;
    }
    static std::string place(const routing::Tenant& tenant) { return tenant.name; }
    static std::string place(const webhook::ApiContact& contact) {
        return contact.tenant + "/" + contact.phone_number.reveal();
    }

    void note(std::string what) {
        const std::lock_guard lock(mutex_);
        asked_.push_back(std::move(what));
    }

    void read(webhook::ApiContactPorts& ports) {
        ports.list = [](const auto& /*tenant*/, const auto& /*slice*/) {
            return webhook::ApiPage{.items = "[]", .next = {}};
        };
        ports.show = [](const auto& /*contact*/) { return text(R"({"name":"Zoe"})"); };
        ports.timeline = [this](const webhook::ApiContact& contact, int limit) {
            note(place(contact) + " " + std::to_string(limit));
            return text("[]");
        };
        ports.memory = [this](const auto& contact, const webhook::ApiMemoryFilter& filter) {
            note(place(contact) + " +" + filter.agent + " -" + filter.except);
            return text("[]");
        };
        ports.follow_ups = [this](const webhook::ApiFollowUpFilter& filter, const auto& slice) {
            note(
                filter.tenant + " " + (filter.contact ? filter.contact->reveal() : "-") + " " +
                filter.agent + " " + filter.campaign + " " +
                std::string(filter.status ? to_string(*filter.status) : "-") + " " +
                std::to_string(slice.limit)
            );
            return webhook::ApiPage{.items = "[]", .next = {}};
        };
        ports.follow_up = [](const auto& /*tenant*/, campaign::FollowUpId id) {
            return base::Result<std::string>("{\"id\":" + std::to_string(id.raw()) + "}");
        };
        ports.decisions = [this](const webhook::ApiDecisionFilter& filter, const auto& /*slice*/) {
            note(
                (filter.contact ? filter.contact->reveal() : "-") + " " + filter.campaign + " " +
                filter.call_sid
            );
            return webhook::ApiPage{.items = "[]", .next = "7"};
        };
        ports.decision = [](const auto& tenant, campaign::DecisionId id) {
            return id.raw() == 7 && tenant == "default"
                       ? text(R"({"id":7})")
                       : base::Result<std::string>(base::Error{base::Errc::not_found, "none"});
        };
        ports.inbound_returns = [](const auto& /*campaign*/) {
            return text(R"({"total":0,"by_reason":{}})");
        };
    }

    void write(webhook::ApiContactPorts& ports) {
        ports.put = [this](const routing::Contact& contact, const auto& done) {
            note(contact.tenant + "/" + contact.phone_number.reveal() + " " + contact.name);
            done(is_new);
        };
        ports.remove = [](const auto& /*contact*/, const auto& done) {
            done(base::Error{base::Errc::not_found, "there is no such contact"});
        };
        ports.edit_memory = [this](
                                const auto& contact,
                                const std::string& agent,
                                const webhook::ApiMemoryEdit& edit,
                                const auto& done
                            ) {
            std::string what = place(contact) + " " + agent;
            for (const auto& [key, value] : edit.facts) {
                what.append(" " + key + "=" + value);
            }
            for (const std::string& key : edit.forgotten) {
                what.append(" !" + key);
            }
            note(what + " " + edit.summary.value_or("-"));
            if (agent == "nobody") {
                done(base::Error{base::Errc::invalid_argument, "agent: there is none such"});
            } else {
                done({});
            }
        };
        ports.forget = [](const auto& /*contact*/, const std::string& agent, const auto& done) {
            done(agent == "ada");
        };
        ports.add_follow_up = [this](const routing::FollowUp& follow_up, const auto& done) {
            note(
                follow_up.tenant + "/" + follow_up.phone_number.reveal() + " " + follow_up.agent +
                " " + std::to_string(base::to_millis(follow_up.due_at))
            );
            done(webhook::ApiAddedFollowUp{campaign::FollowUpId{5}, is_new});
        };
        ports.cancel_follow_up =
            [this](const auto& tenant, auto id, const std::string& reason, const auto& done) {
                note(tenant + "/" + std::to_string(id.raw()) + " " + reason);
                if (id.raw() == 5) {
                    done({});
                } else {
                    done(base::Error{base::Errc::conflict, "the follow-up is closed: completed"});
                }
            };
    }

    std::mutex mutex_;
    std::vector<std::string> asked_;
};

/// The API of such a program.
class Fixture {
public:
    std::string ask(const std::string& line, const std::string& body = {}) {
        return server_.ask(line, body);
    }

    Program program;

private:
    webhook::testing::ApiServer server_{program.ports()};
};

using Asked = std::vector<std::string>;

}  // namespace

TEST_CASE("api: people, dialed numbers and tenants are resources", "[webhook][api]") {
    Fixture fixture;
    const std::string person =
        R"({"name":"zoe","protocol":"number","phone_number":"+12025550177"})";
    CHECK_THAT(fixture.ask("PUT agents/zoe?tenant=acme", person), StartsWith("HTTP/1.1 201"));
    const std::string number = R"({"phone_number":"+1 202 555 0100","agent":"zoe"})";
    CHECK_THAT(fixture.ask("PUT phone_numbers/+12025550100", number), StartsWith("HTTP/1.1 201"));
    const std::string tenant = R"({"name":"acme","unknown_caller_agent":"zoe"})";
    CHECK_THAT(fixture.ask("PUT tenants/acme", tenant), StartsWith("HTTP/1.1 201"));
    CHECK(fixture.program.asked() == Asked{"acme/zoe", "default/+12025550100", "acme"});
    const std::string report =
        fixture.ask("POST apply", R"([{"kind":"phone_number","phone_number":"+12025550100"}])");
    CHECK_THAT(report, Contains(R"("name":"+12025550100","outcome":"created")"));
    const std::string bad =
        fixture.ask("PUT tenants/acme", R"({"name":"acme","layers":{"x":true}})");
    CHECK_THAT(bad, StartsWith("HTTP/1.1 422") && Contains("layers.x"));
    CHECK_THAT(
        fixture.ask("PUT tenants/b", tenant), StartsWith("HTTP/1.1 422") && Contains("name")
    );
    CHECK_THAT(fixture.ask("PUT assistants/zoe", person), StartsWith("HTTP/1.1 422"));
}

TEST_CASE("api: a contact is known by the number in its path", "[webhook][api][contacts]") {
    Fixture fixture;
    const std::string zoe = R"({"phone_number":"+12025550100","name":"Zoe"})";
    CHECK_THAT(
        fixture.ask("PUT contacts/+12025550100?tenant=acme", zoe),
        StartsWith("HTTP/1.1 201") && EndsWith(R"({"name":"Zoe"})")
    );
    fixture.program.is_new = false;
    CHECK_THAT(fixture.ask("PUT contacts/%2B12025550100", zoe), StartsWith("HTTP/1.1 200"));
    CHECK(fixture.program.asked() == Asked{"acme/+12025550100 Zoe", "default/+12025550100 Zoe"});
    const std::string other = fixture.ask("PUT contacts/+12025550101", zoe);
    CHECK_THAT(other, StartsWith("HTTP/1.1 422") && Contains(R"("path":"phone_number")"));
    const std::string colour =
        fixture.ask("PUT contacts/+12025550100", R"({"phone_number":"+12025550100","colour":1})");
    CHECK_THAT(colour, StartsWith("HTTP/1.1 422") && Contains(R"("path":"colour")"));
    CHECK_THAT(fixture.ask("PUT contacts/zoe", zoe), StartsWith("HTTP/1.1 404"));
    CHECK_THAT(fixture.ask("DELETE contacts/+12025550100"), StartsWith("HTTP/1.1 404"));
    CHECK_THAT(fixture.ask("GET contacts"), StartsWith("HTTP/1.1 200"));
}

TEST_CASE("api: memory is asked for by agent and changed key by key", "[webhook][api][contacts]") {
    Fixture fixture;
    const std::string memory = "contacts/+12025550100/memory";
    CHECK_THAT(fixture.ask("GET " + memory + "?agent=ada"), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(fixture.ask("GET " + memory + "?except=ada"), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(
        fixture.ask("PUT " + memory + "/ada", R"({"facts":{"a":"1","b":null},"summary":"x\ny"})"),
        StartsWith("HTTP/1.1 200")
    );
    CHECK_THAT(
        fixture.ask("PUT " + memory + "/ada", R"({"summary":null})"), StartsWith("HTTP/1.1")
    );
    CHECK(
        fixture.program.asked() ==
        Asked{
            "default/+12025550100 +ada -",
            "default/+12025550100 + -ada",
            "default/+12025550100 ada a=1 !b x\ny",
            "default/+12025550100 +ada -",
            "default/+12025550100 ada ",
            "default/+12025550100 +ada -"}
    );
    const std::string nobody = fixture.ask("PUT " + memory + "/nobody", "{}");
    CHECK_THAT(nobody, StartsWith("HTTP/1.1 422") && Contains(R"("path":"agent")"));
    CHECK_THAT(fixture.ask("DELETE " + memory + "/ada"), StartsWith("HTTP/1.1 204"));
    CHECK_THAT(fixture.ask("DELETE " + memory + "/bob"), StartsWith("HTTP/1.1 404"));
}

TEST_CASE("api: every bad fact is named", "[webhook][api][contacts]") {
    Fixture fixture;
    const std::string refused = fixture.ask(
        "PUT contacts/+12025550100/memory/ada",
        R"({"facts":{"a b":"x","n":1,"z":"\u0000"},"summary":3,"mood":"good"})"
    );
    CHECK_THAT(refused, StartsWith("HTTP/1.1 422"));
    for (const char* path : {"facts.a b", "facts.n", "facts.z", "summary", "mood"}) {
        CHECK_THAT(refused, Contains("\"path\":\"" + std::string(path) + "\""));
    }
    CHECK(fixture.program.asked().empty());
}

TEST_CASE("api: follow-ups are chosen, added and cancelled", "[webhook][api][contacts]") {
    Fixture fixture;
    const std::string chosen =
        "contact=%2B12025550100&agent=ada&status=active&campaign=spring&limit=5&tenant=acme";
    CHECK_THAT(fixture.ask("GET follow-ups?" + chosen), StartsWith("HTTP/1.1 200"));
    const std::string task = R"({"phone_number":"+12025550100","agent":"ada"})";
    CHECK_THAT(
        fixture.ask("POST follow-ups", task), StartsWith("HTTP/1.1 201") && EndsWith(R"({"id":5})")
    );
    fixture.program.is_new = false;
    const std::string due = R"({"phone_number":"+12025550100","agent":"ada",)"
                            R"("due_at":"2026-03-01T10:00:00Z"})";
    CHECK_THAT(fixture.ask("POST follow-ups", due), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(fixture.ask("DELETE follow-ups/5"), StartsWith("HTTP/1.1 204"));
    const std::string closed = fixture.ask("DELETE follow-ups/6?reason=no%20need");
    CHECK_THAT(closed, StartsWith("HTTP/1.1 409") && Contains("is closed"));
    CHECK(
        fixture.program.asked() ==
        Asked{
            "acme +12025550100 ada spring active 5",
            "default/+12025550100 ada 1772355600000",
            "default/+12025550100 ada 1772359200000",
            "default/5 cancelled by an operator",
            "default/6 no need"}
    );
    const std::string bad = fixture.ask("POST follow-ups", R"({"agent":"ada","type":"fax"})");
    CHECK_THAT(bad, StartsWith("HTTP/1.1 422") && Contains("phone_number") && Contains("type"));
    CHECK_THAT(fixture.ask("GET follow-ups/x"), StartsWith("HTTP/1.1 404"));
    CHECK_THAT(fixture.ask("GET follow-ups?contact=zoe"), StartsWith("HTTP/1.1 400"));
    CHECK_THAT(fixture.ask("GET follow-ups?status=dialing"), StartsWith("HTTP/1.1 400"));
    CHECK_THAT(fixture.ask("PUT follow-ups/5"), StartsWith("HTTP/1.1 405"));
}

TEST_CASE("api: decisions are found by caller, campaign, call and id", "[webhook][api]") {
    Fixture fixture;
    const std::string page = fixture.ask("GET decisions?contact=%2B12025550100&campaign=spring");
    CHECK_THAT(page, StartsWith("HTTP/1.1 200") && EndsWith(R"({"items":[],"next_cursor":"37"})"));
    CHECK_THAT(fixture.ask("GET decisions?contact=+12025550100"), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(fixture.ask("GET decisions?call_sid=CA1"), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(
        fixture.ask("GET contacts/+12025550100/timeline?limit=3"), StartsWith("HTTP/1.1 200")
    );
    CHECK(
        fixture.program.asked() ==
        Asked{"+12025550100 spring ", "+12025550100  ", "-  CA1", "default/+12025550100 3"}
    );
    CHECK_THAT(fixture.ask("GET decisions/7"), EndsWith(R"({"id":7})"));
    CHECK_THAT(fixture.ask("GET decisions/8"), StartsWith("HTTP/1.1 404"));
    CHECK_THAT(fixture.ask("GET campaigns/spring/inbound-returns"), Contains(R"("total":0)"));
}

TEST_CASE("api: a filter of another list is an error", "[webhook][api]") {
    Fixture fixture;
    for (const char* path :
         {"contacts?agent=ada",
          "decisions?status=active",
          "follow-ups?call_sid=CA1",
          "follow-ups?agent=",
          "decisions/7?contact=%2B12025550100"}) {
        CHECK_THAT(fixture.ask("GET " + std::string(path)), StartsWith("HTTP/1.1 400"));
    }
    CHECK(fixture.program.asked().empty());
}
