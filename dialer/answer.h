#pragma once

#include "balancer/assistant.h"
#include "base/result.h"

#include <string>
#include <string_view>

namespace cxdial::dialer {

/// What a placeholder of a WebSocket URL may stand for, and what Cloudonix does when the assistant
/// cannot be reached.
struct CallFacts {
    std::string session;  ///< the session token; empty when the call has none yet
    std::string from;     ///< the caller ID shown
    std::string to;       ///< the number dialed
    /// Asked for a further document when the dial to a SIP assistant has ended, with
    /// `DialCallStatus`; empty: the call ends. (`<Connect>` has no such thing.)
    std::string after_dial{};
};

/// The CXML that an answered call gets; `assistant` null: `<Hangup/>`.
[[nodiscard]] base::Result<std::string> answer_document(
    const balancer::Assistant* assistant, const CallFacts& facts
);

/// Whether a verdict of the answering-machine detection (`AnsweredBy`) names a machine.
[[nodiscard]] bool is_machine(std::string_view answered_by);

}  // namespace cxdial::dialer
