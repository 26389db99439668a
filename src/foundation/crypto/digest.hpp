// Digests. All give 32 bytes and are thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace tidemark::crypto {

constexpr std::size_t kDigestBytes = 32;

/// FIPS 180-4.
[[nodiscard]] std::string sha256(std::string_view bytes);
/// The same over bytes that come in parts. One thread uses it; after finish() it starts anew.
class Sha256 {
public:
    Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    ~Sha256();
    void add(std::string_view bytes);
    [[nodiscard]] std::string finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};
/// RFC 2104 with SHA-256; a key of any length.
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view bytes);
/// RFC 7693, keyed; the key is 16 … 64 bytes (else std::invalid_argument).
[[nodiscard]] std::string keyed_blake2b(std::string_view key, std::string_view bytes);

/// What the store keeps of an opaque token (refresh token, invitation, reset link, API key). Plain SHA-256 is right
/// here, where it would be wrong for a password: a token has 128 random bits or more, so nobody can try them all, and
/// it is looked up with every request, so it must be fast. `purpose` ("refresh", "reset") keeps a token of one kind
/// from being taken as another.
[[nodiscard]] std::string token_hash(std::string_view purpose, std::string_view token);

}  // namespace tidemark::crypto
