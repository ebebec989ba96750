#include "daemon/resource_files.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace cxdial;
using daemon::read_resource_files;

namespace {

/// A folder of this test's own, gone when it ends.
class Folder {
public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "cxdial-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    Folder(Folder&&) = delete;
    Folder& operator=(Folder&&) = delete;

    [[nodiscard]] std::string write(const std::string& name, const std::string& text) const {
        const std::filesystem::path file = path_ / name;
        std::ofstream(file) << text;
        return file.string();
    }

private:
    std::filesystem::path path_;
};

constexpr const char* campaign_json =
    R"({"kind": "campaign", "name": "spring", "cloudonix_domain": "acme.cloudonix.net",
        "routing_destination_type": "ai_assistant", "routing_destination": "ada",
        "caller_id": "+12125550100"})";
constexpr const char* assistant_toml = R"(
kind = "assistant"
name = "ada"
protocol = "sip"
provider = "vapi"
phone_number = "+12125550111"
)";

}  // namespace

TEST_CASE(
    "resource files: JSON and TOML are read, assistants before campaigns", "[daemon][files]"
) {
    const Folder folder;
    const auto resources = read_resource_files(
        {folder.write("a.json", campaign_json), folder.write("b.toml", assistant_toml)}
    );
    REQUIRE(resources.has_value());
    REQUIRE(resources->size() == 2);
    CHECK((*resources)[0].kind == "assistant");
    CHECK((*resources)[1].name == "spring");
}

TEST_CASE("resource files: what is referred to comes first", "[daemon][files]") {
    const Folder folder;
    const std::string list =
        std::string(R"([{"kind": "phone_number", "phone_number": "+12125550100",
        "agent": "zoe"}, {"kind": "tenant", "name": "default", "callback_campaign": "spring"},)") +
        campaign_json + R"(, {"kind": "ai_load_balancer", "name": "pool",
        "strategy": "random", "members": [{"assistant": "zoe"}], "fallback": "hangup"},
        {"kind": "agent", "name": "zoe", "protocol": "number", "phone_number": "+12125550177"}])";
    const auto resources = read_resource_files({folder.write("all.json", list)});
    REQUIRE(resources.has_value());
    std::string kinds;
    for (const daemon::NamedResource& resource : *resources) {
        kinds += resource.kind + " ";
    }
    CHECK(kinds == "agent ai_load_balancer campaign tenant phone_number ");
    CHECK(resources->back().name == "+12125550100");
}

TEST_CASE("resource files: a file may hold a list of resources", "[daemon][files]") {
    const Folder folder;
    const std::string list = std::string("[") + campaign_json + "," + campaign_json + "]";
    const std::string wrapped = "{\"resources\": " + list + "}";
    for (const std::string& text : {list, wrapped}) {
        const auto resources = read_resource_files({folder.write("many.json", text)});
        REQUIRE(resources.has_value());
        CHECK(resources->size() == 2);
    }
}

TEST_CASE(
    "resource files: every bad field is named with file, resource and path", "[daemon][files]"
) {
    const Folder folder;
    const std::string file = folder.write(
        "bad.json",
        R"([{"kind": "campaign", "name": "x", "colour": 1}, {"kind": "trunk", "name": "y"}])"
    );
    const auto resources = read_resource_files({file});
    REQUIRE_FALSE(resources.has_value());
    const std::string& detail = resources.error().detail;
    CHECK(detail.find(file + ": campaign \"x\": colour") != std::string::npos);
    CHECK(detail.find("each resource needs a kind") != std::string::npos);
}

TEST_CASE(
    "resource files: a file that is no JSON, no TOML or not there is an error", "[daemon][files]"
) {
    const Folder folder;
    for (const std::string& file :
         {folder.write("a.json", "{"),
          folder.write("b.toml", "= 1"),
          std::string("/nowhere.json")}) {
        const auto resources = read_resource_files({file});
        REQUIRE_FALSE(resources.has_value());
        CHECK(resources.error().detail.find(file) != std::string::npos);
    }
}
