#include "foundation/crypto/totp.hpp"

#include <algorithm>

#include "foundation/crypto/digest.hpp"
#include "foundation/crypto/impl/sha1.hpp"
#include "foundation/crypto/random.hpp"

namespace tidemark::crypto {

namespace {

std::string hmac_sha1(std::string_view key, std::string_view bytes) {
    std::string inner = key.size() > 64 ? impl::sha1(key) : std::string(key);
    inner.resize(64, '\0');
    std::string outer = inner;
    std::ranges::transform(inner, inner.begin(), [](char c) { return static_cast<char>(c ^ 0x36); });
    std::ranges::transform(outer, outer.begin(), [](char c) { return static_cast<char>(c ^ 0x5c); });
    inner.append(bytes);
    outer.append(impl::sha1(inner));
    std::string digest = impl::sha1(outer);
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
