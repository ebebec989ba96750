#pragma once

namespace cxdial::storage {

/// One row with 1 when the number (bound once), or a prefix of it, is on the do-not-call list.
inline constexpr const char* is_suppressed_query =
    "SELECT EXISTS (SELECT 1 FROM suppression WHERE phone = ?1)"
    " OR EXISTS (SELECT 1 FROM suppression_prefix WHERE prefix IN (?1, ?1/10, ?1/100, ?1/1000,"
    "  ?1/10000, ?1/100000, ?1/1000000, ?1/10000000, ?1/100000000, ?1/1000000000, ?1/10000000000,"
    "  ?1/100000000000, ?1/1000000000000, ?1/10000000000000, ?1/100000000000000))";

/// A row when a CDR of a call is kept that OPBX knows too: bound are the token of a call that OPBX
/// placed, and OPBX's id of it, by which CDRs and what OPBX says are kept. The token of a call that
/// OPBX did not place says nothing to OPBX.
inline constexpr const char* has_cdr_query =
    "SELECT 1 FROM webhook WHERE kind = 0 AND key = 'cdr:' || ?1"
    " UNION ALL SELECT 1 FROM webhook WHERE kind = 0 AND key > 'opbx:' || ?2 || ':'"
    " AND key < 'opbx:' || ?2 || ';' LIMIT 1";

}  // namespace cxdial::storage
