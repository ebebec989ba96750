#pragma once

#include "balancer/assistant.h"
#include "base/result.h"
#include "cxml/name_value.h"

#include <string>
#include <string_view>
#include <vector>

namespace cxdial::dialer {

/// What a placeholder of a WebSocket URL may stand for, and what Cloudonix does when the assistant
/// cannot be reached.
struct CallFacts {
    std::string session;  ///< the session token; empty when the call has none yet
    std::string from;     ///< the caller ID shown
    std::string to;       ///< the number dialed
    /// Asked for a further document when the dial to a SIP assistant or a person has ended, with
    /// `DialCallStatus`; empty: the call ends. (`<Connect>` has no such thing.)
    std::string after_dial{};
    /// What a WebSocket assistant is told beside its own parameters, which come first and win where
    /// both have a name.
    std::vector<cxml::NamedText> parameters{};
};

/// The CXML that an answered call, or one that came in, gets; `assistant` null: `<Hangup/>`.
[[nodiscard]] base::Result<std::string> answer_document(
    const balancer::Assistant* assistant, const CallFacts& facts
);

/// Whether a verdict of the answering-machine detection (`AnsweredBy`) names a machine.
[[nodiscard]] bool is_machine(std::string_view answered_by);

}  // namespace cxdial::dialer
