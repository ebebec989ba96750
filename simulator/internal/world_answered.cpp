#include "base/check.h"
#include "simulator/internal/assistant.h"
#include "simulator/internal/draw.h"
#include "simulator/internal/world.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

// What happens from the answer on: machine detection, assistants, the time limit.
namespace cxdial::simulator {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

void World::cut_dead_talks() {
    std::vector<std::uint64_t> cut;
    for (const auto& [id, call] : calls_) {
        const auto talks = !call->is_ended && call->script && !call->script->assistant.empty();
        if (talks && fits_any(options_.dead, call->script->assistant)) {
            cut.push_back(id);
        }
    }
    for (const auto id : cut) {
        auto* const call = find_live(id);
        if (call == nullptr) {
            continue;
        }
        ++call->epoch;
        leave_assistant(*call);
        CxmlPlayer::cut_talk(*call);
    }
}

void World::answer(Call& call) {
    pick_up(call);
    auto delay = draw(call.rng, options_.answer_delay);
    if (call.request.detect_machine) {
        delay += detect_machine(call);
    }
    wait(call, delay, [this](Call& then) { player_.start(then); });
}

std::string World::verdict_of(Call& call, milliseconds& delay) {
    auto verdict = draw(call.rng, options_.answered_by);
    const auto ruled = value_of_rule(options_.answered_by_for, call.request.destination);
    if (!ruled.empty()) {
        verdict = ruled;
    }
    delay = draw(call.rng, options_.amd_delay);
    if (const milliseconds limit = seconds{call.request.detect_timeout_s}; delay > limit) {
        delay = limit;
        verdict = "unknown";
    }
    if (verdict == "machine_start" && call.request.waits_for_message_end) {
        verdict = "machine_end_beep";
    }
    truth_.detected(verdict);
    return verdict;
}

milliseconds World::detect_machine(Call& call) {
    milliseconds delay{0};
    const auto verdict = verdict_of(call, delay);
    if (!call.request.async_amd) {
        call.answered_by = verdict;
        return delay;
    }
    const auto url = call.request.async_amd_callback;
    if (url.empty()) {
        return milliseconds{0};
    }
    const auto id = call.id;
    schedule_.after(delay, [this, id, url, verdict] {
        auto* const live = find_live(id);
        if (live == nullptr) {
            return;
        }
        live->answered_by = verdict;
        const json body = {
            {"AnsweredBy", verdict}, {"CallSid", live->token}, {"Session", live->token}};
        notices_.other(*live, "amd", url, body);
    });
    return milliseconds{0};
}

void World::limit_time(const Call& call) {
    if (call.request.time_limit_s <= 0) {
        return;
    }
    const auto left = *call.answered + seconds{call.request.time_limit_s} - clock_.now().wall;
    schedule_.after(left, [this, id = call.id] {
        auto* const live = find_live(id);
        if (live == nullptr || live->request.time_limit_s <= 0) {
            return;
        }
        // The limit may have been moved meanwhile; then another task keeps watch.
        const auto passed = clock_.now().wall - *live->answered;
        if (passed + milliseconds{1} >= seconds{live->request.time_limit_s}) {
            end(*live, CallStatus::connected, "timelimit");
        }
    });
}

void World::give_up(Call& call, const std::string& why) {
    call.error = why;
    end(call, call.answered ? CallStatus::connected : CallStatus::failed, "error");
}

bool World::connect_to(Call& call, const std::string& assistant) {
    const auto is_dead = fits_any(options_.dead, assistant);
    ledger_.connected(clock_.now(), assistant, is_dead);
    if (call.answered_by.rfind("machine", 0) == 0) {
        ledger_.machine_connected(assistant);
    }
    if (!is_dead) {
        call.script->assistant = assistant;
    }
    return !is_dead;
}

void World::leave_assistant(Call& call) {
    if (call.script == nullptr || call.script->assistant.empty()) {
        return;
    }
    ledger_.left(clock_.now(), call.script->assistant);
    call.script->assistant.clear();
}

}  // namespace cxdial::simulator
