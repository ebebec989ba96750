#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "net/http.h"
#include "net/http_client.h"
#include "net/loop.h"
#include "storage/records.h"
#include "storage/repository.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace cxdial::daemon {

/// What an attempt to hand a message over came to.
enum class Handover : std::uint8_t {
    taken,
    unreachable,  ///< the other side is not there, or has no time: says nothing of the message
    refused,      ///< an error that may be the message's own; a time-out is one too
    hopeless,     ///< it is not acceptable as it is
};

/// The name users see, as in `unreachable`.
[[nodiscard]] std::string_view to_string(Handover handover);

struct Judged {
    Handover handover = Handover::taken;
    bool answered = false;  ///< false: a time-out, a cut reply, or nobody there
    std::string why;        ///< fit for a log line
    std::string said;       ///< the answer's body, cut; may hold telephone numbers
};
/// `hopeless`: the statuses that say so.
[[nodiscard]] Judged judge(const net::HttpOutcome& outcome, const std::vector<int>& hopeless);

/// Sends the messages of one queue of the outbox, one at a time and in their order, until each is
/// taken or a dead letter. While the other side is away everything waits, and order is kept. A
/// message that is refused again and again lets the others pass, and is tried again ever more
/// seldom, since each try may count at the other side; in the end it is a dead letter.
/// Thread rule: the loop's thread.
class OutboxSender {
public:
    struct Options {
        std::string queue;
        base::Millis first_pause{250};  ///< after a failure; doubled with each further one
        base::Millis longest_pause{30'000};
        int tries_in_place = 4;  ///< after so many, the others pass
        /// Aside, a message waits for `longest_pause`, and each further time twice as long.
        base::Millis longest_aside{86'400'000};
        int refusals_max = 17;  ///< then it is a dead letter: by these times after 58 hours
        std::vector<int> hopeless{400, 422};  ///< statuses that no further try can change
        base::Millis idle_look{1'000};        ///< how often an empty queue is looked at unasked
    };
    struct Ports {
        /// Reads the database. At once, on the loop's thread.
        std::function<base::Result<std::vector<storage::OutboxMessage>>(
            std::string_view queue, base::WallTime now, int limit
        )>
            read;
        /// Runs a job on the writing connection, then `done` on the loop's thread. False: no room.
        using Job = std::function<base::Result<void>(storage::Repository&)>;
        std::function<bool(Job job, std::function<void(base::Result<void>)> done)> write;
        /// Whether a message still is to be handed over, asked when its turn has come; what is not
        /// is forgotten. May be empty: everything is.
        std::function<bool(const storage::OutboxMessage&)> wanted;
        /// The request that hands a message over. The message's `refusals` tell a try after an
        /// error, which must not be answered from a memory of that error, from one after a
        /// time-out, which must not be taken for a second message.
        std::function<net::HttpRequest(const storage::OutboxMessage&)> request;
        std::function<void(net::HttpRequest, net::HttpClient::Handler)> send;
        /// Tells whoever watches; may be empty.
        std::function<void(const storage::OutboxMessage&, const Judged&)> on_handover;
    };

    /// `loop` and `clock` must outlive this; it may be destroyed while a request is under way.
    OutboxSender(net::Loop& loop, const base::Clock& clock, Options options, Ports ports);
    ~OutboxSender();
    OutboxSender(const OutboxSender&) = delete;
    OutboxSender& operator=(const OutboxSender&) = delete;
    OutboxSender(OutboxSender&&) = delete;
    OutboxSender& operator=(OutboxSender&&) = delete;

    /// There may be something new to send. Cheap when there is not.
    void poke();
    /// Sends no more; what is under way may still be taken.
    void stop();

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace cxdial::daemon
