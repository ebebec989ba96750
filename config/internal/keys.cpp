#include "config/internal/keys.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <utility>

namespace cxdial::config {
namespace {

using namespace std::chrono_literals;

template <class Value>
using Named = std::pair<std::string_view, Value>;

constexpr std::array log_levels{
    Named<base::LogLevel>{"trace", base::LogLevel::trace},
    Named<base::LogLevel>{"debug", base::LogLevel::debug},
    Named<base::LogLevel>{"info", base::LogLevel::info},
    Named<base::LogLevel>{"warn", base::LogLevel::warn},
    Named<base::LogLevel>{"error", base::LogLevel::error},
};
constexpr std::array log_formats{
    Named<LogFormat>{"json", LogFormat::json},
    Named<LogFormat>{"text", LogFormat::text},
};
constexpr std::array placements{
    Named<std::string_view>{"opbx", "opbx"},
    Named<std::string_view>{"direct", "direct"},
};
constexpr std::array reports{
    Named<std::string_view>{"auto", "auto"},
    Named<std::string_view>{"off", "off"},
};
constexpr std::string_view sqlite_scheme = "sqlite:";

bool is_address(int family, const std::string& text) {
    in6_addr unused{};
    return inet_pton(family, text.c_str(), &unused) == 1;
}

/// The address of `host:port`, an IPv6 one without its brackets; nothing when it is no address.
std::optional<std::string> listen_address(std::string_view host) {
    if (host == "localhost") {
        return "127.0.0.1";
    }
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        std::string address{host.substr(1, host.size() - 2)};
        return is_address(AF_INET6, address) ? std::optional{std::move(address)} : std::nullopt;
    }
    std::string address{host};
    return is_address(AF_INET, address) ? std::optional{std::move(address)} : std::nullopt;
}

Problem read_listen(const RawValue& raw, Daemon& daemon) {
    std::string text;
    if (Problem problem = read_text(raw, text)) {
        return problem;
    }
    const std::size_t colon = text.rfind(':');
    const std::string_view port_text =
        colon == std::string::npos ? std::string_view{} : std::string_view{text}.substr(colon + 1);
    std::uint16_t port = 0;
    const char* const end = port_text.data() + port_text.size();
    const auto [rest, problem] = std::from_chars(port_text.data(), end, port);
    const auto address = listen_address(std::string_view{text}.substr(0, colon));
    if (!address || port_text.empty() || problem != std::errc{} || rest != end) {
        return R"(expected an address and a port such as "127.0.0.1:8081" or "[::1]:8081", got ")" +
               text + "\"";
    }
    daemon.listen_address = *address;
    daemon.listen_port = port;
    return std::nullopt;
}

Problem read_database_url(const RawValue& raw, Database& database) {
    std::string url;
    // A PostgreSQL URL may hold a password, so no message repeats the value.
    if (Problem problem = read_text(raw, url)) {
        return problem;
    }
    if (url.rfind("postgresql:", 0) == 0 || url.rfind("postgres:", 0) == 0) {
        return "PostgreSQL comes later: this version stores in SQLite only, as in "
               "\"sqlite:cxdial.db\"";
    }
    if (url.rfind(sqlite_scheme, 0) != 0 || url.size() == sqlite_scheme.size()) {
        return R"(expected a SQLite file such as "sqlite:cxdial.db")";
    }
    if (url.rfind("sqlite://", 0) == 0 && url.rfind("sqlite:///", 0) != 0) {
        return R"(expected "sqlite:" and a path, or "sqlite:///" and an absolute one)";
    }
    database.url = std::move(url);
    return std::nullopt;
}

Problem read_domain(const RawValue& raw, CloudonixDomain& cloudonix) {
    std::string domain;
    if (Problem problem = read_text(raw, domain)) {
        return problem;
    }
    if (!is_host_name(domain)) {
        return R"(expected the name of a Cloudonix domain such as "acme.cloudonix.net")";
    }
    cloudonix.domain = std::move(domain);
    return std::nullopt;
}

Problem read_worker_id(const RawValue& raw, Opbx& opbx) {
    std::string id;
    if (Problem problem = read_text(raw, id)) {
        return problem;
    }
    if (id.empty() || id.size() > 100) {
        return "expected 1 to 100 bytes";
    }
    opbx.worker_id = std::move(id);
    return std::nullopt;
}

