#include "daemon/contact_edits.h"

#include "storage/contact_book.h"

#include <algorithm>

namespace cxdial::daemon {

namespace {

constexpr int follow_ups_at_once = 500;

/// Every active follow-up of a contact.
base::Result<std::vector<routing::FollowUp>> active_follow_ups(
    storage::ContactBook& book, const webhook::ApiContact& contact
) {
    const storage::FollowUpFilter filter{
        .tenant = contact.tenant,
        .phone_number = contact.phone_number,
        .status = routing::FollowUpStatus::active};
    std::vector<routing::FollowUp> all;
    while (true) {
        const std::int64_t after = all.empty() ? 0 : all.back().id.raw();
        const auto page = book.follow_ups(filter, {.after = after, .limit = follow_ups_at_once});
        if (!page) {
            return page.error();
        }
        all.insert(all.end(), page->begin(), page->end());
        if (static_cast<int>(page->size()) < follow_ups_at_once) {
            return all;
        }
    }
}

}  // namespace

base::Result<void> note_who_dials(
    storage::Repository& repository, const routing::FollowUp& follow_up, Campaigns& edited
) {
    if (follow_up.type != routing::FollowUpType::call) {
        return {};
    }
    std::string name = follow_up.campaign;
    if (name.empty()) {
        const auto tenant = repository.tenant(follow_up.tenant);
        if (!tenant && tenant.error().code != base::Errc::not_found) {
            return tenant.error();
        }
        name = tenant ? tenant->callback_campaign : "";
    }
    const auto campaign = repository.campaign(follow_up.tenant, name);
    if (campaign) {
        edited.push_back(campaign->id);
    } else if (campaign.error().code != base::Errc::not_found) {
        return campaign.error();
    }
    return {};
}

base::Result<bool> put_contact(
    storage::Repository& repository, const routing::Contact& contact, base::WallTime now
) {
    const auto outcome = storage::ContactBook(repository).put(contact, now);
    return outcome ? base::Result<bool>(*outcome == storage::PutOutcome::created)
                   : base::Result<bool>(outcome.error());
}

base::Result<void> remove_contact(
    storage::Repository& repository,
    const webhook::ApiContact& contact,
    base::WallTime now,
    Campaigns& edited
) {
    storage::ContactBook book(repository);
    const auto follow_ups = active_follow_ups(book, contact);
    if (!follow_ups) {
        return follow_ups.error();
    }
    for (const routing::FollowUp& follow_up : *follow_ups) {
        if (auto noted = note_who_dials(repository, follow_up, edited); !noted) {
            return noted;
        }
    }
    return book.remove(contact.tenant, contact.phone_number, now);
}

base::Result<void> edit_memory(
    storage::Repository& repository,
    const webhook::ApiContact& contact,
    const std::string& agent,
    const webhook::ApiMemoryEdit& edit,
    base::WallTime now
) {
    storage::ContactBook book(repository);
    const storage::MemoryOwner owner{contact.tenant, contact.phone_number, agent};
    return repository.atomically([&]() -> base::Result<void> {
        if (auto set = book.set_facts(owner, edit.facts, now); !set) {
            return set;
        }
        if (const auto gone = book.forget_facts(owner, edit.forgotten); !gone) {
            return gone.error();
        }
        return edit.summary ? book.set_summary(owner, *edit.summary, now) : base::Result<void>();
    });
}

base::Result<bool> forget(
    storage::Repository& repository,
    const webhook::ApiContact& contact,
    const std::string& agent,
    base::WallTime now
) {
    storage::ContactBook book(repository);
    const auto memory = book.memory(contact.tenant, contact.phone_number);
    if (!memory) {
        return memory.error();
    }
    const auto known = std::find_if(memory->begin(), memory->end(), [&](const auto& one) {
        return one.agent == agent;
    });
    if (known == memory->end()) {
        return false;
    }
    std::vector<std::string> keys;
    for (const auto& [key, value] : known->facts) {
        keys.push_back(key);
    }
    const storage::MemoryOwner owner{contact.tenant, contact.phone_number, agent};
    const base::Result<void> done = repository.atomically([&]() -> base::Result<void> {
        if (const auto gone = book.forget_facts(owner, keys); !gone) {
            return gone.error();
        }
        return book.set_summary(owner, "", now);
    });
    return done ? base::Result<bool>(true) : base::Result<bool>(done.error());
}

base::Result<webhook::ApiAddedFollowUp> add_follow_up(
    storage::Repository& repository,
    const routing::FollowUp& follow_up,
    base::WallTime now,
    Campaigns& edited
) {
    if (const auto noted = note_who_dials(repository, follow_up, edited); !noted) {
        return noted.error();
    }
    const auto added = storage::ContactBook(repository).add(follow_up, now);
    if (!added) {
        return added.error();
    }
    return webhook::ApiAddedFollowUp{added->id, added->outcome == storage::PutOutcome::created};
}

base::Result<void> cancel_follow_up(
    storage::Repository& repository, const Cancellation& wish, base::WallTime now, Campaigns& edited
) {
    storage::ContactBook book(repository);
    const auto follow_up = book.follow_up(wish.id);
    if (!follow_up) {
        return follow_up.error();
    }
    if (follow_up->tenant != wish.tenant) {
        return base::Error{base::Errc::not_found, "there is no such follow-up"};
    }
    if (auto noted = note_who_dials(repository, *follow_up, edited); !noted) {
        return noted;
    }
    return book.cancel(wish.id, wish.reason, now);
}

}  // namespace cxdial::daemon
