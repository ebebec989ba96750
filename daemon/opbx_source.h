#pragma once

#include "api_client/opbx_client.h"
#include "base/clock.h"
#include "daemon/inbox.h"
#include "daemon/opbx_plan.h"
#include "dialer/events.h"
#include "net/loop.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace cxdial::daemon {

/// Where OPBX's campaigns come from: asks for them at an interval, has the worker bring the
/// database to what was listed, and tells the engine. While OPBX does not answer, the engine may
/// not dial for it. Thread rule: the loop's thread.
class OpbxSource {
public:
    struct Links {
        std::function<bool(Inbox::Job)> run;                   ///< false: there is no room
        std::function<void(dialer::Input, Inbox::Done)> tell;  ///< to the engine; is not lost
        std::function<void(std::function<void()>)> post;       ///< to the loop's thread; on any
        std::function<base::Now()> now;                        ///< any thread
        /// Hears of each campaign that is listed, before the database does.
        std::function<void(const api_client::OpbxCampaign&)> on_listed;
        /// Reads where the campaigns send their calls; empty: that is known here, or not needed.
        std::function<void(const std::vector<api_client::OpbxCampaign>&, OpbxResources::Done done)>
            read_routing;
    };

    /// `client` must outlive this.
    OpbxSource(net::Loop& loop, api_client::OpbxClient& client, OpbxRules rules, Links links);

    /// Asks for the first time, now, and from then on at the interval.
    void start();
    /// Nothing of OPBX's is dialed any more: it does not work the way `opbx.placement` says.
    void refuse(const std::string& why);
    /// OPBX took no call: nothing is dialed for it until it answers again.
    void on_down(const std::string& why);
    /// Whether Redis, where OPBX counts its calls, answers: else nothing is dialed for it.
    void on_redis(bool is_reachable);
    /// Whether the last time it was asked it answered.
    [[nodiscard]] bool is_up() const { return is_up_; }

private:
    /// What is known of one campaign's list.
    struct List {
        OpbxSeen seen;
        int limit = 0;
        base::MonoTime retries_at{};  ///< when R5 is asked for again
    };

    void poll();
    void on_campaigns(const base::Result<std::vector<api_client::OpbxCampaign>>& listed);
    void start_round(std::vector<api_client::OpbxCampaign> listed, OpbxRouting routing);
    void on_round(const base::Result<OpbxRound>& round);
    void change(const OpbxRound::Change& change);
    void fill_next();
    void on_pending(
        const OpbxToFill& wanted, const base::Result<std::vector<api_client::OpbxDestination>>& rows
    );
    void ask_retries(const OpbxToFill& wanted);
    void take(
        const OpbxToFill& wanted,
        std::vector<storage::OfferedDestination> offers,
        bool is_whole,
        const std::function<void(const storage::TakenOffer&)>& done
    );
    void on_taken(
        const base::Result<storage::TakenOffer>& taken,
        const std::function<void(const storage::TakenOffer&)>& done
    );
    void tell_hold();
    void finish();

    net::Timer timer_;
    api_client::OpbxClient& client_;
    OpbxRules rules_;
    Links links_;
    base::MonoTime started_at_{};
    bool is_up_ = false;
    bool is_refused_ = false;
    bool has_redis_ = true;
    std::vector<OpbxToFill> to_fill_;  ///< of this round, the next one last
    std::map<campaign::CampaignId, List> lists_;
};

}  // namespace cxdial::daemon
