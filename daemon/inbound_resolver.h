#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "cxml/name_value.h"
#include "routing/decision.h"
#include "routing/records.h"
#include "storage/directory.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace cxdial::storage {
class ContactBook;
class Database;
class RoutingRecords;
}  // namespace cxdial::storage

namespace cxdial::daemon {

/// A question that was decided, or had been before.
struct Resolved {
    routing::Decision decision;
    /// The call was decided on before, for this agent (empty: nobody): `decision` is as if it were
    /// new and says nothing.
    std::optional<std::string> decided_agent;
    /// What the agent is told of the caller.
    std::vector<cxml::NamedText> memory;
};

/// Decides who takes calls, on a thread with a reading connection of its own: a database that is
/// slow to answer holds up neither the loop nor the ticks. Thread rule: any thread.
class InboundResolver {
public:
    struct Settings {
        std::string database_path;
        std::string public_url;     ///< base of the address that `on_demand` memory is read at
        bool force_legacy = false;  ///< the kill switch
        /// What the layers ask instead of the database, which it is given; empty: nothing. For
        /// tests of what is slow or fails.
        std::function<std::unique_ptr<routing::Records>(routing::Records&)> instead{};
    };
    using Directory = std::shared_ptr<const storage::MemoryDirectory>;

    InboundResolver(const base::Clock& clock, Settings settings);
    ~InboundResolver();
    InboundResolver(const InboundResolver&) = delete;
    InboundResolver& operator=(const InboundResolver&) = delete;
    InboundResolver(InboundResolver&&) = delete;
    InboundResolver& operator=(InboundResolver&&) = delete;

    /// Reads the directory and starts the thread. The error says what is wrong with the database.
    [[nodiscard]] base::Result<void> start();

    /// Decides, leaving out agents that are `full`; `done` is called on this class's thread. What
    /// it comes to only after `answer_by` is passed over without a word: what has piled up while
    /// the records were slow must not make those late that come after.
    void resolve(
        routing::Question question,
        std::vector<std::string> full,
        base::MonoTime answer_by,
        std::function<void(Resolved)> done
    );
    /// Reads tenants, dialed numbers and agents again; then calls `done` on this class's thread.
    void reload(std::function<void()> done);
    /// As it was read last.
    [[nodiscard]] Directory directory() const;
    [[nodiscard]] bool force_legacy() const { return settings_.force_legacy; }

private:
    struct Reader;

    void run();
    void put(std::function<void()> task);
    [[nodiscard]] base::Result<void> read_directory();
    [[nodiscard]] Resolved decide(
        const routing::Question& question, const std::vector<std::string>& full
    );
    [[nodiscard]] std::vector<cxml::NamedText> memory_for(
        const std::string& tenant, const std::string& agent, const routing::Decision& decision
    );

    const base::Clock& clock_;
    Settings settings_;
    std::unique_ptr<Reader> reader_;  ///< of the thread, once it runs
    mutable std::mutex mutex_;
    std::condition_variable arrived_;
    Directory directory_;
    std::deque<std::function<void()>> tasks_;
    bool closed_ = false;
    std::thread thread_;
};

}  // namespace cxdial::daemon