constexpr std::array daemon_key_table{
    Key<Daemon>{"listen", &read_listen},
    Key<Daemon>{
        "public_url",
        [](const RawValue& raw, Daemon& daemon) {
            return read_url(raw, UrlKind::http_or_empty, daemon.public_url);
        }},
    Key<Daemon>{
        "api_token",
        [](const RawValue& raw, Daemon& daemon) { return read_secret(raw, daemon.api_token); }},
    Key<Daemon>{
        "poll_interval",
        [](const RawValue& raw, Daemon& daemon) {
            return read_duration(raw, {100ms, 1h}, daemon.poll_interval);
        }},
    Key<Daemon>{
        "log_level",
        [](const RawValue& raw, Daemon& daemon) {
            return read_choice(raw, log_levels, daemon.log_level);
        }},
    Key<Daemon>{
        "log_format",
        [](const RawValue& raw, Daemon& daemon) {
            return read_choice(raw, log_formats, daemon.log_format);
        }},
    Key<Daemon>{
        "max_concurrent_calls",
        [](const RawValue& raw, Daemon& daemon) {
            return read_integer(raw, {0, 100'000}, daemon.max_concurrent_calls);
        }},
};

constexpr std::array database_key_table{
    Key<Database>{"url", &read_database_url},
};

constexpr std::array dialing_key_table{
    Key<Dialing>{
        "calls_per_number",
        [](const RawValue& raw, Dialing& dialing) {
            return read_integer(raw, {0, 1'000}, dialing.calls_per_number);
        }},
    Key<Dialing>{
        "calls_per_number_window",
        [](const RawValue& raw, Dialing& dialing) {
            return read_duration(raw, {1min, 24h * 30}, dialing.calls_per_number_window);
        }},
};

constexpr std::array cloudonix_key_table{
    Key<CloudonixDomain>{"domain", &read_domain},
    Key<CloudonixDomain>{
        "api_url",
        [](const RawValue& raw, CloudonixDomain& cloudonix) {
            return read_url(raw, UrlKind::http, cloudonix.api_url);
        }},
    Key<CloudonixDomain>{
        "api_key",
        [](const RawValue& raw, CloudonixDomain& cloudonix) {
            return read_secret(raw, cloudonix.api_key);
        }},
    Key<CloudonixDomain>{
        "webhook_key",
        [](const RawValue& raw, CloudonixDomain& cloudonix) {
            return read_secret(raw, cloudonix.webhook_key);
        }},
    Key<CloudonixDomain>{
        "requests",
        [](const RawValue& raw, CloudonixDomain& cloudonix) {
            return read_integer(raw, {0, 100'000}, cloudonix.requests);
        }},
    Key<CloudonixDomain>{
        "per",
        [](const RawValue& raw, CloudonixDomain& cloudonix) {
            return read_duration(raw, {1ms, 1h}, cloudonix.per);
        }},
    Key<CloudonixDomain>{
        "max_concurrent_calls",
        [](const RawValue& raw, CloudonixDomain& cloudonix) {
            return read_integer(raw, {0, 100'000}, cloudonix.max_concurrent_calls);
        }},
    Key<CloudonixDomain>{
        "in_doubt_limit",
        [](const RawValue& raw, CloudonixDomain& cloudonix) {
            return read_duration(raw, {1s, 24h}, cloudonix.in_doubt_limit);
        }},
};

constexpr std::array opbx_key_table{
    Key<Opbx>{
        "url",
        [](const RawValue& raw, Opbx& opbx) { return read_url(raw, UrlKind::http, opbx.url); }},
    Key<Opbx>{
        "token", [](const RawValue& raw, Opbx& opbx) { return read_secret(raw, opbx.token); }},
    Key<Opbx>{"worker_id", &read_worker_id},
    Key<Opbx>{
        "placement",
        [](const RawValue& raw, Opbx& opbx) {
            return read_choice(raw, placements, opbx.placement);
        }},
    Key<Opbx>{
        "webhook_secret",
        [](const RawValue& raw, Opbx& opbx) { return read_secret(raw, opbx.webhook_secret); }},
    Key<Opbx>{
        "redis_url",
        [](const RawValue& raw, Opbx& opbx) {
            return read_url(raw, UrlKind::redis_or_empty, opbx.redis_url);
        }},
    Key<Opbx>{
        "redis_password",
        [](const RawValue& raw, Opbx& opbx) { return read_secret(raw, opbx.redis_password); }},
    Key<Opbx>{
        "user_token",
        [](const RawValue& raw, Opbx& opbx) { return read_secret(raw, opbx.user_token); }},
    Key<Opbx>{
        "redis_prefix",
        [](const RawValue& raw, Opbx& opbx) { return read_text(raw, opbx.redis_prefix); }},
    Key<Opbx>{
        "poll_interval",
        [](const RawValue& raw, Opbx& opbx) {
            return read_duration(raw, {100ms, 1h}, opbx.poll_interval);
        }},
    Key<Opbx>{
        "pause_after",
        [](const RawValue& raw, Opbx& opbx) {
            return read_duration(raw, {0ms, 24h}, opbx.pause_after);
        }},
    Key<Opbx>{
        "in_doubt_limit",
        [](const RawValue& raw, Opbx& opbx) {
            return read_duration(raw, {1s, 24h}, opbx.in_doubt_limit);
        }},
    Key<Opbx>{
        "report",
        [](const RawValue& raw, Opbx& opbx) { return read_choice(raw, reports, opbx.report); }},
};

constexpr std::array<std::string_view, 7> secret_keys{
    "api_token",
    "api_key",
    "webhook_key",
    "token",
    "webhook_secret",
    "user_token",
    "redis_password"};

}  // namespace

std::span<const Key<Daemon>> daemon_keys() {
    return daemon_key_table;
}
std::span<const Key<Database>> database_keys() {
    return database_key_table;
}
std::span<const Key<Dialing>> dialing_keys() {
    return dialing_key_table;
}
std::span<const Key<CloudonixDomain>> cloudonix_keys() {
    return cloudonix_key_table;
}
std::span<const Key<Opbx>> opbx_keys() {
    return opbx_key_table;
}

bool is_secret_key(std::string_view name) {
    return std::find(secret_keys.begin(), secret_keys.end(), name) != secret_keys.end();
}

bool serves_api(const Daemon& daemon) {
    return is_loopback(daemon.listen_address) || !daemon.api_token.empty();
}

bool is_loopback(std::string_view address) {
    return address == "::1" || address.substr(0, 4) == "127.";
}

}  // namespace cxdial::config
