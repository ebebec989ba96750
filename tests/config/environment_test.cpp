#include "config/config.h"
#include "tests/config/support.h"

#include <catch2/catch.hpp>

#include <string>

using namespace cxdial::config;
using namespace std::chrono_literals;

namespace {

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("environment: a variable overrides the file", "[config][environment]") {
    const auto config = parse(
        "[daemon]\nlisten = \"127.0.0.1:1\"\nlog_level = \"warn\"\n",
        {{"CXDIAL_DAEMON_LISTEN", "0.0.0.0:2"},
         {"CXDIAL_DAEMON_API_TOKEN", "t"},
         {"CXDIAL_DAEMON_POLL_INTERVAL", "1s"},
         {"CXDIAL_DATABASE_URL", "sqlite:x.db"},
         {"PATH", "/bin"}}
    );
    REQUIRE(config);
    REQUIRE(config->daemon.listen_address == "0.0.0.0");
    REQUIRE(config->daemon.listen_port == 2);
    REQUIRE(config->daemon.poll_interval == 1s);
    REQUIRE(config->daemon.log_level == cxdial::base::LogLevel::warn);
    REQUIRE(config->database.sqlite_path == "etc/x.db");
}

TEST_CASE("environment: Cloudonix variables are for the first domain", "[config][environment]") {
    const auto config = parse(
        "[[cloudonix]]\ndomain = \"a.net\"\n[[cloudonix]]\ndomain = \"b.net\"\napi_key = \"2\"\n",
        {{"CXDIAL_CLOUDONIX_API_KEY", "1"}, {"CXDIAL_CLOUDONIX_MAX_CONCURRENT_CALLS", "7"}}
    );
    REQUIRE(config);
    REQUIRE(config->cloudonix[0].api_key.reveal() == "1");
    REQUIRE(config->cloudonix[0].max_concurrent_calls == 7);
    REQUIRE(config->cloudonix[1].api_key.reveal() == "2");
}

TEST_CASE("environment: a section that the file lacks is created", "[config][environment]") {
    const Variables variables{
        {"CXDIAL_CLOUDONIX_DOMAIN", "a.net"},
        {"CXDIAL_CLOUDONIX_API_KEY", "1"},
        {"CXDIAL_OPBX_WORKER_ID", "w9"}};
    const auto config = default_config(names_of(variables), values_of(variables));
    REQUIRE(config);
    REQUIRE(config->cloudonix.size() == 1);
    REQUIRE(config->cloudonix[0].domain == "a.net");
    REQUIRE(config->opbx->worker_id == "w9");
    REQUIRE(config->database.sqlite_path == "cxdial.db");
    REQUIRE(config->file.empty());
}

TEST_CASE("environment: what is wrong names the variable and the key", "[config][environment]") {
    REQUIRE(
        errors(
            "[daemon]\nlog_level = \"loud\"\n",
            {{"CXDIAL_CLOUDONIX_REQUESTS", "many"},
             {"CXDIAL_DAEMON_LISTN", "x"},
             {"CXDIAL_DAEMON_POLL_INTERVAL", "10"},
             {"CXDIAL_NONSENSE", ""}}
        ) ==
        Lines{
            R"(etc/cxdial.toml:2: daemon.log_level: expected one of trace, debug, info, warn, error, got "loud")",
            "CXDIAL_CLOUDONIX_REQUESTS: cloudonix.requests: expected a whole number from 0 to "
            "100000",
            "CXDIAL_DAEMON_LISTN: names no key of the configuration",
            R"(CXDIAL_DAEMON_POLL_INTERVAL: daemon.poll_interval: expected a duration such as "10s", got "10")",
            "CXDIAL_NONSENSE: names no key of the configuration",
            "CXDIAL_CLOUDONIX_REQUESTS: cloudonix.domain: is required",
            "CXDIAL_CLOUDONIX_REQUESTS: cloudonix.api_key: is required",
        }
    );
}

TEST_CASE("environment: a bad listen address from it is named by it", "[config][environment]") {
    REQUIRE(
        errors("", {{"CXDIAL_DAEMON_LISTEN", "0.0.0.0:80"}}) ==
        Lines{"CXDIAL_DAEMON_LISTEN: daemon.listen: others than this machine can connect there, so "
              "daemon.api_token must be set"}
    );
}

TEST_CASE("environment: a secret from it is never shown", "[config][environment]") {
    const Lines lines = errors("", {{"CXDIAL_CLOUDONIX_API_KEY", "SECRET\n"}});
    REQUIRE(lines.size() == 2);
    for (const std::string& line : lines) {
        REQUIRE(line.find("SECRET") == std::string::npos);
    }
}

namespace {

/// As a container file of OPBX sets it for its Go worker.
const Variables workers{
    {"LARAVEL_API_URL", "http://nginx/api/v1/dialer/worker"},
    {"LARAVEL_API_TOKEN", "t0ken"},
    {"REDIS_HOST", "redis"},
    {"REDIS_PORT", "6380"},
    {"REDIS_PASSWORD", "hush"},
    {"REDIS_DB", "2"},
    {"WORKER_ID", "worker-7"},
    {"POLL_INTERVAL", "5s"},
    {"WEBHOOK_PORT", "8081"},
    {"HEALTH_CHECK_PORT", "8080"},
    {"WEBHOOK_SECRET", "s"},
};

}  // namespace

TEST_CASE("environment: that of OPBX's own worker is enough", "[config][environment][opbx]") {
    const auto config = default_config(names_of(workers), values_of(workers));
    REQUIRE(config);
    const Opbx& opbx = *config->opbx;
    CHECK(opbx.url == "http://nginx");
    CHECK(opbx.token.reveal() == "t0ken");
    CHECK(opbx.redis_url == "redis://redis:6380/2");
    CHECK(opbx.redis_password.reveal() == "hush");
    CHECK(opbx.worker_id == "worker-7");
    CHECK(opbx.poll_interval == 5s);
    CHECK(opbx.webhook_secret.reveal() == "s");
    CHECK(config->daemon.listen_address == "0.0.0.0");
    CHECK(config->daemon.listen_port == 8081);
    CHECK_FALSE(serves_api(config->daemon));
}

TEST_CASE(
    "environment: what cxdial is told itself wins over OPBX's names", "[config][environment][opbx]"
) {
    Variables variables = workers;
    variables["CXDIAL_OPBX_WORKER_ID"] = "mine";
    variables["CXDIAL_DAEMON_API_TOKEN"] = "t";
    const auto config =
        parse("[daemon]\nlisten = \"127.0.0.1:9\"\n[opbx]\ntoken = \"file\"\n", variables);
    REQUIRE(config);
    CHECK(config->opbx->worker_id == "mine");
    CHECK(config->opbx->token.reveal() == "file");
    CHECK(config->opbx->url == "http://nginx");
    CHECK(config->daemon.listen_port == 9);
    CHECK(serves_api(config->daemon));
}

TEST_CASE(
    "environment: without OPBX its worker's names mean nothing", "[config][environment][opbx]"
) {
    Variables variables = workers;
    variables.erase("LARAVEL_API_URL");
    const auto config = default_config(names_of(variables), values_of(variables));
    REQUIRE(config);
    CHECK_FALSE(config->opbx.has_value());
    CHECK(config->daemon.listen_address == "127.0.0.1");
}

TEST_CASE(
    "environment: OPBX's address is found in each of its forms", "[config][environment][opbx]"
) {
    for (const char* url :
         {"http://pbx:8000",
          "http://pbx:8000/",
          "http://pbx:8000/api",
          "http://pbx:8000/api/v1/",
          "http://pbx:8000/api/v1/dialer/worker"}) {
        const Variables variables{{"LARAVEL_API_URL", url}};
        const auto config = default_config(names_of(variables), values_of(variables));
        INFO(url);
        REQUIRE(config);
        CHECK(config->opbx->url == "http://pbx:8000");
        CHECK(config->opbx->redis_url.empty());
    }
}

TEST_CASE("environment: Redis needs no port, number or password", "[config][environment][opbx]") {
    const Variables variables{
        {"LARAVEL_API_URL", "http://pbx"},
        {"REDIS_HOST", "r"},
        {"REDIS_PORT", ""},
        {"REDIS_DB", "0"},
        {"REDIS_PASSWORD", "null"}};
    const auto config = default_config(names_of(variables), values_of(variables));
    REQUIRE(config);
    CHECK(config->opbx->redis_url == "redis://r:6379");
    CHECK(config->opbx->redis_password.empty());
}

TEST_CASE(
    "environment: what is wrong in OPBX's names is told by them", "[config][environment][opbx]"
) {
    const Lines lines =
        errors("", {{"LARAVEL_API_URL", "pbx"}, {"WEBHOOK_PORT", "x"}, {"POLL_INTERVAL", "soon"}});
    REQUIRE(lines.size() == 3);
    CHECK(lines[0].find("LARAVEL_API_URL: opbx.url: ") == 0);
    CHECK(lines[1].find("POLL_INTERVAL: opbx.poll_interval: ") == 0);
    CHECK(lines[2].find("WEBHOOK_PORT: daemon.listen: ") == 0);
}
