#include "routing/memory.h"

#include "cxml/documents.h"
#include "cxml/validate.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace cxdial;
using namespace cxdial::routing;
using Parameters = std::vector<cxml::NamedText>;

namespace {

const std::string url = "https://cxdial.example/api/v1/memory?c=1";

ContactMemory memory_of_two() {
    return {
        {.agent = "anna", .facts = {{"pet", "cat"}, {"tea", "green"}}, .summary = "likes tea"},
        {.agent = "bert", .facts = {{"pet", "dog"}}, .summary = "moved house"}};
}

}  // namespace

TEST_CASE("memory: exclusive, an agent is told its own", "[routing][memory]") {
    CHECK(
        memory_parameters(MemoryScope::exclusive, "bert", memory_of_two(), url) ==
        Parameters{{"memory_summary", "moved house"}, {"memory.pet", "dog"}}
    );
    CHECK(memory_parameters(MemoryScope::exclusive, "carl", memory_of_two(), url).empty());
}

TEST_CASE("memory: shared, an agent is told everybody's with its origin", "[routing][memory]") {
    CHECK(
        memory_parameters(MemoryScope::shared, "bert", memory_of_two(), url) ==
        Parameters{
            {"memory_summary", "anna: likes tea\nbert: moved house"},
            {"memory.pet", "dog"},
            {"memory.pet@anna", "cat"},
            {"memory.tea@anna", "green"},
            {"memory.pet@bert", "dog"},
        }
    );
    CHECK(memory_parameters(MemoryScope::shared, "carl", memory_of_two(), url).size() == 4);
}

TEST_CASE("memory: on demand, an agent is told where to ask for the rest", "[routing][memory]") {
    CHECK(
        memory_parameters(MemoryScope::on_demand, "bert", memory_of_two(), url) ==
        Parameters{
            {"memory_url", url},
            {"memory_summary", "moved house"},
            {"memory.pet", "dog"},
        }
    );
    CHECK(
        memory_parameters(MemoryScope::on_demand, "carl", {}, url) ==
        Parameters{{"memory_url", url}}
    );
}

TEST_CASE("memory: empty values and keys that are none are left out", "[routing][memory]") {
    const ContactMemory memory{
        {.agent = "anna", .facts = {{"a b", "1"}, {"empty", ""}, {"fine.key-1", "x"}}}};
    CHECK(
        memory_parameters(MemoryScope::exclusive, "anna", memory, "") ==
        Parameters{{"memory.fine.key-1", "x"}}
    );
}

TEST_CASE("memory: whatever was remembered, the document can hold it", "[routing][memory]") {
    const ContactMemory memory{
        {.agent = "a\x01\xff",
         .facts = {{"odd", std::string("\0\x1b<&\"\xc3", 6)}},
         .summary = "one\r\n\ttwo"}};
    const Parameters parameters =
        memory_parameters(MemoryScope::shared, memory[0].agent, memory, "");
    REQUIRE(parameters.size() == 3);
    std::vector<cxml::NameValue> views;
    for (const auto& [name, value] : parameters) {
        views.push_back({name, value});
    }
    const auto text =
        cxml::connect_stream_document({.url = "wss://a.example/", .parameters = views});
    REQUIRE(text);
    CHECK(cxml::validate(*text).empty());
}

TEST_CASE("memory: what an agent is told is bounded", "[routing][memory]") {
    AgentMemory long_one{.agent = "anna", .summary = std::string(5000, 's')};
    for (int i = 0; i < 100; ++i) {
        long_one.facts["key" + std::to_string(i)] = std::string(i % 2 == 0 ? 2000 : 1, 'f');
    }
    const Parameters parameters = memory_parameters(MemoryScope::shared, "anna", {long_one}, "");
    CHECK(parameters.size() == memory_parameters_max);
    CHECK(parameters[0].value.size() == memory_summary_bytes_max);
    std::size_t bytes = 0;
    for (const auto& [name, value] : parameters) {
        bytes += name.size() + value.size();
        CHECK((name == "memory_summary" || value.size() <= memory_value_bytes_max));
    }
    CHECK(bytes <= memory_bytes_max);
}
