#include "config/config.h"

#include "tests/config/support.h"

#include <catch2/catch.hpp>

#include <fstream>
#include <string>
#include <unistd.h>

using namespace cxdial::config;
using namespace std::chrono_literals;
using cxdial::base::Errc;
using cxdial::base::LogLevel;

namespace {

using Lines = std::vector<std::string>;

/// The message about one line `key = value` in a section.
std::string error_of(const std::string& section, const std::string& line) {
    const Lines lines = errors("[" + section + "]\n" + line + "\n");
    return lines.empty() ? "" : lines.front();
}

std::string error_of_domain(const std::string& line) {
    const Lines lines =
        errors("[[cloudonix]]\ndomain = \"a.net\"\napi_key = \"XI1\"\n" + line + "\n");
    return lines.empty() ? "" : lines.front();
}

constexpr std::string_view full = R"(
[daemon]
listen        = "0.0.0.0:9000"
public_url    = "https://dialer.example/cx/"
api_token     = "token-1"
poll_interval = "250ms"
log_level     = "debug"
log_format    = "text"
max_concurrent_calls = 50

[dialing]
calls_per_number = 0
calls_per_number_window = "36h"

[database]
url = "sqlite:data/calls.db"

[[cloudonix]]
domain      = "acme.cloudonix.net"
api_url     = "http://127.0.0.1:8090/"
api_key     = "XI1"
webhook_key = "hook"
requests    = 20
per         = "1s"
max_concurrent_calls = 30
in_doubt_limit = "5m"

[[cloudonix]]
domain  = "other.cloudonix.net"
api_key = "XI2"

[opbx]
url         = "http://[::1]:8000"
token       = "t"
worker_id   = "w2"
placement   = "direct"
webhook_secret = "s"
redis_url   = "redis://localhost:6379/0"
)";

}  // namespace

TEST_CASE("config: every key is read", "[config]") {
    const auto read = parse(full);
    REQUIRE(read);
    const Config& config = *read;
    REQUIRE(config.daemon.listen_address == "0.0.0.0");
    REQUIRE(config.daemon.listen_port == 9000);
    REQUIRE(config.daemon.public_url == "https://dialer.example/cx");
    REQUIRE(config.daemon.api_token.reveal() == "token-1");
    REQUIRE(config.daemon.poll_interval == 250ms);
    REQUIRE(config.daemon.log_level == LogLevel::debug);
    REQUIRE(config.daemon.log_format == LogFormat::text);
    REQUIRE(config.daemon.max_concurrent_calls == 50);
    REQUIRE(config.dialing.calls_per_number == 0);
    REQUIRE(config.dialing.calls_per_number_window == 36h);
    REQUIRE(config.database.sqlite_path == "etc/data/calls.db");
    REQUIRE(config.cloudonix.size() == 2);
    REQUIRE(config.cloudonix[0].api_url == "http://127.0.0.1:8090");
    REQUIRE(config.cloudonix[0].webhook_key.reveal() == "hook");
    REQUIRE(config.cloudonix[0].requests == 20);
    REQUIRE(config.cloudonix[0].per == 1s);
    REQUIRE(config.cloudonix[0].max_concurrent_calls == 30);
    REQUIRE(config.cloudonix[0].in_doubt_limit == 5min);
    REQUIRE(config.cloudonix[1].domain == "other.cloudonix.net");
    REQUIRE(config.cloudonix[1].api_url == "https://api.cloudonix.io");
    REQUIRE(config.opbx->url == "http://[::1]:8000");
    REQUIRE(config.opbx->placement == "direct");
    REQUIRE(config.opbx->redis_url == "redis://localhost:6379/0");
    REQUIRE(config.file == "etc/cxdial.toml");
}

TEST_CASE("config: an empty file has the interface's defaults", "[config]") {
    const auto config = parse("");
    REQUIRE(config);
    REQUIRE(config->daemon.listen_address == "127.0.0.1");
    REQUIRE(config->daemon.max_concurrent_calls == 0);
    REQUIRE(config->dialing.calls_per_number == 3);
    REQUIRE(config->dialing.calls_per_number_window == 24h);
    REQUIRE(config->daemon.listen_port == 8081);
    REQUIRE(config->daemon.poll_interval == 10s);
    REQUIRE(config->database.sqlite_path == "etc/cxdial.db");
    REQUIRE(config->cloudonix.empty());
    REQUIRE_FALSE(config->opbx.has_value());
}

