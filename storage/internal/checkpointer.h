#pragma once

#include "storage/internal/connection.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace cxdial::storage {

/// Moves what was committed from the write-ahead log into the database file, on a thread and a
/// connection of its own: a commit waits for its own write and for nothing else. As nobody else
/// writes, the writer lets the log start over when nearly all of it was moved, and at the latest
/// when it has become too long: then it waits. A log that a reader still needs goes on growing.
/// Thread rule: made and destroyed on the writer's thread, before the writer.
class Checkpointer {
public:
    /// Throws `SQLite::Exception` when the file cannot be opened once more.
    explicit Checkpointer(Connection& writer);
    ~Checkpointer();
    Checkpointer(const Checkpointer&) = delete;
    Checkpointer& operator=(const Checkpointer&) = delete;
    Checkpointer(Checkpointer&&) = delete;
    Checkpointer& operator=(Checkpointer&&) = delete;

private:
    void on_commit(int pages);
    void run();
    int move_pages(Connection& connection);

    Connection& writer_;
    Connection own_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable idle_;
    int moved_ = 0;         ///< pages of the log that the database file has as well
    int start_over_at_;     ///< pages of the log, from which on it is to start over
    bool running_ = false;  ///< the thread moves pages, or is about to
    bool ending_ = false;
    std::atomic<bool> failing_ = false;
    std::thread thread_;
};

}  // namespace cxdial::storage
