#pragma once

#include "net/http_server.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <functional>
#include <string>

namespace cxdial::simulator {

/// How a request is answered, with the shapes that the platform uses. `on_answer` hears the status,
/// or 0 when the connection was broken off instead.
class Reply {
public:
    using OnAnswer = std::function<void(int)>;

    explicit Reply(net::Responder responder, OnAnswer on_answer = {})
        : responder_(std::move(responder)), on_answer_(std::move(on_answer)) {}

    void json(const nlohmann::json& body, int status = 200) const;
    /// `{"status":false,"message":…}`.
    void error(int status, const std::string& message) const;
    /// 429; with `Retry-After` when that is above 0 (seconds, rounded up).
    void too_many(const std::string& message, std::chrono::milliseconds retry_after) const;
    void no_content() const;
    /// Resets the connection without a byte.
    void reset() const;
    /// Sends the beginning of a 200 and ends the connection inside its headers.
    void cut() const;

private:
    void send(net::HttpResponse response) const;

    net::Responder responder_;
    OnAnswer on_answer_;
};

}  // namespace cxdial::simulator
