#include "daemon/api_writer.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

namespace cxdial::daemon {

using webhook::ApiAdded;
using webhook::ApiKind;
using webhook::ApiName;
using webhook::ApiPorts;
using webhook::ApiResource;
using webhook::ApiStored;

namespace {

base::Error no_room() {
    return {base::Errc::unavailable, "too much waits to be written; try again"};
}

std::string outcome_text(storage::PutOutcome outcome) {
    switch (outcome) {
        case storage::PutOutcome::created:
            return "created";
        case storage::PutOutcome::changed:
            return "changed";
        case storage::PutOutcome::unchanged:
            return "unchanged";
    }
    return "unchanged";
}

base::Result<Campaigns> concerned(
    storage::Repository& repository, const campaign::Campaign& campaign
) {
    const auto stored = repository.campaign(campaign.tenant, campaign.name);
    if (!stored) {
        return stored.error();
    }
    return Campaigns{stored->id};
}
base::Result<Campaigns> concerned(
    storage::Repository& repository, const balancer::Assistant& assistant
) {
    return repository.campaigns_using(
        storage::ResourceKind::assistant, assistant.tenant, assistant.name
    );
}
base::Result<Campaigns> concerned(
    storage::Repository& repository, const balancer::Balancer& balancer
) {
    return repository.campaigns_using(
        storage::ResourceKind::ai_load_balancer, balancer.tenant, balancer.name
    );
}
base::Result<Campaigns> concerned(
    storage::Repository& /*repository*/, const routing::DialedNumber& /*number*/
) {
    return Campaigns{};
}
/// The campaign that dials its follow-ups.
base::Result<Campaigns> concerned(storage::Repository& repository, const routing::Tenant& tenant) {
    Campaigns some;
    if (!tenant.callback_campaign.empty()) {
        const auto stored = repository.campaign(tenant.name, tenant.callback_campaign);
        if (!stored) {
            return stored.error();
        }
        some.push_back(stored->id);
    }
    return some;
}

/// Whether it counts when calls that come in are routed.
bool is_routed_by(const ApiResource& resource) {
    return !std::holds_alternative<campaign::Campaign>(resource);
}

}  // namespace

PutAll put_all(
    storage::Repository& repository, const std::vector<ApiResource>& resources, base::WallTime now
) {
    PutAll put;
    const base::Result<void> done = repository.atomically([&]() -> base::Result<void> {
        for (const ApiResource& resource : resources) {
            const base::Result<storage::PutOutcome> outcome =
                std::visit([&](const auto& known) { return repository.put(known, now); }, resource);
            if (!outcome) {
                return outcome.error();
            }
            const base::Result<Campaigns> some = std::visit(
                [&](const auto& known) { return concerned(repository, known); }, resource
            );
            if (!some) {
                return some.error();
            }
            put.stored.outcomes.push_back(outcome_text(*outcome));
            put.concerned.insert(put.concerned.end(), some->begin(), some->end());
        }
        return {};
    });
    if (!done) {
        put.stored = {.outcomes = {}, .error = done.error(), .failed = put.stored.outcomes.size()};
        put.concerned.clear();
    }
    return put;
}

base::Result<std::int64_t> suppress_all(
    storage::Repository& repository,
    std::span<const campaign::NumberOrPrefix> entries,
    const std::string& reason,
    base::WallTime now
) {
    std::int64_t added = 0;
    const base::Result<void> done = repository.atomically([&]() -> base::Result<void> {
        std::vector<base::PhoneNumber> numbers;
        for (const campaign::NumberOrPrefix& entry : entries) {
            if (const auto* number = std::get_if<base::PhoneNumber>(&entry)) {
                numbers.push_back(*number);
                continue;
            }
            const std::int64_t prefix = std::get<campaign::PhonePrefix>(entry).digits;
            const base::Result<bool> is_new = repository.suppress_prefix(prefix, reason, now);
            if (!is_new) {
                return is_new.error();
            }
            added += *is_new ? 1 : 0;
        }
        const base::Result<std::int64_t> new_numbers = repository.suppress(numbers, reason, now);
        if (!new_numbers) {
            return new_numbers.error();
        }
        added += *new_numbers;
        return {};
    });
    return done ? base::Result<std::int64_t>(added) : base::Result<std::int64_t>(done.error());
}

base::Result<bool> unsuppress(
    storage::Repository& repository, const campaign::NumberOrPrefix& entry
) {
    if (const auto* number = std::get_if<base::PhoneNumber>(&entry)) {
        return repository.unsuppress(*number);
    }
    return repository.unsuppress_prefix(std::get<campaign::PhonePrefix>(entry).digits);
}

template <class Value>
void ApiWriter::run(Work<Value> work, Done<Value> done) {
    // Shared: a job that finds no room comes back as nothing, and its sender must still be told.
    const auto answer = std::make_shared<Done<Value>>(std::move(done));
    auto job = [post = links_.post, work = std::move(work), answer](auto& repository) {
        Campaigns edited;
        auto result = work(repository, edited);
        return Inbox::Written{
            .inputs = inputs_of(edited),
            .answer =
                [post, answer, result = std::move(result)] {
                    post([answer, result] { (*answer)(result); });
                },
        };
    };
    if (!links_.run(std::move(job))) {
        (*answer)(no_room());
    }
}

void ApiWriter::connect(webhook::ApiPorts& ports) {
    ports.put = [this](std::vector<ApiResource> resources, std::function<void(ApiStored)> done) {
        put(std::move(resources), std::move(done));
    };
    ports.remove = [this](ApiKind kind, const ApiName& name, auto done) {
        remove(kind, name, std::move(done));
    };
    ports.change = [this](const ApiName& name, campaign::Transition transition, auto done) {
        change(name, transition, std::move(done));
    };
    ports.add_destinations = [this](const ApiName& name, auto rows, auto done) {
        add_destinations(name, std::move(rows), std::move(done));
    };
    ports.suppress = [this](
                         ApiPorts::NumbersAndPrefixes entries,
                         const std::string& reason,
                         Done<std::int64_t> done
                     ) {
        run<std::int64_t>(
            [entries = std::move(entries), reason, now = links_.now()](auto& repository, auto&) {
                return suppress_all(repository, entries, reason, now);
            },
            std::move(done)
        );
    };
    ports.revive = [this](std::int64_t id, Done<bool> done) {
        run<bool>([id](auto& repository, auto&) { return repository.revive(id); }, std::move(done));
    };
    ports.unsuppress = [this](const campaign::NumberOrPrefix& entry, Done<bool> done) {
        run<bool>(
            [entry](auto& repository, auto&) { return unsuppress(repository, entry); },
            std::move(done)
        );
    };
    connect_contacts(ports.contacts);
}

void ApiWriter::connect_contacts(webhook::ApiContactPorts& ports) {
    ports.now = links_.now;
    ports.put = [this](const routing::Contact& contact, Done<bool> done) {
        run<bool>(
            [contact, now = links_.now()](auto& repository, auto&) {
                return put_contact(repository, contact, now);
            },
            std::move(done)
        );
    };
    ports.remove = [this](const webhook::ApiContact& contact, Done<void> done) {
        run<void>(
            [contact, now = links_.now()](auto& repository, Campaigns& edited) {
                return remove_contact(repository, contact, now, edited);
            },
            std::move(done)
        );
    };
    ports.edit_memory = [this](
                            const webhook::ApiContact& contact,
                            const std::string& agent,
                            webhook::ApiMemoryEdit edit,
                            Done<void> done
                        ) {
        run<void>(
            [contact, agent, edit = std::move(edit), now = links_.now()](auto& repository, auto&) {
                return edit_memory(repository, contact, agent, edit, now);
            },
            std::move(done)
        );
    };
    ports.forget =
        [this](const webhook::ApiContact& contact, const std::string& agent, Done<bool> done) {
            run<bool>(
                [contact, agent, now = links_.now()](auto& repository, auto&) {
                    return forget(repository, contact, agent, now);
                },
                std::move(done)
            );
        };
    connect_follow_ups(ports);
}

void ApiWriter::connect_follow_ups(webhook::ApiContactPorts& ports) {
    using webhook::ApiAddedFollowUp;
    ports.add_follow_up = [this](const routing::FollowUp& follow_up, Done<ApiAddedFollowUp> done) {
        run<ApiAddedFollowUp>(
            [follow_up, now = links_.now()](auto& repository, Campaigns& edited) {
                return add_follow_up(repository, follow_up, now, edited);
            },
            std::move(done)
        );
    };
    ports.cancel_follow_up = [this](
                                 const std::string& tenant,
                                 campaign::FollowUpId id,
                                 const std::string& reason,
                                 Done<void> done
                             ) {
        run<void>(
            [wish = Cancellation{tenant, id, reason}, now = links_.now()](
                auto& repository, Campaigns& edited
            ) { return cancel_follow_up(repository, wish, now, edited); },
            std::move(done)
        );
    };
}

void ApiWriter::reloaded(std::function<void()> done) {
    if (links_.reload) {
        links_.reload(std::move(done));
    } else {
        done();
    }
}

void ApiWriter::put(std::vector<ApiResource> resources, std::function<void(ApiStored)> done) {
    const bool is_routing = std::any_of(resources.begin(), resources.end(), is_routed_by);
    run<ApiStored>(
        [resources = std::move(resources),
         now = links_.now()](auto& repository, Campaigns& edited) -> base::Result<ApiStored> {
            PutAll put = put_all(repository, resources, now);
            edited = std::move(put.concerned);
            return std::move(put.stored);
        },
        [this, is_routing, done = std::move(done)](const base::Result<ApiStored>& stored) {
            const ApiStored told =
                stored ? *stored : ApiStored{.outcomes = {}, .error = stored.error()};
            if (told.error || !is_routing) {
                done(told);
            } else {
                reloaded([done, told] { done(told); });
            }
        }
    );
}

void ApiWriter::remove(ApiKind kind, const ApiName& name, Done<void> done) {
    run<void>(
        [kind, name](auto& repository, auto&) {
            return repository.remove(stored_kind(kind), name.tenant, name.name);
        },
        [this, kind, done = std::move(done)](const base::Result<void>& removed) {
            if (!removed || kind == ApiKind::campaign) {
                done(removed);
            } else {
                reloaded([done, removed] { done(removed); });
            }
        }
    );
}

void ApiWriter::change(
    const ApiName& name, campaign::Transition transition, Done<std::string> done
) {
    const auto stored = reader_.campaign(name);
    if (!stored) {
        done(stored.error());
        return;
    }
    if (stored->external_id) {
        done(storage::owned_by_opbx(*stored->external_id));
        return;
    }
    const auto answer = std::make_shared<Done<std::string>>(std::move(done));
    const bool has_room = links_.submit(
        dialer::ChangeCampaign{stored->id, transition},
        [this, name, answer](const base::Result<void>& changed) {
            links_.post([this, name, answer, changed] {
                const auto now = changed ? reader_.campaign(name)
                                         : base::Result<campaign::StoredCampaign>(changed.error());
                (*answer
                )(now ? base::Result<std::string>(std::string(to_string(now->status)))
                      : base::Result<std::string>(now.error()));
            });
        }
    );
    if (!has_room) {
        (*answer)(no_room());
    }
}

void ApiWriter::add_destinations(
    const ApiName& name, std::vector<campaign::NewDestination> rows, Done<ApiAdded> done
) {
    run<ApiAdded>(
        [name,
         rows = std::move(rows)](auto& repository, Campaigns& edited) -> base::Result<ApiAdded> {
            const auto stored = repository.campaign(name.tenant, name.name);
            if (!stored) {
                return stored.error();
            }
            const auto counts = repository.add_destinations(stored->id, rows);
            if (!counts) {
                return counts.error();
            }
            edited.push_back(stored->id);
            return ApiAdded{counts->imported, counts->duplicates, counts->suppressed};
        },
        std::move(done)
    );
}

}  // namespace cxdial::daemon
