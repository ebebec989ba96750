#include "campaign/phone.h"
#include "campaign/resource_json.h"
#include "daemon/commands_support.h"
#include "daemon/context.h"
#include "daemon/import_file.h"
#include "daemon/progress.h"
#include "daemon/table.h"
#include "daemon/trial.h"
#include "storage/repository.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

namespace cxdial::daemon {
namespace {

constexpr const char* example_caller_id = "+12125550100";
constexpr std::chrono::seconds ring_time{30};
constexpr std::chrono::seconds longest_call{60};
constexpr std::chrono::seconds trial_retry_delay{1};

/// FNV-1a: tells one list and its options from another, and keeps no secret.
class Fingerprint {
public:
    void add(std::string_view text) {
        for (const char byte : text) {
            hash_ = (hash_ ^ static_cast<unsigned char>(byte)) * 0x100000001b3ULL;
        }
        hash_ = (hash_ ^ 0xffU) * 0x100000001b3ULL;
    }
    [[nodiscard]] std::string text() const {
        static constexpr std::string_view digits = "0123456789abcdef";
        std::string out;
        for (unsigned shift = 32; shift > 0; shift -= 4) {
            out += digits[(hash_ >> (shift - 4)) & 0x0fU];
        }
        return out;
    }

private:
    std::uint64_t hash_ = 0xcbf29ce484222325ULL;
};

base::Result<void> add_file(Fingerprint& fingerprint, const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream || std::filesystem::is_directory(file)) {
        return base::Error{base::Errc::invalid_argument, file + ": cannot be read"};
    }
    std::string chunk(64U << 10U, '\0');
    while (stream.read(chunk.data(), static_cast<std::streamsize>(chunk.size())),
           stream.gcount() > 0) {
        fingerprint.add(std::string_view(chunk).substr(0, static_cast<std::size_t>(stream.gcount()))
        );
    }
    return {};
}

base::Result<void> set_routing(campaign::Campaign& campaign, const std::string& routing) {
    const std::size_t colon = routing.find(':');
    const std::string kind = routing.substr(0, colon);
    if (kind == "hangup" && colon == std::string::npos) {
        campaign.routing_destination_type = campaign::RoutingDestinationType::hangup;
        return {};
    }
    if ((kind == "assistant" || kind == "balancer") && colon != std::string::npos) {
        campaign.routing_destination_type =
            kind == "assistant" ? campaign::RoutingDestinationType::ai_assistant
                                : campaign::RoutingDestinationType::ai_load_balancer;
        campaign.routing_destination = routing.substr(colon + 1);
        return {};
    }
    return base::Error{
        base::Errc::invalid_argument,
        "--routing " + routing + ": expected hangup, assistant:NAME or balancer:NAME"};
}

base::Result<std::optional<base::Millis>> read_timeout(const std::optional<std::string>& text) {
    if (!text) {
        return std::optional<base::Millis>();
    }
    const base::Result<base::Millis> timeout = config::parse_duration(*text);
    if (!timeout) {
        return base::Error{timeout.error().code, "--timeout: " + timeout.error().detail};
    }
    return std::optional<base::Millis>(*timeout);
}

/// The configured domain to dial on: the named one, or the only one.
base::Result<config::CloudonixDomain> domain_named(
    const config::Config& config, const std::string& name
) {
    if (name.empty() && config.cloudonix.size() == 1) {
        return config.cloudonix.front();
    }
    for (const config::CloudonixDomain& domain : config.cloudonix) {
        if (domain.domain == name) {
            return domain;
        }
    }
    return base::Error{
        base::Errc::invalid_argument,
        name.empty() ? "name one of the configured domains with --domain, or use --simulate"
                     : "--domain " + name + ": no such [[cloudonix]] domain is configured"};
}

bool is_loopback(const std::string& url) {
    const std::vector<std::string> local{"http://127.", "http://localhost", "http://[::1]"};
    return std::any_of(local.begin(), local.end(), [&](const std::string& start) {
        return url.compare(0, start.size(), start) == 0;
    });
}

Exit refuse(const base::Error& error) {
    complain(error.detail);
    return Exit::bad_usage;
}

campaign::Campaign trial_campaign(int cac, std::optional<double> cps, bool simulate) {
    campaign::Campaign campaign;
    campaign.concurrent_active_calls = cac;
    campaign.calls_per_second = cps.value_or(simulate ? 0.0 : 1.0);
    campaign.dial_timeout = ring_time;
    campaign.time_limit = longest_call;
    return campaign;
}

ImportTotals totals_of(const campaign::ImportReport& report) {
    return {
        .rejected_rows = report.invalid,
        .duplicates = report.duplicates,
        .suppressed = report.suppressed,
    };
}

/// Numbers under a country code that is not assigned to anybody.
constexpr std::uint64_t first_generated_number = 999'000'000'000ULL;

base::Result<ImportTotals> generate(
    storage::Repository& repository, campaign::CampaignId id, std::int64_t count
) {
    constexpr std::int64_t batch_size = 10'000;
    std::vector<campaign::NewDestination> batch;
    for (std::int64_t i = 0; i < count; ++i) {
        const auto number =
            base::PhoneNumber::from_digits(first_generated_number + static_cast<std::uint64_t>(i));
        batch.push_back({.phone_number = *number});
        if (static_cast<std::int64_t>(batch.size()) == batch_size || i + 1 == count) {
            if (auto added = repository.add_destinations(id, batch); !added) {
                return added.error();
            }
            batch.clear();
        }
    }
    return ImportTotals{};
}

}  // namespace