TEST_CASE("config: a wrong value is named by file, line and key", "[config]") {
    REQUIRE(
        error_of("daemon", "\npoll_interval = \"10x\"") ==
        R"(etc/cxdial.toml:3: daemon.poll_interval: expected a duration such as "10s", got "10x")"
    );
    REQUIRE(
        error_of("daemon", "poll_interval = 10") ==
        R"(etc/cxdial.toml:2: daemon.poll_interval: expected a duration such as "10s", in quotes)"
    );
    REQUIRE(
        error_of("daemon", "poll_interval = \"1ms\"") ==
        R"(etc/cxdial.toml:2: daemon.poll_interval: expected a duration from "100ms" to "1h", got "1ms")"
    );
    REQUIRE(
        error_of("daemon", "log_level = \"loud\"") ==
        R"(etc/cxdial.toml:2: daemon.log_level: expected one of trace, debug, info, warn, error, got "loud")"
    );
    REQUIRE(
        error_of("daemon", "log_levle = \"info\"") ==
        "etc/cxdial.toml:2: daemon.log_levle: unknown key; known are listen, public_url, "
        "api_token, "
        "poll_interval, log_level, log_format, max_concurrent_calls"
    );
    REQUIRE(
        error_of_domain("requests = -1") ==
        "etc/cxdial.toml:4: cloudonix.requests: expected a whole number from 0 to 100000, got -1"
    );
    REQUIRE(
        error_of_domain("requests = 1.5") ==
        "etc/cxdial.toml:4: cloudonix.requests: expected a whole number from 0 to 100000"
    );
    REQUIRE(
        error_of_domain("requests = \"10\"") ==
        "etc/cxdial.toml:4: cloudonix.requests: expected a whole number from 0 to 100000"
    );
    REQUIRE(
        error_of("opbx", "placement = \"both\"") ==
        R"(etc/cxdial.toml:2: opbx.placement: expected one of opbx, direct, got "both")"
    );
}

TEST_CASE("config: all errors are collected, in the order of the file", "[config]") {
    const Lines lines = errors(
        "[opbx]\nurl = 7\n"
        "[daemon]\nlisten = \"nowhere\"\nlog_format = \"xml\"\n"
        "[deamon]\n"
        "[[cloudonix]]\n"
    );
    REQUIRE(
        lines ==
        Lines{
            "etc/cxdial.toml:2: opbx.url: expected a string in quotes",
            R"(etc/cxdial.toml:4: daemon.listen: expected an address and a port such as "127.0.0.1:8081" or "[::1]:8081", got "nowhere")",
            R"(etc/cxdial.toml:5: daemon.log_format: expected one of json, text, got "xml")",
            "etc/cxdial.toml:6: deamon: unknown section or key",
            "etc/cxdial.toml:7: cloudonix.domain: is required",
            "etc/cxdial.toml:7: cloudonix.api_key: is required",
        }
    );
}

TEST_CASE("config: sections have the brackets they need", "[config]") {
    REQUIRE(
        errors("[cloudonix]\ndomain = \"a.net\"\n") ==
        Lines{"etc/cxdial.toml:1: cloudonix: expected [[cloudonix]], in double brackets"}
    );
    REQUIRE(
        errors("[[daemon]]\n") ==
        Lines{"etc/cxdial.toml:1: daemon: expected a section, in single brackets"}
    );
    REQUIRE(errors("listen = 1\n") == Lines{"etc/cxdial.toml:1: listen: unknown section or key"});
}

TEST_CASE("config: broken TOML is named by file, line and key", "[config]") {
    REQUIRE(
        errors("[daemon]\nlog_level = \"info\"\nlog_level = \"warn\"\n") ==
        Lines{"etc/cxdial.toml:3: daemon.log_level: Error while parsing key-value pair: cannot "
              "redefine existing string 'log_level'"}
    );
    REQUIRE(
        errors("[daemon]\n\npoll_interval = 10s\n")
            .front()
            .find("etc/cxdial.toml:3: daemon.poll_interval: ") == 0
    );
    REQUIRE(errors("[daemon\n").front().find("etc/cxdial.toml:1: ") == 0);
}

TEST_CASE("config: no message ever shows a secret", "[config]") {
    const auto* const value = GENERATE(
        "SECRET",
        "'SECRET' x",
        "\"SECRET",
        "12345678901234567890123",
        "0xSECRET",
        "\"SEC\\qRET\"",
        "[\"SECRET\"]",
        "{ x = \"SECRET\" }",
        "\"SECRET\\u0007\"",
        "\"SECRET\"\napi_key = \"SECRET\""
    );
    const auto* const section =
        GENERATE("[[cloudonix]]\napi_key = ", "[opbx]\ntoken = ", "[daemon]\napi_token = ");
    const std::string toml = std::string(section) + value + "\n[nonsense]\n";
    CAPTURE(toml);
    const Lines lines = errors(toml);
    REQUIRE_FALSE(lines.empty());
    for (const std::string& line : lines) {
        CAPTURE(line);
        REQUIRE(line.find("SEC") == std::string::npos);
        REQUIRE(line.find("RET") == std::string::npos);
        REQUIRE(line.find("1234567") == std::string::npos);
    }
}

TEST_CASE("config: listen takes an address and a port", "[config]") {
    const auto [text, address, port] = GENERATE(table<std::string, std::string, int>({
        {"127.0.0.1:8081", "127.0.0.1", 8081},
        {"localhost:0", "127.0.0.1", 0},
        {"[::1]:8081", "::1", 8081},
        {"127.1.2.3:65535", "127.1.2.3", 65535},
    }));
    const auto config = parse("[daemon]\nlisten = \"" + text + "\"\n");
    REQUIRE(config);
    REQUIRE(config->daemon.listen_address == address);
    REQUIRE(config->daemon.listen_port == port);
}

