#pragma once

#include "api_client/opbx_reply.h"
#include "api_client/opbx_request.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "net/http_client.h"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cxdial::api_client {

/// OPBX's worker API, R1 to R11. It keeps OPBX's limit of 1,000 requests a minute with room to
/// spare: calls go before all else, and what finds no room is answered `unavailable` without having
/// been sent. After a 429 nothing is sent until the time that it named.
///
/// `http` and `clock` must outlive every request under way; this object need not. Thread rule: the
/// loop's thread. Handlers are called on it, once each, never from inside the call, but where there
/// was no room.
class OpbxClient {
public:
    struct Settings {
        std::string url;  ///< OPBX's own, without `/api/v1/dialer/worker`
        base::Secret token;
        std::string worker_id;
        int requests_per_minute = 900;        ///< of all kinds
        int other_requests_per_minute = 600;  ///< of those that are not R6
    };
    template <class Value>
    using Done = std::function<void(base::Result<Value>)>;

    OpbxClient(net::HttpClient& http, const base::Clock& clock, Settings settings);

    void health(Done<OpbxHealth> done);
    void active_campaigns(Done<std::vector<OpbxCampaign>> done);
    /// R4, rows that were never tried or go round again; OPBX puts no limit on `limit`.
    void pending(
        campaign::OpbxCampaignId campaign, int limit, Done<std::vector<OpbxDestination>> done
    );
    /// R5, rows that OPBX thinks should be tried again.
    void due_retries(
        campaign::OpbxCampaignId campaign, int limit, Done<std::vector<OpbxDestination>> done
    );
    void pause(
        campaign::OpbxCampaignId campaign,
        std::string_view reason,
        std::optional<base::WallTime> resume_at,
        Done<void> done
    );
    /// R6. The request is sent at most once, whatever happens to the connection.
    void initiate(const OpbxInitiate& call, std::function<void(OpbxInitiated)> done);
    void generate_cxml(
        campaign::OpbxCampaignId campaign,
        campaign::OpbxSessionId session,
        base::PhoneNumber number,
        std::string_view call_sid,
        Done<std::string> done
    );
    /// R8 and R9: one of them, once for a call. Neither is repeated by anyone.
    void set_status(campaign::OpbxSessionId session, const OpbxOutcome& outcome, Done<void> done);
    void set_disposition(
        campaign::OpbxSessionId session, const OpbxOutcome& outcome, Done<void> done
    );
    void persist_state(Done<void> done);
    /// R11, as OPBX kept it.
    void load_state(Done<std::string> done);

    /// When the next call may be asked for; the past: now.
    [[nodiscard]] base::MonoTime next_call_at() const;

private:
    enum class Kind : std::uint8_t { call, other };
    /// How often it may be asked, and how often it was.
    struct Meter {
        std::deque<base::MonoTime> sent;
        base::MonoTime blocked_until{};
    };

    [[nodiscard]] base::MonoTime ready_at(Kind kind) const;
    [[nodiscard]] net::HttpRequest request(
        std::string method, const std::string& path, std::string body
    ) const;
    /// Sends it unless there is no room, and reads the reply's body by `read`.
    template <class Value, class Read>
    void ask(const net::HttpRequest& request, Read read, Done<Value> done, bool once = false);

    net::HttpClient& http_;
    const base::Clock& clock_;
    Settings settings_;
    std::shared_ptr<Meter> meter_ = std::make_shared<Meter>();
};

}  // namespace cxdial::api_client
