#pragma once

#include "dialer/ticker.h"
#include "storage/database.h"
#include "storage/repository.h"
#include "storage/sqlite_store.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cxdial::dialer {

/// The real ticker on the real store in a folder of its own, with a clock that is moved by hand.
class Bench {
public:
    /// `destinations` numbers in one campaign of one domain, not started.
    explicit Bench(int destinations = 1);
    ~Bench();
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;
    Bench(Bench&&) = delete;
    Bench& operator=(Bench&&) = delete;

    campaign::Campaign plan;  ///< in force after `save`
    EngineSettings settings;  ///< in force after `restart`

    void save();
    /// Starts the campaign and goes on until its first calls are placed.
    std::vector<PlaceCall> start();
    /// From here on the bench is about a campaign that OPBX lent, number 12 there, by `plan`, with
    /// so many rows, numbered from 900 there; it is paused.
    void lend(int destinations);
    /// OPBX is there and lists the campaign. Goes on until its first calls are placed.
    std::vector<PlaceCall> resume();
    /// A new process on the same file.
    void restart();
    void advance(base::Millis time);
    /// Ticks whenever the engine wants to, until so much time has passed. What left meanwhile.
    std::vector<Effect> run_for(base::Millis time);

    TickResult tick(std::vector<Input> inputs = {});
    /// One input that must succeed, and what left after it.
    std::vector<Effect> give(Input input);
    void add_destination(const std::string& number);
    /// OPBX offers the row of that id.
    storage::TakenOffer offer(int row, const std::string& number);
    /// Another process holds the database until `unblock`: every transaction fails.
    void block();
    void unblock();

    /// Runs a statement past everybody. The first column of its first row, as text.
    std::string sql(const std::string& statement);

    [[nodiscard]] storage::AttemptRecord attempt(campaign::AttemptId id);
    [[nodiscard]] storage::DestinationRecord destination(base::PhoneNumber number);
    [[nodiscard]] campaign::StoredCampaign campaign();
    [[nodiscard]] storage::Database& database() { return *database_; }
    [[nodiscard]] storage::Repository& repository() { return *repository_; }
    [[nodiscard]] campaign::CampaignId id() const { return id_; }
    [[nodiscard]] const Engine& engine() const { return *ticker_->engine(); }
    [[nodiscard]] base::Now now() const { return now_; }
    /// Why the campaign places no calls, as it was told last.
    [[nodiscard]] Hold hold() const { return hold_; }
    [[nodiscard]] base::MonoTime next_wake() const { return ticker_->next_wake(); }

private:
    std::filesystem::path directory_;
    base::Now now_;
    std::optional<storage::Database> database_;
    std::unique_ptr<storage::Repository> repository_;
    std::unique_ptr<storage::SqliteStore> store_;
    std::unique_ptr<Ticker> ticker_;
    std::optional<storage::Database> other_database_;
    std::unique_ptr<storage::SqliteStore> other_store_;
    campaign::CampaignId id_;
    Hold hold_;
};

/// An assistant that is reached over SIP, at the number `+1646555` and four digits.
[[nodiscard]] balancer::Assistant assistant(const std::string& name, const std::string& digits);

[[nodiscard]] std::vector<PlaceCall> calls_of(const std::vector<Effect>& effects);
template <class Kind>
[[nodiscard]] std::size_t count_of(const std::vector<Effect>& effects) {
    std::size_t count = 0;
    for (const Effect& effect : effects) {
        count += std::holds_alternative<Kind>(effect) ? 1 : 0;
    }
    return count;
}

/// Cloudonix's words about a call.
[[nodiscard]] PlacementReply accepted(const PlaceCall& call, const std::string& token = "t1");
[[nodiscard]] SessionReport report(
    const PlaceCall& call, Progress progress, const std::string& token = "t1"
);
[[nodiscard]] WebhookReceived cdr(
    const PlaceCall& call,
    campaign::Disposition disposition = campaign::Disposition::answered,
    const std::string& token = "t1"
);

}  // namespace cxdial::dialer
