#include "cxml/providers.h"

#include <algorithm>
#include <array>

namespace cxdial::cxml {
namespace {

constexpr std::array known{
    Provider{"call2me", "call2me"},
    Provider{"call2me-tcp", "call2me"},
    Provider{"call2me-tls", "call2me"},
    Provider{"dasha", "dasha"},
    Provider{"deepvox", "deepvox"},
    Provider{"deepvox-sandbox", "deepvox"},
    Provider{"elevenlabs", "elevenlabs"},
    Provider{"fonio", "fonio"},
    Provider{"millis-eu", "millis"},
    Provider{"millis-us", "millis"},
    Provider{"modon", "modon"},
    Provider{"modon-sandbox", "modon"},
    Provider{"omnidim.im", "omnidim"},
    Provider{"openai", "openai"},
    Provider{"puretalk", "puretalk"},
    Provider{"puretalk-tcp", "puretalk"},
    Provider{"rapida", "rapida"},
    Provider{"relayhawk", "relayhawk"},
    Provider{"retell", "retell"},
    Provider{"retell-tcp", "retell"},
    Provider{"retell-tls", "retell"},
    Provider{"retell-udp", "retell"},
    Provider{"revring", "revring"},
    Provider{"ringg", "ringg"},
    Provider{"ringg-tcp", "ringg"},
    Provider{"ringg-tls", "ringg"},
    Provider{"sigmamind", "sigmamind"},
    Provider{"smallest", "smallest"},
    Provider{"superdash.ai", "superdash"},
    Provider{"synthflow", "synthflow"},
    Provider{"telnyx", "telnyx"},
    Provider{"telnyx-tcp", "telnyx"},
    Provider{"telnyx-tls", "telnyx"},
    Provider{"telnyx-udp", "telnyx"},
    Provider{"ultravox", "ultravox"},
    Provider{"vapi", "vapi"},
    Provider{"vapi-noproxy", "vapi"},
    Provider{"vapi-udp", "vapi"},
    Provider{"vogent", "vogent"},
    Provider{"voicehub", "voicehub"},
    Provider{"vomyra", "vomyra"},
    Provider{"x", "x.ai"},
};
static_assert(std::ranges::is_sorted(known, {}, &Provider::id));

constexpr std::array streams{
    StreamProvider{"assembly.ai", "wss://agents.assemblyai.com/v1/ws/{bot_id}"},
    StreamProvider{
        "cloudonix", "wss://agents.cloudonix.cloud/api/v1/agent-stream/cloudonix/{bot_id}"},
    StreamProvider{
        "deepdub",
        "wss://bot.deepdub.dev/ws/{bot_id}/{auth_token}?session={session}&from={from}&to={to}"},
    StreamProvider{"dograh", "wss://api.dograh.com/api/v1/agent-stream/cloudonix/{bot_id}"},
};
static_assert(std::ranges::is_sorted(streams, {}, &StreamProvider::id));

}  // namespace

std::span<const Provider> providers() {
    return known;
}

const Provider* find_provider(std::string_view id) {
    const auto* const found = std::ranges::lower_bound(known, id, {}, &Provider::id);
    return found != known.end() && found->id == id ? found : nullptr;
}

std::span<const StreamProvider> stream_providers() {
    return streams;
}

}  // namespace cxdial::cxml
