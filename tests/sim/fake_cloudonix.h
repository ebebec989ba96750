#pragma once

#include "base/phone_number.h"
#include "base/result.h"
#include "campaign/disposition.h"
#include "campaign/ids.h"
#include "dialer/effects.h"
#include "dialer/events.h"

#include "faults.h"
#include "world.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace cxdial::sim {

/// A call that Cloudonix accepted: the truth about it, past and future.
struct Call {
    campaign::AttemptId attempt;
    campaign::SessionToken token;
    base::PhoneNumber number;
    std::string domain;
    dialer::CallRequest request;
    base::MonoTime accepted{};
    std::optional<base::MonoTime> ringing;
    base::MonoTime rings_until{};
    std::optional<base::MonoTime> answered;
    base::MonoTime ended = base::MonoTime::max();  ///< not before it is certain
    campaign::Disposition disposition = campaign::Disposition::failed;
    /// Its webhooks carry no id of ours.
    bool anonymous = false;
    /// OPBX placed it: whatever is told of it names its number, and no attempt.
    bool by_opbx = false;

    base::Millis talk{0};        ///< with an assistant
    std::string answered_by;     ///< by the answering-machine detection; empty: it was off
    bool verdict_heard = false;  ///< the dialer answered a question that told it so
    std::string assistant;       ///< whom it is connected to; empty: nobody
    std::uint64_t question = 0;  ///< whose answer is awaited; 0: none
    std::uint64_t plan = 0;      ///< of its end; a later one replaces it
};

/// How the people who are called behave.
struct People {
    std::uint64_t answer_percent = 55;
    std::uint64_t machine_percent = 40;  ///< of those that are answered, where anybody listens
    base::Millis longest_talk{0};        ///< 0: by the call's time limit
};

/// Who is told of the truth, and who receives the webhooks and questions.
class Witness {
public:
    virtual ~Witness() = default;
    virtual void on_accepted(const Call& call) = 0;
    virtual void on_ringing(const Call& call) = 0;
    virtual void on_ended(const Call& call) = 0;
    /// The call was connected to the assistant that is named in it.
    virtual void on_connected(const Call& call, bool dead) = 0;
    virtual void on_disconnected(const Call& call) = 0;
    /// A request was refused because the domain's limit, which had been lowered, was exceeded.
    virtual void on_overrun(const std::string& domain) = 0;
    /// `answered` is called with whether the webhook was answered with 200, if it ever was.
    virtual void on_webhook(
        const dialer::WebhookReceived& webhook, std::function<void(bool)> answered
    ) = 0;
    /// To be answered by `FakeCloudonix::connect`.
    virtual void on_question(const dialer::CallAnswered& asked) = 0;
};

/// Cloudonix, the network to it, the people it calls and the assistants it connects them to.
/// Behaves as the REST API and its webhooks are known to, at their worst as often as the faults
/// say.
class FakeCloudonix {
public:
    struct Domain {
        int requests = 0;  ///< 0: no limit
        base::Millis per{0};
        /// How old a session list may be.
        base::Millis list_age_max{0};
        int lowered_to = 0;  ///< what it bears until then
        base::MonoTime lowered_until{};
    };
    using Placed = std::function<void(dialer::Delivery)>;
    using LookedUp = std::function<void(decltype(dialer::LookUpReply::answer))>;
    using Listed = std::function<void(decltype(dialer::SessionListReply::answer))>;

    FakeCloudonix(World& world, const Faults& faults, Witness& witness);
    void add_domain(const std::string& name, const Domain& domain) { domains_[name] = domain; }
    void set_people(const People& people) { people_ = people; }
    /// The assistant that `<Service>` names by this text.
    void add_assistant(const std::string& number, const std::string& name) {
        assistants_[number] = name;
    }

    // Requests of the dialer; each is answered once, some time later.
    /// False: it never left the dialer's machine.
    bool place(const dialer::PlaceCall& wanted, Placed reply);
    void look_up(const dialer::LookUpSession& wanted, LookedUp reply);
    void list(const dialer::ListSessions& wanted, Listed reply);
    /// The answer to a question.
    void connect(std::uint64_t question, const base::Result<std::string>& document);

    void hang_up(const dialer::EndSession& wanted);

    // fake_inbound.cpp: calls that come in
    /// Somebody calls the domain, and is not answered yet.
    [[nodiscard]] Call& call_in(base::PhoneNumber number, const std::string& domain);
    void answer_in(Call& call);
    void end_in(Call& call);

    // What happens to it
    /// Takes no call any more, and loses those it has; or takes calls again.
    void set_dead(const std::string& assistant, bool dead);
    /// Bears fewer requests than was agreed, for a while.
    void lower_limit(const std::string& domain, int requests, base::Millis time);
    /// The agreed limit is at least so much from now on.
    void raise_limit(const std::string& domain, int requests);
    /// Faults end: everybody lives, limits are as agreed.
    void recover();

    /// Every call ever accepted, in that order.
    [[nodiscard]] const std::list<Call>& calls() const { return calls_; }
    /// Requests that were refused because the domain's limit was exceeded.
    [[nodiscard]] int overruns() const { return overruns_; }
    [[nodiscard]] bool is_dead(const std::string& assistant) const {
        return dead_.contains(assistant);
    }

private:
    // fake_cloudonix.cpp: requests
    [[nodiscard]] bool overrun(const std::string& domain);
    void place_badly(const dialer::PlaceCall& wanted, base::MonoTime deadline, const Placed& reply);
    [[nodiscard]] std::optional<dialer::Delivery> refusal();
    [[nodiscard]] std::optional<dialer::SessionReport> seen_at(
        const Call& call, base::MonoTime when
    ) const;

    // fake_calls.cpp: the life of a call
    /// Starts the call, unless its deadline has passed.
    [[nodiscard]] const Call* accept(const dialer::PlaceCall& wanted, base::MonoTime deadline);
    void draw_person(Call& call, base::MonoTime deadline);
    void begin(Call& call);
    void on_answer(Call& call);
    /// `dialed`: what the address says that is asked.
    void ask(Call& call, const std::vector<std::string>& dialed, const std::string& dial_status);
    void follow(Call& call, const std::string& document);
    /// `dialed`: what is said when the dial has ended; empty: nobody is asked then.
    void dial(Call& call, const std::string& assistant, const std::vector<std::string>& dialed);
    void disconnect(Call& call);
    void finish(Call& call, base::MonoTime at);
    void end(Call& call);

    // fake_webhooks.cpp: what it tells
    void send_webhook(const Call& call, dialer::WebhookReceived::Kind kind, base::MonoTime when);
    void send_foreign_webhook();
    void deliver(const dialer::WebhookReceived& webhook, int tries);
    [[nodiscard]] campaign::SessionToken new_token();

    World& world_;
    const Faults& faults_;
    Witness& witness_;
    People people_;
    std::map<std::string, Domain> domains_;
    std::map<std::string, std::deque<base::MonoTime>> received_;
    std::list<Call> calls_;
    std::list<Call> inbound_;
    std::map<campaign::SessionToken, Call*> by_token_;
    std::map<std::string, std::string> assistants_;  ///< by the text of `<Service>`
    std::set<std::string> dead_;
    std::map<std::uint64_t, Call*> asked_;
    std::uint64_t questions_ = 0;
    bool sends_updates_;
    std::uint64_t webhooks_ = 0;
    int overruns_ = 0;
};

}  // namespace cxdial::sim
