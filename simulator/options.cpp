#include "simulator/options.h"

#include "simulator/internal/knob_makers.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace cxdial::simulator {
namespace {

constexpr std::array outcome_names = {
    "answered", "busy", "noanswer", "cancel", "congestion", "failed", "nocredit"};
constexpr std::array dial_outcome_names = {"completed", "busy", "no-answer", "failed", "canceled"};

template <std::size_t N>
bool is_one_of(const std::array<const char*, N>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// All are PATTERN=VALUE with a value that is allowed.
bool are_rules(
    const std::vector<std::string>& rules, const std::function<bool(std::string_view)>& is_allowed
) {
    return std::all_of(rules.begin(), rules.end(), [&](const std::string& rule) {
        const auto equals = rule.find('=');
        return equals != std::string::npos && equals > 0 &&
               is_allowed(std::string_view(rule).substr(equals + 1));
    });
}

void add_call_knobs(std::vector<Knob>& all) {
    const auto is_outcome = [](std::string_view name) { return is_one_of(outcome_names, name); };
    using O = Options;
    all.push_back(range("setup", &O::setup, "time in `new` and again in `processing`"));
    all.push_back(range("ring", &O::ring, "ringing time before an answer or a cancel"));
    all.push_back(range(
        "noanswer-after",
        &O::noanswer_after,
        "ringing time of an unanswered call, 0: the call's timeout"
    ));
    all.push_back(
        range("answer-delay", &O::answer_delay, "from the answer to the start of the CXML")
    );
    all.push_back(range("talk", &O::talk, "time that a Dial, a Connect or a Converse lasts"));
    all.push_back(flag(
        "hangup-talk",
        &O::hangup_talk,
        "media set-up time: an answered call whose document begins with Hangup stays up for a talk "
        "time first"
    ));
    all.push_back(weights(
        "outcomes",
        &O::outcomes,
        is_outcome,
        "weights of answered, busy, noanswer, cancel, congestion, failed, nocredit"
    ));
    all.push_back(checked(
        list(
            "outcome-for",
            &O::outcome_for,
            "DESTINATION=OUTCOME: what always becomes of calls to one destination, to all that "
            "begin so (+1999*=busy) or end so (*00=noanswer); the first that fits (repeatable)"
        ),
        [is_outcome](const O& o) { return are_rules(o.outcome_for, is_outcome); },
        "DESTINATION=OUTCOME"
    ));
}

/// What happens to a call that was answered.
void add_answer_knobs(std::vector<Knob>& all) {
    const auto is_dial = [](std::string_view name) { return is_one_of(dial_outcome_names, name); };
    const auto is_any = [](std::string_view name) { return !name.empty(); };
    using O = Options;
    all.push_back(weights(
        "dial-outcomes",
        &O::dial_outcomes,
        is_dial,
        "weights of a Dial's completed, busy, no-answer, failed, canceled"
    ));
    all.push_back(weights(
        "answered-by", &O::answered_by, is_any, "weights of AnsweredBy when machine detection is on"
    ));
    all.push_back(checked(
        list(
            "answered-by-for",
            &O::answered_by_for,
            "DESTINATION=VERDICT: as outcome-for, for machine detection (repeatable)"
        ),
        [is_any](const O& o) { return are_rules(o.answered_by_for, is_any); },
        "DESTINATION=VERDICT"
    ));
    all.push_back(range(
        "amd-delay",
        &O::amd_delay,
        "time that machine detection takes; longer than the call allows: unknown"
    ));
    all.push_back(list(
        "dead",
        &O::dead,
        "assistant that takes no call: PROVIDER/NUMBER of a Service, HOST/PATH of a Stream; all "
        "that begin so when it ends with * (repeatable)"
    ));
    all.push_back(
        range("dead-delay", &O::dead_delay, "time until a dead assistant is found to be dead")
    );
    all.push_back(list("digits", &O::digits, "what a Gather may draw (repeatable)"));
    all.push_back(chance("gather-empty", &O::gather_empty, "a Gather ends without input"));
    all.push_back(chance(
        "callee-hangs-up",
        &O::callee_hangs_up,
        "a talk ends with the whole call, so that no action is called"
    ));
}

/// What CXML costs, and how it is asked for.
void add_program_knobs(std::vector<Knob>& all) {
    using O = Options;
    all.push_back(
        duration("say-character", &O::say_character, "time that Say takes for a character")
    );
    all.push_back(range("play", &O::play, "time that a Play takes"));
    all.push_back(checked(
        text(
            "url-method",
            &O::url_method,
            "method of the first request to a call's `url`: GET, POST or either (drawn)"
        ),
        [](const O& o) {
            return o.url_method == "GET" || o.url_method == "POST" || o.url_method == "either";
        },
        "GET, POST or either"
    ));
    all.push_back(duration("voice-timeout", &O::voice_timeout, "time limit of a CXML request"));
    all.push_back(chance(
        "voice-repeat", &O::voice_repeat, "a CXML request is sent twice; the first answer counts"
    ));
    all.push_back(checked(
        text(
            "voice-repeat-when",
            &O::voice_repeat_when,
            "the second is sent during the first, after its answer, or either (drawn)"
        ),
        [](const O& o) {
            return o.voice_repeat_when == "during" || o.voice_repeat_when == "after" ||
                   o.voice_repeat_when == "either";
        },
        "during, after or either"
    ));
}

void add_platform_knobs(std::vector<Knob>& all) {
    using O = Options;
    all.push_back(count("requests", &O::requests, "requests of a domain per window, 0: no limit"));
    all.push_back(checked(
        duration("per", &O::per, "the window"),
        [](const O& o) { return o.per.count() > 0; },
        "a time above 0"
    ));
    all.push_back(checked(
        text("limiter", &O::limiter, "how requests are limited: bucket, or window (stricter)"),
        [](const O& o) { return o.limiter == "bucket" || o.limiter == "window"; },
        "bucket or window"
    ));
    all.push_back(duration("retry-after", &O::retry_after, "sent with every 429, 0: not sent"));
    all.push_back(count(
        "max-concurrent", &O::max_concurrent, "live calls of the customer, 0: no limit; more: 429"
    ));
    all.push_back(
        flag("empty-list-404", &O::empty_list_404, "an empty session list is answered 404")
    );
    all.push_back(count("keep-ended", &O::keep_ended, "ended sessions that can still be asked for")
    );
    all.push_back(
        count("list-ended", &O::list_ended, "newest ended sessions that the session list shows")
    );
    all.push_back(text("cdr-endpoint", &O::cdr_endpoint, "URL that gets CDRs, of every domain"));
    all.push_back(text(
        "session-update-endpoint",
        &O::session_update_endpoint,
        "URL that gets session updates, of every domain"
    ));
    all.push_back(text(
        "webhook-key", &O::webhook_key, "bearer token sent to our endpoints (authorization-api-key)"
    ));
    all.push_back(flag("callbacks", &O::callbacks, "send to a call's `callback`"));
    all.push_back(count(
        "webhook-tries", &O::webhook_tries, "tries of a webhook that gets no 2xx, 0 or 1: one"
    ));
    all.push_back(
        duration("webhook-backoff", &O::webhook_backoff, "wait before the second try, then doubled")
    );
    all.push_back(duration(
        "webhook-timeout", &O::webhook_timeout, "time limit of one try (read at the start)"
    ));
}

void add_fault_knobs(std::vector<Knob>& all) {
    using O = Options;
    all.push_back(chance("drop-before", &O::drop_before, "placement: connection reset, no call"));
    all.push_back(chance("refuse-429", &O::refuse_429, "placement: 429, no call"));
    all.push_back(chance("refuse-402", &O::refuse_402, "placement: 402, no call"));
    all.push_back(chance("error-500", &O::error_500, "placement: 500, no call"));
    all.push_back(chance(
        "error-500-with-effect", &O::error_500_with_effect, "placement: 500, and the call is made"
    ));
    all.push_back(chance(
        "lost-reply-after-create",
        &O::lost_reply_after_create,
        "placement: call made, connection reset without a reply byte"
    ));
    all.push_back(
        chance("reply-cut", &O::reply_cut, "placement: call made, reply cut inside its headers")
    );
    all.push_back(chance(
        "accept-late", &O::accept_late, "placement: connection reset, call made some time later"
    ));
    all.push_back(range("accept-late-delay", &O::accept_late_delay, "how much later"));
    all.push_back(
        chance("slow-reply", &O::slow_reply, "placement: call made at once, reply some time later")
    );
    all.push_back(range("slow-reply-delay", &O::slow_reply_delay, "how much later"));
    all.push_back(chance("deadline-ignored", &O::deadline_ignored, "a call's deadline is not kept")
    );
    all.push_back(chance("session-get-500", &O::session_get_500, "GET of a session: 500"));
    all.push_back(chance("session-get-404", &O::session_get_404, "GET of a live session: 404"));
    all.push_back(chance("session-list-500", &O::session_list_500, "GET of the session list: 500"));
    all.push_back(chance("cdr-drop", &O::cdr_drop, "CDR never sent"));
    all.push_back(chance("cdr-duplicate", &O::cdr_duplicate, "CDR sent twice"));
    all.push_back(chance("cdr-delay-chance", &O::cdr_delay_chance, "CDR sent late"));
    all.push_back(range("cdr-delay", &O::cdr_delay, "how late"));
    all.push_back(chance("cdr-null-session", &O::cdr_null_session, "CDR: `session` is null"));
    all.push_back(
        chance("cdr-session-list", &O::cdr_session_list, "CDR: `session` is a list of one")
    );
    all.push_back(chance("cdr-null-domain", &O::cdr_null_domain, "CDR: `domain` is nullDomain"));
    all.push_back(chance(
        "cdr-disposition-variant",
        &O::cdr_disposition_variant,
        "CDR: another spelling of the disposition"
    ));
    all.push_back(chance("cdr-nan", &O::cdr_nan, "CDR: the string NaN among the numbers of `qos`"));
    all.push_back(chance("update-drop", &O::update_drop, "session update or callback never sent"));
    all.push_back(chance("update-duplicate", &O::update_duplicate, "sent twice"));
    all.push_back(chance("update-reorder", &O::update_reorder, "held back past later ones"));
    all.push_back(chance("update-list", &O::update_list, "sent as a list of one"));
    all.push_back(chance("status-case", &O::status_case, "`status` in capitals"));
}

std::vector<Knob> make_knobs() {
    using O = Options;
    std::vector<Knob> all;
    all.push_back(at_start(text("address", &O::address, "address to listen on")));
    all.push_back(at_start(count("port", &O::port, "port to listen on, 0: the system chooses")));
    all.push_back(
        at_start(count("seed", &O::seed, "of everything that is drawn; printed at the start"))
    );
    all.push_back(at_start(list(
        "domain",
        &O::domains,
        "domain of the customer, or DOMAIN=KEY with a key of its own (repeatable); "
        "sim.cloudonix.net when none is named"
    )));
    all.push_back(text("api-key", &O::api_key, "the bearer token that the REST API takes"));
    add_call_knobs(all);
    add_answer_knobs(all);
    add_program_knobs(all);
    add_platform_knobs(all);
    add_fault_knobs(all);
    return all;
}

}  // namespace

const std::vector<Knob>& knobs() {
    static const auto all = make_knobs();
    return all;
}

const Knob* find_knob(std::string_view name) {
    const auto& all = knobs();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Knob& knob) { return knob.name == name; });
    return found == all.end() ? nullptr : &*found;
}

Options default_options() {
    Options options;
    options.outcomes = {
        {"answered", 70},
        {"busy", 12},
        {"noanswer", 14},
        {"cancel", 1},
        {"congestion", 1},
        {"failed", 2}};
    options.dial_outcomes = {{"completed", 1}};
    options.answered_by = {{"human", 75}, {"machine_start", 25}};
    options.digits = {"1", "2", "3"};
    return options;
}

}  // namespace cxdial::simulator
