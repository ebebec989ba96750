#include "daemon/log_sink.h"

#include <atomic>
#include <chrono>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace cxdial::daemon {
namespace {

std::string timestamp() {
    const auto now =
        std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    const auto millis = now.time_since_epoch().count() % 1000;
    return fmt::format(
        "{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
        fmt::gmtime(std::chrono::system_clock::to_time_t(now)),
        millis
    );
}

}  // namespace

struct StderrLog::Impl {
    Impl(base::LogLevel level_given, config::LogFormat format_given)
        : level(level_given),
          format(format_given),
          logger("cxdial", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
        logger.set_pattern("%v");
        logger.set_level(spdlog::level::trace);
    }

    std::atomic<base::LogLevel> level;
    config::LogFormat format;
    spdlog::logger logger;
};

StderrLog::StderrLog(base::LogLevel level, config::LogFormat format)
    : impl_(std::make_unique<Impl>(level, format)) {}

StderrLog::~StderrLog() {
    base::set_log_sink(nullptr);
}

bool StderrLog::wants(base::LogLevel level) const {
    return level >= impl_->level;
}

void StderrLog::set_level(base::LogLevel level) {
    impl_->level = level;
}

void StderrLog::write(const base::LogLine& line) {
    std::string text;
    if (impl_->format == config::LogFormat::json) {
        text = base::to_json(line);
        text.insert(1, R"("time":")" + timestamp() + R"(",)");
    } else {
        text = timestamp() + " " + base::to_text(line);
    }
    impl_->logger.log(spdlog::level::info, spdlog::string_view_t(text.data(), text.size()));
    if (line.level >= base::LogLevel::warn) {
        impl_->logger.flush();
    }
}

}  // namespace cxdial::daemon
