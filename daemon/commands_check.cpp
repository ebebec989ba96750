#include "campaign/caller_ids.h"
#include "campaign/phone.h"
#include "daemon/commands_support.h"
#include "daemon/context.h"
#include "daemon/open_database.h"
#include "daemon/table.h"
#include "dialer/advice.h"
#include "dialer/answer.h"
#include "storage/repository.h"
#include "storage/sqlite_store.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace cxdial::daemon {

using nlohmann::ordered_json;

namespace {

/// What stands in for the session token, which no call has yet.
constexpr const char* example_session = "0123456789abcdef0123456789abcdef";
constexpr int page_size = 500;

struct Finding {
    std::string what;
    std::string problem;  ///< empty: it is in order
    std::string advice;
};

void check_campaign(
    const Context& context,
    storage::Repository& repository,
    storage::SqliteStore& store,
    const campaign::StoredCampaign& stored,
    std::vector<Finding>& findings
) {
    const campaign::Campaign& campaign = stored.campaign;
    const std::string what = "campaign " + campaign.name;
    const auto& domains = context.config.cloudonix;
    const bool known = std::any_of(domains.begin(), domains.end(), [&](const auto& domain) {
        return domain.domain == campaign.cloudonix_domain;
    });
    if (!known && !stored.external_id) {
        findings.push_back(
            {what,
             "Cloudonix domain \"" + campaign.cloudonix_domain + "\" is not configured",
             "add a [[cloudonix]] table with this domain"}
        );
    }
    dialer::Switchboard switchboard;
    const bool has_url = !context.config.daemon.public_url.empty();
    const auto fit = dialer::fit_to_dial(store, switchboard, campaign, has_url);
    if (!fit) {
        findings.push_back({what, fit.error().detail, "mend the resource and apply it"});
        return;
    }
    if (known || stored.external_id) {
        findings.push_back({what, "", ""});
    }
    const auto statistics = repository.statistics(stored.id);
    const dialer::Situation situation{
        .now = context.clock.now().wall,
        .open_destinations = statistics ? statistics->open_destinations() : 0,
        .has_public_url = has_url,
    };
    for (const dialer::Advice& advice : advise(campaign, switchboard, situation)) {
        findings.push_back({.what = what, .problem = "", .advice = advice.message});
    }
}

void check_domains(const Context& context, std::vector<Finding>& findings) {
    for (const config::CloudonixDomain& domain : context.config.cloudonix) {
        const std::string what = "domain " + domain.domain;
        if (domain.api_key.empty()) {
            findings.push_back({what, "no api_key", "set api_key, or CXDIAL_CLOUDONIX_API_KEY"});
        } else {
            findings.push_back({what, "", ""});
        }
    }
    if (context.config.opbx) {
        const config::Opbx& opbx = *context.config.opbx;
        findings.push_back(
            opbx.token.empty() ? Finding{"opbx " + opbx.url, "no token", "set opbx.token"}
                               : Finding{"opbx " + opbx.url, "", ""}
        );
    } else if (context.config.cloudonix.empty()) {
        findings.push_back(
            {"configuration", "no [[cloudonix]] domain", "nothing but --simulate can dial"}
        );
    }
}

base::Result<void> check_database(Context& context, std::vector<Finding>& findings) {
    base::Result<storage::Database> database = open_to_read(context);
    if (!database) {
        findings.push_back(
            {"database",
             database.error().detail,
             "a new one is made by the first command that writes"}
        );
        return {};
    }
    storage::Repository repository(*database);
    storage::SqliteStore store(*database);
    const auto campaigns = repository.campaigns(default_tenant, {.after = {}, .limit = page_size});
    if (!campaigns) {
        return campaigns.error();
    }
    for (const campaign::StoredCampaign& stored : *campaigns) {
        if (stored.status != campaign::CampaignStatus::archived) {
            check_campaign(context, repository, store, stored, findings);
        }
    }
    return {};
}

}  // namespace

Exit check(Context& context) {
    std::vector<Finding> findings;
    check_domains(context, findings);
    if (const base::Result<void> done = check_database(context, findings); !done) {
        complain(done.error().detail);
        return Exit::not_successful;
    }
    Table table({"what", "", "what to do"}, {Align::left, Align::left, Align::left});
    ordered_json list = ordered_json::array();
    bool sound = true;
    for (const Finding& finding : findings) {
        const bool fine = finding.problem.empty();
        sound = sound && fine;
        table.add({finding.what, fine ? "in order" : finding.problem, finding.advice});
        list.push_back({
            {"what", finding.what},
            {"in_order", fine},
            {"problem", finding.problem},
            {"advice", finding.advice},
        });
    }
    print(context.json ? list.dump(2) : table.text());
    return sound ? Exit::done : Exit::not_successful;
}

Exit show_cxml(Context& context, const std::string& campaign, const std::string& number) {
    const base::Result<base::PhoneNumber> to = campaign::read_phone_number(number);
    if (!to) {
        complain(number + ": " + to.error().detail);
        return Exit::bad_usage;
    }
    base::Result<storage::Database> database = open_to_read(context);
    if (!database) {
        complain(database.error().detail);
        return Exit::not_successful;
    }
    storage::Repository repository(*database);
    storage::SqliteStore store(*database);
    const auto stored = repository.campaign(default_tenant, campaign);
    if (!stored) {
        complain(stored.error().detail);
        return Exit::not_successful;
    }
    dialer::Switchboard switchboard;
    const dialer::PoolKey pool = dialer::PoolKey::of(stored->campaign);
    if (const auto loaded = switchboard.load(store, pool); !loaded) {
        complain(loaded.error().detail);
        return Exit::not_successful;
    }
    const auto assistants = switchboard.usable(pool);
    if (assistants.empty() && !pool.is_hangup()) {
        complain("no assistant of it is active and published");
        return Exit::not_successful;
    }
    campaign::CallerIds caller_ids(stored->campaign);
    const campaign::CallerId& caller_id = caller_ids.choose(*to, "", 0);
    const base::Result<std::string> document = dialer::answer_document(
        assistants.empty() ? nullptr : assistants.front(),
        {.session = example_session, .from = caller_id.phone_number, .to = to->reveal()}
    );
    if (!document) {
        complain(document.error().detail);
        return Exit::not_successful;
    }
    print(context.json ? ordered_json{{"cxml", *document}}.dump(2) : *document);
    return Exit::done;
}

}  // namespace cxdial::daemon
