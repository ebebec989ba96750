#include "api_client/internal/session_fields.h"

#include "api_client/internal/json_read.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace cxdial::api_client::internal {

namespace {

using campaign::Disposition;
using dialer::Progress;
using nlohmann::json;

constexpr const char* attempt_key = "cxdial-attempt";

bool is_hex_token(std::string_view text) {
    const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    return text.size() == 32 && std::all_of(text.begin(), text.end(), is_hex);
}

std::optional<campaign::AttemptId> read_attempt(const json* value) {
    constexpr std::int64_t below = std::int64_t{1} << 53U;
    const std::string text = text_of(value);
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end || number <= 0 || number >= below) {
        return std::nullopt;
    }
    return campaign::AttemptId{number};
}

std::optional<base::WallTime> first_time(const json& object, const char* name, const char* other) {
    const auto time = time_of(member(object, name));
    return time ? time : time_of(member(object, other));
}

struct Standing {
    Progress progress = Progress::created;
    std::optional<Disposition> disposition;
};

/// What the status alone says (Cloudonix REST API, session status).
Standing standing_of(std::string_view status) {
    if (status == "RINGING") {
        return {Progress::ringing, std::nullopt};
    }
    if (status == "CONNECTED" || status == "ANSWER" || status == "ANSWERED") {
        return {Progress::answered, std::nullopt};
    }
    if (const auto disposition = parse_disposition_text(status)) {
        return {Progress::ended, disposition};
    }
    return {};
}

/// A session that is over without having said how.
Disposition disposition_at_end(Progress progress) {
    switch (progress) {
        case Progress::answered:
            return Disposition::answered;
        case Progress::ringing:
            return Disposition::no_answer;
        case Progress::created:
        case Progress::ended:
            break;
    }
    return Disposition::failed;
}

}  // namespace

bool is_token(std::string_view text) {
    const auto is_fit = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '-' || c == '_';
    };
    return text.size() >= 8 && text.size() <= 128 && std::all_of(text.begin(), text.end(), is_fit);
}

std::string letters_of(std::string_view text) {
    std::string letters;
    for (const char c : text) {
        if (c >= 'a' && c <= 'z') {
            letters.push_back(static_cast<char>(c - 'a' + 'A'));
        } else if (c >= 'A' && c <= 'Z') {
            letters.push_back(c);
        }
    }
    return letters;
}

std::optional<Disposition> parse_disposition_text(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, Disposition>, 14> known{{
        {"ANSWER", Disposition::answered},
        {"ANSWERED", Disposition::answered},
        {"CONNECTED", Disposition::answered},
        {"COMPLETED", Disposition::answered},
        {"BUSY", Disposition::busy},
        {"NOANSWER", Disposition::no_answer},
        {"CANCEL", Disposition::cancelled},
        {"CANCELED", Disposition::cancelled},
        {"CANCELLED", Disposition::cancelled},
        {"CONGESTION", Disposition::congestion},
        {"FAILED", Disposition::failed},
        {"ERROR", Disposition::failed},
        {"EXTERNAL", Disposition::failed},
        {"NOCREDIT", Disposition::no_credit},
    }};
    const std::string letters = letters_of(text);
    const auto* const found = std::find_if(known.begin(), known.end(), [&](const auto& entry) {
        return entry.first == letters;
    });
    return found == known.end() ? std::nullopt : std::optional{found->second};
}

std::optional<campaign::SessionToken> token_of(const json& object) {
    for (const char* name : {"token", "session_id", "session_token", "Session"}) {
        if (const std::string text = text_of(member(object, name)); is_token(text)) {
            return campaign::SessionToken{text};
        }
    }
    if (const std::string text = text_of(member(object, "CallSid")); is_hex_token(text)) {
        return campaign::SessionToken{text};
    }
    return std::nullopt;
}

std::optional<campaign::AttemptId> attempt_of(const json& object) {
    const json* const profile = member(object, "profile");
    if (profile == nullptr) {
        return std::nullopt;
    }
    if (!profile->is_array()) {
        return read_attempt(member(*profile, attempt_key));
    }
    for (const json& entry : *profile) {
        if (text_of(member(entry, "key")) == attempt_key) {
            return read_attempt(member(entry, "value"));
        }
    }
    return std::nullopt;
}

dialer::SessionReport report_of_session(const json& session) {
    dialer::SessionReport report;
    report.token = token_of(session);
    report.attempt = attempt_of(session);
    report.number = base::PhoneNumber::parse(text_of(member(session, "destination")));
    report.caller_id = text_of(member(session, "callerId"));
    report.started_at = first_time(session, "callStartTime", "createdAt");
    report.answered_at = first_time(session, "callAnswerTime", "answerTime");
    report.ended_at = first_time(session, "callEndTime", "endTime");

    Standing standing = standing_of(letters_of(text_of(member(session, "status"))));
    if (standing.progress != Progress::ended) {
        if (const json* ringing = member(session, "ringing");
            ringing != nullptr && *ringing == true && standing.progress == Progress::created) {
            standing.progress = Progress::ringing;
        }
        if (report.answered_at) {
            standing.progress = Progress::answered;
        }
        if (report.ended_at) {
            standing = {Progress::ended, disposition_at_end(standing.progress)};
        }
    }
    report.progress = standing.progress;
    report.disposition = standing.disposition;
    return report;
}

}  // namespace cxdial::api_client::internal
