#pragma once

#include "campaign/resource_json.h"
#include "webhook/api.h"
#include "webhook/internal/api_call.h"

#include <map>
#include <string>
#include <vector>

namespace cxdial::webhook {

struct Api::Impl {
    Impl(base::Secret token, ApiPorts ports_given)
        : keys{{"", std::move(token)}}, ports(std::move(ports_given)) {}

    std::map<std::string, base::Secret> keys;  ///< as `internal::authenticate` takes them
    ApiPorts ports;

    [[nodiscard]] bool admits(const net::HttpRequest& request) const;

    // api_resources.cpp
    void list(const internal::ApiCall& call, const net::Responder& responder) const;
    void show(const internal::ApiCall& call, const net::Responder& responder) const;
    void put(const internal::ApiCall& call, const net::Responder& responder) const;
    void remove(const internal::ApiCall& call, const net::Responder& responder) const;
    void apply(const internal::ApiCall& call, const net::Responder& responder) const;

    // api_contacts.cpp
    void contacts(const internal::ApiCall& call, const net::Responder& responder) const;
    void contact(const internal::ApiCall& call, const net::Responder& responder) const;
    void put_contact(const internal::ApiCall& call, const net::Responder& responder) const;
    void remove_contact(const internal::ApiCall& call, const net::Responder& responder) const;
    void timeline(const internal::ApiCall& call, const net::Responder& responder) const;
    void memory(const internal::ApiCall& call, const net::Responder& responder) const;
    void edit_memory(const internal::ApiCall& call, const net::Responder& responder) const;
    void forget(const internal::ApiCall& call, const net::Responder& responder) const;
    void follow_ups(const internal::ApiCall& call, const net::Responder& responder) const;
    void follow_up(const internal::ApiCall& call, const net::Responder& responder) const;
    void add_follow_up(const internal::ApiCall& call, const net::Responder& responder) const;
    void cancel_follow_up(const internal::ApiCall& call, const net::Responder& responder) const;
    void decisions(const internal::ApiCall& call, const net::Responder& responder) const;
    void decision(const internal::ApiCall& call, const net::Responder& responder) const;
    void inbound_returns(const internal::ApiCall& call, const net::Responder& responder) const;

    // api.cpp
    void change(const internal::ApiCall& call, const net::Responder& responder) const;
    void attempts(const internal::ApiCall& call, const net::Responder& responder) const;
    void destinations(const internal::ApiCall& call, const net::Responder& responder) const;
    void destination(const internal::ApiCall& call, const net::Responder& responder) const;
    void orphan_cdrs(const internal::ApiCall& call, const net::Responder& responder) const;
    void dead_letters(const internal::ApiCall& call, const net::Responder& responder) const;
    void revive(const internal::ApiCall& call, const net::Responder& responder) const;
    void outbox(const internal::ApiCall& call, const net::Responder& responder) const;
    void suppressions(const internal::ApiCall& call, const net::Responder& responder) const;
    void suppression(const internal::ApiCall& call, const net::Responder& responder) const;
    void unsuppress(const internal::ApiCall& call, const net::Responder& responder) const;
    void status(const internal::ApiCall& call, const net::Responder& responder) const;
    [[nodiscard]] net::BodySink import_destinations(
        const internal::ApiCall& call, bool is_csv, const net::Responder& responder
    ) const;
    [[nodiscard]] net::BodySink import_suppressions(
        const internal::ApiCall& call, bool is_csv, const net::Responder& responder
    ) const;
};

namespace internal {

/// Answers the value as it is, or what kept it away.
void answer_text(const base::Result<std::string>& text, const net::Responder& responder);
void answer_page(const base::Result<ApiPage>& page, const net::Responder& responder);
/// Answers that it is gone, or what kept it.
void answer_gone(const base::Result<void>& removed, const net::Responder& responder);
/// Answers that it is gone, that it was not there, in these words, or what kept it.
void answer_gone(
    const base::Result<bool>& was_there, const char* if_not, const net::Responder& responder
);

[[nodiscard]] std::vector<FieldError> fields_of(const campaign::FieldErrors& errors);
/// Puts what the body describes into the call's tenant, unless the body names that itself; what is
/// wrong otherwise.
[[nodiscard]] std::vector<FieldError> fit_to_tenant(const ApiCall& call, std::string& tenant);

}  // namespace internal
}  // namespace cxdial::webhook
