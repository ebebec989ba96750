#pragma once

#include "base/result.h"

#include <cstdint>
#include <memory>
#include <string>
#include <sys/types.h>
#include <vector>

namespace cxdial::daemon {

/// A `cloudonix-sim` in a process of its own on loopback, for `--simulate`. It ends with this
/// object, and with this process however it dies.
class SimulatorProcess {
public:
    /// Starts the program that lies beside this one and waits until it listens. An error says what
    /// could not be found or what the simulator said.
    [[nodiscard]] static base::Result<std::unique_ptr<SimulatorProcess>> start(
        const std::vector<std::string>& options
    );
    ~SimulatorProcess();
    SimulatorProcess(const SimulatorProcess&) = delete;
    SimulatorProcess& operator=(const SimulatorProcess&) = delete;
    SimulatorProcess(SimulatorProcess&&) = delete;
    SimulatorProcess& operator=(SimulatorProcess&&) = delete;

    [[nodiscard]] std::string api_url() const;

private:
    SimulatorProcess(pid_t pid, std::uint16_t port) : pid_(pid), port_(port) {}
    pid_t pid_;
    std::uint16_t port_;
};

}  // namespace cxdial::daemon
