#include "webhook/internal/authentication.h"

#include <algorithm>
#include <openssl/crypto.h>
#include <string_view>
#include <vector>

namespace cxdial::webhook::internal {

namespace {

char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// What follows `Bearer`, whatever its case; empty when there is none.
std::string_view bearer_of(const net::Headers& headers) {
    constexpr std::string_view scheme = "bearer ";
    std::string_view value = headers.find("Authorization").value_or(std::string_view{});
    const auto same = [](char expected, char given) { return expected == to_lower(given); };
    if (value.size() < scheme.size() ||
        !std::equal(scheme.begin(), scheme.end(), value.begin(), same)) {
        return {};
    }
    value.remove_prefix(scheme.size());
    while (!value.empty() && value.front() == ' ') {
        value.remove_prefix(1);
    }
    return value;
}

/// In a time that tells nothing of where they differ.
bool equal_secrets(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::optional<std::string> authenticate(
    const std::map<std::string, base::Secret>& keys, const net::Headers& headers
) {
    if (keys.empty()) {
        return std::string();
    }
    const std::string_view bearer = bearer_of(headers);
    std::vector<std::string> by_key;
    std::vector<std::string> without_key;
    for (const auto& [domain, key] : keys) {
        if (key.empty()) {
            without_key.push_back(domain);
        } else if (equal_secrets(key.reveal(), bearer)) {
            by_key.push_back(domain);
        }
    }
    const std::vector<std::string>& candidates = by_key.empty() ? without_key : by_key;
    if (candidates.size() == 1) {
        return candidates.front();
    }
    const auto named = headers.find("X-Cx-Domain");
    if (named && std::find(candidates.begin(), candidates.end(), *named) != candidates.end()) {
        return std::string(*named);
    }
    if (candidates.size() == keys.size()) {
        return std::string();
    }
    return std::nullopt;
}

}  // namespace cxdial::webhook::internal
