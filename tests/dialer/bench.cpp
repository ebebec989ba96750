#include "bench.h"

#include <catch2/catch.hpp>

#include <SQLiteCpp/SQLiteCpp.h>
#include <algorithm>
#include <array>
#include <stdlib.h>

namespace cxdial::dialer {

using base::Millis;

namespace {

constexpr Millis no_wait{0};

}  // namespace

Bench::Bench(int destinations)
    : now_{base::MonoTime{std::chrono::seconds{1'000}}, base::from_millis(1'790'000'000'000)} {
    std::string name = (std::filesystem::temp_directory_path() / "cxdial-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    directory_ = name;
    DomainLimits limits;
    limits.name = "d.example";
    limits.requests = 0;
    settings.domains = {limits};
    plan.name = "spring";
    plan.cloudonix_domain = limits.name;
    plan.caller_ids = {{.phone_number = "+12125550100"}};
    plan.calls_per_second = 0;
    restart();
    save();
    for (int i = 0; i < destinations; ++i) {
        add_destination("+1212555" + std::to_string(1'000 + i));
    }
}

Bench::~Bench() {
    unblock();
    ticker_.reset();
    store_.reset();
    repository_.reset();
    database_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

void Bench::restart() {
    ticker_.reset();
    store_.reset();
    repository_.reset();
    database_.reset();
    base::Result<storage::Database> opened =
        storage::Database::open((directory_ / "cxdial.db").string(), {.busy_timeout = no_wait});
    REQUIRE(opened);
    database_.emplace(std::move(opened).value());
    repository_ = std::make_unique<storage::Repository>(*database_);
    store_ = std::make_unique<storage::SqliteStore>(*database_);
    ticker_ = std::make_unique<Ticker>(*store_, settings, base::Rng{1});
}

void Bench::save() {
    REQUIRE(repository_->put(plan, now_.wall));
    id_ = repository_->campaign(plan.tenant, plan.name).value().id;
}

void Bench::add_destination(const std::string& number) {
    const std::array batch{
        campaign::NewDestination{.phone_number = base::PhoneNumber::parse(number).value()}};
    REQUIRE(repository_->add_destinations(id_, batch));
}

void Bench::lend(int destinations) {
    plan.name = "opbx-12";
    plan.routing_destination_type = campaign::RoutingDestinationType::external;
    REQUIRE(repository_->put_external(plan, campaign::OpbxCampaignId{12}, "", now_.wall));
    id_ = repository_->campaign(plan.tenant, plan.name).value().id;
    for (int i = 0; i < destinations; ++i) {
        static_cast<void>(offer(900 + i, "+1212555" + std::to_string(2'000 + i)));
    }
}

storage::TakenOffer Bench::offer(int row, const std::string& number) {
    const std::array rows{storage::OfferedDestination{
        .id = campaign::OpbxDestinationId{row},
        .row = {.phone_number = base::PhoneNumber::parse(number).value()}}};
    return repository_->take_offer(id_, rows, false).value();
}

std::vector<PlaceCall> Bench::resume() {
    static_cast<void>(give(ExternalHold{.reason = HoldReason::none}));
    return calls_of(give(ChangeCampaign{id_, campaign::Transition::resume}));
}

void Bench::advance(Millis time) {
    now_.mono += time;
    now_.wall += time;
}

TickResult Bench::tick(std::vector<Input> inputs) {
    std::vector<Arrived> arrived;
    for (Input& input : inputs) {
        arrived.push_back({std::move(input), now_.mono});
    }
    TickResult result = ticker_->tick(now_, std::move(arrived));
    for (const Note& note : result.output.notes) {
        if (const auto* held = std::get_if<CampaignHeld>(&note);
            held != nullptr && held->campaign == id_) {
            hold_ = held->hold;
        }
    }
    return result;
}

std::vector<Effect> Bench::give(Input input) {
    TickResult result = tick({std::move(input)});
    REQUIRE(result.stored);
    REQUIRE(result.outcomes.size() == 1);
    REQUIRE(result.outcomes[0]);
    return result.output.effects;
}

std::vector<PlaceCall> Bench::start() {
    return calls_of(give(ChangeCampaign{id_, campaign::Transition::start}));
}

std::vector<Effect> Bench::run_for(Millis time) {
    std::vector<Effect> effects;
    const base::MonoTime end = now_.mono + time;
    while (now_.mono < end) {
        // Whole milliseconds, so that both clocks go on alike; a late timer is nothing special.
        const auto wait = std::chrono::ceil<Millis>(ticker_->next_wake() - now_.mono);
        const auto left = std::chrono::ceil<Millis>(end - now_.mono);
        advance(std::clamp(wait, Millis{1}, left));
        const TickResult result = tick();
        effects.insert(effects.end(), result.output.effects.begin(), result.output.effects.end());
    }
    return effects;
}

void Bench::block() {
    base::Result<storage::Database> opened = storage::Database::open(
        (directory_ / "cxdial.db").string(), {.lock = false, .busy_timeout = no_wait}
    );
    REQUIRE(opened);
    other_database_.emplace(std::move(opened).value());
    other_store_ = std::make_unique<storage::SqliteStore>(*other_database_);
    other_store_->begin();
}

void Bench::unblock() {
    if (other_store_ != nullptr) {
        other_store_->rollback();
    }
    other_store_.reset();
    other_database_.reset();
}

std::string Bench::sql(const std::string& statement) {
    SQLite::Database file((directory_ / "cxdial.db").string(), SQLite::OPEN_READWRITE);
    SQLite::Statement query(file, statement);
    return query.executeStep() ? query.getColumn(0).getString() : "";
}

storage::AttemptRecord Bench::attempt(campaign::AttemptId id) {
    return repository_->attempt(id).value();
}

storage::DestinationRecord Bench::destination(base::PhoneNumber number) {
    return repository_->destination(id_, number).value();
}

campaign::StoredCampaign Bench::campaign() {
    return repository_->campaign(id_).value();
}

balancer::Assistant assistant(const std::string& name, const std::string& digits) {
    balancer::Assistant made;
    made.name = name;
    made.provider = "vapi";
    made.phone_number = "+1646555" + digits;
    return made;
}

std::vector<PlaceCall> calls_of(const std::vector<Effect>& effects) {
    std::vector<PlaceCall> calls;
    for (const Effect& effect : effects) {
        if (const auto* call = std::get_if<PlaceCall>(&effect)) {
            calls.push_back(*call);
        }
    }
    return calls;
}

PlacementReply accepted(const PlaceCall& call, const std::string& token) {
    return {call.attempt, Accepted{campaign::SessionToken{token}}};
}

SessionReport report(const PlaceCall& call, Progress progress, const std::string& token) {
    SessionReport report;
    report.token = campaign::SessionToken{token};
    report.attempt = call.attempt;
    report.progress = progress;
    if (progress == Progress::ended) {
        report.disposition = campaign::Disposition::answered;
    }
    return report;
}

WebhookReceived cdr(
    const PlaceCall& call, campaign::Disposition disposition, const std::string& token
) {
    WebhookReceived webhook;
    webhook.key = token;
    webhook.domain = call.domain;
    webhook.report = report(call, Progress::ended, token);
    webhook.report.disposition = disposition;
    webhook.body = "{}";
    return webhook;
}

}  // namespace cxdial::dialer
