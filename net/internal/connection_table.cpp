#include "net/internal/connection.h"

#include <algorithm>
#include <utility>

namespace cxdial::net {

namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

ConnectionTable::ConnectionTable(Loop& loop, Limits limits) : limits_(limits), timer_(loop) {}

void ConnectionTable::add(const std::shared_ptr<Connection>& connection) {
    std::list<Entry>& to = list(Wait::first_byte);
    connection->place = {.wait = Wait::first_byte, .entry = to.insert(to.end(), {connection, {}})};
    set_deadline(connection->place);
}

void ConnectionTable::move(Connection& connection, Wait to) {
    Place& place = connection.place;
    list(to).splice(list(to).end(), list(place.wait), place.entry);
    place.wait = to;
    set_deadline(place);
}

void ConnectionTable::remove(Connection& connection) {
    list(connection.place.wait).erase(connection.place.entry);
}

void ConnectionTable::close_all() {
    for (std::list<Entry>& entries : lists_) {
        while (!entries.empty()) {
            const std::shared_ptr<Connection> connection = entries.front().connection;
            connection->close();
        }
    }
    timer_.cancel();
    timer_due_ = Clock::time_point::max();
}

std::size_t ConnectionTable::size() const {
    std::size_t count = 0;
    for (const std::list<Entry>& entries : lists_) {
        count += entries.size();
    }
    return count;
}

void ConnectionTable::set_deadline(const Place& place) {
    const auto limit = limits_[static_cast<std::size_t>(place.wait)];
    if (limit <= std::chrono::milliseconds::zero()) {
        place.entry->deadline = Clock::time_point::max();
        return;
    }
    const Clock::time_point now = Clock::now();
    place.entry->deadline = now + limit;
    // Only ever brought forward here; when it fires too early, `sweep` sets it again. So a busy
    // connection does not cost a timer per request.
    if (place.entry->deadline < timer_due_) {
        timer_due_ = place.entry->deadline;
        timer_.start(limit, [this] { sweep(); });
    }
}

void ConnectionTable::sweep() {
    timer_due_ = Clock::time_point::max();
    const Clock::time_point now = Clock::now();
    for (std::list<Entry>& entries : lists_) {
        while (!entries.empty() && entries.front().deadline <= now) {
            const std::shared_ptr<Connection> connection = entries.front().connection;
            connection->expired();
        }
    }
    Clock::time_point next = timer_due_;
    for (const std::list<Entry>& entries : lists_) {
        if (!entries.empty()) {
            next = std::min(next, entries.front().deadline);
        }
    }
    if (next < timer_due_) {
        timer_due_ = next;
        timer_.start(next - now, [this] { sweep(); });
    }
}

}  // namespace cxdial::net
