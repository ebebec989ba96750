#include "config/internal/aliases.h"

#include <array>
#include <utility>

namespace cxdial::config {
namespace {

/// That worker is given the base of the whole API, or only OPBX's address.
std::string without_api_path(std::string url) {
    while (!url.empty() && url.back() == '/') {
        url.pop_back();
    }
    for (const std::string_view path : {"/api/v1/dialer/worker", "/api/v1", "/api"}) {
        if (url.size() > path.size() &&
            url.compare(url.size() - path.size(), path.size(), path) == 0) {
            url.resize(url.size() - path.size());
            break;
        }
    }
    return url;
}

std::string redis_url(const std::string& host, const std::string& port, const std::string& number) {
    const bool is_bare_ipv6 = host.find(':') != std::string::npos && host.front() != '[';
    std::string url = "redis://" + (is_bare_ipv6 ? "[" + host + "]" : host);
    url.append(":").append(port.empty() ? "6379" : port);
    return number.empty() || number == "0" ? url : url + "/" + number;
}

}  // namespace

std::vector<Alias> worker_aliases(const Environment& value) {
    const auto text_of = [&](std::string_view name) { return value(name).value_or(""); };
    constexpr std::array<std::array<std::string_view, 3>, 4> as_they_are{{
        {"LARAVEL_API_TOKEN", "opbx", "token"},
        {"WORKER_ID", "opbx", "worker_id"},
        {"POLL_INTERVAL", "opbx", "poll_interval"},
        {"WEBHOOK_SECRET", "opbx", "webhook_secret"},
    }};
    std::vector<Alias> found;
    const auto add = [&](std::string_view variable,
                         std::string_view section,
                         std::string_view key,
                         std::string text) {
        if (!text.empty()) {
            found.push_back({variable, section, key, std::move(text)});
        }
    };
    add(worker_mark, "opbx", "url", without_api_path(text_of(worker_mark)));
    for (const auto& [variable, section, key] : as_they_are) {
        add(variable, section, key, text_of(variable));
    }
    if (const std::string host = text_of("REDIS_HOST"); !host.empty()) {
        const std::string url = redis_url(host, text_of("REDIS_PORT"), text_of("REDIS_DB"));
        add("REDIS_HOST", "opbx", "redis_url", url);
        // Laravel writes an absent password so, into the file that both may share.
        if (const std::string password = text_of("REDIS_PASSWORD"); password != "null") {
            add("REDIS_PASSWORD", "opbx", "redis_password", password);
        }
    }
    if (const std::string port = text_of(worker_port); !port.empty()) {
        add(worker_port, "daemon", "listen", "0.0.0.0:" + port);
    }
    return found;
}

}  // namespace cxdial::config
