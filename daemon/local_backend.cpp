#include "daemon/api_reader.h"
#include "daemon/api_writer.h"
#include "daemon/backend.h"
#include "daemon/campaign_view.h"
#include "daemon/commands_support.h"
#include "daemon/internal/pages.h"
#include "dialer/advice.h"
#include "storage/sqlite_store.h"

#include <unistd.h>
#include <utility>

namespace cxdial::daemon {

using nlohmann::ordered_json;
using storage::ResourceKind;

namespace {

constexpr int page_size = 500;
constexpr int tidied_at_once = 10'000;

/// Every resource that `read_page` gives, page after page, as `show` shows it.
template <class ReadPage, class Show>
base::Result<ordered_json> all_of(ReadPage read_page, Show show) {
    ordered_json list = ordered_json::array();
    std::string after;
    while (true) {
        const auto page = read_page(storage::NamePage{.after = after, .limit = page_size});
        if (!page) {
            return page.error();
        }
        for (const auto& resource : *page) {
            list.push_back(show(resource));
            after = place_of(resource);
        }
        if (static_cast<int>(page->size()) < page_size) {
            return list;
        }
    }
}

template <class Resource>
base::Result<ordered_json> one_of(const base::Result<Resource>& found) {
    if (!found) {
        return found.error();
    }
    return view(*found);
}

class LocalBackend final : public Backend {
public:
    LocalBackend(Context& context, storage::Database database)
        : context_(context),
          database_(std::move(database)),
          repository_(database_),
          store_(database_) {}

    base::Result<ordered_json> apply(const std::vector<NamedResource>& resources) override {
        std::vector<webhook::ApiResource> group;
        group.reserve(resources.size());
        for (const NamedResource& named : resources) {
            group.push_back(named.resource);
        }
        const webhook::ApiStored stored = put_all(repository_, group, now()).stored;
        if (stored.error) {
            // All of them were taken, and then the group was not.
            const bool is_of_one = stored.failed < resources.size();
            const std::string where = is_of_one ? resources[stored.failed].where + ": " : "";
            return base::Error{
                stored.error->code, where + stored.error->detail + "\nnothing was changed"};
        }
        ordered_json report = ordered_json::array();
        for (std::size_t i = 0; i < resources.size(); ++i) {
            report.push_back(
                {{"kind", resources[i].kind},
                 {"name", resources[i].name},
                 {"outcome", stored.outcomes[i]}}
            );
        }
        return report;
    }

    base::Result<ordered_json> list(ResourceKind kind) override {
        const auto show = [](const auto& resource) { return view(resource); };
        switch (kind) {
            case ResourceKind::campaign:
                return campaigns(show);
            case ResourceKind::assistant:
                return all_of(
                    [&](const auto& page) { return repository_.assistants(default_tenant, page); },
                    show
                );
            case ResourceKind::ai_load_balancer:
                return all_of(
                    [&](const auto& page) { return repository_.balancers(default_tenant, page); },
                    show
                );
            case ResourceKind::agent:
                return all_of(
                    [&](const auto& page) { return repository_.agents(default_tenant, page); }, show
                );
            case ResourceKind::phone_number:
                return all_of(
                    [&](const auto& page) {
                        return repository_.dialed_numbers(default_tenant, page);
                    },
                    show
                );
            case ResourceKind::tenant:
                return all_of([&](const auto& page) { return repository_.tenants(page); }, show);
        }
        return ordered_json::array();
    }

    base::Result<ordered_json> show(ResourceKind kind, const std::string& name) override {
        switch (kind) {
            case ResourceKind::campaign:
                return show_campaign(name);
            case ResourceKind::assistant:
                return one_of(repository_.assistant(default_tenant, name));
            case ResourceKind::ai_load_balancer:
                return one_of(repository_.balancer(default_tenant, name));
            case ResourceKind::agent:
                return one_of(repository_.agent(default_tenant, name));
            case ResourceKind::phone_number:
                return one_of(repository_.dialed_number(default_tenant, name));
            case ResourceKind::tenant:
                return one_of(repository_.tenant(name));
        }
        return ordered_json();
    }