Exit test_campaign(Context& context, const TestCampaignOptions& options) {
    Trial trial;
    trial.simulate = options.simulate;
    trial.simulator_options = options.simulator_options;
    trial.campaign =
        trial_campaign(options.concurrent_active_calls, options.calls_per_second, options.simulate);
    trial.campaign.max_dial_attempts = options.max_dial_attempts;
    for (const campaign::Disposition disposition : campaign::all_dispositions) {
        if (disposition != campaign::Disposition::answered) {
            trial.campaign.retry[disposition] = {trial_retry_delay};
        }
    }
    if (const auto set = set_routing(trial.campaign, options.routing); !set) {
        return refuse(set.error());
    }
    const auto timeout = read_timeout(options.timeout);
    if (!timeout) {
        return refuse(timeout.error());
    }
    trial.timeout = *timeout;
    if (!options.simulate) {
        const auto domain = domain_named(context.config, options.domain);
        if (!domain) {
            return refuse(domain.error());
        }
        if (options.caller_id.empty()) {
            return refuse({base::Errc::invalid_argument, "--caller-id is needed for real calls"});
        }
        const int calls_per_number = context.config.dialing.calls_per_number;
        if (calls_per_number > 0 && options.max_dial_attempts > calls_per_number) {
            return refuse(
                {base::Errc::invalid_argument,
                 "--max-dial-attempts " + std::to_string(options.max_dial_attempts) +
                     ": dialing.calls_per_number allows a number to be dialed " +
                     std::to_string(calls_per_number) + " times, and the rest would wait for days"}
            );
        }
        trial.campaign.cloudonix_domain = domain->domain;
    }
    const std::string caller_id = options.caller_id.empty() ? example_caller_id : options.caller_id;
    trial.campaign.caller_ids = {{.phone_number = caller_id}};
    Fingerprint fingerprint;
    if (const auto read = add_file(fingerprint, options.numbers); !read) {
        return refuse(read.error());
    }
    fingerprint.add(campaign::to_json(trial.campaign));
    trial.fingerprint = fingerprint.text();
    trial.fill = [&](storage::Repository& repository,
                     campaign::CampaignId id) -> base::Result<ImportTotals> {
        const auto report = import_file(
            [&](auto batch) { return repository.add_destinations(id, batch); },
            options.numbers,
            options.region,
            context.clock
        );
        if (!report) {
            return report.error();
        }
        remark(to_text(*report));
        return totals_of(*report);
    };
    return run_trial(context, std::move(trial));
}

Exit load_test(Context& context, const LoadTestOptions& options) {
    Trial trial;
    trial.simulate = options.domain.empty() && options.really.empty();
    trial.campaign =
        trial_campaign(options.concurrent_active_calls, options.calls_per_second, trial.simulate);
    trial.campaign.caller_ids = {{.phone_number = example_caller_id}};
    const auto timeout = read_timeout(options.timeout);
    if (!timeout) {
        return refuse(timeout.error());
    }
    trial.timeout = *timeout;
    if (!trial.simulate) {
        const auto domain = domain_named(context.config, options.domain);
        if (!domain) {
            return refuse(domain.error());
        }
        if (!is_loopback(domain->api_url) && options.really != domain->domain) {
            return refuse(
                {base::Errc::invalid_argument,
                 "a load test would place " + count_text(options.calls) + " real calls on " +
                     domain->domain + "; if that is what you want, add --really " + domain->domain}
            );
        }
        trial.campaign.cloudonix_domain = domain->domain;
    }
    trial.simulator_options = {
        "outcomes=answered=1", "setup=1ms..5ms", "ring=50ms..150ms", "talk=100ms..300ms"};
    trial.simulator_options.insert(
        trial.simulator_options.end(),
        options.simulator_options.begin(),
        options.simulator_options.end()
    );
    Fingerprint fingerprint;
    fingerprint.add("load test of " + std::to_string(options.calls));
    fingerprint.add(campaign::to_json(trial.campaign));
    trial.fingerprint = fingerprint.text();
    trial.fill = [&](storage::Repository& repository, campaign::CampaignId id) {
        return generate(repository, id, options.calls);
    };
    return run_trial(context, std::move(trial));
}

}  // namespace cxdial::daemon
