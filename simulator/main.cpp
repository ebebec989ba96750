#include "base/clock.h"
#include "net/loop.h"
#include "simulator/command_line.h"
#include "simulator/simulator.h"

#include <nlohmann/json.hpp>

#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <sys/prctl.h>

namespace {

namespace base = cxdial::base;
namespace net = cxdial::net;
namespace simulator = cxdial::simulator;

bool die_with_parent() {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): the system's interface.
    return prctl(PR_SET_PDEATHSIG, SIGTERM) == 0;
}

void announce(const simulator::Options& options, std::uint16_t port) {
    const nlohmann::json line = {
        {"listening", options.address}, {"port", port}, {"seed", options.seed}};
    std::printf("%s\n", line.dump().c_str());
    (void)std::fflush(stdout);
}

int run(const simulator::CommandLine& line) {
    const base::SystemClock clock;
    net::Loop loop;
    loop.on_signals({SIGTERM, SIGINT}, [&](int) { loop.stop(); });
    if (line.die_with_parent && !die_with_parent()) {
        return 1;
    }
    const auto running =
        simulator::Simulator::start(loop, clock, line.options, [&] { loop.stop(); });
    if (!running) {
        (void)std::fprintf(stderr, "cloudonix-sim: %s\n", running.error().detail.c_str());
        return 1;
    }
    announce(line.options, running.value()->port());
    loop.run();
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const auto line = simulator::read_command_line(argc, argv);
        if (!line) {
            (void)std::fprintf(stderr, "cloudonix-sim: %s\n", line.error().detail.c_str());
            return 2;
        }
        if (!line->message.empty()) {
            std::printf("%s", line->message.c_str());
            return 0;
        }
        return run(*line);
    } catch (const std::exception& error) {
        (void)std::fprintf(stderr, "cloudonix-sim: %s\n", error.what());
        return 1;
    }
}
