#include "daemon/cloudonix_link.h"

#include "base/log.h"

#include <optional>
#include <utility>

namespace cxdial::daemon {
namespace {

constexpr const char* unknown_domain = "no such domain is configured";

}  // namespace

void CloudonixLink::connect(const api_client::CloudonixClient::Settings& settings) {
    clients_[settings.domain] =
        std::make_unique<api_client::CloudonixClient>(http_, clock_, settings);
}

api_client::CloudonixClient* CloudonixLink::client(const std::string& domain) {
    const auto position = clients_.find(domain);
    return position == clients_.end() ? nullptr : position->second.get();
}

void CloudonixLink::place(
    const dialer::PlaceCall& call, std::function<void(dialer::PlacementReply)> done
) {
    api_client::CloudonixClient* known = client(call.domain);
    if (known == nullptr) {
        done({call.attempt, dialer::NotSent{unknown_domain}});
        return;
    }
    known->place(
        call.attempt,
        call.request,
        [id = call.attempt, done = std::move(done)](dialer::Delivery delivery) {
            done({id, std::move(delivery)});
        }
    );
}

void CloudonixLink::look_up(const dialer::LookUpSession& look_up) {
    api_client::CloudonixClient* known = client(look_up.domain);
    if (known == nullptr) {
        reply_(dialer::LookUpReply{look_up.attempt, dialer::LookUpFailed{.why = unknown_domain}});
        return;
    }
    known->get_session(look_up.token, [this, id = look_up.attempt](auto answer) {
        reply_(dialer::LookUpReply{id, std::move(answer)});
    });
}

void CloudonixLink::list(const dialer::ListSessions& list) {
    api_client::CloudonixClient* known = client(list.domain);
    if (known == nullptr) {
        reply_(dialer::SessionListReply{
            list.domain, dialer::LookUpFailed{.why = unknown_domain}, list.asked_at});
        return;
    }
    known->list_sessions([this, list](auto answer) {
        reply_(dialer::SessionListReply{list.domain, std::move(answer), list.asked_at});
    });
}

void CloudonixLink::hang_up(const dialer::EndSession& end) {
    api_client::CloudonixClient* known = client(end.domain);
    if (known == nullptr) {
        return;
    }
    known->delete_session(
        end.token,
        std::nullopt,
        [id = end.attempt](const base::Result<void>& done) {
            if (!done) {
                base::log_warn(
                    "call_not_hung_up", {{"attempt", id.raw()}, {"why", done.error().detail}}
                );
            }
        }
    );
}

}  // namespace cxdial::daemon
