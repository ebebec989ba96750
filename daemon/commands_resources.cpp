#include "daemon/backend.h"
#include "daemon/commands_support.h"
#include "daemon/context.h"
#include "daemon/resource_files.h"
#include "daemon/table.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <utility>

namespace cxdial::daemon {

using nlohmann::ordered_json;
using storage::ResourceKind;

namespace {

std::optional<ResourceKind> kind_named(const std::string& name) {
    const std::optional<ResourceKind> kind = storage::parse_resource_kind(name);
    if (!kind) {
        complain("there is no kind \"" + name + "\": " + webhook::api_kinds);
    }
    return kind;
}

std::string text_at(const ordered_json& resource, const char* key) {
    const auto position = resource.find(key);
    if (position == resource.end()) {
        return "";
    }
    return position->is_string() ? position->get<std::string>() : position->dump();
}

std::vector<std::string> columns_of(ResourceKind kind) {
    switch (kind) {
        case ResourceKind::campaign:
            return {"name", "status", "routing_destination_type", "concurrent_active_calls"};
        case ResourceKind::assistant:
            return {"name", "protocol", "provider", "status"};
        case ResourceKind::ai_load_balancer:
            return {"name", "strategy", "members", "fallback"};
        case ResourceKind::agent:
            return {"name", "protocol", "phone_number", "status"};
        case ResourceKind::phone_number:
            return {"name", "phone_number", "agent"};
        case ResourceKind::tenant:
            return {"name", "routing_mode", "unknown_caller_agent", "callback_campaign"};
    }
    return {};
}

std::string list_table(ResourceKind kind, const ordered_json& list) {
    const std::vector<std::string> columns = columns_of(kind);
    Table table(columns, std::vector<Align>(columns.size(), Align::left));
    for (const ordered_json& resource : list) {
        std::vector<std::string> row;
        row.reserve(columns.size());
        for (const std::string& column : columns) {
            row.push_back(text_at(resource, column.c_str()));
        }
        table.add(std::move(row));
    }
    return table.text();
}

}  // namespace

Exit apply(Context& context, const std::vector<std::string>& files) {
    const base::Result<std::vector<NamedResource>> resources = read_resource_files(files);
    if (!resources) {
        complain(resources.error().detail);
        return Exit::bad_usage;
    }
    return with_backend(context, Access::write, [&](Backend& backend) -> base::Result<void> {
        const base::Result<ordered_json> report = backend.apply(*resources);
        if (!report) {
            return report.error();
        }
        if (context.json) {
            print(report->dump(2));
            return {};
        }
        for (const ordered_json& line : *report) {
            const std::string what = text_at(line, "kind") + " " + text_at(line, "name");
            print(what + ": " + text_at(line, "outcome"));
        }
        return {};
    });
}

Exit get(Context& context, const std::string& kind_name, const std::string& name) {
    const std::optional<ResourceKind> kind = kind_named(kind_name);
    if (!kind) {
        return Exit::bad_usage;
    }
    return with_backend(context, Access::read, [&](Backend& backend) -> base::Result<void> {
        const base::Result<ordered_json> found =
            name.empty() ? backend.list(*kind) : backend.show(*kind, name);
        if (!found) {
            return found.error();
        }
        print(context.json || !name.empty() ? found->dump(2) : list_table(*kind, *found));
        return {};
    });
}

Exit remove(Context& context, const std::string& kind_name, const std::string& name) {
    const std::optional<ResourceKind> kind = kind_named(kind_name);
    if (!kind) {
        return Exit::bad_usage;
    }
    return with_backend(context, Access::write, [&](Backend& backend) -> base::Result<void> {
        if (const base::Result<void> done = backend.remove(*kind, name); !done) {
            return done.error();
        }
        const ordered_json report{{"kind", kind_name}, {"name", name}, {"outcome", "deleted"}};
        print(context.json ? report.dump(2) : kind_name + " " + name + ": deleted");
        return {};
    });
}

}  // namespace cxdial::daemon
