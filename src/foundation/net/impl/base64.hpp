// Base64 with padding (RFC 4648, section 4), as mail has it.
#pragma once

#include <string>
#include <string_view>

#include <openssl/evp.h>

namespace tidemark::net::impl {

[[nodiscard]] inline std::string to_base64(std::string_view bytes) {
    std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL ends it with a zero
    const int size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                        reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(size));
    return out;
}

}  // namespace tidemark::net::impl
