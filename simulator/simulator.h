#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "net/loop.h"
#include "simulator/options.h"

#include <cstdint>
#include <functional>
#include <memory>

namespace cxdial::simulator {

/// A stand-in for the Cloudonix platform on a port of its own: the REST API, the life of calls,
/// CXML, notices, faults, and a control API under `/control`. It is written from the vendor's
/// documents and shares nothing with the program's own client. Thread rule: the loop's thread.
class Simulator {
public:
    /// Listens at once. An error says why it cannot. `on_shutdown` is called when the control API
    /// asks for the end, from the loop.
    [[nodiscard]] static base::Result<std::unique_ptr<Simulator>> start(
        net::Loop& loop,
        const base::Clock& clock,
        Options options,
        std::function<void()> on_shutdown
    );
    ~Simulator();
    Simulator(const Simulator&) = delete;
    Simulator& operator=(const Simulator&) = delete;
    Simulator(Simulator&&) = delete;
    Simulator& operator=(Simulator&&) = delete;

    [[nodiscard]] std::uint16_t port() const;

private:
    struct Impl;
    explicit Simulator(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace cxdial::simulator
