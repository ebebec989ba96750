#include "simulator/internal/reply.h"

#include <utility>

namespace cxdial::simulator {

namespace {

net::HttpResponse json_response(const nlohmann::json& body, int status) {
    net::HttpResponse response;
    response.status = status;
    response.headers.add("Content-Type", "application/json");
    response.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return response;
}

nlohmann::json error_body(const std::string& message) {
    return {{"status", false}, {"message", message}};
}

}  // namespace

void Reply::send(net::HttpResponse response) const {
    if (on_answer_) {
        on_answer_(response.status);
    }
    responder_.answer(std::move(response));
}

void Reply::json(const nlohmann::json& body, int status) const {
    send(json_response(body, status));
}

void Reply::error(int status, const std::string& message) const {
    send(json_response(error_body(message), status));
}

void Reply::too_many(const std::string& message, std::chrono::milliseconds retry_after) const {
    auto response = json_response(error_body(message), 429);
    if (retry_after.count() > 0) {
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(retry_after).count();
        response.headers.add("Retry-After", std::to_string(seconds));
    }
    send(std::move(response));
}

void Reply::no_content() const {
    net::HttpResponse response;
    response.status = 204;
    send(std::move(response));
}

void Reply::reset() const {
    if (on_answer_) {
        on_answer_(0);
    }
    responder_.break_off();
}

void Reply::cut() const {
    if (on_answer_) {
        on_answer_(0);
    }
    responder_.break_off("HTTP/1.1 200 OK\r\nContent-Type: applica");
}

}  // namespace cxdial::simulator
