#pragma once

#include "base/clock.h"
#include "net/http.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "net/loop.h"
#include "simulator/options.h"
#include "simulator/simulator.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cxdial::simulator::test {

/// An answer as a test sees it. Status 0: the connection was broken off.
struct Answer {
    int status = 0;
    nlohmann::json body;
    net::Headers headers;
};

/// A simulator with short times, a customer's server that hears its notices and serves CXML, and a
/// client, all on one loop and over real sockets.
class Bench {
public:
    /// `settings`: knobs by name, on top of the bench's own.
    explicit Bench(std::initializer_list<std::pair<std::string, std::string>> settings = {});
    ~Bench() = default;
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;
    Bench(Bench&&) = delete;
    Bench& operator=(Bench&&) = delete;

    /// One request to the simulator, with the right key.
    Answer ask(const std::string& method, const std::string& path, const nlohmann::json& body = {});
    Answer ask_raw(net::HttpRequest request);
    /// `ask`, for a placement in the first domain.
    Answer place(const nlohmann::json& body);
    /// Places and gives the token; fails the test when it was refused.
    std::string placed(const nlohmann::json& extra = nlohmann::json::object());
    /// Sets one knob at run time.
    void set(const std::string& knob, const nlohmann::json& value);
    /// Runs the loop until the condition holds. False after two minutes.
    bool until(const std::function<bool()>& condition);
    /// Runs the loop until the CDR of that call is here, and gives it.
    nlohmann::json cdr_of(const std::string& token);
    nlohmann::json truth();
    nlohmann::json session(const std::string& token);

    /// Notices by the path they were sent to, in order of arrival.
    std::map<std::string, std::vector<nlohmann::json>> heard;
    std::map<std::string, std::vector<net::HttpRequest>> requests;
    /// CXML by the path that serves it.
    std::map<std::string, std::string> documents;
    /// Answers of the customer to notices: one status after the other, then 200.
    std::vector<int> notice_statuses;

    /// An URL on the customer's server.
    [[nodiscard]] std::string url(const std::string& path) const;
    [[nodiscard]] std::string root() const;

private:
    void serve(const net::HttpRequest& request, const net::Responder& responder);

    base::SystemClock clock_;
    net::Loop loop_;
    std::unique_ptr<net::HttpServer> customer_;
    std::unique_ptr<Simulator> simulator_;
    net::HttpClient client_;
};

/// A placement that is right, answered by a Hangup document.
[[nodiscard]] nlohmann::json good_placement();
/// `<Response>` around the verbs.
[[nodiscard]] std::string cxml(const std::string& verbs);

}  // namespace cxdial::simulator::test
