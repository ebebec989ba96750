#include "daemon/progress.h"

#include "daemon/table.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <unistd.h>
#include <utility>

namespace cxdial::daemon {
namespace {

constexpr int bar_width = 28;
constexpr std::chrono::milliseconds redraw{100};
constexpr std::chrono::seconds plain_line{2};

std::string remaining_text(double seconds) {
    const auto whole = static_cast<std::int64_t>(std::ceil(seconds));
    if (whole >= 3600) {
        return std::to_string(whole / 3600) + " h " + std::to_string(whole % 3600 / 60) + " min";
    }
    if (whole >= 60) {
        return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
    }
    return std::to_string(whole) + " s";
}

}  // namespace

bool stderr_is_terminal() {
    return isatty(STDERR_FILENO) == 1;
}

Progress::Progress(std::string title, std::int64_t total, base::MonoTime now)
    : title_(std::move(title)),
      total_(total),
      started_(now),
      drawn_(now - plain_line),
      terminal_(stderr_is_terminal()) {}

void Progress::update(std::int64_t done, const std::string& detail, base::MonoTime now) {
    const auto pause = terminal_ ? std::chrono::milliseconds{redraw} : plain_line;
    if (now - drawn_ >= pause) {
        draw(done, detail, now);
    }
}

void Progress::finish(std::int64_t done, const std::string& detail, base::MonoTime now) {
    draw(done, detail, now);
    if (terminal_) {
        std::fputc('\n', stderr);
    }
}

void Progress::draw(std::int64_t done, const std::string& detail, base::MonoTime now) {
    drawn_ = now;
    const std::string text = line(done, detail, now);
    if (terminal_) {
        std::fprintf(stderr, "\r\x1b[2K%s", text.c_str());
    } else {
        std::fprintf(stderr, "%s\n", text.c_str());
    }
    std::fflush(stderr);
}

std::string Progress::line(std::int64_t done, const std::string& detail, base::MonoTime now) const {
    const double seconds = std::chrono::duration<double>(now - started_).count();
    const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0.0;
    std::string out = title_ + " ";
    if (total_ > 0) {
        const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total_));
        const int filled = static_cast<int>(share * bar_width);
        if (terminal_) {
            out += "[";
            for (int i = 0; i < bar_width; ++i) {
                out += i < filled ? "█" : "·";
            }
            out += "] ";
        }
        out += number_text(share * 100, 0) + " %  " + count_text(done) + "/" + count_text(total_);
    } else {
        out += count_text(done);
    }
    out += "  " + number_text(rate, rate < 100 ? 1 : 0) + "/s";
    if (total_ > done && rate > 0) {
        out += "  " + remaining_text(static_cast<double>(total_ - done) / rate) + " left";
    }
    return detail.empty() ? out : out + "  " + detail;
}

}  // namespace cxdial::daemon
