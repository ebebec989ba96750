#include "base/check.h"
#include "webhook/internal/voice_answer.h"

#include <cstddef>
#include <cstdint>
#include <string>

/// No query and no body, however odd, breaks the reading of a voice request. The first byte says
/// how much of the rest is the query.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are text here.
    const std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
    const std::size_t split = data[0] < text.size() ? data[0] : text.size();
    cxdial::net::HttpRequest request;
    request.target = "/cloudonix/voice?attempt=7&" + text.substr(0, split);
    request.body = text.substr(split);
    const auto question = cxdial::webhook::internal::read_voice_request(request);
    CHECK_INVARIANT(question && question->request.attempt.raw() == 7);
    CHECK_INVARIANT(question->retries >= 0 && question->retries <= 2);
    return 0;
}
