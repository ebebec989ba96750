#include "daemon/trial.h"

#include "base/log.h"
#include "base/rng.h"
#include "daemon/commands_support.h"
#include "daemon/open_database.h"
#include "daemon/progress.h"
#include "daemon/service.h"
#include "daemon/simulator_process.h"
#include "daemon/table.h"
#include "storage/repository.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

namespace cxdial::daemon {
namespace {

constexpr const char* simulated_api_key = "XI00000000000000000000000000000000";
constexpr base::Millis simulated_in_doubt_limit{10'000};
constexpr base::Millis settle_time{10'000};

/// A folder that goes with the run.
class TemporaryFolder {
public:
    TemporaryFolder() {
        base::Rng rng(base::random_seed());
        path_ = std::filesystem::temp_directory_path() / ("cxdial-" + std::to_string(rng.next()));
        std::filesystem::create_directories(path_);
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    TemporaryFolder(TemporaryFolder&&) = delete;
    TemporaryFolder& operator=(TemporaryFolder&&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

bool is_unfinished(campaign::CampaignStatus status) {
    return status == campaign::CampaignStatus::active || status == campaign::CampaignStatus::paused;
}

/// The run, step by step.
class Run {
public:
    Run(Context& context, Trial trial) : context_(context), trial_(std::move(trial)) {}

    [[nodiscard]] Exit go();

private:
    [[nodiscard]] base::Result<void> prepare(storage::Database& database);
    [[nodiscard]] base::Result<void> find_or_make(storage::Repository& repository);
    [[nodiscard]] base::Result<std::vector<config::CloudonixDomain>> domains(Service& service);
    void watch(Service& service);
    void start_campaign(Service& service);
    void draw(bool last);
    [[nodiscard]] Exit report();

    Context& context_;
    Trial trial_;
    std::unique_ptr<TemporaryFolder> folder_;
    std::unique_ptr<SimulatorProcess> simulator_;
    campaign::StoredCampaign stored_;
    ImportTotals imported_;
    std::int64_t destinations_ = 0;
    std::int64_t settled_before_ = 0;
    std::unique_ptr<RunReport> report_;
    std::unique_ptr<Progress> progress_;
    std::string failure_;
    bool timed_out_ = false;
};

Exit Run::go() {
    if (trial_.simulate && context_.config.file.empty()) {
        // A trial without a configuration leaves nothing behind.
        folder_ = std::make_unique<TemporaryFolder>();
        context_.config.database.sqlite_path = folder_->path() / "cxdial.db";
    }
    base::Result<storage::Database> database = open_to_write(context_);
    if (!database) {
        complain(database.error().detail);
        return Exit::not_successful;
    }
    if (trial_.simulate) {
        trial_.campaign.cloudonix_domain = campaign::simulated_domain;
        context_.config.dialing.calls_per_number = 0;  // nobody's telephone rings
    }
    if (const base::Result<void> prepared = prepare(*database); !prepared) {
        complain(prepared.error().detail);
        return Exit::not_successful;
    }
    Service service(context_.clock, context_.config, std::move(*database));
    const base::Result<std::vector<config::CloudonixDomain>> used = domains(service);
    if (!used) {
        complain(used.error().detail);
        return Exit::not_successful;
    }
    watch(service);
    const config::CloudonixDomain& domain = used->front();
    report_ = std::make_unique<RunReport>(
        stored_,
        AuditLimits{
            .cac = stored_.campaign.concurrent_active_calls,
            .calls_per_second = stored_.campaign.calls_per_second,
            .requests = domain.requests,
            .per = domain.per,
        }
    );
    service.start(
        *used,
        {.on_ticked =
             [&](const Ticked& ticked) {
                 report_->on_output(ticked.output, ticked.now);
                 draw(false);
                 if (report_->finished()) {
                     service.stop(settle_time);
                 }
             },
         .on_request_sent = [&](std::optional<base::MonoTime> freed_at,
                                base::MonoTime at) { report_->on_request_sent(freed_at, at); }}
    );
    start_campaign(service);
    service.run();
    return report();
}

base::Result<void> Run::prepare(storage::Database& database) {
    storage::Repository repository(database);
    if (base::Result<void> made = find_or_make(repository); !made) {
        return made;
    }
    const auto statistics = repository.statistics(stored_.id);
    if (!statistics) {
        return statistics.error();
    }
    for (const auto& [status, count] : statistics->destinations) {
        destinations_ += count;
        settled_before_ += is_terminal(status) ? count : 0;
    }
    return {};
}

base::Result<void> Run::find_or_make(storage::Repository& repository) {
    const base::WallTime now = context_.clock.now().wall;
    for (int number = 1;; ++number) {
        const std::string name =
            "test-" + trial_.fingerprint + (number == 1 ? "" : "-" + std::to_string(number));
        auto existing = repository.campaign(default_tenant, name);
        if (existing && existing->status == campaign::CampaignStatus::draft) {
            // Its import was cut short; what is there already is skipped as a duplicate.
            stored_ = std::move(*existing);
        } else if (existing && is_unfinished(existing->status)) {
            remark("going on with " + name + ", which was interrupted");
            stored_ = std::move(*existing);
            return {};
        } else if (existing) {
            continue;
        } else {
            trial_.campaign.name = name;
            trial_.campaign.description = "made by a one-shot run";
            if (auto put = repository.put(trial_.campaign, now); !put) {
                return put.error();
            }
            auto made = repository.campaign(default_tenant, name);
            if (!made) {
                return made.error();
            }
            stored_ = std::move(*made);
        }
        auto filled = trial_.fill(repository, stored_.id);
        if (!filled) {
            return filled.error();
        }
        imported_ = *filled;
        return {};
    }
}

base::Result<std::vector<config::CloudonixDomain>> Run::domains(Service& service) {
    const config::Daemon& daemon = context_.config.daemon;
    const std::uint16_t wanted = trial_.simulate ? std::uint16_t{0} : daemon.listen_port;
    const base::Result<std::uint16_t> port =
        service.listen(trial_.simulate ? "127.0.0.1" : daemon.listen_address, wanted);
    if (!port) {
        return port.error();
    }
    if (!trial_.simulate) {
        std::vector<config::CloudonixDomain> used = context_.config.cloudonix;
        // The one that is dialed comes first: its limits are audited.
        std::stable_partition(used.begin(), used.end(), [&](const auto& domain) {
            return domain.domain == stored_.campaign.cloudonix_domain;
        });
        return used;
    }
    const std::string base_url = "http://127.0.0.1:" + std::to_string(*port);
    service.set_public_url(
        stored_.campaign.routing_destination_type == campaign::RoutingDestinationType::hangup
            ? ""
            : base_url
    );
    config::CloudonixDomain domain;
    domain.domain = campaign::simulated_domain;
    domain.api_key = base::Secret(simulated_api_key);
    domain.webhook_key = base::Secret(std::to_string(base::Rng(base::random_seed()).next()));
    domain.requests = 0;
    domain.in_doubt_limit = simulated_in_doubt_limit;
    std::vector<std::string> options{
        "--domain",
        domain.domain,
        "--requests",
        "0",
        "--setup",
        "5ms..30ms",
        "--ring",
        "100ms..500ms",
        "--noanswer-after",
        "500ms..1s",
        "--talk",
        "300ms..1200ms",
        "--hangup-talk",
        "true",
        "--cdr-endpoint",
        base_url + "/cloudonix/cdr",
        "--session-update-endpoint",
        base_url + "/cloudonix/session-update",
        "--webhook-key",
        domain.webhook_key.reveal(),
    };
    for (const std::string& option : trial_.simulator_options) {
        options.push_back("--" + option);
    }
    base::Result<std::unique_ptr<SimulatorProcess>> simulator = SimulatorProcess::start(options);
    if (!simulator) {
        return simulator.error();
    }
    simulator_ = std::move(*simulator);
    domain.api_url = simulator_->api_url();
    return std::vector<config::CloudonixDomain>{std::move(domain)};
}

void Run::watch(Service& service) {
    progress_ = std::make_unique<Progress>("dialing", destinations_, context_.clock.now().mono);
    if (trial_.timeout) {
        service.after(*trial_.timeout, [&] {
            timed_out_ = true;
            service.stop(settle_time);
        });
    }
}

void Run::start_campaign(Service& service) {
    if (stored_.status == campaign::CampaignStatus::active) {
        return;
    }
    const campaign::Transition transition = stored_.status == campaign::CampaignStatus::paused
                                                ? campaign::Transition::resume
                                                : campaign::Transition::start;
    service.submit(
        dialer::ChangeCampaign{stored_.id, transition},
        [&](const base::Result<void>& done) {
            if (!done) {
                failure_ = done.error().detail;
                service.stop(base::Millis{0});
            }
        }
    );
}

void Run::draw(bool last) {
    const std::int64_t done = std::min(destinations_, settled_before_ + report_->settled());
    const std::string detail = count_text(report_->active_calls()) + " active";
    const base::MonoTime now = context_.clock.now().mono;
    last ? progress_->finish(done, detail, now) : progress_->update(done, detail, now);
}

Exit Run::report() {
    if (!failure_.empty()) {
        complain(failure_);
        return Exit::not_successful;
    }
    draw(true);
    base::Result<storage::Database> database = open_to_read(context_);
    if (!database) {
        complain(database.error().detail);
        return Exit::not_successful;
    }
    storage::Repository repository(*database);
    const auto statistics = repository.statistics(stored_.id);
    if (!statistics) {
        complain(statistics.error().detail);
        return Exit::not_successful;
    }
    print(
        context_.json ? report_->to_json(*statistics, imported_)
                      : report_->to_table(*statistics, imported_)
    );
    if (report_->status() != campaign::CampaignStatus::completed) {
        const std::string why = timed_out_ ? "the time is over" : report_->end_reason();
        complain(
            "the campaign did not run to its end" + (why.empty() ? "" : ": " + why) +
            "; the same command goes on with it"
        );
        return Exit::not_successful;
    }
    return report_->clean() ? Exit::done : Exit::not_successful;
}

}  // namespace

Exit run_trial(Context& context, Trial trial) {
    return Run(context, std::move(trial)).go();
}

}  // namespace cxdial::daemon
