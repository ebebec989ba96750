#include "daemon/context.h"
#include "daemon/log_sink.h"
#include "webhook/api.h"

#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <functional>
#include <memory>

extern char** environ;

namespace {

namespace base = cxdial::base;
namespace campaign = cxdial::campaign;
namespace config = cxdial::config;
namespace daemon = cxdial::daemon;
using daemon::Context;
using daemon::Exit;

constexpr const char* default_file = "cxdial.toml";
constexpr const char* kinds = cxdial::webhook::api_kinds;

std::vector<std::string> variables(std::string_view prefix) {
    std::vector<std::string> names;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        if (text.substr(0, prefix.size()) == prefix) {
            names.emplace_back(text.substr(0, text.find('=')));
        }
    }
    return names;
}

std::optional<std::string> variable(std::string_view name) {
    // Read before any thread is started.
    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    const char* value = std::getenv(std::string(name).c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

base::Result<config::Config> read_configuration(const std::string& file) {
    if (!file.empty()) {
        return config::read_config(file, variables, variable);
    }
    if (std::filesystem::exists(default_file)) {
        return config::read_config(default_file, variables, variable);
    }
    return config::default_config(variables, variable);
}

/// The command line: what each sub-command wants to be called with, and what it calls.
class CommandLine {
public:
    CommandLine() {
        app_.require_subcommand(1);
        app_.add_option("--config", config_file_, "configuration file (default: ./cxdial.toml)");
        app_.fallthrough();
        add_daemon_commands();
        add_resource_commands();
        add_campaign_commands();
        add_trial_commands();
        add_routing_commands();
        add_suppress_commands();
    }

    int run(int argc, char** argv) {
        try {
            app_.parse(argc, argv);
        } catch (const CLI::CallForHelp& help) {
            return app_.exit(help);
        } catch (const CLI::ParseError& error) {
            app_.exit(error);
            return static_cast<int>(Exit::bad_usage);
        }
        base::Result<config::Config> config = read_configuration(config_file_);
        if (!config) {
            daemon::complain(config.error().detail);
            return static_cast<int>(Exit::bad_usage);
        }
        daemon::StderrLog log(config->daemon.log_level, config->daemon.log_format);
        base::set_log_sink(&log);
        Context context{
            .config = std::move(*config),
            .json = json_,
            .clock = {},
            .reread = [this] { return read_configuration(config_file_); },
            .set_log_level = [&log](base::LogLevel level) { log.set_level(level); },
        };
        return static_cast<int>(chosen_(context));
    }

private:
    using Command = std::function<Exit(Context&)>;

    CLI::App* add(const char* name, const char* help, Command command) {
        CLI::App* sub = app_.add_subcommand(name, help);
        sub->add_flag("--json", json_, "print one JSON document on standard output");
        sub->final_callback([this, command = std::move(command)] { chosen_ = command; });
        return sub;
    }

    void add_daemon_commands() {
        add("run", "run the daemon", daemon::run_daemon);
        add("check", "validate configuration, resources and connections", daemon::check);
    }

    void add_resource_commands() {
        add("apply",
            "create or change resources from JSON or TOML files",
            [this](Context& context) { return daemon::apply(context, files_); })
            ->add_option("FILE", files_, "resource files")
            ->required();
        CLI::App* get = add("get", "show resources of a kind, or one", [this](Context& context) {
            return daemon::get(context, kind_, name_);
        });
        get->add_option("KIND", kind_, kinds)->required();
        get->add_option("NAME", name_, "its name");
        CLI::App* remove = add("delete", "delete a resource", [this](Context& context) {
            return daemon::remove(context, kind_, name_);
        });
        remove->add_option("KIND", kind_, kinds)->required();
        remove->add_option("NAME", name_, "its name")->required();
    }

    void add_transition(const char* name, const char* help, campaign::Transition transition) {
        add(name,
            help,
            [this, transition](Context& context) {
                return daemon::change_life_cycle(context, name_, transition);
            })
            ->add_option("CAMPAIGN", name_, "the campaign's name")
            ->required();
    }

    void add_campaign_commands() {
        CLI::App* import = add("import", "import destinations from CSV", [this](Context& context) {
            return daemon::import_destinations(context, name_, number_, region_);
        });
        import->add_option("CAMPAIGN", name_, "the campaign's name")->required();
        import->add_option("FILE", number_, "CSV file with a header row")->required();
        import->add_option("--region", region_, "country of national numbers, as in US");
        add_transition("start", "let a campaign dial", campaign::Transition::start);
        add_transition("pause", "place no new call", campaign::Transition::pause);
        add_transition("resume", "dial again", campaign::Transition::resume);
        add_transition("archive", "put a campaign away", campaign::Transition::archive);
        CLI::App* status =
            add("status", "what is dialing, how fast, why not", [this](Context& context) {
                return daemon::status(context, name_, watch_);
            });
        status->add_option("CAMPAIGN", name_, "one campaign; none: all");
        status->add_flag("--watch", watch_, "show it again every second");
        CLI::App* why =
            add("why",
                "say why a destination is or is not being dialed, and when it may be",
                [this](Context& context) { return daemon::why(context, name_, number_); });
        why->add_option("CAMPAIGN", name_, "the campaign's name")->required();
        why->add_option("NUMBER", number_, "its phone number")->required();
        CLI::App* cxml =
            add("cxml", "print the CXML a call would get; place none", [this](Context& context) {
                return daemon::show_cxml(context, name_, number_);
            });
        cxml->add_option("CAMPAIGN", name_, "the campaign's name")->required();
        cxml->add_option("--to", number_, "the number called")->required();
    }

    void add_trial_commands() {
        CLI::App* test =
            add("test-campaign", "dial a list once and report", [this](Context& context) {
                return daemon::test_campaign(context, test_);
            });
        test->add_option("--numbers", test_.numbers, "CSV file of numbers")->required();
        test->add_option("--routing", test_.routing, "hangup, assistant:NAME or balancer:NAME");
        test->add_option("--concurrent-active-calls", test_.concurrent_active_calls, "CAC")
            ->check(CLI::Range(1, 10'000));
        test->add_option("--calls-per-second", test_.calls_per_second, "CPS; 0: no limit")
            ->check(CLI::Range(0.0, 1'000.0));
        test->add_option("--max-dial-attempts", test_.max_dial_attempts, "attempts a number")
            ->check(CLI::Range(1, 20));
        test->add_option("--caller-id", test_.caller_id, "the caller ID shown");
        test->add_option("--domain", test_.domain, "one of the configured Cloudonix domains");
        test->add_option("--region", test_.region, "country of national numbers, as in US");
        test->add_flag("--simulate", test_.simulate, "against a simulator on loopback");
        test->add_option(
            "--simulator-option", test_.simulator_options, "an option for cloudonix-sim, NAME=VALUE"
        );
        test->add_option("--timeout", test_.timeout, "give up after so long, as in 10m");
        CLI::App* load =
            add("load-test", "Hangup-mode load test of the dialing path", [this](Context& context) {
                return daemon::load_test(context, load_);
            });
        load->add_option("--calls", load_.calls, "how many calls")->required();
        load->add_option("--concurrent-active-calls", load_.concurrent_active_calls, "CAC")
            ->check(CLI::Range(1, 10'000));
        load->add_option("--calls-per-second", load_.calls_per_second, "CPS; 0: no limit")
            ->check(CLI::Range(0.0, 10'000.0));
        load->add_option("--domain", load_.domain, "one of the configured Cloudonix domains");
        load->add_option(
            "--really", load_.really, "the domain's name again: calls are really placed"
        );
        load->add_option(
            "--simulator-option", load_.simulator_options, "an option for cloudonix-sim, NAME=VALUE"
        );
        load->add_option("--timeout", load_.timeout, "give up after so long, as in 10m");
    }

    void add_routing_commands() {
        CLI::App* route =
            add("route", "show where a call would go, or went, and why", [this](Context& context) {
                return daemon::route(context, route_);
            });
        CLI::Option* from = route->add_option("--from", route_.from, "who calls, as received");
        CLI::Option* to = route->add_option("--to", route_.to, "the number dialed, as received");
        CLI::Option* sid =
            route->add_option("--call-sid", route_.call_sid, "a call that came in: its decision");
        from->needs(to);
        to->needs(from);
        sid->excludes(from)->excludes(to);
    }

    void add_suppress_commands() {
        CLI::App* suppress = app_.add_subcommand("suppress", "the do-not-call list");
        suppress->require_subcommand(1);
        const auto sub = [&](const char* name, const char* help, Command command) {
            CLI::App* one = suppress->add_subcommand(name, help);
            one->add_flag("--json", json_, "print one JSON document on standard output");
            one->final_callback([this, command = std::move(command)] { chosen_ = command; });
            return one;
        };
        sub("add",
            "put numbers on the list",
            [this](Context& context) { return daemon::suppress_add(context, files_); })
            ->add_option("NUMBER", files_, "phone numbers, or prefixes as in +1212*")
            ->required();
        sub("remove",
            "take numbers off the list",
            [this](Context& context) { return daemon::suppress_remove(context, files_); })
            ->add_option("NUMBER", files_, "phone numbers, or prefixes as in +1212*")
            ->required();
        sub("list", "show the list", daemon::suppress_list);
        sub("import",
            "put the numbers of a CSV file on the list",
            [this](Context& context) { return daemon::suppress_import(context, name_); })
            ->add_option("FILE", name_, "CSV file with a header row")
            ->required();
    }

    CLI::App app_{"Outbound campaign dialer and CXML generator for Cloudonix", "cxdial"};
    Command chosen_;
    std::string config_file_;
    bool json_ = false;
    bool watch_ = false;
    std::string kind_;
    std::string name_;
    std::string number_;
    std::string region_;
    std::vector<std::string> files_;
    daemon::RouteOptions route_;
    daemon::TestCampaignOptions test_;
    daemon::LoadTestOptions load_;
};

}  // namespace

int main(int argc, char** argv) {
    // A file that may not grow is an error of the write, as a full disk is, not the end of the
    // program.
    static_cast<void>(std::signal(SIGXFSZ, SIG_IGN));
    try {
        return CommandLine().run(argc, argv);
    } catch (const std::exception& error) {
        daemon::complain(error.what());
        return static_cast<int>(Exit::not_successful);
    }
}
