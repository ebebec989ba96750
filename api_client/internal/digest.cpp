#include "api_client/internal/digest.h"

#include "base/check.h"

#include <array>
#include <cstddef>
#include <openssl/evp.h>

namespace cxdial::api_client::internal {

std::string sha256_hex(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    CHECK_INVARIANT(
        EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1
    );
    constexpr std::string_view hex = "0123456789abcdef";
    std::string out;
    out.reserve(std::size_t{2} * size);
    for (unsigned int i = 0; i < size; ++i) {
        out.push_back(hex[digest[i] >> 4U]);
        out.push_back(hex[digest[i] & 15U]);
    }
    return out;
}

}  // namespace cxdial::api_client::internal