    base::Result<void> remove(ResourceKind kind, const std::string& name) override {
        base::Result<void> removed = repository_.remove(kind, default_tenant, name);
        base::Result<bool> more = removed.has_value();
        while (more && *more) {
            more = repository_.tidy({}, tidied_at_once);
        }
        return removed;
    }

    base::Result<std::string> change(const std::string& campaign, campaign::Transition transition)
        override {
        const auto stored = repository_.campaign(default_tenant, campaign);
        if (!stored) {
            return stored.error();
        }
        if (transition == campaign::Transition::start ||
            transition == campaign::Transition::resume) {
            dialer::Switchboard switchboard;
            const bool has_url = !context_.config.daemon.public_url.empty();
            const auto fit = dialer::fit_to_dial(store_, switchboard, stored->campaign, has_url);
            if (!fit) {
                return base::Error{
                    base::Errc::conflict,
                    "campaign " + campaign + " cannot dial: " + fit.error().detail};
            }
        }
        const auto status = repository_.change_campaign(stored->id, transition, now());
        if (!status) {
            return status.error();
        }
        return std::string(to_string(*status));
    }

    base::Result<storage::AddedDestinations> add_destinations(
        const std::string& campaign, std::span<const campaign::NewDestination> batch
    ) override {
        const auto stored = repository_.campaign(default_tenant, campaign);
        if (!stored) {
            return stored.error();
        }
        return repository_.add_destinations(stored->id, batch);
    }

    base::Result<ordered_json> status() override {
        std::optional<base::Error> problem;
        auto all = campaigns([&](const campaign::StoredCampaign& stored) {
            const auto shown = campaign_status_view(sources(), stored);
            if (!shown) {
                problem = shown.error();
                return ordered_json();
            }
            return *shown;
        });
        return problem ? base::Result<ordered_json>(*problem) : all;
    }

    base::Result<ordered_json> outbox() override {
        const auto counts = repository_.outbox_counts();
        return counts ? base::Result<ordered_json>(view(*counts)) : counts.error();
    }

    base::Result<std::int64_t> suppress(
        std::span<const campaign::NumberOrPrefix> entries, const std::string& reason
    ) override {
        return suppress_all(repository_, entries, reason, now());
    }

    base::Result<bool> unsuppress(const campaign::NumberOrPrefix& entry) override {
        return daemon::unsuppress(repository_, entry);
    }

    base::Result<ordered_json> suppressions() override {
        const auto prefixes = repository_.suppressed_prefixes();
        if (!prefixes) {
            return prefixes.error();
        }
        ordered_json list = ordered_json::array();
        for (const storage::SuppressedPrefix& entry : *prefixes) {
            list.push_back(view(entry));
        }
        std::int64_t after = 0;
        while (true) {
            const auto page = repository_.suppressions({.after = after, .limit = page_size});
            if (!page) {
                return page.error();
            }
            for (const storage::Suppression& entry : *page) {
                list.push_back(view(entry));
                after = static_cast<std::int64_t>(entry.phone_number.digits());
            }
            if (static_cast<int>(page->size()) < page_size) {
                return list;
            }
        }
    }

private:
    [[nodiscard]] base::WallTime now() const { return context_.clock.now().wall; }

    template <class Show>
    base::Result<ordered_json> campaigns(Show show) {
        return all_of(
            [&](const auto& page) { return repository_.campaigns(default_tenant, page); }, show
        );
    }

    base::Result<ordered_json> show_campaign(const std::string& name) {
        const auto stored = repository_.campaign(default_tenant, name);
        if (!stored) {
            return stored.error();
        }
        return campaign_view(sources(), *stored);
    }

    WhySources sources() {
        // Who opened it to write is this process, and it does not dial.
        const auto writer = storage::Database::writer_of(database_.path());
        const std::string own = "process " + std::to_string(::getpid());
        return {
            .repository = repository_,
            .store = store_,
            .dialing = context_.config.dialing,
            .is_dialing = writer && *writer != own,
            .has_public_url = !context_.config.daemon.public_url.empty(),
            .now = now(),
        };
    }

    Context& context_;
    storage::Database database_;
    storage::Repository repository_;
    storage::SqliteStore store_;
};

}  // namespace

std::unique_ptr<Backend> local_backend(Context& context, storage::Database database) {
    return std::make_unique<LocalBackend>(context, std::move(database));
}

}  // namespace cxdial::daemon
