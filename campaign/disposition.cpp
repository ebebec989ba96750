#include "campaign/disposition.h"

#include "campaign/internal/names.h"

namespace cxdial::campaign {

std::string_view to_string(Disposition disposition) {
    switch (disposition) {
        case Disposition::answered:
            return "answered";
        case Disposition::busy:
            return "busy";
        case Disposition::no_answer:
            return "no_answer";
        case Disposition::cancelled:
            return "cancelled";
        case Disposition::congestion:
            return "congestion";
        case Disposition::failed:
            return "failed";
        case Disposition::no_credit:
            return "no_credit";
        case Disposition::voicemail:
            return "voicemail";
        case Disposition::unknown:
            return "unknown";
    }
    return "unknown";
}

std::optional<Disposition> parse_disposition(std::string_view name) {
    return find_by_name(all_dispositions, name);
}

}  // namespace cxdial::campaign
