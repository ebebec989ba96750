#pragma once

#include "net/http.h"
#include "net/http_client.h"
#include "simulator/internal/call.h"
#include "simulator/internal/notices.h"
#include "simulator/options.h"

#include <chrono>
#include <functional>
#include <map>
#include <string>

namespace cxdial::simulator {

/// What the interpreter needs of the world around it. A continuation is not called when the call
/// has ended or gone another way meanwhile.
class CallHost {
public:
    virtual ~CallHost() = default;
    virtual void wait(
        Call& call, std::chrono::milliseconds delay, std::function<void(Call&)> then
    ) = 0;
    virtual void fetch(
        Call& call, net::HttpRequest request, std::function<void(Call&, net::HttpOutcome)> then
    ) = 0;
    /// A call that came in is answered now, unless it is already.
    virtual void pick_up(Call& call) = 0;
    /// A caller who is not answered yet hears it ring.
    virtual void ring_back(Call& call) = 0;
    /// The call ends as an answered one.
    virtual void hang_up(Call& call) = 0;
    /// The call ends unanswered.
    virtual void refuse(Call& call, CallStatus status) = 0;
    /// The call ends with an error, as answered if it was: nobody took it.
    virtual void give_up(Call& call, const std::string& why) = 0;
    /// The call is sent to an assistant. False: it is dead.
    [[nodiscard]] virtual bool connect_to(Call& call, const std::string& assistant) = 0;
    /// The talk that `connect_to` began is over.
    virtual void leave_assistant(Call& call) = 0;
    /// The call ends because its program is broken; `why` is counted as a CXML error.
    virtual void fail(Call& call, const std::string& why) = 0;
};

/// Interprets CXML on answered calls, and on calls that came in and wait for it. Stateless: where a
/// call is lies in its `script`.
class CxmlPlayer {
public:
    CxmlPlayer(CallHost& host, Notices& notices, const Options& options)
        : host_(host), notices_(notices), options_(options) {}

    /// Starts with what the call request says.
    void start(Call& call);
    /// Drops what runs and starts with another document: an inline one, or one that is fetched.
    void restart_inline(Call& call, const std::string& document);
    void restart_at(Call& call, const std::string& url, const std::string& method);
    /// The assistant that the call talks to is gone: what follows the talk begins.
    static void cut_talk(Call& call);

private:
    using Extras = std::map<std::string, std::string>;
    /// True: done at once, go on with the next verb.
    using Verb = bool (CxmlPlayer::*)(Call&, const CxmlElement&);

    void load(Call& call, const std::string& document, const std::string& url);
    void fetch(Call& call, const std::string& url, const std::string& method, const Extras& extras);
    void on_fetched(Call& call, const std::string& url, const net::HttpOutcome& outcome);
    void play_on(Call& call);
    bool play(Call& call, const CxmlElement& verb);

    bool hangup(Call& call, const CxmlElement& verb);
    bool reject(Call& call, const CxmlElement& verb);
    bool pause(Call& call, const CxmlElement& verb);
    bool say_or_play(Call& call, const CxmlElement& verb);
    bool gather(Call& call, const CxmlElement& verb);
    bool dial(Call& call, const CxmlElement& verb);
    bool connect(Call& call, const CxmlElement& verb);
    bool start_stream(Call& call, const CxmlElement& verb);
    bool stop_stream(Call& call, const CxmlElement& verb);
    bool redirect(Call& call, const CxmlElement& verb);
    bool record(Call& call, const CxmlElement& verb);
    bool talk_on(Call& call, const CxmlElement& verb);

    [[nodiscard]] std::chrono::milliseconds length_of(Call& call, const CxmlElement& verb) const;
    /// Talks for `time`, then goes on with `then` unless the callee hangs up.
    void talk(Call& call, std::chrono::milliseconds time, std::function<void(Call&)> then);
    [[nodiscard]] std::chrono::milliseconds talk_time(Call& call) const;
    /// The documents are over.
    void end_of_program(Call& call);
    /// Nobody took the Dial; `outcome` in the words of DialCallStatus.
    void dial_failed(Call& call, const CxmlElement& verb, const std::string& outcome);
    void dial_failed_after(
        std::chrono::milliseconds time,
        Call& call,
        const CxmlElement& verb,
        const std::string& outcome
    );
    void dial_talk(Call& call, const CxmlElement& verb);
    void stream_to_dead(Call& call, const CxmlElement& verb);
    /// The next stage when there is an action (or `by_default`), else the next verb.
    void follow(
        Call& call, const CxmlElement& verb, const std::string& by_default, const Extras& extras
    );
    void stream_event(Call& call, const CxmlElement& verb, const std::string& event);

    CallHost& host_;
    Notices& notices_;
    const Options& options_;
};

/// `reference` as an absolute URL, seen from a document at `base`. Empty when it cannot be one.
[[nodiscard]] std::string resolve_url(const std::string& base, const std::string& reference);

}  // namespace cxdial::simulator
