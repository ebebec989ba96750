#include "simulator/internal/cxml_player.h"

#include "base/check.h"
#include "simulator/internal/assistant.h"
#include "simulator/internal/draw.h"
#include "simulator/internal/voice_request.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <set>
#include <string_view>
#include <utility>
#include <variant>

namespace cxdial::simulator {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int stages_max = 200;
constexpr milliseconds digit_time{250};

std::string problem_with(const net::HttpOutcome& outcome) {
    if (const auto* const failure = std::get_if<net::HttpFailure>(&outcome)) {
        return failure->why;
    }
    const auto& reply = std::get<net::HttpResponse>(outcome);
    if (reply.status != 200) {
        return "status " + std::to_string(reply.status);
    }
    const auto type = reply.headers.find("Content-Type");
    if (!type || (type->find("application/xml") == std::string_view::npos &&
                  type->find("text/xml") == std::string_view::npos)) {
        return "the content type is not XML";
    }
    return {};
}

/// The verb answers a call that came in. A Dial answers it when it is taken, a Connect when the
/// stream is. Source: Cloudonix CXML documentation, `answer`.
bool answers(const CxmlElement& verb) {
    static const std::set<std::string, std::less<>> answering = {
        "Pause", "Say", "Play", "Gather", "Record", "Converse", "Coach"};
    return answering.count(verb.name) > 0 && verb.attribute("answer") != "false";
}

/// By the SIP codes of the verb's page (busy and rejected 486, congestion 500, failed 603).
CallStatus status_of_reject(const std::string& reason) {
    if (reason == "congestion") {
        return CallStatus::congestion;
    }
    return reason == "failed" ? CallStatus::failed : CallStatus::busy;
}

CallStatus status_of_failed_dial(const std::string& outcome) {
    if (outcome == "busy") {
        return CallStatus::busy;
    }
    if (outcome == "no-answer") {
        return CallStatus::noanswer;
    }
    return outcome == "canceled" ? CallStatus::cancel : CallStatus::failed;
}

void begin_connection(Call& call, const CxmlElement& verb) {
    if (call.inbound) {
        call.inbound->connecting(verb);
    }
}

void settle_connection(Call& call, const std::string& outcome) {
    if (call.inbound) {
        call.inbound->settled(outcome);
    }
}

std::size_t drawn_digits_length(const CxmlElement& gather, const std::string& digits) {
    const auto most = gather.number("numDigits", 0);
    return most > 0 ? std::min(static_cast<std::size_t>(most), digits.size()) : digits.size();
}

}  // namespace

std::string resolve_url(const std::string& base, const std::string& reference) {
    if (is_cxml_url(reference)) {
        return reference;
    }
    if (base.empty() || reference.empty() || reference.front() != '/') {
        return {};
    }
    const auto host = base.find("://");
    return host == std::string::npos ? "" : base.substr(0, base.find('/', host + 3)) + reference;
}

void CxmlPlayer::start(Call& call) {
    const auto& request = call.request;
    if (call.application) {
        restart_at(call, call.application->url, call.application->method);
    } else if (!request.cxml.empty() || request.url.empty()) {
        restart_inline(call, request.cxml);
    } else if (options_.url_method == "either") {
        restart_at(call, request.url, call.rng.chance(0.5) ? "GET" : "POST");
    } else {
        restart_at(call, request.url, options_.url_method);
    }
}

void CxmlPlayer::restart_inline(Call& call, const std::string& document) {
    call.script = std::make_unique<Script>();
    load(call, document, "");
}

void CxmlPlayer::restart_at(Call& call, const std::string& url, const std::string& method) {
    call.script = std::make_unique<Script>();
    fetch(call, url, method, {});
}

void CxmlPlayer::fetch(
    Call& call, const std::string& url, const std::string& method, const Extras& extras
) {
    if (!is_http_url(url)) {
        // One of the platform's own applications, of which nothing is known but that it talks.
        if (is_cxml_url(url)) {
            talk(call, talk_time(call), [this](Call& then) { host_.hang_up(then); });
        } else {
            host_.fail(call, "not a URL that can be fetched: " + url);
        }
        return;
    }
    auto request = notices_.request_for(call, url);
    request.method = method == "POST" ? "POST" : "GET";
    put_voice_parameters(request, call, extras);
    host_.fetch(call, std::move(request), [this, url](Call& then, const net::HttpOutcome& outcome) {
        on_fetched(then, url, outcome);
    });
}

