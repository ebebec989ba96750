#include "tests/storage/support.h"

#include "storage/internal/connection.h"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace cxdial::storage::testing {

TempDirectory::TempDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "cxdial-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) {
        throw std::runtime_error("no temporary directory");
    }
    path_ = pattern;
}

TempDirectory::~TempDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string TempDirectory::file(std::string_view name) const {
    return path_ + "/" + std::string(name);
}

void expect(const base::Result<void>& result) {
    if (!result) {
        throw std::runtime_error(result.error().detail);
    }
}

Database open(const std::string& path, Database::Options options) {
    return expect(Database::open(path, options));
}

base::WallTime at(std::int64_t millis) {
    return base::from_millis(millis);
}

base::PhoneNumber number(std::uint64_t index) {
    return *base::PhoneNumber::from_digits(12'025'550'000 + index);
}

campaign::Campaign hangup_campaign(const std::string& name) {
    campaign::Campaign campaign;
    campaign.name = name;
    campaign.cloudonix_domain = "acme.cloudonix.net";
    campaign.caller_ids = {{.phone_number = "+12025550100"}};
    return campaign;
}

balancer::Assistant sip_assistant(const std::string& name) {
    balancer::Assistant assistant;
    assistant.name = name;
    assistant.provider = "vapi";
    assistant.phone_number = "+12025550111";
    return assistant;
}

balancer::Assistant person(const std::string& name) {
    balancer::Assistant person;
    person.name = name;
    person.protocol = balancer::Protocol::number;
    person.phone_number = "+12025550177";
    return person;
}

routing::DialedNumber dialed(
    const std::string& name, const std::string& number, const std::string& agent
) {
    routing::DialedNumber dialed;
    dialed.name = name;
    dialed.phone_number = number;
    dialed.agent = agent;
    return dialed;
}

campaign::NewDestination destination(std::uint64_t index, int priority) {
    return {
        .phone_number = number(index),
        .name = "",
        .priority = priority,
        .timezone = "",
        .not_before = {},
        .metadata = ""};
}

dialer::NewAttempt attempt_of(
    campaign::CampaignId campaign, const dialer::QueuedDestination& destination
) {
    return {
        .campaign = campaign,
        .destination = destination.id,
        .phone_number = destination.phone_number,
        .domain = "acme.cloudonix.net",
        .caller_id = "+12025550100",
        .assistant = "",
        .campaign_revision = 1,
        .intent_at = at(1'000),
        .give_up_at = at(100'000)};
}

dialer::WebhookReceived cdr(const std::string& key, const std::string& token) {
    dialer::WebhookReceived webhook;
    webhook.key = key;
    webhook.domain = "acme.cloudonix.net";
    webhook.report.token = campaign::SessionToken{token};
    webhook.report.progress = dialer::Progress::ended;
    webhook.report.disposition = campaign::Disposition::answered;
    webhook.report.answered_at = at(2'000);
    webhook.report.ended_at = at(9'000);
    webhook.report.duration = std::chrono::seconds{8};
    webhook.report.billsec = std::chrono::seconds{7};
    webhook.body = R"({"disposition":"ANSWER"})";
    return webhook;
}

Fixture::Fixture(const std::string& path)
    : database(open(path)), repository(database), store(database) {
    expect(repository.put(hangup_campaign("spring"), at(0)));
    id = expect(repository.campaign("default", "spring")).id;
    in_transaction(store, [&] {
        store.set_campaign_status(id, campaign::CampaignStatus::active, "", at(0));
    });
}

void Fixture::add(std::uint64_t first, int count, int priority) {
    std::vector<campaign::NewDestination> batch;
    for (int i = 0; i < count; ++i) {
        batch.push_back(destination(first + static_cast<std::uint64_t>(i), priority));
    }
    expect(repository.add_destinations(id, batch));
}

std::vector<dialer::QueuedDestination> Fixture::claim(std::int64_t now, int limit) {
    return in_transaction(store, [&] { return store.claim(id, at(now), limit); });
}

std::pair<dialer::QueuedDestination, campaign::AttemptId> Fixture::dial() {
    return in_transaction(store, [&] {
        const dialer::QueuedDestination taken = store.claim(id, at(1'000), 1).at(0);
        const campaign::AttemptId attempt = store.record_intent(attempt_of(id, taken));
        store.move_destination(
            taken.id,
            {.to = campaign::DestinationStatus::placing_call,
             .attempts = taken.attempts + 1,
             .next_at = {},
             .last_disposition = {}}
        );
        return std::pair(taken, attempt);
    });
}

std::int64_t Fixture::count(const std::string& sql) {
    return std::stoll(database.connection().value_of(sql.c_str()));
}

bool in_child(const std::function<bool()>& body) {
    const pid_t child = fork();
    if (child == 0) {
        bool done = false;
        try {
            done = body();
        } catch (...) {
            done = false;
        }
        _exit(done ? 0 : 1);
    }
    int status = 0;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace cxdial::storage::testing
