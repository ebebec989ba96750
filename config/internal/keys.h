#pragma once

#include "config/config.h"
#include "config/internal/raw_value.h"

#include <span>
#include <string_view>

namespace cxdial::config {

/// One key of a section and how its value is read.
template <class Section>
struct Key {
    std::string_view name;
    Problem (*read)(const RawValue& raw, Section& section);
};

[[nodiscard]] std::span<const Key<Daemon>> daemon_keys();
[[nodiscard]] std::span<const Key<Database>> database_keys();
[[nodiscard]] std::span<const Key<Dialing>> dialing_keys();
[[nodiscard]] std::span<const Key<CloudonixDomain>> cloudonix_keys();
[[nodiscard]] std::span<const Key<Opbx>> opbx_keys();

/// Whether the value of a key with this name must never be shown.
[[nodiscard]] bool is_secret_key(std::string_view name);

/// Whether nobody but this machine can connect to the address.
[[nodiscard]] bool is_loopback(std::string_view address);

}  // namespace cxdial::config
