#pragma once

#include <string>
#include <string_view>

namespace tidemark::crypto::impl {

/// FIPS 180-4, 20 bytes. Only where a format of others knows nothing else and collisions do not matter: HMAC in
/// one-time codes, lists of breached passwords. libsodium leaves it out for good reasons.
[[nodiscard]] std::string sha1(std::string_view bytes);

}  // namespace tidemark::crypto::impl
