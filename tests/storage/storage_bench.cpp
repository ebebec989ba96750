// Measures the store at size: `storage_bench [DIRECTORY] [ROWS]`. Prints one figure a line.

#include "base/rng.h"
#include "storage/routing_records.h"
#include "tests/storage/support.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

namespace cxdial::storage::testing {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Processor time of this process: what is left when other programs share the machine.
double cpu_seconds() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

void show(const char* name, double value, const char* unit) {
    std::printf("%-44s %12.2f %s\n", name, value, unit);
}

/// Runs `body` some times; prints its median and its 99th percentile.
template <class Body>
void time_of(const char* name, int times, Body body) {
    std::vector<double> millis;
    const double cpu = cpu_seconds();
    for (int i = 0; i < times; ++i) {
        const Clock::time_point start = Clock::now();
        body();
        millis.push_back(seconds_since(start) * 1'000);
    }
    show((std::string(name) + " processor").c_str(), (cpu_seconds() - cpu) / times * 1e3, "ms");
    std::sort(millis.begin(), millis.end());
    show((std::string(name) + " p50").c_str(), millis[millis.size() / 2], "ms");
    show((std::string(name) + " p99").c_str(), millis[millis.size() * 99 / 100], "ms");
}

std::vector<campaign::NewDestination> random_numbers(base::Rng& rng, int count) {
    std::vector<campaign::NewDestination> batch;
    batch.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
        batch.push_back(destination(rng.below(1'000'000'000'000)));
    }
    return batch;
}

void import(Fixture& fixture, base::Rng& rng, int rows) {
    constexpr int batch_size = 10'000;
    double slowest = 0;
    const double cpu = cpu_seconds();
    const Clock::time_point start = Clock::now();
    for (int done = 0; done < rows; done += batch_size) {
        const auto batch = random_numbers(rng, std::min(batch_size, rows - done));
        const Clock::time_point batch_start = Clock::now();
        expect(fixture.repository.add_destinations(fixture.id, batch));
        slowest = std::max(slowest, seconds_since(batch_start));
    }
    show("import, random order: rows", rows, "");
    show("import, random order", rows / seconds_since(start), "rows/s");
    show("import, processor time a row", (cpu_seconds() - cpu) / rows * 1e6, "us");
    show("import, slowest batch of 10,000", slowest * 1'000, "ms");
}

void wait_for_retry(Fixture& fixture, int rows) {
    for (int done = 0; done < rows; done += 1'000) {
        in_transaction(fixture.store, [&] {
            for (const auto& taken : fixture.store.claim(fixture.id, at(1'000), 1'000)) {
                fixture.store.move_destination(
                    taken.id,
                    {.to = campaign::DestinationStatus::retry_pending,
                     .attempts = 1,
                     .next_at = at(1'000'000'000 + static_cast<std::int64_t>(taken.id.raw())),
                     .last_disposition = campaign::Disposition::busy}
                );
            }
        });
    }
}

void claims(Fixture& fixture) {
    time_of("claim 100 and commit", 1'000, [&] { static_cast<void>(fixture.claim(1'000, 100)); });
    time_of("release 100,000 queued", 1, [&] {
        in_transaction(fixture.store, [&] { fixture.store.release_queued(std::nullopt); });
    });
    time_of("claim 100, 100,000 just due", 100, [&] {
        static_cast<void>(fixture.claim(2'000'000'000, 100));
    });
    time_of("next_due + has_open_destinations", 1'000, [&] {
        in_transaction(fixture.store, [&] {
            static_cast<void>(fixture.store.next_due(fixture.id));
            static_cast<void>(fixture.store.has_open_destinations(fixture.id));
        });
    });
    time_of("statistics", 1'000, [&] {
        static_cast<void>(expect(fixture.repository.statistics(fixture.id)));
    });
}

/// The whole life of `calls` attempts, in the three ticks that it takes at best.
void lives(Fixture& fixture, const std::vector<dialer::QueuedDestination>& taken, int& serial) {
    std::vector<campaign::AttemptId> attempts;
    in_transaction(fixture.store, [&] {
        for (const auto& destination : taken) {
            attempts.push_back(fixture.store.record_intent(attempt_of(fixture.id, destination)));
            fixture.store.move_destination(
                destination.id,
                {.to = campaign::DestinationStatus::placing_call,
                 .attempts = 1,
                 .next_at = {},
                 .last_disposition = {}}
            );
        }
    });
    const int first = serial;
    in_transaction(fixture.store, [&] {
        for (std::size_t i = 0; i < taken.size(); ++i) {
            dialer::AttemptChange placed{.to = campaign::AttemptStatus::placed};
            placed.token = campaign::SessionToken{"token" + std::to_string(serial++)};
            placed.placed_at = at(2'000);
            static_cast<void>(
                fixture.store.move_attempt(attempts[i], campaign::AttemptStatus::intent, placed)
            );
            fixture.store.move_destination(
                taken[i].id,
                {.to = campaign::DestinationStatus::calling,
                 .attempts = 1,
                 .next_at = {},
                 .last_disposition = {}}
            );
        }
    });
    in_transaction(fixture.store, [&] {
        for (std::size_t i = 0; i < taken.size(); ++i) {
            const std::string token = "token" + std::to_string(first + static_cast<int>(i));
            dialer::WebhookReceived webhook = cdr(token, token);
            webhook.body.resize(1'600, 'x');
            static_cast<void>(fixture.store.record_webhook(webhook, attempts[i], at(3'000)));
            dialer::AttemptChange ended{.to = campaign::AttemptStatus::ended};
            ended.disposition = campaign::Disposition::answered;
            ended.ended_at = at(3'000);
            static_cast<void>(
                fixture.store.move_attempt(attempts[i], campaign::AttemptStatus::placed, ended)
            );
            fixture.store.move_destination(
                taken[i].id,
                {.to = campaign::DestinationStatus::completed,
                 .attempts = 1,
                 .next_at = {},
                 .last_disposition = campaign::Disposition::answered}
            );
        }
    });
}

void ticks(Fixture& fixture, int& serial, int calls_per_tick) {
    const int rounds = calls_per_tick == 1 ? 2'000 : 300;
    const auto taken = fixture.claim(1'000, calls_per_tick * rounds);
    const double cpu = cpu_seconds();
    const Clock::time_point start = Clock::now();
    std::size_t next = 0;
    for (int round = 0; round < rounds; ++round) {
        const auto begin = taken.begin() + static_cast<std::ptrdiff_t>(next);
        lives(fixture, {begin, begin + calls_per_tick}, serial);
        next += static_cast<std::size_t>(calls_per_tick);
    }
    const double took = seconds_since(start);
    std::printf("with %d calls in a tick:\n", calls_per_tick);
    show("  ticks", 3 * rounds / took, "1/s");
    show(
        "  processor time an attempt", (cpu_seconds() - cpu) / (rounds * calls_per_tick) * 1e6, "us"
    );
    show("  whole attempts", rounds * calls_per_tick / took, "1/s");
}

/// What the layers ask of a caller, from a connection of their own, with many campaigns active.
void questions(Fixture& fixture) {
    constexpr int campaigns = 200;
    for (int i = 1; i < campaigns; ++i) {
        const campaign::Campaign campaign = hangup_campaign("c" + std::to_string(i));
        expect(fixture.repository.put(campaign, at(0)));
        const auto id = expect(fixture.repository.campaign("default", campaign.name)).id;
        in_transaction(fixture.store, [&] {
            fixture.store.set_campaign_status(id, campaign::CampaignStatus::active, "", at(0));
        });
    }
    Database database = open(fixture.database.path(), {.access = Database::Access::read_only});
    const base::SystemClock clock;
    RoutingRecords records(database, clock);
    base::Rng rng(1);  // the same numbers as those imported first
    const std::vector<campaign::NewDestination> callers = random_numbers(rng, 2'000);
    constexpr std::chrono::microseconds budget{50'000};
    const auto of_each = [&](const char* name, auto ask) {
        std::size_t next = 0;
        time_of(name, 2'000, [&] { ask(callers[next++].phone_number); });
    };
    of_each("open destinations, 200 active campaigns", [&](base::PhoneNumber caller) {
        static_cast<void>(records.open_destinations("default", caller, budget));
    });
    of_each("follow-ups, last call and memory", [&](base::PhoneNumber caller) {
        static_cast<void>(records.active_follow_ups("default", caller, budget));
        static_cast<void>(records.last_outbound("default", caller, at(0), budget));
        static_cast<void>(records.memory("default", caller, budget));
    });
}

int run(const std::string& directory, int rows) {
    const std::string file = directory + "/storage_bench.db";
    for (const char* suffix : {"", "-wal", "-shm", "-lock"}) {
        std::remove((file + suffix).c_str());
    }
    Fixture fixture(file);
    base::Rng rng(1);
    import(fixture, rng, rows);
    wait_for_retry(fixture, rows / 10);
    claims(fixture);
    int serial = 0;
    for (const int calls : {1, 10, 100}) {
        ticks(fixture, serial, calls);
    }
    questions(fixture);
    show(
        "database", static_cast<double>(fixture.count("SELECT sum(pgsize) FROM dbstat")) / 1e6, "MB"
    );
    return 0;
}

}  // namespace
}  // namespace cxdial::storage::testing

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv, argv + argc);
    const std::string directory = arguments.size() > 1 ? arguments[1] : "/tmp";
    const int rows = arguments.size() > 2 ? std::stoi(arguments[2]) : 1'000'000;
    return cxdial::storage::testing::run(directory, rows);
}
