// Any bytes are judged without harm, and what is judged right can be read by another reader's
// rules: it holds no byte that XML cannot hold.

#include "base/check.h"
#include "cxml/internal/text.h"
#include "cxml/validate.h"

#include <cstddef>
#include <cstdint>

namespace cxdial::cxml {

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view document(reinterpret_cast<const char*>(data), size);
    const auto findings = validate(document);
    CHECK_INVARIANT(findings.size() <= findings_max);
    for (const Finding& finding : findings) {
        CHECK_INVARIANT(finding.line >= 1);
        CHECK_INVARIANT(!find_illegal(to_string(finding)));
    }
    if (is_valid(document)) {
        CHECK_INVARIANT(!find_illegal(document));
    }
    return 0;
}

}  // namespace cxdial::cxml
