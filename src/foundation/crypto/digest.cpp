#include "foundation/crypto/digest.hpp"

#include <stdexcept>

#include "foundation/crypto/impl/sodium.hpp"

namespace tidemark::crypto {

using impl::bytes_of;

static_assert(kDigestBytes == crypto_hash_sha256_BYTES && kDigestBytes == crypto_auth_hmacsha256_BYTES);

std::string sha256(std::string_view bytes) {
    std::string digest(kDigestBytes, '\0');
    crypto_hash_sha256(bytes_of(digest), bytes_of(bytes), bytes.size());
    return digest;
}

struct Sha256::State {
    crypto_hash_sha256_state hash;
};

Sha256::Sha256() : state_(std::make_unique<State>()) { crypto_hash_sha256_init(&state_->hash); }
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::add(std::string_view bytes) { crypto_hash_sha256_update(&state_->hash, bytes_of(bytes), bytes.size()); }

std::string Sha256::finish() {
    std::string digest(kDigestBytes, '\0');
    crypto_hash_sha256_final(&state_->hash, bytes_of(digest));
    crypto_hash_sha256_init(&state_->hash);
    return digest;
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
    std::string digest(kDigestBytes, '\0');
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, bytes_of(key), key.size());
    crypto_auth_hmacsha256_update(&state, bytes_of(bytes), bytes.size());
    crypto_auth_hmacsha256_final(&state, bytes_of(digest));
    sodium_memzero(&state, sizeof state);
    return digest;
}

std::string keyed_blake2b(std::string_view key, std::string_view bytes) {
    if (key.size() < crypto_generichash_KEYBYTES_MIN || key.size() > crypto_generichash_KEYBYTES_MAX) {
        throw std::invalid_argument("a key of BLAKE2b has 16 to 64 bytes");
    }
    std::string digest(kDigestBytes, '\0');
    crypto_generichash(bytes_of(digest), digest.size(), bytes_of(bytes), bytes.size(), bytes_of(key), key.size());
    return digest;
}

std::string token_hash(std::string_view purpose, std::string_view token) {
    std::string text = "tidemark token\n";
    text.append(purpose).append(1, '\n').append(token);
    return sha256(text);
}

}  // namespace tidemark::crypto
