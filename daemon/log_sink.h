#pragma once

#include "base/log.h"
#include "config/config.h"

#include <memory>

namespace cxdial::daemon {

/// Log lines on standard error, by spdlog: one JSON object or one line of text each, with the time.
/// Thread rule: any thread.
class StderrLog final : public base::LogSink {
public:
    StderrLog(base::LogLevel level, config::LogFormat format);
    ~StderrLog() override;
    StderrLog(const StderrLog&) = delete;
    StderrLog& operator=(const StderrLog&) = delete;
    StderrLog(StderrLog&&) = delete;
    StderrLog& operator=(StderrLog&&) = delete;

    [[nodiscard]] bool wants(base::LogLevel level) const override;
    void write(const base::LogLine& line) override;
    void set_level(base::LogLevel level);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace cxdial::daemon
