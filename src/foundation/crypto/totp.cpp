#include "foundation/crypto/totp.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "foundation/crypto/digest.hpp"
#include "foundation/crypto/random.hpp"

namespace tidemark::crypto {

namespace {

/// FIPS 180-4. Only for HMAC in one-time codes, where its collisions do not matter and apps know nothing else;
/// libsodium leaves it out for good reasons, so it stands here and is nobody else's.
std::string sha1(std::string_view bytes) {
    std::string padded(bytes);
    padded.push_back(static_cast<char>(0x80));
    padded.resize((padded.size() + 8 + 63) / 64 * 64, '\0');
    const std::uint64_t bits = std::uint64_t{bytes.size()} * 8;
    for (std::size_t i = 0; i < 8; ++i) {
        padded[padded.size() - 1 - i] = static_cast<char>(bits >> 8 * i & 0xff);
    }
    std::array<std::uint32_t, 5> h = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    for (std::size_t block = 0; block < padded.size(); block += 64) {
        std::array<std::uint32_t, 80> w{};
        for (std::size_t i = 0; i < 64; ++i) {
            w[i / 4] = w[i / 4] << 8 | static_cast<unsigned char>(padded[block + i]);
        }
        for (std::size_t i = 16; i < 80; ++i) {
            w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
        }
        auto [a, b, c, d, e] = h;
        for (std::size_t i = 0; i < 80; ++i) {
            std::uint32_t f = b ^ c ^ d;
            std::uint32_t k = i < 40 ? 0x6ed9eba1 : 0xca62c1d6;
            if (i < 20) {
                f = (b & c) | (~b & d);
                k = 0x5a827999;
            } else if (i >= 40 && i < 60) {
                f = (b & c) | (b & d) | (c & d);
                k = 0x8f1bbcdc;
            }
            const std::uint32_t next = std::rotl(a, 5) + f + e + k + w[i];
            e = d;
            d = c;
            c = std::rotl(b, 30);
            b = a;
            a = next;
        }
        h = {h[0] + a, h[1] + b, h[2] + c, h[3] + d, h[4] + e};
    }
    wipe(padded);
    std::string digest;
    for (const std::uint32_t word : h) {
        for (unsigned shift = 32; shift > 0; shift -= 8) {
            digest.push_back(static_cast<char>(word >> (shift - 8) & 0xff));
        }
    }
    return digest;
}

std::string hmac_sha1(std::string_view key, std::string_view bytes) {
    std::string inner = key.size() > 64 ? sha1(key) : std::string(key);
    inner.resize(64, '\0');
    std::string outer = inner;
    std::ranges::transform(inner, inner.begin(), [](char c) { return static_cast<char>(c ^ 0x36); });
    std::ranges::transform(outer, outer.begin(), [](char c) { return static_cast<char>(c ^ 0x5c); });
    inner.append(bytes);
    outer.append(sha1(inner));
    std::string digest = sha1(outer);
    wipe(inner);
    wipe(outer);
    return digest;
}

/// RFC 3986: all but the unreserved characters.
std::string percent_encode(std::string_view text) {
    static constexpr std::string_view kUnreserved =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    static constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        if (kUnreserved.find(c) != std::string_view::npos) {
            encoded.push_back(c);
        } else {
            const auto byte = static_cast<unsigned char>(c);
            encoded.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
        }
    }
    return encoded;
}

constexpr std::size_t kRecoveryCharacters = 10;

}  // namespace

std::string make_totp_secret() { return random_bytes(20); }

std::string totp_code(std::string_view secret, std::int64_t step) {
    std::string counter(8, '\0');
    for (std::size_t i = 0; i < 8; ++i) {
        counter[7 - i] = static_cast<char>(static_cast<std::uint64_t>(step) >> 8 * i & 0xff);
    }
    // RFC 4226 section 5.3: four bytes from where the last nibble points to, without the sign.
    const std::string digest = hmac_sha1(secret, counter);
    const auto at = [&](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(digest[i])}; };
    const std::size_t offset = at(19) & 15;
    std::uint32_t value = (at(offset) & 0x7f) << 24 | at(offset + 1) << 16 | at(offset + 2) << 8 | at(offset + 3);
    std::string code(6, '0');
    for (std::size_t i = code.size(); i-- > 0; value /= 10) {
        code[i] = static_cast<char>('0' + value % 10);
    }
    return code;
}

std::optional<std::int64_t> matching_totp_step(std::string_view secret, std::string_view code, base::UnixMillis now,
                                               std::int64_t last_used) {
    std::string digits;
    std::ranges::copy_if(code, std::back_inserter(digits), [](char c) { return c != ' '; });
    const std::int64_t current = now / kTotpStep;
    std::optional<std::int64_t> matched;
    for (const std::int64_t step : {current - 1, current, current + 1}) {
        // All three are compared whatever they give, so that the time says nothing.
        if (constant_time_equal(totp_code(secret, step), digits) && step > last_used) {
            matched = step;
        }
    }
    return matched;
}

std::string otpauth_uri(std::string_view issuer, std::string_view account, std::string_view secret) {
    const std::string by = percent_encode(issuer);
    return "otpauth://totp/" + by + ":" + percent_encode(account) + "?secret=" + to_base32(secret) + "&issuer=" + by +
           "&algorithm=SHA1&digits=6&period=30";
}

std::vector<std::string> make_recovery_codes() {
    std::vector<std::string> codes;
    for (int i = 0; i < 10; ++i) {
        std::string code = to_base32(random_bytes(7)).substr(0, kRecoveryCharacters);
        code.insert(kRecoveryCharacters / 2, 1, '-');
        codes.push_back(std::move(code));
    }
    return codes;
}

std::optional<std::string> recovery_code_hash(std::string_view code) {
    std::string plain;
    for (const char c : code) {
        if (c == ' ' || c == '-') {
            continue;
        }
        const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        if (!((upper >= 'A' && upper <= 'Z') || (upper >= '2' && upper <= '7')) ||
            plain.size() == kRecoveryCharacters) {
            return std::nullopt;
        }
        plain.push_back(upper);
    }
    if (plain.size() != kRecoveryCharacters) {
        return std::nullopt;
    }
    return token_hash("recovery code", plain);
}

}  // namespace tidemark::crypto
