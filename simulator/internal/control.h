#pragma once

#include "net/http.h"
#include "simulator/internal/reply.h"
#include "simulator/internal/world.h"

#include <functional>
#include <utility>

namespace cxdial::simulator {

/// The control API under `/control`: no key, for whoever reaches the loopback.
///
/// `GET config`, `PATCH config` (an object of knobs; refused whole when one is wrong),
/// `GET truth` (`?destination=`, `?attempt=`, `?assistant=` for one of them, `?destinations=all`
/// for the map, `?domain=NAME&from_ms=&to_ms=` for a span of time since the counting began), `GET
/// domains`, `PATCH domains/{name}` (`requests`, `per`, `max-concurrent`, `api-key`; null: as the
/// knob), `PUT bounds` (see `Ledger::declare`; what breaks them is counted from then on), `GET
/// calls?after=ID&limit=N` (those that were placed, oldest first), `POST calls/{token}/hangup`,
/// `POST inbound-calls` (people call one of our numbers, see `read_inbound_request`; answers as its
/// GET does), `GET inbound-calls?after=ID&limit=N` and `GET inbound-calls/{token}` (see
/// `inbound_json`), `POST reset`, `POST shutdown`.
class Control {
public:
    Control(World& world, std::function<void()> on_shutdown)
        : world_(world), on_shutdown_(std::move(on_shutdown)) {}
    void handle(const net::HttpRequest& request, const Reply& reply);

private:
    void change_config(const net::HttpRequest& request, const Reply& reply);
    void show_domains(const Reply& reply);
    void change_domain(std::string_view name, const net::HttpRequest& request, const Reply& reply);
    void declare_bounds(const net::HttpRequest& request, const Reply& reply);
    void show_domain_span(
        const Domain& domain, const net::HttpRequest& request, const Reply& reply
    );
    void show_summary(const Reply& reply);
    void show_truth(const net::HttpRequest& request, const Reply& reply);
    void list_calls(const net::HttpRequest& request, const Reply& reply, bool inbound);
    /// `path` is what follows `inbound-calls`.
    void handle_inbound(const net::HttpRequest& request, std::string_view path, const Reply& reply);
    void start_inbound(const net::HttpRequest& request, const Reply& reply);
    void hang_up(std::string_view path, const Reply& reply);

    World& world_;
    std::function<void()> on_shutdown_;
};

}  // namespace cxdial::simulator
