#pragma once

#include "api_client/cloudonix_client.h"
#include "api_client/opbx_client.h"
#include "base/clock.h"
#include "config/config.h"
#include "daemon/opbx_probe.h"
#include "daemon/opbx_resources.h"
#include "daemon/opbx_source.h"
#include "daemon/opbx_state.h"
#include "dialer/effects.h"
#include "dialer/events.h"
#include "net/http_client.h"
#include "net/loop.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace cxdial::daemon {

/// All that goes between OPBX and the engine: its campaigns come, its calls go. Thread rule: the
/// loop's thread.
class OpbxLink {
public:
    struct Links {
        std::function<bool(Inbox::Job)> run;                   ///< false: there is no room
        std::function<void(dialer::Input, Inbox::Done)> tell;  ///< to the engine; is not lost
        std::function<void(std::function<void()>)> post;       ///< to the loop's thread; on any
        /// The client of a Cloudonix domain; null: there is none.
        std::function<api_client::CloudonixClient*(const std::string& domain)> cloudonix;
        /// Makes a client for a domain that OPBX lends, in place of an earlier one.
        std::function<void(const api_client::CloudonixClient::Settings&)> connect;
    };
    using Placed = std::function<void(dialer::PlacementReply)>;

    /// `domains`: those with a section of their own, which wins over what a campaign says. `config`
    /// must outlive this.
    OpbxLink(
        net::Loop& loop,
        const base::Clock& clock,
        const config::Opbx& config,
        const std::vector<config::CloudonixDomain>& domains,
        Links links
    );

    /// Passes CDRs on, reports, and shares OPBX's counters, with what the database holds. Before
    /// `start`; `metrics` must outlive this.
    void share(const std::string& database_path, webhook::Metrics& metrics);
    /// What a committed tick changed.
    void on_notes(const std::vector<dialer::Note>& notes);
    /// A CDR was stored, and waits to be passed on.
    void on_cdr_posted();
    void start() { source_.start(); }
    /// Places a call of a campaign that OPBX owns: through OPBX, or at Cloudonix after OPBX has
    /// written its session down. `done` is called once, later.
    void place(const dialer::PlaceCall& call, Placed done);
    /// Requests under way.
    [[nodiscard]] std::size_t pending() const { return http_.pending(); }
    /// Gives up what is under way.
    void cancel_all();
    [[nodiscard]] api_client::OpbxClient& client() { return client_; }
    [[nodiscard]] bool is_up() const { return source_.is_up(); }

private:
    /// A call on its way through OPBX, and who waits for what becomes of it.
    struct Asked {
        dialer::PlaceCall call;
        Placed done;
        base::WallTime at{};
    };

    [[nodiscard]] OpbxSource::Links source_links();
    void on_listed(const api_client::OpbxCampaign& campaign);
    void ask(Asked asked);
    void on_initiated(const Asked& asked, api_client::OpbxInitiated initiated);
    /// Whether the call exists already, where nothing else shows what this OPBX does.
    void probe(const Asked& asked, const dialer::Accepted& accepted);
    void on_probed(
        const Asked& asked,
        dialer::Accepted accepted,
        const base::Result<std::optional<dialer::SessionReport>>& found
    );
    /// OPBX took the call, and it is known what that means.
    void on_taken(const Asked& asked, dialer::Accepted accepted);
    void place_directly(const Asked& asked, std::optional<campaign::OpbxSessionId> session);
    /// The calls that waited for the first one go on.
    void go_on();

    net::Loop& loop_;
    const base::Clock& clock_;
    const config::Opbx& config_;
    OpbxRules rules_;
    Links links_;
    std::set<std::string> configured_;
    std::map<std::string, api_client::CloudonixClient::Settings> lent_;
    net::HttpClient http_;
    api_client::OpbxClient client_;
    bool has_user_token_;
    OpbxResources resources_;
    OpbxProbe probe_;
    OpbxSource source_;
    std::unique_ptr<OpbxState> state_;
    api_client::OpbxKind kind_ = api_client::OpbxKind::unclear;
    bool is_first_under_way_ = false;  ///< and shows what this OPBX does
    std::vector<Asked> waiting_;
};

}  // namespace cxdial::daemon