void CxmlPlayer::on_fetched(Call& call, const std::string& url, const net::HttpOutcome& outcome) {
    if (const auto problem = problem_with(outcome); !problem.empty()) {
        host_.fail(call, "CXML request to " + url.substr(0, url.find('?')) + ": " + problem);
    } else {
        load(call, std::get<net::HttpResponse>(outcome).body, url);
    }
}

void CxmlPlayer::load(Call& call, const std::string& document, const std::string& url) {
    CHECK_INVARIANT(call.script != nullptr);
    auto& script = *call.script;
    auto parsed = parse_cxml(document);
    if (!parsed) {
        host_.fail(call, parsed.error().detail);
        return;
    }
    if (++script.stages > stages_max) {
        host_.fail(call, "more than " + std::to_string(stages_max) + " documents in one call");
        return;
    }
    script.verbs = std::move(parsed).value();
    script.at = 0;
    script.url = url;
    const auto is_hangup = call.answered && script.stages == 1 && !script.verbs.empty() &&
                           script.verbs.front().name == "Hangup";
    if (is_hangup && options_.hangup_talk) {
        host_.wait(call, talk_time(call), [this](Call& then) { play_on(then); });
    } else {
        play_on(call);
    }
}

void CxmlPlayer::play_on(Call& call) {
    while (!call.is_ended && call.script->at < call.script->verbs.size()) {
        if (!play(call, call.script->verbs[call.script->at++])) {
            return;
        }
    }
    if (!call.is_ended) {
        end_of_program(call);
    }
}

void CxmlPlayer::end_of_program(Call& call) {
    if (call.answered || call.inbound->connections.empty()) {
        host_.hang_up(call);
    } else {
        host_.refuse(call, status_of_failed_dial(call.inbound->connections.back().outcome));
    }
}

bool CxmlPlayer::play(Call& call, const CxmlElement& verb) {
    static const std::map<std::string, Verb> verbs = {
        {"Hangup", &CxmlPlayer::hangup},
        {"Reject", &CxmlPlayer::reject},
        {"Pause", &CxmlPlayer::pause},
        {"Say", &CxmlPlayer::say_or_play},
        {"Play", &CxmlPlayer::say_or_play},
        {"Gather", &CxmlPlayer::gather},
        {"Dial", &CxmlPlayer::dial},
        {"Connect", &CxmlPlayer::connect},
        {"Start", &CxmlPlayer::start_stream},
        {"Stop", &CxmlPlayer::stop_stream},
        {"Redirect", &CxmlPlayer::redirect},
        {"Record", &CxmlPlayer::record},
        {"Converse", &CxmlPlayer::talk_on},
        {"Coach", &CxmlPlayer::talk_on},
    };
    const auto found = verbs.find(verb.name);
    CHECK_INVARIANT(found != verbs.end());
    if (answers(verb)) {
        host_.pick_up(call);
    }
    return (this->*found->second)(call, verb);
}

bool CxmlPlayer::hangup(Call& call, const CxmlElement& /*verb*/) {
    host_.hang_up(call);
    return false;
}

bool CxmlPlayer::reject(Call& call, const CxmlElement& verb) {
    if (call.answered) {
        host_.hang_up(call);
    } else {
        host_.refuse(call, status_of_reject(verb.attribute("reason")));
    }
    return false;
}

bool CxmlPlayer::pause(Call& call, const CxmlElement& verb) {
    host_.wait(call, length_of(call, verb), [this](Call& then) { play_on(then); });
    return false;
}

milliseconds CxmlPlayer::talk_time(Call& call) const {
    const auto of_its_own = call.inbound && call.inbound->request.talk;
    return draw(call.rng, of_its_own ? *call.inbound->request.talk : options_.talk);
}

