// Runs the simulation for one seed or many; see `--help`.

#include "base/log.h"
#include "dialer/flaw.h"

#include "log_watch.h"
#include "simulation.h"
#include <CLI/CLI.hpp>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <signal.h>
#include <string>
#include <unistd.h>
#include <utility>

namespace {

using cxdial::dialer::Flaw;

constexpr std::array<std::pair<const char*, Flaw>, 22> flaws{{
    {"none", Flaw::none},
    {"redial_when_unlisted", Flaw::redial_when_unlisted},
    {"redial_on_unknown", Flaw::redial_on_unknown},
    {"free_slot_on_every_cdr", Flaw::free_slot_on_every_cdr},
    {"recover_intent_to_pending", Flaw::recover_intent_to_pending},
    {"never_reconcile", Flaw::never_reconcile},
    {"effects_before_commit", Flaw::effects_before_commit},
    {"acknowledge_before_commit", Flaw::acknowledge_before_commit},
    {"forget_request_window", Flaw::forget_request_window},
    {"cap_off_by_one", Flaw::cap_off_by_one},
    {"ignore_schedule", Flaw::ignore_schedule},
    {"ignore_recipient_hours", Flaw::ignore_recipient_hours},
    {"ignore_frequency_cap", Flaw::ignore_frequency_cap},
    {"ignore_suppression", Flaw::ignore_suppression},
    {"ignore_assistant_caps", Flaw::ignore_assistant_caps},
    {"never_eject", Flaw::never_eject},
    {"keep_rate_after_429", Flaw::keep_rate_after_429},
    {"dial_after_pause", Flaw::dial_after_pause},
    {"keep_contacted_in_buffer", Flaw::keep_contacted_in_buffer},
    {"leak_claim_on_repeat", Flaw::leak_claim_on_repeat},
    {"match_newest_of_number", Flaw::match_newest_of_number},
    {"doubt_opbx_too_briefly", Flaw::doubt_opbx_too_briefly},
}};

// Calls that came in over all runs.
std::size_t came_in = 0;
std::size_t matched = 0;

constexpr std::uint64_t doubled = 20;  // one seed in so many is run twice

struct Options {
    std::uint64_t seed = 1;
    std::uint64_t count = 1;
    int return_calls = 0;
    std::string flaw = "none";
    bool log = false;
    bool opbx = false;
};

// For a broken invariant of the engine's own, which aborts: what to say, and whether it was wanted.
std::array<char, 256> last_words{};
int status_of_abort = 1;

extern "C" void on_abort(int /*signal*/) {
    static_cast<void>(!::write(STDOUT_FILENO, last_words.data(), std::strlen(last_words.data())));
    ::_exit(status_of_abort);
}

std::string repeat_command(const char* program, std::uint64_t seed, const Options& options) {
    std::string command = std::string(program) + " --seed " + std::to_string(seed) + " --log" +
                          (options.opbx ? " --opbx" : "");
    if (options.return_calls > 0) {
        command += " --return-calls " + std::to_string(options.return_calls);
    }
    return options.flaw == "none" ? command : command + " --flaw " + options.flaw;
}

/// Goes through one run; how it went.
std::uint64_t fingerprint_of(std::uint64_t seed, const Options& options, bool log) {
    if (options.opbx) {
        cxdial::base::Rng dice{seed};
        cxdial::sim::Simulation simulation(seed, cxdial::sim::draw_opbx_setup(dice), log);
        simulation.run();
        return simulation.fingerprint();
    }
    cxdial::sim::Simulation simulation(seed, log);
    simulation.invite(options.return_calls);
    simulation.run();
    came_in += simulation.callers().calls();
    matched += simulation.callers().matched();
    return simulation.fingerprint();
}

/// What is wrong with this seed; empty: nothing.
std::string fault_of(std::uint64_t seed, const Options& options) {
    cxdial::sim::LogWatch sink(options.log);
    cxdial::base::set_log_sink(&sink);
    try {
        const std::uint64_t way = fingerprint_of(seed, options, options.log);
        if (seed % doubled == 0 && fingerprint_of(seed, options, false) != way) {
            return "M1 the same seed went another way";
        }
    } catch (const std::exception& violation) {
        cxdial::base::set_log_sink(nullptr);
        return violation.what();
    }
    cxdial::base::set_log_sink(nullptr);
    return sink.fault();
}

bool set_flaw(const std::string& name) {
    for (const auto& [known, flaw] : flaws) {
        if (name != known) {
            continue;
        }
#ifdef CXDIAL_WITH_FLAWS
        cxdial::dialer::flaw_in_use = flaw;
        return true;
#else
        return flaw == Flaw::none;
#endif
    }
    return false;
}

int run(const char* program, const Options& options) {
    const bool flawed = options.flaw != "none";
    status_of_abort = flawed ? 0 : 1;
    std::printf(
        "simulation: seeds %llu to %llu, flaw %s\n",
        static_cast<unsigned long long>(options.seed),
        static_cast<unsigned long long>(options.seed + options.count - 1),
        options.flaw.c_str()
    );
    std::fflush(stdout);
    for (std::uint64_t seed = options.seed; seed < options.seed + options.count; ++seed) {
        const std::string repeat = repeat_command(program, seed, options);
        std::snprintf(
            last_words.data(),
            last_words.size(),
            "seed %llu: the engine stopped itself\nrepeat with: %s\n",
            static_cast<unsigned long long>(seed),
            repeat.c_str()
        );
        const std::string why = fault_of(seed, options);
        if (!why.empty()) {
            std::printf(
                "seed %llu: %s\nrepeat with: %s\n",
                static_cast<unsigned long long>(seed),
                why.c_str(),
                repeat.c_str()
            );
            return flawed ? 0 : 1;
        }
    }
    std::printf(flawed ? "the flaw was not caught\n" : "all seeds hold\n");
    std::printf(
        "%zu calls came in, %zu of them from numbers that were to be dialed: none was dialed after "
        "that, and every place was given back\n",
        came_in,
        matched
    );
    return flawed ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app{"Deterministic simulation of the dialer against a faulty world"};
    app.add_option("--seed", options.seed, "first seed");
    app.add_option("--count", options.count, "how many seeds");
    app.add_option("--flaw", options.flaw, "run a known-bad variant, which must be caught");
    app.add_option("--return-calls", options.return_calls, "so many more people call in each run");
    app.add_flag("--log", options.log, "tell every event");
    app.add_flag("--opbx", options.opbx, "OPBX owns the campaigns and places their calls");
    CLI11_PARSE(app, argc, argv);
    if (!set_flaw(options.flaw)) {
        std::fprintf(stderr, "this program has no flaw \"%s\"\n", options.flaw.c_str());
        return 2;
    }
    ::signal(SIGABRT, on_abort);
    return run(argv[0], options);
}
