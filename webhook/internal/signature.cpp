#include "webhook/internal/signature.h"

#include <array>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string>

namespace cxdial::webhook::internal {

bool is_signed(const base::Secret& secret, std::string_view bytes, std::string_view signature) {
    const std::string& key = secret.reveal();
    if (key.empty()) {
        return false;
    }
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): OpenSSL takes unsigned bytes
    const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
    const bool made = HMAC(
                          EVP_sha256(),
                          key.data(),
                          static_cast<int>(key.size()),
                          data,
                          bytes.size(),
                          digest.data(),
                          &size
                      ) != nullptr;
    constexpr std::string_view digits = "0123456789abcdef";
    std::string expected;
    for (unsigned int i = 0; i < size; ++i) {
        expected += digits[digest.at(i) >> 4U];
        expected += digits[digest.at(i) & 0xfU];
    }
    return made && expected.size() == signature.size() &&
           CRYPTO_memcmp(expected.data(), signature.data(), expected.size()) == 0;
}

}  // namespace cxdial::webhook::internal
