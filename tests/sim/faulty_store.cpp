#include "faulty_store.h"

namespace cxdial::sim {
namespace {

// Most transactions make fewer calls; those that are shorter than the draw come off well.
constexpr std::uint64_t longest_middle = 12;

}  // namespace

FaultyStore::Fate FaultyStore::draw_fate() {
    base::Rng& dice = world_.dice();
    if (world_.now() < full_until_) {
        return Fate::commit_fails;
    }
    if (dice.chance(faults_.store_begin)) {
        return Fate::begin_fails;
    }
    if (dice.chance(faults_.store_write)) {
        return Fate::write_fails;
    }
    if (dice.chance(faults_.store_commit)) {
        return Fate::commit_fails;
    }
    if (dice.chance(faults_.store_commit_unsure)) {
        return Fate::commit_unsure;
    }
    if (dice.chance(faults_.crash_before_commit)) {
        return dice.chance(0.5) ? Fate::crash_in_the_middle : Fate::crash_before_commit;
    }
    if (dice.chance(faults_.crash_after_commit)) {
        return Fate::crash_after_commit;
    }
    return Fate::good;
}

void FaultyStore::begin() {
    committed_ = false;
    fate_ = draw_fate();
    calls_left_ = world_.dice().below(longest_middle);
    if (fate_ == Fate::begin_fails) {
        world_.note("store: begin fails");
        throw dialer::TransactionFailed("simulated: cannot begin");
    }
    real_.begin();
}

dialer::Store& FaultyStore::touch() {
    const bool breaks = fate_ == Fate::write_fails || fate_ == Fate::crash_in_the_middle;
    if (breaks && calls_left_-- == 0) {
        if (fate_ == Fate::crash_in_the_middle) {
            world_.note("crash inside a transaction");
            throw Crash{};
        }
        world_.note("store: a statement fails");
        throw dialer::TransactionFailed("simulated: disk full");
    }
    return real_;
}

void FaultyStore::commit() {
    if (fate_ == Fate::commit_fails) {
        world_.note("store: commit fails");
        throw dialer::TransactionFailed("simulated: disk full at commit");
    }
    if (fate_ == Fate::crash_before_commit) {
        world_.note("crash before commit");
        throw Crash{};
    }
    real_.commit();
    committed_ = true;
    if (fate_ == Fate::crash_after_commit) {
        world_.note("crash after commit");
        throw Crash{};
    }
    if (fate_ == Fate::commit_unsure) {
        world_.note("store: commit reported as failed");
        throw dialer::TransactionFailed("simulated: the commit's outcome is not known");
    }
}

}  // namespace cxdial::sim
