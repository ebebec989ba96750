#pragma once

namespace cxdial::storage {

/// One row with 1 when the number (bound once), or a prefix of it, is on the do-not-call list.
inline constexpr const char* is_suppressed_query =
    "SELECT EXISTS (SELECT 1 FROM suppression WHERE phone = ?1)"
    " OR EXISTS (SELECT 1 FROM suppression_prefix WHERE prefix IN (?1, ?1/10, ?1/100, ?1/1000,"
    "  ?1/10000, ?1/100000, ?1/1000000, ?1/10000000, ?1/100000000, ?1/1000000000, ?1/10000000000,"
    "  ?1/100000000000, ?1/1000000000000, ?1/10000000000000, ?1/100000000000000))";

}  // namespace cxdial::storage
