// How many documents of the kind that connects a call to a WebSocket assistant are made per second.
// Prints one JSON object: {"documents_per_second": …, "bytes": …}, the median of nine runs.

#include "cxml/documents.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <string>

namespace {

constexpr int runs = 9;
constexpr int documents = 100'000;

}  // namespace

int main() {
    using namespace cxdial;
    const std::array<cxml::NameValue, 3> parameters{{
        {"campaign", "spring"},
        {"contact", "12127773456"},
        {"language", "en-US"},
    }};
    std::array<double, runs> rates{};
    std::size_t bytes = 0;
    for (double& rate : rates) {
        const auto start = std::chrono::steady_clock::now();
        for (int i = 0; i < documents; ++i) {
            const auto document = cxml::connect_stream_document({
                .url = "wss://agent.example/ws/bot?session=3caa3541d5f8497e9c79ea30ef689677",
                .parameters = parameters,
            });
            bytes = document->size();
        }
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
        rate = documents / took.count();
    }
    std::sort(rates.begin(), rates.end());
    std::printf("{\"documents_per_second\": %.0f, \"bytes\": %zu}\n", rates[runs / 2], bytes);
}
