#include "faults.h"

namespace cxdial::sim {

Faults draw_faults(base::Rng& dice) {
    const auto draw = [&](double most) {
        const bool happens = dice.chance(0.5);
        const double share = dice.uniform();
        return happens ? share * most : 0.0;
    };
    Faults faults;
    faults.not_sent = draw(0.2);
    faults.refused = draw(0.2);
    faults.refused_domain = draw(0.05);
    faults.rate_limited = draw(0.2);
    faults.error_without_effect = draw(0.2);
    faults.error_with_effect = draw(0.2);
    faults.lost = draw(0.2);
    faults.reply_lost = draw(0.3);
    faults.accepted_late = draw(0.3);
    faults.reply_cut = draw(0.2);
    faults.slow = draw(0.3);

    faults.webhook_duplicated = draw(0.6);
    faults.webhook_reordered = draw(0.5);
    faults.webhook_delayed = draw(0.3);
    faults.webhook_lost = draw(0.5);
    faults.webhook_foreign = draw(0.1);
    faults.webhook_anonymous = draw(0.5);
    faults.webhook_of_the_past = draw(0.5);

    faults.look_up_stale = draw(0.5);
    faults.look_up_missing = draw(0.5);
    faults.look_up_unavailable = draw(0.5);
    faults.list_stale = draw(0.8);
    faults.list_unavailable = draw(0.5);

    faults.question_lost = draw(0.2);
    faults.assistant_dies = draw(0.4);
    faults.limit_lowered = draw(0.4);

    faults.crash_before_commit = draw(0.02);
    faults.crash_after_commit = draw(0.02);
    faults.crash_between_effects = draw(0.05);
    faults.slow_tick = draw(0.1);
    faults.long_downtime = draw(0.3);
    faults.wall_jump = draw(0.3);

    faults.store_begin = draw(0.02);
    faults.store_write = draw(0.02);
    faults.store_commit = draw(0.03);
    faults.store_commit_unsure = draw(0.01);
    faults.disk_full = draw(0.2);

    faults.no_credit = draw(0.02);
    faults.operator_pauses = draw(0.3);
    faults.destinations_added = draw(0.5);
    faults.suppressions = draw(0.3);
    faults.campaign_edits = draw(0.5);
    faults.pool_edits = draw(0.5);
    faults.domain_edits = draw(0.2);
    faults.people_call = draw(0.8);
    return faults;
}

}  // namespace cxdial::sim
