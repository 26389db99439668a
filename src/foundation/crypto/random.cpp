#include "foundation/crypto/random.hpp"

#include <array>
#include <cstdint>
#include <cstdlib>

#include "foundation/crypto/impl/sodium.hpp"

namespace tidemark::crypto {

namespace impl {
void start_sodium() {
    static const int started = sodium_init();
    if (started < 0) {
        std::abort();
    }
}
}  // namespace impl

namespace {

constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kHex = "0123456789abcdef";

constexpr std::array<std::int8_t, 256> values_of(std::string_view alphabet, bool any_case) {
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        const char c = alphabet[i];
        values[static_cast<unsigned char>(c)] = static_cast<std::int8_t>(i);
        const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (any_case && letter) {
            values[static_cast<unsigned char>(c ^ 0x20)] = static_cast<std::int8_t>(i);
        }
    }
    return values;
}

std::string encode(std::string_view bytes, std::string_view alphabet, unsigned bits) {
    std::string text;
    text.reserve((bytes.size() * 8 + bits - 1) / bits);
    const unsigned mask = (1U << bits) - 1;
    unsigned held = 0;
    unsigned count = 0;
    for (const char c : bytes) {
        held = (held << 8 | static_cast<unsigned char>(c)) & 0xffffU;
        count += 8;
        while (count >= bits) {
            count -= bits;
            text.push_back(alphabet[held >> count & mask]);
        }
    }
    if (count > 0) {
        text.push_back(alphabet[held << (bits - count) & mask]);
    }
    return text;
}

std::optional<std::string> decode(std::string_view text, const std::array<std::int8_t, 256>& values, unsigned bits) {
    std::string bytes;
    bytes.reserve(text.size() * bits / 8);
    unsigned held = 0;
    unsigned count = 0;
    for (const char c : text) {
        const std::int8_t value = values[static_cast<unsigned char>(c)];
        if (value < 0) {
            return std::nullopt;
        }
        held = (held << bits | static_cast<unsigned>(value)) & 0xffffU;
        count += bits;
        if (count >= 8) {
            count -= 8;
            bytes.push_back(static_cast<char>(held >> count & 0xffU));
        }
    }
    // What is left must be zeros, and less than a character: otherwise encoding would give another text.
    if (count >= bits || (held & ((1U << count) - 1)) != 0) {
        return std::nullopt;
    }
    return bytes;
}

}  // namespace

std::string random_bytes(std::size_t count) {
    impl::start_sodium();
    std::string bytes(count, '\0');
    randombytes_buf(bytes.data(), bytes.size());
    return bytes;
}

std::string random_token(std::size_t count) { return to_base64url(random_bytes(count)); }

std::string to_base64url(std::string_view bytes) { return encode(bytes, kBase64Url, 6); }

std::optional<std::string> from_base64url(std::string_view text) {
    static constexpr auto kValues = values_of(kBase64Url, false);
    return decode(text, kValues, 6);
}

std::string to_base32(std::string_view bytes) { return encode(bytes, kBase32, 5); }

std::optional<std::string> from_base32(std::string_view text) {
    static constexpr auto kValues = values_of(kBase32, true);
    return decode(text, kValues, 5);
}

std::string to_hex(std::string_view bytes) { return encode(bytes, kHex, 4); }

std::optional<std::string> from_hex(std::string_view text) {
    static constexpr auto kValues = values_of(kHex, true);
    return decode(text, kValues, 4);
}

bool constant_time_equal(std::string_view a, std::string_view b) {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

void wipe(std::string& secret) {
    sodium_memzero(secret.data(), secret.size());
    secret.clear();
}

}  // namespace tidemark::crypto
