#include "webhook/api.h"

#include "campaign/phone.h"
#include "webhook/internal/api_impl.h"
#include "webhook/internal/api_import.h"
#include "webhook/internal/authentication.h"

#include <nlohmann/json.hpp>

#include <array>
#include <utility>

namespace cxdial::webhook {

using internal::ApiCall;
using internal::failure;

namespace {

constexpr std::string_view root = "/api/v1";
constexpr std::string_view campaign_import = "campaigns/*/destinations";
constexpr std::string_view suppression_import = "suppressions";

net::HttpResponse unauthorized() {
    net::HttpResponse response = error_response(401, "the bearer token daemon.api_token is needed");
    response.headers.add("WWW-Authenticate", "Bearer");
    return response;
}

std::optional<campaign::Transition> transition_named(std::string_view name) {
    using enum campaign::Transition;
    constexpr std::array<std::pair<std::string_view, campaign::Transition>, 4> known{
        {{"start", start}, {"pause", pause}, {"resume", resume}, {"archive", archive}}};
    for (const auto& [text, transition] : known) {
        if (text == name) {
            return transition;
        }
    }
    return std::nullopt;
}

/// `text/csv; charset=utf-8` is `text/csv`.
bool has_type(const net::HttpRequest& head, std::string_view type) {
    const std::string_view given = head.headers.find("Content-Type").value_or(std::string_view{});
    return given.substr(0, given.find_first_of("; ")) == type;
}

/// A prefix that is none is the client's mistake, and said; what else is no number is not there.
base::Result<campaign::NumberOrPrefix> entry_in(const std::string& text) {
    auto entry = campaign::read_number_or_prefix(text);
    if (!entry && campaign::looks_like_prefix(text)) {
        return base::Error{base::Errc::invalid_argument, text + ": " + entry.error().detail};
    }
    if (!entry) {
        return base::Error{base::Errc::not_found, "the path names no phone number"};
    }
    return entry;
}

}  // namespace

void internal::answer_text(const base::Result<std::string>& text, const net::Responder& responder) {
    responder.answer(text ? json_response(200, *text) : failure(text.error()));
}

void internal::answer_page(const base::Result<ApiPage>& page, const net::Responder& responder) {
    responder.answer(page ? page_response(*page) : failure(page.error()));
}

void internal::answer_gone(const base::Result<void>& removed, const net::Responder& responder) {
    responder.answer(
        removed ? net::HttpResponse{.status = 204, .headers = {}, .body = {}}
                : failure(removed.error())
    );
}

void internal::answer_gone(
    const base::Result<bool>& was_there, const char* if_not, const net::Responder& responder
) {
    if (was_there && *was_there) {
        answer_gone(base::Result<void>(), responder);
    } else if (was_there) {
        responder.answer(error_response(404, if_not));
    } else {
        answer_gone(base::Result<void>(was_there.error()), responder);
    }
}

bool Api::Impl::admits(const net::HttpRequest& request) const {
    // Without a token whoever is on this machine may ask, but no web page of another origin that
    // they look at.
    const auto origin = request.headers.find("Origin");
    const std::string own = "http://" + std::string(request.headers.find("Host").value_or(""));
    if (keys.begin()->second.empty() && origin && *origin != own) {
        return false;
    }
    return internal::authenticate(keys, request.headers).has_value();
}

void Api::Impl::change(const ApiCall& call, const net::Responder& responder) const {
    const auto transition = transition_named(call.path[2]);
    ports.change(
        call.name(),
        *transition,
        [responder, name = call.path[1]](const base::Result<std::string>& status) {
            if (!status) {
                responder.answer(failure(status.error()));
                return;
            }
            const nlohmann::ordered_json body{{"name", name}, {"status", *status}};
            responder.answer(json_response(200, body.dump()));
        }
    );
}

void Api::Impl::attempts(const ApiCall& call, const net::Responder& responder) const {
    internal::answer_page(ports.attempts(call.name(), call.slice), responder);
}

void Api::Impl::destinations(const ApiCall& call, const net::Responder& responder) const {
    const std::string named = call.filter("status");
    const auto status = campaign::parse_destination_status(named);
    if (!named.empty() && !status) {
        const FieldError wrong{"status", "is no status of a destination"};
        responder.answer(internal::unreadable_query({wrong}));
        return;
    }
    internal::answer_page(ports.destinations(call.name(), status, call.slice), responder);
}

void Api::Impl::destination(const ApiCall& call, const net::Responder& responder) const {
    const base::Result<base::PhoneNumber> number = internal::number_in(call.path[3]);
    internal::answer_text(
        number ? ports.destination(call.name(), *number) : number.error(), responder
    );
}

void Api::Impl::orphan_cdrs(const ApiCall& call, const net::Responder& responder) const {
    internal::answer_page(ports.orphan_cdrs(call.slice), responder);
}

void Api::Impl::dead_letters(const ApiCall& call, const net::Responder& responder) const {
    internal::answer_page(ports.dead_letters(call.slice), responder);
}

void Api::Impl::revive(const ApiCall& call, const net::Responder& responder) const {
    const base::Result<std::int64_t> id = internal::id_in(call.path[1]);
    if (!id) {
        responder.answer(failure(id.error()));
        return;
    }
    ports.revive(*id, [responder](const base::Result<bool>& was_there) {
        internal::answer_gone(was_there, "there is no such dead letter", responder);
    });
}

void Api::Impl::outbox(const ApiCall& /*call*/, const net::Responder& responder) const {
    internal::answer_text(ports.outbox(), responder);
}

void Api::Impl::suppressions(const ApiCall& call, const net::Responder& responder) const {
    internal::answer_page(ports.suppressions(call.slice), responder);
}

void Api::Impl::suppression(const ApiCall& call, const net::Responder& responder) const {
    const auto entry = entry_in(call.path[1]);
    internal::answer_text(entry ? ports.suppression(*entry) : entry.error(), responder);
}

void Api::Impl::unsuppress(const ApiCall& call, const net::Responder& responder) const {
    const auto entry = entry_in(call.path[1]);
    if (!entry) {
        responder.answer(failure(entry.error()));
        return;
    }
    ports.unsuppress(*entry, [responder](const base::Result<bool>& was_there) {
        internal::answer_gone(was_there, "it is not on the do-not-call list", responder);
    });
}

void Api::Impl::status(const ApiCall& call, const net::Responder& responder) const {
    internal::answer_text(ports.status(call.tenant), responder);
}

net::BodySink Api::Impl::import_destinations(
    const ApiCall& call, bool is_csv, const net::Responder& responder
) const {
    const base::Result<std::string> known = ports.show(ApiKind::campaign, call.name());
    if (!known) {
        responder.answer(failure(known.error()));
        return {};
    }
    internal::StoreBatch<campaign::NewDestination> store =
        [add = ports.add_destinations, name = call.name()](auto rows, auto done) {
            add(name, std::move(rows), std::move(done));
        };
    return internal::import_sink(
        is_csv ? internal::ImportFormat::csv : internal::ImportFormat::json,
        call.region,
        std::move(store),
        responder
    );
}

net::BodySink Api::Impl::import_suppressions(
    const ApiCall& call, bool is_csv, const net::Responder& responder
) const {
    const std::string reason = call.reason.empty() ? "added by an operator" : call.reason;
    internal::StoreBatch<campaign::NumberOrPrefix> store = [suppress = ports.suppress,
                                                            reason](auto entries, auto done) {
        const auto count = static_cast<std::int64_t>(entries.size());
        suppress(
            std::move(entries),
            reason,
            [count, done = std::move(done)](const base::Result<std::int64_t>& added) {
                if (added) {
                    done(ApiAdded{.imported = *added, .duplicates = count - *added});
                } else {
                    done(added.error());
                }
            }
        );
    };
    return internal::import_sink(
        is_csv ? internal::ImportFormat::csv : internal::ImportFormat::json,
        call.region,
        std::move(store),
        responder
    );
}

namespace {

using Answer = void (Api::Impl::*)(const ApiCall&, const net::Responder&) const;

struct Route {
    std::string_view pattern;
    std::string_view method;
    Answer answer;               ///< null: an import, which goes to `begin_stream`
    std::string_view filters{};  ///< as `read_call` takes them
};

constexpr std::array routes{
    Route{"status", "GET", &Api::Impl::status},
    Route{"apply", "POST", &Api::Impl::apply},
    Route{"orphan-cdrs", "GET", &Api::Impl::orphan_cdrs},
    Route{"dead-letters", "GET", &Api::Impl::dead_letters},
    Route{"dead-letters/*/retry", "POST", &Api::Impl::revive},
    Route{"outbox", "GET", &Api::Impl::outbox},
    Route{suppression_import, "GET", &Api::Impl::suppressions},
    Route{suppression_import, "POST", nullptr},
    Route{"suppressions/*", "GET", &Api::Impl::suppression},
    Route{"suppressions/*", "DELETE", &Api::Impl::unsuppress},
    Route{"~", "GET", &Api::Impl::list},
    Route{"~/*", "GET", &Api::Impl::show},
    Route{"~/*", "PUT", &Api::Impl::put},
    Route{"~/*", "DELETE", &Api::Impl::remove},
    Route{"campaigns/*/start", "POST", &Api::Impl::change},
    Route{"campaigns/*/pause", "POST", &Api::Impl::change},
    Route{"campaigns/*/resume", "POST", &Api::Impl::change},
    Route{"campaigns/*/archive", "POST", &Api::Impl::change},
    Route{"campaigns/*/attempts", "GET", &Api::Impl::attempts},
    Route{campaign_import, "GET", &Api::Impl::destinations, "status"},
    Route{campaign_import, "POST", nullptr},
    Route{"campaigns/*/destinations/*", "GET", &Api::Impl::destination},
    Route{"campaigns/*/inbound-returns", "GET", &Api::Impl::inbound_returns},
    Route{"contacts", "GET", &Api::Impl::contacts},
    Route{"contacts/*", "GET", &Api::Impl::contact},
    Route{"contacts/*", "PUT", &Api::Impl::put_contact},
    Route{"contacts/*", "DELETE", &Api::Impl::remove_contact},
    Route{"contacts/*/timeline", "GET", &Api::Impl::timeline},
    Route{"contacts/*/memory", "GET", &Api::Impl::memory, "agent except"},
    Route{"contacts/*/memory/*", "PUT", &Api::Impl::edit_memory},
    Route{"contacts/*/memory/*", "DELETE", &Api::Impl::forget},
    Route{"follow-ups", "GET", &Api::Impl::follow_ups, "contact agent status campaign"},
    Route{"follow-ups", "POST", &Api::Impl::add_follow_up},
    Route{"follow-ups/*", "GET", &Api::Impl::follow_up},
    Route{"follow-ups/*", "DELETE", &Api::Impl::cancel_follow_up},
    Route{"decisions", "GET", &Api::Impl::decisions, "contact campaign call_sid"},
    Route{"decisions/*", "GET", &Api::Impl::decision},
};

/// The route of a request, or the answer that there is none.
struct Found {
    const Route* route = nullptr;
    net::HttpResponse refusal;
};

Found find_route(const net::HttpRequest& request) {
    std::string allowed;
    for (const Route& route : routes) {
        if (!internal::matches(route.pattern, request.path())) {
            continue;
        }
        if (route.method == request.method) {
            return {&route, {}};
        }
        allowed.append(allowed.empty() ? "" : ", ").append(route.method);
    }
    if (allowed.empty()) {
        return {nullptr, error_response(404, "no such path")};
    }
    Found found{nullptr, error_response(405, "this path has no such method")};
    found.refusal.headers.add("Allow", allowed);
    return found;
}

}  // namespace

Api::Api(base::Secret token, ApiPorts ports)
    : impl_(std::make_shared<Impl>(std::move(token), std::move(ports))) {}

Api::~Api() = default;

bool Api::knows(std::string_view path) {
    return path.substr(0, root.size()) == root &&
           (path.size() == root.size() || path[root.size()] == '/');
}

bool Api::streams(const net::HttpRequest& head) {
    return head.method == "POST" && (internal::matches(campaign_import, head.path()) ||
                                     internal::matches(suppression_import, head.path()));
}

void Api::handle(const net::HttpRequest& request, const net::Responder& responder) {
    if (!impl_->admits(request)) {
        responder.answer(unauthorized());
        return;
    }
    Found found = find_route(request);
    if (found.route == nullptr || found.route->answer == nullptr) {
        responder.answer(std::move(found.refusal));
        return;
    }
    const auto call = internal::read_call(request, found.route->filters);
    if (const auto* wrong = std::get_if<std::vector<FieldError>>(&call)) {
        responder.answer(internal::unreadable_query(*wrong));
        return;
    }
    (*impl_.*found.route->answer)(std::get<ApiCall>(call), responder);
}

net::BodySink Api::begin_stream(const net::HttpRequest& head, const net::Responder& responder) {
    if (!impl_->admits(head)) {
        responder.answer(unauthorized());
        return {};
    }
    const auto call = internal::read_call(head);
    if (const auto* wrong = std::get_if<std::vector<FieldError>>(&call)) {
        responder.answer(internal::unreadable_query(*wrong));
        return {};
    }
    const bool is_csv = has_type(head, "text/csv");
    if (!is_csv && !has_type(head, "application/json")) {
        responder.answer(error_response(415, "Content-Type must be text/csv or application/json"));
        return {};
    }
    const auto& read = std::get<ApiCall>(call);
    return internal::matches(campaign_import, head.path())
               ? impl_->import_destinations(read, is_csv, responder)
               : impl_->import_suppressions(read, is_csv, responder);
}

}  // namespace cxdial::webhook
