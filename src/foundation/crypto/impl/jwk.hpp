// The keys of an OpenID Connect provider (JWK, RFC 7517 and 7518) and what they sign.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tidemark::crypto::impl {

/// DER of a SubjectPublicKeyInfo (RFC 5280) with an RSA key (RFC 3279). Big-endian numbers, zeros in front allowed.
[[nodiscard]] std::string rsa_public_key_der(std::string_view modulus, std::string_view exponent);
/// The same with a point of P-256 (RFC 5480); x and y of 32 bytes each.
[[nodiscard]] std::string p256_public_key_der(std::string_view x, std::string_view y);

/// RS256: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 section 3.3). False also when the key is none.
[[nodiscard]] bool verify_rs256(std::string_view rsa_key_der, std::string_view signed_bytes,
                                std::string_view signature);
/// ES256: ECDSA on P-256 with SHA-256; r and s of 32 bytes each (RFC 7518 section 3.4). False also when the key is no
/// point of the curve.
[[nodiscard]] bool verify_es256(std::string_view p256_key_der, std::string_view signed_bytes,
                                std::string_view signature);

/// The number of bits of a big-endian number.
[[nodiscard]] std::size_t bit_length(std::string_view number);

}  // namespace tidemark::crypto::impl
