#include "campaign/caller_ids.h"
#include "daemon/commands_support.h"
#include "daemon/context.h"
#include "daemon/open_database.h"
#include "daemon/table.h"
#include "daemon/why.h"
#include "dialer/advice.h"
#include "dialer/answer.h"
#include "dialer/switchboard.h"
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

base::Result<void> check_campaign(
    const Context& context,
    const WhySources& sources,
    const campaign::StoredCampaign& stored,
    std::vector<Finding>& findings
) {
    const std::string what = "campaign " + stored.campaign.name;
    const std::string& domain = stored.campaign.cloudonix_domain;
    const auto& domains = context.config.cloudonix;
    const bool known = std::any_of(domains.begin(), domains.end(), [&](const auto& configured) {
        return configured.domain == domain;
    });
    if (!known && !stored.external_id) {
        findings.push_back(
            {what,
             "Cloudonix domain \"" + domain + "\" is not configured",
             "add a [[cloudonix]] table with this domain"}
        );
    }
    const auto advice = advice_on(sources, stored);
    if (!advice) {
        return advice.error();
    }
    const bool can_dial =
        std::none_of(advice->begin(), advice->end(), [](const dialer::Advice& one) {
            return one.code == cannot_dial;
        });
    if ((known || stored.external_id) && can_dial) {
        findings.push_back({what, "", ""});
    }
    for (const dialer::Advice& one : *advice) {
        findings.push_back(
            can_dial ? Finding{what, "", one.message}
                     : Finding{what, one.message, "mend the resource and apply it"}
        );
    }
    return {};
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

/// What others refuse keeps nobody from dialing; somebody should know.
base::Result<void> check_outbox(storage::Repository& repository, std::vector<Finding>& findings) {
    const auto counts = repository.outbox_counts();
    if (!counts) {
        return counts.error();
    }
    for (const auto& [queue, count] : *counts) {
        std::string advice;
        if (count.refused > 0) {
            advice = std::to_string(count.refused) +
                     " refused so far and sent again later: the log says why (message_not_taken)";
        }
        if (count.dead > 0) {
            advice += (advice.empty() ? "" : "; ") + std::to_string(count.dead) +
                      " refused for good: see /api/v1/dead-letters, where each may be sent again";
        }
        findings.push_back({"outbox " + queue, "", advice});
    }
    return {};
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
    const WhySources sources{
        .repository = repository,
        .store = store,
        .dialing = context.config.dialing,
        .has_public_url = !context.config.daemon.public_url.empty(),
        .now = context.clock.now().wall,
    };
    for (const campaign::StoredCampaign& stored : *campaigns) {
        if (stored.status == campaign::CampaignStatus::archived) {
            continue;
        }
        if (auto checked = check_campaign(context, sources, stored, findings); !checked) {
            return checked;
        }
    }
    return check_outbox(repository, findings);
}

base::Result<void> print_cxml(const Context& context, const NumberOfCampaign& asked) {
    dialer::Switchboard switchboard;
    const dialer::PoolKey pool = dialer::PoolKey::of(asked.stored.campaign);
    if (auto loaded = switchboard.load(asked.store, pool); !loaded) {
        return loaded;
    }
    const auto assistants = switchboard.usable(pool);
    if (assistants.empty() && !pool.is_hangup()) {
        return base::Error{base::Errc::conflict, "no assistant of it is active and published"};
    }
    campaign::CallerIds caller_ids(asked.stored.campaign);
    const campaign::CallerId& caller_id = caller_ids.choose(asked.number, "", 0);
    const base::Result<std::string> document = dialer::answer_document(
        assistants.empty() ? nullptr : assistants.front(),
        {.session = example_session, .from = caller_id.phone_number, .to = asked.number.reveal()}
    );
    if (!document) {
        return document.error();
    }
    print(context.json ? ordered_json{{"cxml", *document}}.dump(2) : *document);
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
    return show_number(context, campaign, number, [&](const NumberOfCampaign& asked) {
        return print_cxml(context, asked);
    });
}

}  // namespace cxdial::daemon
