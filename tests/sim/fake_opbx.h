#pragma once

#include "campaign/ids.h"
#include "dialer/effects.h"
#include "dialer/events.h"

#include "fake_cloudonix.h"
#include "world.h"

#include <cstdint>
#include <functional>
#include <map>

namespace cxdial::sim {

/// How likely each thing goes wrong at OPBX, 0 to 1; a run has an OPBX when this is there.
struct OpbxFaults {
    double refused = 0;     ///< a request is turned away, and nothing came of it
    double lost = 0;        ///< a request is lost, and nobody says so
    double held = 0;        ///< it hands a call on late
    double reply_lost = 0;  ///< it placed the call, or did not, and nobody says so
    double row_lost = 0;    ///< it placed the call, died, and has no row of it
    double down = 0;        ///< each poll: it is away until a later one

    double told = 0;  ///< it says by itself how its call ended
    double told_late = 0;
    double told_twice = 0;
    double told_without_token = 0;
};

/// OPBX, who is asked for calls and has Cloudonix place them. To Cloudonix they are its own: they
/// name no attempt, and may start minutes later. Whoever hears of them is told a number and a time,
/// or OPBX's id of the call.
class FakeOpbx {
public:
    struct Links {
        /// The engine is told; lost when the daemon is down.
        std::function<void(dialer::Input)> tell;
        std::function<void(const dialer::WebhookReceived&)> webhook;
    };

    FakeOpbx(World& world, const OpbxFaults& faults, FakeCloudonix& cloudonix, Links links);

    /// Polls from now on: the daemon finds it there, or not.
    void start();
    /// False: the request never left the dialer's machine, or was turned away at the door.
    bool place(const dialer::PlaceCall& wanted, const FakeCloudonix::Placed& reply);
    /// A call that it placed is over.
    void on_ended(const Call& call);
    /// Faults end.
    void recover() { faults_ = {.told = faults_.told}; }

private:
    void poll();
    void hand_on(const dialer::PlaceCall& wanted, const FakeCloudonix::Placed& reply);
    void tell(const Call& call, campaign::OpbxSessionId session);

    World& world_;
    OpbxFaults faults_;
    FakeCloudonix& cloudonix_;
    Links links_;
    std::int64_t rows_ = 0;
    std::map<campaign::SessionToken, campaign::OpbxSessionId> sessions_;
};

}  // namespace cxdial::sim
