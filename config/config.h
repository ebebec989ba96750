#pragma once

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "base/secret.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cxdial::config {

enum class LogFormat { json, text };

struct Daemon {
    std::string listen_address = "127.0.0.1";
    std::uint16_t listen_port = 8081;
    std::string public_url;  ///< without a trailing slash; empty: inline CXML, no callbacks
    base::Secret api_token;  ///< empty only when listening on loopback
    base::Millis poll_interval{10'000};
    base::LogLevel log_level = base::LogLevel::info;
    LogFormat log_format = LogFormat::json;
    int max_concurrent_calls = 0;  ///< over all domains of this process; 0: no cap
    friend bool operator==(const Daemon&, const Daemon&) = default;
};

struct Database {
    std::string url = "sqlite:cxdial.db";
    std::filesystem::path sqlite_path;  ///< absolute, or relative to the working directory
    friend bool operator==(const Database&, const Database&) = default;
};

/// Calls that come in.
struct Routing {
    /// The kill switch, the variable `INBOUND_ROUTING_FORCE_LEGACY`: every tenant is in
    /// `legacy_did`.
    bool force_legacy = false;
    friend bool operator==(const Routing&, const Routing&) = default;
};

/// What holds for every campaign.
struct Dialing {
    int calls_per_number = 3;  ///< to one number, by all campaigns together; 0: no limit
    base::Millis calls_per_number_window{std::chrono::hours{24}};  ///< … in this window
    friend bool operator==(const Dialing&, const Dialing&) = default;
};

/// One Cloudonix domain.
struct CloudonixDomain {
    std::string domain;
    std::string api_url = "https://api.cloudonix.io";
    base::Secret api_key;
    base::Secret webhook_key;      ///< bearer that Cloudonix sends; empty: none is asked for
    int requests = 10;             ///< request limit of the domain; 0: none
    base::Millis per{10'000};      ///< … in this window
    int max_concurrent_calls = 0;  ///< over all campaigns of the domain; 0: no cap
    base::Millis in_doubt_limit{120'000};
    friend bool operator==(const CloudonixDomain&, const CloudonixDomain&) = default;
};

/// The OPBX beside which the daemon runs.
struct Opbx {
    std::string url = "http://localhost:8000";
    base::Secret token;
    std::string worker_id = "cxdial-1";
    std::string placement = "opbx";  ///< `opbx`, `direct`
    base::Secret webhook_secret;
    std::string redis_url;
    base::Secret redis_password;
    base::Secret user_token;   ///< for reading assistants, where calls are placed directly
    std::string redis_prefix;  ///< of the channel `cdr:completed`
    base::Millis poll_interval{10'000};
    base::Millis pause_after{300'000};  ///< a domain backs off for so long: OPBX pauses; 0: never
    base::Millis in_doubt_limit{360'000};  ///< how late a call that OPBX was asked for may start
    std::string report = "auto";           ///< `auto`, `off`
    friend bool operator==(const Opbx&, const Opbx&) = default;
};

struct Config {
    Daemon daemon;
    Database database;
    Dialing dialing;
    Routing routing;
    std::vector<CloudonixDomain> cloudonix;
    std::optional<Opbx> opbx;
    std::filesystem::path file;  ///< where it came from; empty: built-in defaults
    friend bool operator==(const Config&, const Config&) = default;
};

/// An environment: the value of a variable, where it is set.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;
/// The names of the environment's variables that start with a prefix.
using EnvironmentNames = std::function<std::vector<std::string>(std::string_view prefix)>;

/// Reads and checks one TOML file and the overrides `CXDIAL_SECTION_KEY` (for the first, or only,
/// `[[cloudonix]]`: `CXDIAL_CLOUDONIX_API_KEY`). Unknown keys, wrong types, values out of range and
/// variables that name no key are errors, each with file, line and key: all of them, a line each.
/// With `[opbx]` or `LARAVEL_API_URL`, the variables of OPBX's own worker set what neither the file
/// nor a `CXDIAL_` variable does. `INBOUND_ROUTING_FORCE_LEGACY` set to 1, true, yes or on, in any
/// case, is the kill switch of inbound routing.
[[nodiscard]] base::Result<Config> read_config(
    const std::filesystem::path& file, const EnvironmentNames& names, const Environment& value
);

/// As `read_config` from text; `name` stands for the file in messages.
[[nodiscard]] base::Result<Config> parse_config(
    std::string_view toml,
    const std::filesystem::path& name,
    const EnvironmentNames& names,
    const Environment& value
);

/// Built-in defaults and the overrides, where there is no file.
[[nodiscard]] base::Result<Config> default_config(
    const EnvironmentNames& names, const Environment& value
);

/// Whether `/api/v1` is served: to this machine, or to whoever has the token.
[[nodiscard]] bool serves_api(const Daemon& daemon);

/// `10s`, `250ms`, `5m`, `1h`: a whole or decimal number and a unit.
[[nodiscard]] base::Result<base::Millis> parse_duration(std::string_view text);

}  // namespace cxdial::config
