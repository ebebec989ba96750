// Measures the store at size: `storage_bench [DIRECTORY] [ROWS]`. Prints one figure a line.

#include "base/rng.h"
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
