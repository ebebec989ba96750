#pragma once

#include "base/log.h"

#include <string>

namespace cxdial::sim {

/// Reads every log line, as it would be written, for what must never stand in one (S10): a
/// telephone number of somebody, or a secret of an assistant. Prints them, when asked to.
class LogWatch final : public base::LogSink {
public:
    explicit LogWatch(bool tells) : tells_(tells) {}

    [[nodiscard]] bool wants(base::LogLevel /*level*/) const override { return true; }
    void write(const base::LogLine& line) override;
    /// What was found first; empty: nothing yet.
    [[nodiscard]] const std::string& fault() const { return fault_; }

private:
    bool tells_;
    std::string fault_;
};

}  // namespace cxdial::sim
