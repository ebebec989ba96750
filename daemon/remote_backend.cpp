#include "balancer/resource_json.h"
#include "campaign/destination_json.h"
#include "campaign/resource_json.h"
#include "daemon/backend.h"
#include "daemon/commands_support.h"
#include "net/http_client.h"
#include "net/loop.h"
#include "routing/resource_json.h"

#include <nlohmann/json.hpp>

#include <charconv>
#include <optional>
#include <utility>

namespace cxdial::daemon {

using nlohmann::ordered_json;
using storage::ResourceKind;

namespace {

/// The deletion of a campaign with a million destinations takes its time.
constexpr std::chrono::minutes patience{5};
constexpr const char* whole_page = "limit=1000";

std::string plural(ResourceKind kind) {
    return std::string(storage::to_string(kind)) + "s";
}

std::string_view verb(campaign::Transition transition) {
    switch (transition) {
        case campaign::Transition::start:
            return "start";
        case campaign::Transition::pause:
            return "pause";
        case campaign::Transition::resume:
            return "resume";
        case campaign::Transition::archive:
        case campaign::Transition::complete:
            return "archive";
    }
    return "archive";
}

std::string json_of(const campaign::Campaign& campaign) {
    return campaign::to_json(campaign);
}
std::string json_of(const balancer::Assistant& assistant) {
    return balancer::to_json(assistant, balancer::Reveal::yes);
}
template <class Resource>
std::string json_of(const Resource& resource) {
    return to_json(resource);
}

base::Errc code_of(int status) {
    switch (status) {
        case 404:
            return base::Errc::not_found;
        case 409:
            return base::Errc::conflict;
        case 503:
            return base::Errc::unavailable;
        default:
            return base::Errc::invalid_argument;
    }
}

/// `http://127.0.0.1:8081`, where the daemon of this configuration is reached from here.
std::string address_of(const config::Daemon& daemon) {
    std::string host = daemon.listen_address;
    if (host == "0.0.0.0") {
        host = "127.0.0.1";
    } else if (host == "::") {
        host = "::1";
    }
    const bool is_v6 = host.find(':') != std::string::npos;
    return "http://" + (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(daemon.listen_port);
}

/// What the API said against it. `fields` of a group begin with the place of the resource: `[2]`.
struct Refusal {
    base::Error error;
    ordered_json fields = ordered_json::array();
};

Refusal read_refusal(const net::HttpResponse& response) {
    const ordered_json body = ordered_json::parse(response.body, nullptr, false);
    const ordered_json error =
        body.is_object() ? body.value("error", ordered_json::object()) : ordered_json::object();
    if (response.status == 401) {
        return {{base::Errc::conflict, "the running daemon refuses daemon.api_token"}};
    }
    const std::string fallback = "the daemon answered " + std::to_string(response.status);
    return {
        {code_of(response.status), error.value("message", fallback)},
        error.value("fields", ordered_json::array())};
}

/// `[2].name`: 2.
std::size_t place_in(const std::string& path) {
    std::size_t place = 0;
    if (!path.empty()) {
        std::from_chars(path.data() + 1, path.data() + path.size(), place);
    }
    return place;
}

class RemoteBackend final : public Backend {
public:
    RemoteBackend(const config::Daemon& daemon, std::string holder)
        : is_any_port_(daemon.listen_port == 0),
          root_(address_of(daemon)),
          token_(daemon.api_token),
          holder_(std::move(holder)),
          client_(loop_, {.timeout = patience}) {}

    /// Whether it is a daemon that answers.
    base::Result<void> probe() {
        const auto answer = ask("GET", root_ + "/healthz", {});
        if (!answer) {
            return answer.error();
        }
        return answer->status == 200 ? base::Result<void>() : unreachable("it is no cxdial");
    }

    base::Result<ordered_json> apply(const std::vector<NamedResource>& resources) override {
        ordered_json group = ordered_json::array();
        for (const NamedResource& named : resources) {
            group.push_back(ordered_json::parse(
                std::visit([](const auto& known) { return json_of(known); }, named.resource)
            ));
        }
        const auto answer = ask("POST", api("apply"), group.dump());
        if (!answer) {
            return answer.error();
        }
        if (answer->status == 200) {
            return ordered_json::parse(answer->body, nullptr, false);
        }
        Refusal refusal = read_refusal(*answer);
        if (!refusal.fields.empty()) {
            const std::size_t place = place_in(refusal.fields[0].value("path", ""));
            const std::string where = place < resources.size() ? resources[place].where + ": " : "";
            refusal.error.detail = where + refusal.error.detail + "\nnothing was changed";
        }
        return refusal.error;
    }

    base::Result<ordered_json> list(ResourceKind kind) override { return all_of(plural(kind)); }

    base::Result<ordered_json> show(ResourceKind kind, const std::string& name) override {
        return ask_json("GET", plural(kind) + "/" + net::url_encode(name));
    }

    base::Result<void> remove(ResourceKind kind, const std::string& name) override {
        const auto answer = ask("DELETE", api(plural(kind) + "/" + net::url_encode(name)), {});
        if (!answer) {
            return answer.error();
        }
        return answer->status == 204 ? base::Result<void>() : read_refusal(*answer).error;
    }

    base::Result<std::string> change(const std::string& campaign, campaign::Transition transition)
        override {
        const std::string path =
            "campaigns/" + net::url_encode(campaign) + "/" + std::string(verb(transition));
        const auto changed = ask_json("POST", path);
        if (!changed) {
            return changed.error();
        }
        return changed->value("status", "");
    }

    base::Result<storage::AddedDestinations> add_destinations(
        const std::string& campaign, std::span<const campaign::NewDestination> batch
    ) override {
        std::string rows;
        for (const campaign::NewDestination& row : batch) {
            rows.append(rows.empty() ? "[" : ",").append(campaign::to_json(row));
        }
        const auto report = ask_json(
            "POST",
            "campaigns/" + net::url_encode(campaign) + "/destinations",
            rows.empty() ? "[]" : rows + "]"
        );
        if (!report) {
            return report.error();
        }
        return storage::AddedDestinations{
            .imported = report->value("imported", std::int64_t{0}),
            .duplicates = report->value("duplicates", std::int64_t{0}),
            .suppressed = report->value("suppressed", std::int64_t{0}),
        };
    }

    base::Result<ordered_json> status() override { return ask_json("GET", "status"); }

    base::Result<ordered_json> outbox() override { return ask_json("GET", "outbox"); }

    base::Result<std::int64_t> suppress(
        std::span<const campaign::NumberOrPrefix> entries, const std::string& reason
    ) override {
        ordered_json list = ordered_json::array();
        for (const campaign::NumberOrPrefix& entry : entries) {
            list.push_back(campaign::reveal(entry));
        }
        const auto report =
            ask_json("POST", "suppressions?reason=" + net::url_encode(reason), list.dump());
        if (!report) {
            return report.error();
        }
        return report->value("imported", std::int64_t{0});
    }

    base::Result<bool> unsuppress(const campaign::NumberOrPrefix& entry) override {
        const std::string path = "suppressions/" + net::url_encode(campaign::reveal(entry));
        const auto answer = ask("DELETE", api(path), {});
        if (!answer) {
            return answer.error();
        }
        if (answer->status == 204 || answer->status == 404) {
            return answer->status == 204;
        }
        return read_refusal(*answer).error;
    }

    base::Result<ordered_json> suppressions() override { return all_of("suppressions"); }

private:
    [[nodiscard]] std::string api(const std::string& path) const {
        return root_ + "/api/v1/" + path;
    }

    [[nodiscard]] base::Error unreachable(const std::string& why) const {
        if (is_any_port_) {
            return {
                base::Errc::unavailable,
                "the database is in use by " + holder_ +
                    ", and daemon.listen has port 0: a daemon then listens on a port that only its "
                    "log names; give it one, and restart it"};
        }
        return {
            base::Errc::unavailable,
            "the database is in use by " + holder_ + ", and no daemon answers at " + root_ + " (" +
                why +
                "): if that process is a daemon, set daemon.listen as it has it; else wait "
                "until it has ended"};
    }

    base::Result<net::HttpResponse> ask(
        const std::string& method, const std::string& url, std::string body
    ) {
        net::HttpRequest request{.method = method, .target = url, .headers = {}, .body = {}};
        if (!token_.empty()) {
            request.headers.add("Authorization", "Bearer " + token_.reveal());
        }
        if (!body.empty()) {
            request.headers.add("Content-Type", "application/json");
        }
        request.body = std::move(body);
        std::optional<net::HttpOutcome> outcome;
        client_.send(std::move(request), [&](net::HttpOutcome got) {
            outcome = std::move(got);
            loop_.stop();
        });
        loop_.run();
        if (const auto* response = std::get_if<net::HttpResponse>(&*outcome)) {
            return *response;
        }
        return unreachable(std::get<net::HttpFailure>(*outcome).why);
    }

    base::Result<ordered_json> ask_json(
        const std::string& method, const std::string& path, std::string body = {}
    ) {
        const auto answer = ask(method, api(path), std::move(body));
        if (!answer) {
            return answer.error();
        }
        if (answer->status >= 300) {
            return read_refusal(*answer).error;
        }
        ordered_json json = ordered_json::parse(answer->body, nullptr, false);
        return json.is_discarded() ? base::Result<ordered_json>(unreachable("it sends no JSON"))
                                   : base::Result<ordered_json>(std::move(json));
    }

    base::Result<ordered_json> all_of(const std::string& path) {
        ordered_json all = ordered_json::array();
        std::string cursor;
        while (true) {
            const auto page = ask_json(
                "GET", path + "?" + whole_page + (cursor.empty() ? "" : "&cursor=" + cursor)
            );
            if (!page) {
                return page.error();
            }
            for (const ordered_json& item : page->value("items", ordered_json::array())) {
                all.push_back(item);
            }
            const ordered_json next = page->value("next_cursor", ordered_json());
            if (!next.is_string()) {
                return all;
            }
            cursor = next.get<std::string>();
        }
    }

    bool is_any_port_;
    std::string root_;
    base::Secret token_;
    std::string holder_;
    net::Loop loop_;
    net::HttpClient client_;
};

}  // namespace

base::Result<std::unique_ptr<Backend>> remote_backend(
    const config::Config& config, const std::string& holder
) {
    auto remote = std::make_unique<RemoteBackend>(config.daemon, holder);
    if (const base::Result<void> there = remote->probe(); !there) {
        return there.error();
    }
    return std::unique_ptr<Backend>(std::move(remote));
}

}  // namespace cxdial::daemon
