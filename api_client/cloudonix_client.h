#pragma once

#include "api_client/cloudonix_reply.h"
#include "api_client/cloudonix_request.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "campaign/ids.h"
#include "dialer/effects.h"
#include "dialer/events.h"
#include "net/http_client.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace cxdial::api_client {

/// Why a session is hung up (Cloudonix REST API, "destroy session").
enum class HangUpReason { timeout, denied, busy, no_credit };

/// What a session runs instead of its present application.
struct InlineDocument {
    std::string cxml;
};
struct RemoteDocument {
    std::string url;
    std::string method = "POST";  ///< `GET`, `POST`; sent always, for its default is not certain
};

/// The REST API of one Cloudonix domain. It keeps no rate: whoever calls it does.
///
/// `clock` and the HTTP client must outlive every request under way; this object need not. Thread
/// rule: the loop's thread. Handlers are called on it, once each, never from inside the call.
class CloudonixClient {
public:
    struct Settings {
        std::string domain;  ///< as in the path: a name, or `self`
        std::string api_url = "https://api.cloudonix.io";
        base::Secret api_key;
    };

    CloudonixClient(net::HttpClient& http, const base::Clock& clock, Settings settings);

    [[nodiscard]] const std::string& domain() const { return settings_.domain; }

    /// Creates a call, once: the request is never repeated by anyone. For what may be set in
    /// `call` and `options` see `call_body`.
    void place(
        campaign::AttemptId attempt,
        const dialer::CallRequest& call,
        std::function<void(dialer::Delivery)> handler,
        const CallOptions& options = {}
    );

    /// Asks for one session, live or ended. How long ended ones are kept is not documented.
    void get_session(
        const campaign::SessionToken& token, std::function<void(LookUpAnswer)> handler
    );

    /// Asks for all sessions of the domain, live and ended. A 404 says that there are none, or no
    /// such domain: it is an empty list where the domain has been seen, or `none_without_domain`.
    void list_sessions(
        std::function<void(SessionListAnswer)> handler, bool none_without_domain = false
    );

    using Done = std::function<void(base::Result<void>)>;

    /// Sets keys of the session's profile.
    void update_session(
        const campaign::SessionToken& token,
        const std::map<std::string, std::string>& profile,
        Done handler
    );

    /// Hangs up. Done also when there is no such session (any more).
    void delete_session(
        const campaign::SessionToken& token, std::optional<HangUpReason> reason, Done handler
    );

    /// Makes a connected session run another document; a Dial or Connect under way is dropped
    /// first. Sent at most once.
    void switch_application(
        const campaign::SessionToken& token,
        const std::variant<InlineDocument, RemoteDocument>& application,
        Done handler
    );

private:
    [[nodiscard]] net::HttpRequest request(
        std::string method, const std::string& path, std::string body = {}
    ) const;
    [[nodiscard]] std::string calls_path() const;
    [[nodiscard]] std::string sessions_path() const;

    net::HttpClient& http_;
    const base::Clock& clock_;
    Settings settings_;
    /// Whether Cloudonix has shown, in this life, that it knows the domain: tells an empty list
    /// from a wrong name, both of which are 404. Until then such a list proves nothing, and where
    /// OPBX places all calls a doubt on an empty domain may last until its hard deadline.
    std::shared_ptr<bool> domain_is_known_ = std::make_shared<bool>(false);
};

}  // namespace cxdial::api_client
