#include "storage/internal/checkpointer.h"

#include "base/log.h"

namespace cxdial::storage {
namespace {

// In pages of the log, 4 KiB each.
constexpr int moved_at_once = 4'000;
constexpr int length_wanted = 16'000;
constexpr int left_to_the_writer = 300;  // moved by the writer itself, so that the log starts over
constexpr int length_allowed = 32'000;   // beyond it the writer waits; below journal_size_limit

/// What cannot be moved now is in the log as durably: the next try takes it along.
constexpr const char* consequence = "the write-ahead log grows";

}  // namespace

Checkpointer::Checkpointer(Connection& writer)
    : writer_(writer),
      own_(writer.path(), SQLite::OPEN_READWRITE, base::Millis{0}),
      start_over_at_(length_wanted) {
    own_.exec("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0");
    writer_.on_commit([this](int pages) { on_commit(pages); });
    thread_ = std::thread([this] { run(); });
}

Checkpointer::~Checkpointer() {
    writer_.on_commit({});
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void Checkpointer::on_commit(int pages) {
    std::unique_lock lock(mutex_);
    if (pages < moved_) {
        moved_ = 0;  // the log has started over
        start_over_at_ = length_wanted;
    }
    const bool is_cheap = !running_ && pages - moved_ <= left_to_the_writer;
    const int beyond = pages - start_over_at_;
    if (beyond >= length_allowed - length_wanted || (beyond >= 0 && is_cheap)) {
        idle_.wait(lock, [this] { return !running_; });
        moved_ = move_pages(writer_);
        // Should a reader hold the log back, it is not tried again at every commit.
        start_over_at_ = pages + moved_at_once;
    } else if (pages - moved_ >= moved_at_once && !running_) {
        running_ = true;
        wake_.notify_one();
    }
}

void Checkpointer::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return running_ || ending_; });
        if (ending_) {
            return;
        }
        lock.unlock();
        const int moved = move_pages(own_);
        lock.lock();
        moved_ = moved;
        running_ = false;
        idle_.notify_one();
    }
}

int Checkpointer::move_pages(Connection& connection) {
    try {
        const int moved = connection.checkpoint();
        failing_ = false;
        return moved;
    } catch (const SQLite::Exception& why) {
        if (!failing_.exchange(true)) {
            base::log_warn(
                "checkpoint_failed",
                {{"why", connection.describe("move the log into the file", why)},
                 {"effect", consequence}}
            );
        }
        return 0;
    }
}

}  // namespace cxdial::storage
