#include "base/log.h"

#include "base/phone_number.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <string>
#include <vector>

using namespace std::string_literals;
using cxdial::base::LogLevel;
using cxdial::base::LogLine;
using cxdial::base::LogSink;
using cxdial::base::PhoneNumber;
using cxdial::base::to_json;
using cxdial::base::to_text;

namespace {

LogLine with_note(const std::string& note) {
    return {LogLevel::info, "tested", {{"note", note}}};
}

class Recorder final : public LogSink {
public:
    explicit Recorder(LogLevel least) : least_(least) { cxdial::base::set_log_sink(this); }
    ~Recorder() override { cxdial::base::set_log_sink(nullptr); }
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;
    Recorder(Recorder&&) = delete;
    Recorder& operator=(Recorder&&) = delete;

    [[nodiscard]] bool wants(LogLevel level) const override { return level >= least_; }
    void write(const LogLine& line) override { lines.push_back(to_text(line)); }

    std::vector<std::string> lines;

private:
    LogLevel least_;
};

}  // namespace

TEST_CASE("log: a JSON line keeps the types of its fields", "[base][log]") {
    const LogLine line{
        LogLevel::warn,
        "slot_refilled",
        {{"attempt", 42}, {"share", 0.5}, {"late", true}, {"name", "a b"}}};
    REQUIRE(
        to_json(line) ==
        R"({"level":"warn","event":"slot_refilled","attempt":42,"share":0.5,"late":true,"name":"a b"})"
    );
}

TEST_CASE("log: no text can break out of a JSON line", "[base][log]") {
    REQUIRE(
        to_json(with_note("a\"b\\c")) == R"({"level":"info","event":"tested","note":"a\"b\\c"})"
    );
    REQUIRE(
        to_json(with_note("a\nb\tc\0d"s)) ==
        R"({"level":"info","event":"tested","note":"a\u000ab\u0009c\u0000d"})"
    );
    REQUIRE(
        to_json(with_note("\"},{\"level\":\"error")) ==
        R"({"level":"info","event":"tested","note":"\"},{\"level\":\"error"})"
    );
}

TEST_CASE("log: UTF-8 is kept and other bytes are replaced", "[base][log]") {
    REQUIRE(
        to_json(with_note("Zoë 日本")) == R"({"level":"info","event":"tested","note":"Zoë 日本"})"
    );
    REQUIRE(
        to_json(with_note("a\xff\xe4z")) ==
        R"({"level":"info","event":"tested","note":"a\ufffd\ufffdz"})"
    );
    REQUIRE(
        to_json(with_note("cut\xe6\x97")) ==
        R"({"level":"info","event":"tested","note":"cut\ufffd\ufffd"})"
    );
}

TEST_CASE("log: a number that is none is text", "[base][log]") {
    const LogLine line{LogLevel::info, "tested", {{"share", std::nan("")}}};
    REQUIRE(to_json(line) == R"({"level":"info","event":"tested","share":"nan"})");
}

TEST_CASE("log: a phone number is masked in every form", "[base][log]") {
    const LogLine line{
        LogLevel::info, "attempt_placed", {{"to", *PhoneNumber::parse("+41791234567")}}};
    REQUIRE(to_json(line).find("1234567") == std::string::npos);
    REQUIRE(to_text(line) == "info attempt_placed to=+4179*****67");
}

TEST_CASE("log: text for people quotes what has spaces or quotes", "[base][log]") {
    REQUIRE(to_text(with_note("plain")) == "info tested note=plain");
    REQUIRE(to_text(with_note("two words")) == R"(info tested note="two words")");
    REQUIRE(to_text(with_note("")) == R"(info tested note="")");
    REQUIRE(to_text(with_note("a\nb")) == R"(info tested note="a\u000ab")");
}

TEST_CASE("log: the sink gets the levels that it wants", "[base][log]") {
    const Recorder recorder{LogLevel::warn};
    cxdial::base::log_info("quiet");
    cxdial::base::log_warn("heard", {{"n", 1}});
    REQUIRE(recorder.lines == std::vector<std::string>{"warn heard n=1"});
}
