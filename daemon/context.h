#pragma once

#include "base/clock.h"
#include "campaign/campaign.h"
#include "config/config.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace cxdial::daemon {

/// How a command ended, as the shell sees it.
enum class Exit : int { done = 0, not_successful = 1, bad_usage = 2 };

/// What every command works with.
struct Context {
    config::Config config;
    bool json = false;
    base::SystemClock clock;
    /// Reads the configuration again from where it came.
    std::function<base::Result<config::Config>()> reread;
    std::function<void(base::LogLevel)> set_log_level;
};

/// `error: …` on standard error.
void complain(const std::string& message);
/// A line for people on standard error.
void remark(const std::string& message);
/// Prints to standard output, with a line end.
void print(const std::string& text);

struct TestCampaignOptions {
    std::string numbers;
    std::string routing = "hangup";
    int concurrent_active_calls = 10;
    std::optional<double> calls_per_second;
    int max_dial_attempts = 1;
    std::string caller_id;
    std::string domain;
    std::string region;
    bool simulate = false;
    std::vector<std::string> simulator_options;
    std::optional<std::string> timeout;
};

struct LoadTestOptions {
    std::int64_t calls = 1000;
    int concurrent_active_calls = 50;
    std::optional<double> calls_per_second;
    std::string domain;
    std::string really;
    std::vector<std::string> simulator_options;
    std::optional<std::string> timeout;
};

/// A call that is routed for show, or, with `call_sid`, one that came in.
struct RouteOptions {
    std::string from;  ///< may be empty: the number is withheld
    std::string to;
    std::string call_sid;
};

// The commands of the interface's section 4, one function each.
[[nodiscard]] Exit run_daemon(Context& context);
[[nodiscard]] Exit check(Context& context);
[[nodiscard]] Exit apply(Context& context, const std::vector<std::string>& files);
[[nodiscard]] Exit get(Context& context, const std::string& kind, const std::string& name);
[[nodiscard]] Exit remove(Context& context, const std::string& kind, const std::string& name);
[[nodiscard]] Exit import_destinations(
    Context& context,
    const std::string& campaign,
    const std::string& file,
    const std::string& region
);
[[nodiscard]] Exit change_life_cycle(
    Context& context, const std::string& campaign, campaign::Transition transition
);
[[nodiscard]] Exit status(Context& context, const std::string& campaign, bool watch);
[[nodiscard]] Exit why(Context& context, const std::string& campaign, const std::string& number);
[[nodiscard]] Exit show_cxml(
    Context& context, const std::string& campaign, const std::string& number
);
[[nodiscard]] Exit route(Context& context, const RouteOptions& options);
[[nodiscard]] Exit test_campaign(Context& context, const TestCampaignOptions& options);
[[nodiscard]] Exit load_test(Context& context, const LoadTestOptions& options);
[[nodiscard]] Exit suppress_add(Context& context, const std::vector<std::string>& numbers);
[[nodiscard]] Exit suppress_remove(Context& context, const std::vector<std::string>& numbers);
[[nodiscard]] Exit suppress_list(Context& context);
[[nodiscard]] Exit suppress_import(Context& context, const std::string& file);

}  // namespace cxdial::daemon