milliseconds CxmlPlayer::length_of(Call& call, const CxmlElement& verb) const {
    if (verb.name == "Pause") {
        return seconds{verb.number("length", 1)};
    }
    if (const auto tones = verb.attribute("digits"); verb.name == "Play" && !tones.empty()) {
        return digit_time * static_cast<std::int64_t>(tones.size());
    }
    const auto once = verb.name == "Say"
                          ? options_.say_character * static_cast<std::int64_t>(verb.text.size())
                          : draw(call.rng, options_.play);
    return once * verb.number("loop", 1);
}

bool CxmlPlayer::say_or_play(Call& call, const CxmlElement& verb) {
    // A loop without end lasts until the callee has had enough.
    if (verb.number("loop", 1) == 0) {
        host_.wait(call, talk_time(call), [this](Call& then) { host_.hang_up(then); });
        return false;
    }
    host_.wait(call, length_of(call, verb), [this](Call& then) { play_on(then); });
    return false;
}

bool CxmlPlayer::gather(Call& call, const CxmlElement& verb) {
    milliseconds prompts{0};
    for (const auto& prompt : verb.children) {
        prompts += length_of(call, prompt);
    }
    const auto has_input = !options_.digits.empty() && !call.rng.chance(options_.gather_empty);
    Extras extras;
    auto time = prompts + seconds{verb.number("timeout", 5)};
    if (has_input) {
        const auto& drawn = options_.digits[call.rng.below(options_.digits.size())];
        const auto digits = drawn.substr(0, drawn_digits_length(verb, drawn));
        const auto is_speech = verb.attribute("input", "dtmf") == "speech";
        extras[is_speech ? "SpeechResult" : "Digits"] = digits;
        time = prompts + digit_time * static_cast<std::int64_t>(digits.size());
    } else {
        extras["Digits"] = "";
    }
    const auto has_result = has_input || verb.flag("actionOnEmptyResult");
    host_.wait(call, time, [this, verb, extras, has_result](Call& then) {
        if (has_result) {
            follow(then, verb, then.script->url, extras);
        } else {
            play_on(then);
        }
    });
    return false;
}

bool CxmlPlayer::dial(Call& call, const CxmlElement& verb) {
    begin_connection(call, verb);
    const auto assistant = dialed_assistant(verb);
    auto outcome = draw(call.rng, options_.dial_outcomes);
    const auto timeout = seconds{verb.number("timeout", 60)};
    const auto ring = std::min<milliseconds>(draw(call.rng, options_.ring), timeout);
    host_.ring_back(call);
    if (!call.answered && ring >= timeout && outcome == "completed") {
        outcome = "no-answer";
    }
    if (outcome != "completed") {
        dial_failed_after(ring, call, verb, outcome);
    } else if (!assistant.empty() && !host_.connect_to(call, assistant)) {
        dial_failed_after(draw(call.rng, options_.dead_delay), call, verb, "failed");
    } else if (call.answered) {
        dial_talk(call, verb);
    } else {
        call.script->after_talk = [this, verb](Call& after) { dial_failed(after, verb, "failed"); };
        host_.wait(call, ring, [this, verb](Call& then) {
            host_.pick_up(then);
            dial_talk(then, verb);
        });
    }
    return false;
}

void CxmlPlayer::dial_talk(Call& call, const CxmlElement& verb) {
    settle_connection(call, "answered");
    const auto limit = verb.number("timeLimit", 0);
    auto time = talk_time(call);
    if (limit > 0) {
        time = std::min<milliseconds>(time, seconds{limit});
    }
    talk(call, time, [this, verb](Call& after) {
        follow(after, verb, "", {{"DialCallStatus", "completed"}});
    });
}

void CxmlPlayer::dial_failed(Call& call, const CxmlElement& verb, const std::string& outcome) {
    settle_connection(call, outcome);
    follow(call, verb, "", {{"DialCallStatus", outcome}});
}

void CxmlPlayer::dial_failed_after(
    milliseconds time, Call& call, const CxmlElement& verb, const std::string& outcome
) {
    host_.wait(call, time, [this, verb, outcome](Call& then) { dial_failed(then, verb, outcome); });
}

