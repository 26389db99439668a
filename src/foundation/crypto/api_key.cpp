#include "foundation/crypto/api_key.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "foundation/crypto/digest.hpp"
#include "foundation/crypto/impl/sodium.hpp"

namespace tidemark::crypto {

namespace {

constexpr std::string_view kBase62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kRandomCharacters = 30;
constexpr std::size_t kChecksumCharacters = 6;  // 62^6 > 2^32

constexpr std::array<std::uint32_t, 256> crc_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) {
            value = value >> 1 ^ ((value & 1) != 0 ? 0xedb88320U : 0U);
        }
        table[i] = value;
    }
    return table;
}

/// CRC-32 as in zlib and PNG (ISO 3309), six digits to the base 62.
std::string checksum(std::string_view text) {
    static constexpr auto kTable = crc_table();
    std::uint32_t crc = 0xffffffffU;
    for (const char c : text) {
        crc = crc >> 8 ^ kTable[(crc ^ static_cast<unsigned char>(c)) & 0xffU];
    }
    crc = ~crc;
    std::string digits(kChecksumCharacters, kBase62[0]);
    for (std::size_t i = kChecksumCharacters; i-- > 0; crc /= 62) {
        digits[i] = kBase62[crc % 62];
    }
    return digits;
}

}  // namespace

std::string make_api_key() {
    impl::start_sodium();
    std::string key(kApiKeyPrefix);
    for (std::size_t i = 0; i < kRandomCharacters; ++i) {
        key.push_back(kBase62[randombytes_uniform(kBase62.size())]);
    }
    return key + checksum(key);
}

bool is_api_key(std::string_view text) {
    if (text.size() != kApiKeyPrefix.size() + kRandomCharacters + kChecksumCharacters ||
        !text.starts_with(kApiKeyPrefix)) {
        return false;
    }
    const std::string_view body = text.substr(kApiKeyPrefix.size());
    return std::ranges::all_of(body, [](char c) { return kBase62.find(c) != std::string_view::npos; }) &&
           text.substr(text.size() - kChecksumCharacters) ==
               checksum(text.substr(0, text.size() - kChecksumCharacters));
}

std::string api_key_hash(std::string_view key) { return token_hash("api key", key); }

std::string api_key_hint(std::string_view key) {
    return std::string(key.substr(key.size() - std::min<std::size_t>(key.size(), 4)));
}

}  // namespace tidemark::crypto