TEST_CASE("config: listen takes nothing else", "[config]") {
    const auto* const text = GENERATE(
        "",
        ":8081",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:65536",
        "127.0.0.1:-1",
        "127.0.0.1:80x",
        "::1:8081",
        "[::1]",
        "[127.0.0.1]:1",
        "example.com:80",
        "256.0.0.1:80"
    );
    CAPTURE(text);
    REQUIRE(
        error_of("daemon", "listen = \"" + std::string(text) + "\"").find("expected an address") !=
        std::string::npos
    );
}

TEST_CASE("config: listening beyond loopback needs a token", "[config]") {
    const auto* const address = GENERATE("0.0.0.0:1", "[::]:1", "192.168.0.1:1");
    const std::string toml = "[daemon]\nlisten = \"" + std::string(address) + "\"\n";
    REQUIRE(
        errors(toml) ==
        Lines{"etc/cxdial.toml:2: daemon.listen: others than this machine can connect there, so "
              "daemon.api_token must be set"}
    );
    REQUIRE(parse(toml + "api_token = \"t\"\n"));
}

TEST_CASE("config: a domain is given once", "[config]") {
    REQUIRE(
        errors("[[cloudonix]]\ndomain = \"a.net\"\napi_key = \"1\"\n"
               "[[cloudonix]]\napi_key = \"2\"\ndomain = \"A.net\"\n"
        ) == Lines{R"(etc/cxdial.toml:6: cloudonix.domain: "A.net" is given twice)"}
    );
    REQUIRE(error_of_domain("domain2 = 1").find("unknown key") != std::string::npos);
    REQUIRE(
        errors("[[cloudonix]]\ndomain = \"a b\"\napi_key = \"1\"\n").at(0) ==
        R"(etc/cxdial.toml:2: cloudonix.domain: expected the name of a Cloudonix domain such as "acme.cloudonix.net")"
    );
}

TEST_CASE("config: URLs are absolute and hold no password", "[config]") {
    const auto* const bad = GENERATE(
        "ftp://a.net",
        "a.net",
        "http://",
        "http:///x",
        "https://user:pw@a.net",
        "https://a.net/?x=1",
        "https://a.net:0",
        "https://a.net:99999",
        "https://a b.net",
        "https://[::1",
        "https://.net"
    );
    CAPTURE(bad);
    REQUIRE(
        error_of("daemon", "public_url = \"" + std::string(bad) + "\"")
            .find("etc/cxdial.toml:2: daemon.public_url: ") == 0
    );
    REQUIRE(error_of("opbx", "url = \"\"").find("expected a URL") != std::string::npos);
    REQUIRE(error_of("opbx", "redis_url = \"http://a\"").find("redis://") != std::string::npos);
    REQUIRE(parse("[daemon]\npublic_url = \"\"\n"));
}

TEST_CASE("config: the database is a SQLite file", "[config]") {
    const auto path_of = [](const std::string& url) {
        return parse("[database]\nurl = \"" + url + "\"\n")->database.sqlite_path;
    };
    REQUIRE(path_of("sqlite:calls.db") == "etc/calls.db");
    REQUIRE(path_of("sqlite:/var/calls.db") == "/var/calls.db");
    REQUIRE(path_of("sqlite:///var/calls.db") == "/var/calls.db");
    REQUIRE(path_of("sqlite::memory:") == ":memory:");
    const std::string later = error_of("database", "url = \"postgresql://u:pw@h/db\"");
    REQUIRE(later.find("PostgreSQL comes later") != std::string::npos);
    REQUIRE(later.find("pw") == std::string::npos);
    for (const auto* const bad : {"", "calls.db", "sqlite:", "sqlite://calls.db", "mysql:x"}) {
        CAPTURE(bad);
        REQUIRE_FALSE(error_of("database", "url = \"" + std::string(bad) + "\"").empty());
    }
}

TEST_CASE("config: a file is read, and one that is not there is named", "[config]") {
    const auto folder =
        std::filesystem::temp_directory_path() / ("cxdial-config-test-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    const auto file = folder / "good.toml";
    std::ofstream{file} << "[daemon]\nlog_level = \"warn\"\n";
    const auto config = read_config(file, names_of({}), values_of({}));
    REQUIRE(config);
    REQUIRE(config->daemon.log_level == LogLevel::warn);
    REQUIRE(config->database.sqlite_path == folder / "cxdial.db");

    const auto missing = read_config(folder / "none.toml", names_of({}), values_of({}));
    REQUIRE(missing.error().code == Errc::not_found);
    REQUIRE(
        missing.error().detail ==
        (folder / "none.toml").string() + ": cannot be read: No such file or directory"
    );
    const auto not_a_file = read_config(folder, names_of({}), values_of({}));
    REQUIRE(not_a_file.error().detail == folder.string() + ": cannot be read: Is a directory");
    std::filesystem::remove_all(folder);
}

TEST_CASE("config: durations are a number and a unit", "[config]") {
    REQUIRE(*parse_duration("1.5h") == 90min);
    REQUIRE(
        parse_duration("10").error().detail == R"(expected a duration such as "10s", got "10")"
    );
}
