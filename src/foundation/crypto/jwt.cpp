#include "foundation/crypto/jwt.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "foundation/crypto/digest.hpp"
#include "foundation/crypto/impl/json_object.hpp"
#include "foundation/crypto/impl/jwk.hpp"
#include "foundation/crypto/random.hpp"
#include "foundation/json/write.hpp"

namespace tidemark::crypto {

namespace {

using impl::elements_of;
using impl::JsonElement;
using impl::JsonObject;
using impl::member;
using impl::text_of;

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kMaximumJwksBytes = 256 * 1024;
constexpr std::size_t kMinimumRsaBits = 2048;
constexpr std::size_t kMaximumRsaBits = 8192;  // verifying takes time that grows with the square
constexpr base::UnixMillis kOwnClockGrace = 10 * base::kSecond;

std::string_view text_member(const JsonElement& object, std::string_view name) {
    return text_of(member(object, name)).value_or("");
}

/// A NumericDate (RFC 7519 section 2) in milliseconds.
TokenResult<base::UnixMillis> time_of(const JsonElement& object, std::string_view name) {
    const auto value = member(object, name);
    if (!value) {
        return tl::unexpected(TokenFault::kMissingClaim);
    }
    double seconds = 0;
    // Up to the year 9999: what is beyond would overflow sooner or later.
    if (value->get_double().get(seconds) != simdjson::SUCCESS || !(seconds >= 0 && seconds < 253'402'300'800.0)) {
        return tl::unexpected(TokenFault::kMalformed);
    }
    return static_cast<base::UnixMillis>(std::floor(seconds * 1000));
}

/// A token taken apart, of which nothing has been verified. The views are into the token.
struct Parts {
    std::string algorithm;
    std::optional<std::string> key_id;
    std::string payload;
    std::string_view signed_bytes;
    std::string signature;
};

TokenResult<Parts> take_apart(std::string_view token) {
    const auto malformed = tl::unexpected(TokenFault::kMalformed);
    const std::size_t first = token.find('.');
    const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (token.size() > kMaximumTokenBytes || second == std::string_view::npos) {
        return malformed;
    }
    const auto header_text = from_base64url(token.substr(0, first));
    auto payload = from_base64url(token.substr(first + 1, second - first - 1));
    auto signature = from_base64url(token.substr(second + 1));
    if (!header_text || !payload || !signature) {
        return malformed;
    }
    const auto header = JsonObject::parse(*header_text);
    // "crit" names extensions that must be understood (RFC 7515 section 4.1.11); none is.
    if (!header || member(header->root(), "crit")) {
        return malformed;
    }
    Parts parts{std::string(text_member(header->root(), "alg")),
                {},
                std::move(*payload),
                token.substr(0, second),
                std::move(*signature)};
    if (const auto id = member(header->root(), "kid")) {
        const auto text = text_of(id);
        if (!text) {
            return malformed;
        }
        parts.key_id = *text;
    }
    if (parts.algorithm.empty()) {
        return malformed;
    }
    return parts;
}

struct ProviderKey {
    bool rsa = false;
    std::string der;
};

TokenResult<ProviderKey> read_provider_key(const JsonElement& jwk, bool rsa) {
    const auto number = [&jwk](std::string_view name) { return from_base64url(text_member(jwk, name)).value_or(""); };
    if (rsa) {
        const std::string modulus = number("n");
        const std::string exponent = number("e");
        const std::size_t bits = impl::bit_length(modulus);
        const std::size_t exponent_bits = impl::bit_length(exponent);
        if (bits < kMinimumRsaBits || bits > kMaximumRsaBits || exponent_bits < 2 || exponent_bits > 32 ||
            (exponent.back() & 1) == 0) {
            return tl::unexpected(TokenFault::kWeakKey);
        }
        return ProviderKey{true, impl::rsa_public_key_der(modulus, exponent)};
    }
    const std::string x = number("x");
    const std::string y = number("y");
    if (x.size() != 32 || y.size() != 32) {
        return tl::unexpected(TokenFault::kWeakKey);
    }
    return ProviderKey{false, impl::p256_public_key_der(x, y)};
}

TokenResult<ProviderKey> find_provider_key(const Parts& parts, std::string_view jwks_json) {
    const bool rsa = parts.algorithm == "RS256";
    if (!rsa && parts.algorithm != "ES256") {
        return tl::unexpected(TokenFault::kWrongAlgorithm);
    }
    const auto jwks = jwks_json.size() > kMaximumJwksBytes ? std::nullopt : JsonObject::parse(jwks_json);
    std::optional<JsonElement> found;
    bool other_algorithm = false;
    for (const JsonElement& jwk : elements_of(jwks ? member(jwks->root(), "keys") : std::nullopt)) {
        const auto use = member(jwk, "use");
        const auto algorithm = member(jwk, "alg");
        if ((parts.key_id && text_member(jwk, "kid") != *parts.key_id) || (use && text_of(use) != "sig")) {
            continue;
        }
        const bool fits = rsa ? text_member(jwk, "kty") == "RSA"
                              : text_member(jwk, "kty") == "EC" && text_member(jwk, "crv") == "P-256";
        if (!fits || (algorithm && text_of(algorithm) != parts.algorithm)) {
            other_algorithm = true;
        } else if (found) {
            return tl::unexpected(TokenFault::kUnknownKey);  // two fit: which one is meant is not known
        } else {
            found = jwk;
        }
    }
    if (!found) {
        return tl::unexpected(parts.key_id && other_algorithm ? TokenFault::kWrongAlgorithm : TokenFault::kUnknownKey);
    }
    return read_provider_key(*found, rsa);
}

/// "aud" and "azp" (OpenID Connect Core 3.1.3.7, steps 3 to 5): we are among the audiences, and the token was made for
/// us.
bool is_for(const JsonElement& claims, std::string_view audience) {
    const auto value = member(claims, "aud");
    const auto authorized = member(claims, "azp");
    const auto audiences = elements_of(value);
    const bool among = text_of(value) == audience ||
                       std::ranges::any_of(audiences, [audience](const auto& one) { return text_of(one) == audience; });
    return among && ((!authorized && audiences.size() <= 1) || text_of(authorized) == audience);
}

/// Some providers send "true" as a text; everything else, and nothing, is false.
bool says_true(const std::optional<JsonElement>& value) {
    bool is_true = false;
    return (value && value->get(is_true) == simdjson::SUCCESS && is_true) || text_of(value) == "true";
}

}  // namespace

std::string_view to_text(TokenFault fault) {
    switch (fault) {
        case TokenFault::kMalformed: return "malformed";
        case TokenFault::kWrongAlgorithm: return "not the algorithm of the key";
        case TokenFault::kUnknownKey: return "signed with an unknown key";
        case TokenFault::kWeakKey: return "signed with a key that is too weak";
        case TokenFault::kBadSignature: return "the signature is wrong";
        case TokenFault::kExpired: return "expired";
        case TokenFault::kNotYetValid: return "not valid yet";
        case TokenFault::kWrongIssuer: return "of another issuer";
        case TokenFault::kWrongAudience: return "for another audience";
        case TokenFault::kWrongNonce: return "of another sign-in";
        case TokenFault::kMissingClaim: return "a claim is missing";
    }
    return "";
}

SigningKey make_signing_key() { return {to_hex(random_bytes(8)), random_bytes(kSecretBytes)}; }

SigningKeys::SigningKeys(std::vector<SigningKey> keys) : keys_(std::move(keys)) {
    for (auto key = keys_.begin(); key != keys_.end(); ++key) {
        const bool again =
            std::any_of(keys_.begin(), key, [&](const SigningKey& other) { return other.id == key->id; });
        if (again || key->id.empty() || key->secret.size() < kSecretBytes) {
            throw std::invalid_argument("signing keys need ids that differ and 32 bytes of secret");
        }
    }
    if (keys_.empty()) {
        throw std::invalid_argument("there is no signing key");
    }
}

std::string SigningKeys::sign(const AccessClaims& claims) const {
    const SigningKey& key = keys_.front();
    std::string header = R"({"alg":"HS256","typ":"JWT","kid":)";
    json::append(header, key.id);
    header += '}';
    std::string payload = R"({"iss":)";
    json::append(payload, kTokenIssuer);
    payload += R"(,"aud":)";
    json::append(payload, kTokenAudience);
    payload += R"(,"sub":)";
    json::append(payload, claims.subject);
    payload += R"(,"sid":)";
    json::append(payload, claims.session);
    payload += R"(,"ver":)";
    json::append(payload, claims.version);
    payload += R"(,"iat":)";
    json::append(payload, claims.issued_at / base::kSecond);
    payload += R"(,"exp":)";
    json::append(payload, claims.expires_at / base::kSecond);
    payload += '}';
    const std::string signed_bytes = to_base64url(header) + "." + to_base64url(payload);
    return signed_bytes + "." + to_base64url(hmac_sha256(key.secret, signed_bytes));
}

TokenResult<AccessClaims> SigningKeys::verify(std::string_view token, base::UnixMillis now) const {
    const auto parts = take_apart(token);
    if (!parts) {
        return tl::unexpected(parts.error());
    }
    if (parts->algorithm != "HS256") {
        return tl::unexpected(TokenFault::kWrongAlgorithm);
    }
    const auto key = std::ranges::find(keys_, parts->key_id, [](const SigningKey& k) { return std::optional(k.id); });
    if (key == keys_.end()) {
        return tl::unexpected(TokenFault::kUnknownKey);
    }
    if (!constant_time_equal(hmac_sha256(key->secret, parts->signed_bytes), parts->signature)) {
        return tl::unexpected(TokenFault::kBadSignature);
    }
    const auto object = JsonObject::parse(parts->payload);
    if (!object) {
        return tl::unexpected(TokenFault::kMalformed);
    }
    const JsonElement& claims = object->root();
    const auto version = member(claims, "ver");
    std::int64_t version_number = 0;
    if (version && version->get(version_number) != simdjson::SUCCESS) {
        return tl::unexpected(TokenFault::kMalformed);
    }
    if (text_member(claims, "iss") != kTokenIssuer) {
        return tl::unexpected(TokenFault::kWrongIssuer);
    }
    if (!is_for(claims, kTokenAudience)) {
        return tl::unexpected(TokenFault::kWrongAudience);
    }
    const auto issued_at = time_of(claims, "iat");
    const auto expires_at = time_of(claims, "exp");
    if (!issued_at || !expires_at) {
        return tl::unexpected(issued_at ? expires_at.error() : issued_at.error());
    }
    if (*expires_at <= now) {
        return tl::unexpected(TokenFault::kExpired);
    }
    if (*issued_at > now + kOwnClockGrace) {
        return tl::unexpected(TokenFault::kNotYetValid);
    }
    AccessClaims result{std::string(text_member(claims, "sub")), std::string(text_member(claims, "sid")),
                        version_number, *issued_at, *expires_at};
    if (result.subject.empty() || result.session.empty() || !version) {
        return tl::unexpected(TokenFault::kMissingClaim);
    }
    return result;
}

TokenResult<IdClaims> verify_id_token(std::string_view token, std::string_view jwks_json,
                                      const IdTokenExpectation& expected) {
    auto parts = take_apart(token);
    if (!parts) {
        return tl::unexpected(parts.error());
    }
    const auto key = find_provider_key(*parts, jwks_json);
    if (!key) {
        return tl::unexpected(key.error());
    }
    const auto verify = key->rsa ? impl::verify_rs256 : impl::verify_es256;
    if (!verify(key->der, parts->signed_bytes, parts->signature)) {
        return tl::unexpected(TokenFault::kBadSignature);
    }
    const auto object = JsonObject::parse(parts->payload);
    if (!object) {
        return tl::unexpected(TokenFault::kMalformed);
    }
    const JsonElement& claims = object->root();
    if (text_member(claims, "iss") != expected.issuer) {
        return tl::unexpected(TokenFault::kWrongIssuer);
    }
    if (!is_for(claims, expected.audience)) {
        return tl::unexpected(TokenFault::kWrongAudience);
    }
    const auto expires_at = time_of(claims, "exp");
    const auto issued_at = time_of(claims, "iat");
    const auto not_before = time_of(claims, "nbf");
    if (!issued_at || !expires_at) {
        return tl::unexpected(issued_at ? expires_at.error() : issued_at.error());
    }
    if (!not_before && not_before.error() != TokenFault::kMissingClaim) {
        return tl::unexpected(not_before.error());
    }
    if (*expires_at + expected.leeway <= expected.now) {
        return tl::unexpected(TokenFault::kExpired);
    }
    if (std::max(*issued_at, not_before.value_or(0)) > expected.now + expected.leeway) {
        return tl::unexpected(TokenFault::kNotYetValid);
    }
    const std::string_view nonce = text_member(claims, "nonce");
    if (expected.nonce.empty() || !constant_time_equal(nonce, expected.nonce)) {
        return tl::unexpected(TokenFault::kWrongNonce);
    }
    IdClaims result;
    result.subject = text_member(claims, "sub");
    if (result.subject.empty()) {
        return tl::unexpected(TokenFault::kMissingClaim);
    }
    result.mail = text_member(claims, "email");
    result.mail_verified = says_true(member(claims, "email_verified"));
    result.name = text_member(claims, "name");
    result.preferred_username = text_member(claims, "preferred_username");
    result.payload = std::move(parts->payload);
    return result;
}

std::vector<std::string> claim_texts(std::string_view payload, std::string_view name) {
    const auto claims = JsonObject::parse(payload);
    if (!claims) {
        return {};
    }
    auto value = member(claims->root(), name);
    if (!value) {
        value = claims->root();
        for (std::size_t start = 0; value && start <= name.size();) {
            const std::size_t end = std::min(name.find('.', start), name.size());
            value = member(value, name.substr(start, end - start));
            start = end + 1;
        }
    }
    std::vector<std::string> texts;
    if (const auto text = text_of(value)) {
        texts.emplace_back(*text);
    }
    for (const JsonElement& element : elements_of(value)) {
        if (const auto text = text_of(element)) {
            texts.emplace_back(*text);
        }
    }
    return texts;
}

bool claim_is_true(std::string_view payload, std::string_view name) {
    const auto claims = JsonObject::parse(payload);
    return claims && says_true(member(claims->root(), name));
}

}  // namespace tidemark::crypto
