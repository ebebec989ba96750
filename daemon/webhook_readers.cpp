#include "daemon/webhook_readers.h"

#include "api_client/cloudonix_payload.h"
#include "api_client/opbx_events.h"

#include <utility>

namespace cxdial::daemon {
namespace {

base::Result<webhook::Relayed> read_relay(std::string_view body) {
    base::Result<api_client::OpbxRelay> relay = api_client::read_opbx_relay(body);
    if (!relay) {
        return relay.error();
    }
    return webhook::Relayed{std::move(relay->event), std::move(relay->session_id)};
}

}  // namespace

webhook::Readers webhook_readers() {
    return {
        .cdr = api_client::read_cdr,
        .session_update = api_client::read_session_update,
        .callback = api_client::read_callback,
        .opbx_relay = read_relay,
    };
}

}  // namespace cxdial::daemon
