#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "campaign/ids.h"
#include "dialer/events.h"
#include "net/http.h"
#include "net/http_server.h"
#include "net/loop.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cxdial::webhook {

class Metrics;

/// Reads the events of one webhook request, each complete but for its `domain`. `session_hint` is
/// the `X-Cx-Session` header. An error means that the body is no such event: 400.
using EventReader = std::function<base::Result<std::vector<dialer::WebhookReceived>>(
    std::string_view body, std::string_view session_hint
)>;

/// An event that OPBX relays, and the session it is about as OPBX wrote it.
struct Relayed {
    dialer::WebhookReceived event;
    std::string session_id;
};

struct Readers {
    EventReader cdr;
    EventReader session_update;
    EventReader callback;
    std::function<base::Result<Relayed>(std::string_view body)> opbx_relay;
};

/// What Cloudonix says when it asks what an answered call shall do (Cloudonix, "voice application
/// request"). The caller's and the called number are swapped there: `from` is the number dialed.
struct VoiceRequest {
    campaign::AttemptId attempt;
    std::string session;  ///< the session token; empty when none of its form came
    std::string from;
    std::string to;
    std::string call_status;
    std::string answered_by;  ///< verdict of the answering-machine detection, where it was on
    std::string dial_status;  ///< `DialCallStatus`: how the dial to an assistant ended; else empty
    std::vector<std::string> dialed;  ///< assistants that were dialed before
    std::string domain;               ///< whose key authenticated the request; empty: any
};

/// What Cloudonix says of a call that comes in (Cloudonix, "voice application request").
struct InboundRequest {
    std::string call_sid;  ///< the session token where Cloudonix sends none
    std::string session;   ///< the session token; empty when none of its form came
    std::string from;
    std::string to;
    std::string domain;  ///< whose key authenticated the request, or that it names; empty: any
};

/// Whether the program can do its work, and what keeps it from it.
struct Readiness {
    std::vector<std::string> reasons;  ///< empty: ready
};

/// What the endpoints need of the program.
struct Ports {
    Readers readers;
    /// Hands one input to the engine. False: there is no room, and it was not taken. `done` is
    /// called once, on any thread, when the input is committed or lost.
    std::function<bool(
        dialer::Input input,
        base::MonoTime arrived,
        std::function<void(const base::Result<void>&)> done
    )>
        submit;
    /// Asks for the CXML of an answered call. `done` is called once, on the loop's thread.
    /// `not_found`: no such attempt; `unavailable`: not now.
    std::function<
        void(const VoiceRequest& request, std::function<void(base::Result<std::string>)> done)>
        document;
    /// Asks for the CXML of a call that comes in. `done` is called once, on the loop's thread, in
    /// time, and always has a document.
    std::function<
        void(const InboundRequest& request, std::function<void(std::string document)> done)>
        inbound;
    std::function<Readiness()> readiness;
    /// The kill switch of inbound routing is on; shown by `/healthz`.
    bool forced_legacy = false;
};

/// Bearer keys by Cloudonix domain, every domain listed. An empty key: that domain sends none.
using Keys = std::map<std::string, base::Secret>;

/// The HTTP endpoints that Cloudonix and the operator's tools call:
///
/// - `POST /cloudonix/cdr`, `/cloudonix/session-update`, `/cloudonix/callback`: 200 once every
/// event
///   of the request is committed; 400 no such event; 401 wrong bearer; 503 with `Retry-After` when
///   there was no room, when it could not be stored, or not within `store_timeout`. An event
///   committed after that is met again when the sender repeats it, and its key makes the second
///   one change nothing.
/// - `GET`, `POST /cloudonix/voice?attempt=ID`: 200 with the call's CXML, once what it says is
///   committed; 400 without an attempt; 401; 404 when there is no such attempt. When there is one
///   and its document cannot be made, a person is on the line: if it may work in a moment, the
///   answer makes Cloudonix ask again after a second, twice at most (where `public_url` is https,
///   as `<Redirect>` demands); else it hangs up. A 5xx would leave the person in silence until
///   Cloudonix gives up.
/// - `GET`, `POST /voice/inbound`: 200 with the CXML of a call that comes in, whatever fails; 400
///   without the number dialed or a name of the call; 401.
/// - `POST /webhooks/cdr`, where OPBX relays CDRs: 202 once committed; 400 no such event; 401 its
///   `X-Webhook-Signature` is not that of the body; 503 as above.
/// - `GET /webhooks/health`: as OPBX's monitor page asks its workers; `degraded` when not ready.
/// - `GET /healthz`: 200 while the loop turns. `GET /readyz`: 200, or 503 with the reasons.
///   `GET /metrics`: Prometheus text.
///
/// Another method: 405 with `Allow`. Another path: 404. Thread rule: the loop's thread, which is
/// also where it must be destroyed; the loop must outlive every `done` under way.
class Endpoints {
public:
    struct Settings {
        Keys keys;
        std::string public_url;  ///< base URL at which Cloudonix reaches this program; may be empty
        std::string version;     ///< shown by `/healthz`
        base::Secret opbx_secret{};     ///< signs what OPBX relays; empty: nothing is taken from it
        std::string cdrs_pass_on_to{};  ///< the outbox's queue that each CDR goes to; empty: none
        base::Millis store_timeout{5'000};
        /// Somebody is on the line: after so long they are asked to wait once more, or released.
        base::Millis voice_timeout{2'000};
    };

    /// `clock` and `metrics` must outlive this object.
    Endpoints(
        net::Loop& loop, const base::Clock& clock, Settings settings, Ports ports, Metrics& metrics
    );
    ~Endpoints();
    Endpoints(const Endpoints&) = delete;
    Endpoints& operator=(const Endpoints&) = delete;
    Endpoints(Endpoints&&) = delete;
    Endpoints& operator=(Endpoints&&) = delete;

    /// Whether a path is one of these, whatever the method.
    [[nodiscard]] static bool knows(std::string_view path);

    /// Answers the request, now or later.
    void handle(const net::HttpRequest& request, const net::Responder& responder);

    /// Webhooks that wait for their commit, and calls that wait for their document.
    [[nodiscard]] std::size_t pending() const;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace cxdial::webhook
