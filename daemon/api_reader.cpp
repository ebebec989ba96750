#include "daemon/api_reader.h"

#include "daemon/campaign_view.h"
#include "daemon/internal/pages.h"

#include <utility>

namespace cxdial::daemon {

using nlohmann::ordered_json;
using webhook::ApiKind;
using webhook::ApiName;
using webhook::ApiPage;
using webhook::ApiSlice;

namespace {

constexpr int campaigns_at_once = 500;

base::Error not_on_the_list() {
    return {base::Errc::not_found, "it is not on the do-not-call list"};
}

}  // namespace

storage::ResourceKind stored_kind(ApiKind kind) {
    switch (kind) {
        case ApiKind::campaign:
            return storage::ResourceKind::campaign;
        case ApiKind::assistant:
            return storage::ResourceKind::assistant;
        case ApiKind::ai_load_balancer:
            return storage::ResourceKind::ai_load_balancer;
        case ApiKind::agent:
            return storage::ResourceKind::agent;
        case ApiKind::phone_number:
            return storage::ResourceKind::phone_number;
        case ApiKind::tenant:
            return storage::ResourceKind::tenant;
    }
    return storage::ResourceKind::campaign;
}

void ApiReader::connect(webhook::ApiPorts& ports) {
    ports.list = [this](ApiKind kind, const std::string& tenant, const ApiSlice& slice) {
        return list(kind, tenant, slice);
    };
    ports.show = [this](ApiKind kind, const ApiName& name) { return show(kind, name); };
    ports.attempts = [this](const ApiName& name, const ApiSlice& slice) {
        return attempts(name, slice);
    };
    ports.destinations = [this](const ApiName& name, auto only, const ApiSlice& slice) {
        return destinations(name, only, slice);
    };
    ports.destination = [this](const ApiName& name, base::PhoneNumber number) {
        return destination(name, number);
    };
    ports.orphan_cdrs = [this](const ApiSlice& slice) { return orphan_cdrs(slice); };
    ports.dead_letters = [this](const ApiSlice& slice) { return dead_letters(slice); };
    ports.outbox = [this] { return outbox(); };
    ports.suppressions = [this](const ApiSlice& slice) { return suppressions(slice); };
    ports.suppression = [this](const campaign::NumberOrPrefix& entry) {
        return suppression(entry);
    };
    ports.status = [this](const std::string& tenant) { return status(tenant); };
    contacts_.connect(ports.contacts);
}

base::Result<storage::Repository*> ApiReader::repository() {
    if (!repository_) {
        storage::Database::Options options;
        options.access = storage::Database::Access::read_only;
        options.lock = false;
        base::Result<storage::Database> opened = storage::Database::open(path_, options);
        if (!opened) {
            return opened.error();
        }
        database_.emplace(std::move(*opened));
        repository_ = std::make_unique<storage::Repository>(*database_);
        store_ = std::make_unique<storage::SqliteStore>(*database_);
    }
    return repository_.get();
}

base::Result<campaign::StoredCampaign> ApiReader::campaign(const ApiName& name) {
    const auto opened = repository();
    if (!opened) {
        return opened.error();
    }
    return (*opened)->campaign(name.tenant, name.name);
}

ApiReader::Page ApiReader::list(ApiKind kind, const std::string& tenant, const ApiSlice& slice) {
    const auto opened = repository();
    if (!opened) {
        return opened.error();
    }
    const storage::NamePage page{.after = slice.after, .limit = slice.limit + 1};
    switch (kind) {
        case ApiKind::campaign:
            return page_of((*opened)->campaigns(tenant, page), slice.limit);
        case ApiKind::assistant:
            return page_of((*opened)->assistants(tenant, page), slice.limit);
        case ApiKind::ai_load_balancer:
            return page_of((*opened)->balancers(tenant, page), slice.limit);
        case ApiKind::agent:
            return page_of((*opened)->agents(tenant, page), slice.limit);
        case ApiKind::phone_number:
            return page_of((*opened)->dialed_numbers(tenant, page), slice.limit);
        case ApiKind::tenant:
            return page_of((*opened)->tenants(page), slice.limit);
    }
    return ApiPage{};
}

ApiReader::Text ApiReader::show(ApiKind kind, const ApiName& name) {
    const auto opened = repository();
    if (!opened) {
        return opened.error();
    }
    switch (kind) {
        case ApiKind::campaign:
            return show_campaign(name);
        case ApiKind::assistant:
            return text_of((*opened)->assistant(name.tenant, name.name));
        case ApiKind::ai_load_balancer:
            return text_of((*opened)->balancer(name.tenant, name.name));
        case ApiKind::agent:
            return text_of((*opened)->agent(name.tenant, name.name));
        case ApiKind::phone_number:
            return text_of((*opened)->dialed_number(name.tenant, name.name));
        case ApiKind::tenant:
            return text_of((*opened)->tenant(name.name));
    }
    return std::string();
}

ApiReader::Text ApiReader::show_campaign(const ApiName& name) {
    const auto stored = campaign(name);
    if (!stored) {
        return stored.error();
    }
    const auto shown = campaign_view(sources(), *stored);
    return shown ? Text(dumped(*shown)) : Text(shown.error());
}

ApiReader::Page ApiReader::attempts(const ApiName& name, const ApiSlice& slice) {
    const auto stored = campaign(name);
    if (!stored) {
        return stored.error();
    }
    const auto page = id_page(slice);
    return page ? page_of(repository_->attempts(stored->id, *page), slice.limit)
                : Page(page.error());
}

ApiReader::Page ApiReader::destinations(
    const ApiName& name, std::optional<campaign::DestinationStatus> only, const ApiSlice& slice
) {
    const auto stored = campaign(name);
    if (!stored) {
        return stored.error();
    }
    if (!only) {
        const auto page = id_page(slice);
        return page ? page_of(repository_->destinations(stored->id, *page), slice.limit)
                    : Page(page.error());
    }
    return chosen_page(
        slice,
        [&](const storage::IdPage& page) { return repository_->destinations(stored->id, page); },
        [&](const storage::DestinationRecord& row) { return row.status == *only; }
    );
}

ApiReader::Text ApiReader::destination(const ApiName& name, base::PhoneNumber number) {
    const auto stored = campaign(name);
    if (!stored) {
        return stored.error();
    }
    const auto found = repository_->destination(stored->id, number);
    if (!found) {
        return found.error();
    }
    ordered_json shown = view(*found);
    const auto why = why_destination(sources(), *stored, number);
    if (!why) {
        return why.error();
    }
    shown["why"] = view(*why);
    return dumped(shown);
}

WhySources ApiReader::sources() {
    return {
        .repository = *repository_,
        .store = *store_,
        .dialing = dialing_,
        .is_dialing = true,
        .has_public_url = has_public_url_,
        .now = clock_.now().wall,
    };
}

ApiReader::Page ApiReader::orphan_cdrs(const ApiSlice& slice) {
    const auto opened = repository();
    if (!opened) {
        return opened.error();
    }
    const auto page = id_page(slice);
    return page ? page_of((*opened)->orphan_cdrs(*page), slice.limit) : Page(page.error());
}

ApiReader::Page ApiReader::dead_letters(const ApiSlice& slice) {
    const auto opened = repository();
    if (!opened) {
        return opened.error();
    }
    const auto page = id_page(slice);
    return page ? page_of((*opened)->dead_letters(*page), slice.limit) : Page(page.error());
}

ApiReader::Text ApiReader::outbox() {
    const auto opened = repository();
    if (!opened) {
        return opened.error();
    }
    const auto counts = (*opened)->outbox_counts();
    return counts ? Text(dumped(view(*counts))) : Text(counts.error());
}

ApiReader::Page ApiReader::suppressions(const ApiSlice& slice) {
    const auto opened = repository();
    if (!opened) {
        return opened.error();
    }
    // The prefixes come first; a cursor among them is the prefix as users write it.
    if (!slice.after.empty() && !campaign::looks_like_prefix(slice.after)) {
        const auto page = id_page(slice);
        return page ? page_of((*opened)->suppressions(*page), slice.limit) : Page(page.error());
    }
    const auto prefixes = (*opened)->suppressed_prefixes();
    if (!prefixes) {
        return prefixes.error();
    }
    std::int64_t after = 0;
    if (const auto last = campaign::read_number_or_prefix(slice.after)) {
        after = std::get<campaign::PhonePrefix>(*last).digits;
    }
    ordered_json items = ordered_json::array();
    for (const storage::SuppressedPrefix& entry : *prefixes) {
        if (entry.prefix <= after) {
            continue;
        }
        items.push_back(view(entry));
        if (static_cast<int>(items.size()) == slice.limit) {
            return ApiPage{
                .items = dumped(items), .next = campaign::PhonePrefix{entry.prefix}.text()};
        }
    }
    const int room = slice.limit - static_cast<int>(items.size());
    return page_of(
        (*opened)->suppressions({.after = 0, .limit = room + 1}), room, std::move(items)
    );
}

ApiReader::Text ApiReader::suppression(const campaign::NumberOrPrefix& entry) {
    const auto opened = repository();
    if (!opened) {
        return opened.error();
    }
    if (const auto* prefix = std::get_if<campaign::PhonePrefix>(&entry)) {
        return suppressed_prefix(*prefix);
    }
    const auto found = (*opened)->suppression(std::get<base::PhoneNumber>(entry));
    if (!found) {
        return found.error();
    }
    return *found ? Text(dumped(view(**found))) : Text(not_on_the_list());
}

ApiReader::Text ApiReader::suppressed_prefix(campaign::PhonePrefix prefix) {
    const auto prefixes = repository_->suppressed_prefixes();
    if (!prefixes) {
        return prefixes.error();
    }
    for (const storage::SuppressedPrefix& known : *prefixes) {
        if (known.prefix == prefix.digits) {
            return dumped(view(known));
        }
    }
    return not_on_the_list();
}

ApiReader::Text ApiReader::status(const std::string& tenant) {
    const auto opened = repository();
    if (!opened) {
        return opened.error();
    }
    ordered_json all = ordered_json::array();
    std::string after;
    while (true) {
        const auto page =
            (*opened)->campaigns(tenant, {.after = after, .limit = campaigns_at_once});
        if (!page) {
            return page.error();
        }
        for (const campaign::StoredCampaign& stored : *page) {
            const auto shown = campaign_status_view(sources(), stored);
            if (!shown) {
                return shown.error();
            }
            all.push_back(*shown);
            after = stored.campaign.name;
        }
        if (static_cast<int>(page->size()) < campaigns_at_once) {
            return dumped(all);
        }
    }
}

}  // namespace cxdial::daemon