void CxmlPlayer::talk(Call& call, milliseconds time, std::function<void(Call&)> then) {
    const auto callee_ends = call.rng.chance(options_.callee_hangs_up);
    if (call.script != nullptr && !call.script->assistant.empty()) {
        call.script->after_talk = then;
    }
    host_.wait(call, time, [this, callee_ends, then = std::move(then)](Call& after) {
        host_.leave_assistant(after);
        if (callee_ends) {
            host_.hang_up(after);
        } else {
            then(after);
        }
    });
}

void CxmlPlayer::cut_talk(Call& call) {
    const auto then = std::exchange(call.script->after_talk, {});
    then(call);
}

void CxmlPlayer::stream_to_dead(Call& call, const CxmlElement& verb) {
    host_.wait(call, draw(call.rng, options_.dead_delay), [this, verb](Call& then) {
        stream_event(then, verb, "stream-error");
        host_.give_up(then, "the stream could not connect");
    });
}

bool CxmlPlayer::connect(Call& call, const CxmlElement& verb) {
    begin_connection(call, verb);
    const auto assistant = streamed_assistant(call, verb);
    if (!host_.connect_to(call, assistant)) {
        settle_connection(call, "failed");
        stream_to_dead(call, verb);
        return false;
    }
    settle_connection(call, "answered");
    host_.pick_up(call);
    stream_event(call, verb, "stream-started");
    talk(call, talk_time(call), [this, verb](Call& then) {
        stream_event(then, verb, "stream-stopped");
        play_on(then);
    });
    return false;
}

bool CxmlPlayer::start_stream(Call& call, const CxmlElement& verb) {
    stream_event(call, verb, "stream-started");
    return true;
}

bool CxmlPlayer::stop_stream(Call& call, const CxmlElement& verb) {
    stream_event(call, verb, "stream-stopped");
    return true;
}

void CxmlPlayer::stream_event(Call& call, const CxmlElement& verb, const std::string& event) {
    for (const auto& stream : verb.children) {
        const auto url = stream.attribute("statusCallback");
        if (!is_http_url(url)) {
            continue;
        }
        const json body = {
            {"CallSid", call.token},
            {"Session", call.token},
            {"StreamSid", "MZ" + call.token},
            {"StreamName", stream.attribute("name")},
            {"StreamEvent", event},
            {"StreamError", event == "stream-error" ? "connection failed" : ""}};
        notices_.other(call, "stream", url, body);
    }
}

bool CxmlPlayer::redirect(Call& call, const CxmlElement& verb) {
    fetch(call, resolve_url(call.script->url, verb.text), verb.attribute("method", "POST"), {});
    return false;
}

bool CxmlPlayer::record(Call& call, const CxmlElement& verb) {
    const auto longest = seconds{verb.number("maxLength", 3600)};
    const auto time = std::min<milliseconds>(talk_time(call), longest);
    const auto whole_seconds = std::chrono::duration_cast<seconds>(time).count();
    const Extras extras = {
        {"RecordingUrl", "https://recordings.invalid/" + call.token + ".wav"},
        {"RecordingDuration", std::to_string(whole_seconds)},
        {"RecordingStatus", "completed"}};
    talk(call, time, [this, verb, extras](Call& then) {
        follow(then, verb, then.script->url, extras);
    });
    return false;
}

bool CxmlPlayer::talk_on(Call& call, const CxmlElement& /*verb*/) {
    talk(call, talk_time(call), [this](Call& then) { play_on(then); });
    return false;
}

void CxmlPlayer::follow(
    Call& call, const CxmlElement& verb, const std::string& by_default, const Extras& extras
) {
    const auto action = verb.attribute("action");
    const auto url = action.empty() ? by_default : resolve_url(call.script->url, action);
    if (!action.empty() && url.empty()) {
        host_.fail(call, verb.name + " action is no URL: " + action);
    } else if (url.empty()) {
        play_on(call);
    } else {
        fetch(call, url, verb.attribute("method", "POST"), extras);
    }
}

}  // namespace cxdial::simulator
