#include "tests/simulator/bench.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <optional>
#include <utility>
#include <variant>

namespace cxdial::simulator::test {

using namespace std::chrono_literals;
using nlohmann::json;

namespace {

net::HttpClient::Options client_options() {
    net::HttpClient::Options options;
    options.timeout = 2min;
    return options;
}

Answer to_answer(const net::HttpOutcome& outcome) {
    Answer answer;
    if (const auto* const reply = std::get_if<net::HttpResponse>(&outcome)) {
        answer.status = reply->status;
        answer.body = json::parse(reply->body, nullptr, false);
        answer.headers = reply->headers;
    }
    return answer;
}

}  // namespace

Bench::Bench(std::initializer_list<std::pair<std::string, std::string>> settings)
    : client_(loop_, client_options()) {
    auto customer = net::HttpServer::listen(
        loop_,
        {},
        [this](const net::HttpRequest& request, const net::Responder& responder) {
            serve(request, responder);
        }
    );
    REQUIRE(customer.has_value());
    customer_ = std::move(customer).value();
    std::map<std::string, std::string> all = {
        {"seed", "7"},
        {"domain", "acme.cloudonix.net,other.cloudonix.net"},
        {"api-key", "XIkey"},
        {"setup", "0"},
        {"ring", "5ms"},
        {"noanswer-after", "5ms"},
        {"talk", "10ms"},
        {"play", "5ms"},
        {"amd-delay", "5ms"},
        {"say-character", "1ms"},
        {"outcomes", "answered"},
        {"requests", "0"},
        {"webhook-backoff", "5ms"},
        {"cdr-endpoint", url("/cdr")},
        {"session-update-endpoint", url("/updates")},
    };
    for (const auto& [name, value] : settings) {
        all[name] = value;
    }
    auto options = default_options();
    for (const auto& [name, value] : all) {
        CAPTURE(name, value);
        const auto* const knob = find_knob(name);
        REQUIRE(knob != nullptr);
        REQUIRE(knob->set(options, value).has_value());
    }
    auto started = Simulator::start(loop_, clock_, options, [this] { loop_.stop(); });
    REQUIRE(started.has_value());
    simulator_ = std::move(started).value();
}

void Bench::serve(const net::HttpRequest& request, const net::Responder& responder) {
    const std::string path(request.path());
    net::HttpResponse reply;
    if (const auto document = documents.find(path); document != documents.end()) {
        reply.headers.add("Content-Type", "application/xml");
        reply.body = document->second;
    } else if (path == "/html") {
        reply.headers.add("Content-Type", "text/html");
        reply.body = cxml("<Hangup/>");
    } else if (path == "/missing") {
        reply.status = 404;
    } else if (!notice_statuses.empty()) {
        reply.status = notice_statuses.front();
        notice_statuses.erase(notice_statuses.begin());
    }
    heard[path].push_back(json::parse(request.body, nullptr, false));
    requests[path].push_back(request);
    responder.answer(std::move(reply));
}

std::string Bench::url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(customer_->port()) + path;
}

std::string Bench::root() const {
    return "http://127.0.0.1:" + std::to_string(simulator_->port());
}

bool Bench::until(const std::function<bool()>& condition) {
    // The condition is asked between two runs of the loop, so that it may itself wait for an
    // answer.
    net::Timer pause(loop_);
    const auto deadline = clock_.now().mono + 2min;
    while (clock_.now().mono < deadline) {
        if (condition()) {
            return true;
        }
        pause.start(500us, [this] { loop_.stop(); });
        loop_.run();
    }
    return false;
}

Answer Bench::ask_raw(net::HttpRequest request) {
    std::optional<Answer> answer;
    request.target = root() + request.target;
    client_.send_once(std::move(request), [&](const net::HttpOutcome& outcome) {
        answer = to_answer(outcome);
    });
    REQUIRE(until([&] { return answer.has_value(); }));
    return *answer;
}

Answer Bench::ask(const std::string& method, const std::string& path, const json& body) {
    net::HttpRequest request;
    request.method = method;
    request.target = path;
    request.headers.add("Authorization", "Bearer XIkey");
    if (!body.is_null()) {
        request.headers.add("Content-Type", "application/json");
        request.body = body.dump();
    }
    return ask_raw(std::move(request));
}

Answer Bench::place(const json& body) {
    return ask("POST", "/calls/acme.cloudonix.net/application", body);
}

std::string Bench::placed(const json& extra) {
    auto body = good_placement();
    body.update(extra);
    for (const auto* const other : {"url", "application"}) {
        if (body.contains(other)) {
            body.erase("cxml");
        }
    }
    const auto answer = place(body);
    REQUIRE(answer.status == 200);
    return answer.body.at("token").get<std::string>();
}

void Bench::set(const std::string& knob, const json& value) {
    REQUIRE(ask("PATCH", "/control/config", {{knob, value}}).status == 200);
}

json Bench::cdr_of(const std::string& token) {
    json found;
    REQUIRE(until([&] {
        for (const auto& cdr : heard["/cdr"]) {
            if (cdr["session"].is_object() && cdr["session"]["token"] == token) {
                found = cdr;
            }
        }
        return !found.is_null();
    }));
    return found;
}

json Bench::truth() {
    return ask("GET", "/control/truth").body;
}

json Bench::session(const std::string& token) {
    return ask("GET", "/customers/self/domains/acme.cloudonix.net/sessions/" + token).body;
}

json good_placement() {
    return {
        {"destination", "12127773456"},
        {"caller-id", "12125550100"},
        {"cxml", cxml("<Hangup/>")},
        {"profile", {{"cxdial-attempt", "17"}}}};
}

std::string cxml(const std::string& verbs) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>" + verbs + "</Response>";
}

}  // namespace cxdial::simulator::test
