// Signed tokens (RFC 7519): our own access tokens (HS256), and the ID tokens of OpenID Connect providers (RS256,
// ES256). The algorithm follows from the key and never from the token; "none" does not exist here. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "foundation/base/clock.hpp"

namespace tidemark::crypto {

/// Why a token is refused: for the log and the audit, clients just learn that it is.
enum class TokenFault {
    kMalformed,       ///< Not three parts of base64url with JSON objects, too long, or a claim of the wrong type
    kWrongAlgorithm,  ///< Not the algorithm of the key
    kUnknownKey,      ///< No key with that id; for an ID token: fetch the provider's keys anew, once
    kWeakKey,         ///< The provider's key is too short, or no key at all
    kBadSignature,
    kExpired,
    kNotYetValid,
    kWrongIssuer,
    kWrongAudience,
    kWrongNonce,
    kMissingClaim,
};
[[nodiscard]] std::string_view to_text(TokenFault fault);

template <class T>
using TokenResult = tl::expected<T, TokenFault>;

/// Longer tokens are refused unread.
constexpr std::size_t kMaximumTokenBytes = 16 * 1024;

struct AccessClaims {
    std::string subject;              ///< "sub": account id
    std::string session;              ///< "sid": session id
    std::int64_t version = 0;         ///< "ver": the account's version; a role change or sign-out everywhere raises it
    base::UnixMillis issued_at = 0;   ///< "iat", in whole seconds in the token
    base::UnixMillis expires_at = 0;  ///< "exp", in whole seconds in the token
    bool operator==(const AccessClaims&) const = default;
};

/// "iss" and "aud" of our own tokens.
constexpr std::string_view kTokenIssuer = "tidemark";
constexpr std::string_view kTokenAudience = "tidemark";

struct SigningKey {
    std::string id;      ///< "kid"
    std::string secret;  ///< 32 bytes
};
[[nodiscard]] SigningKey make_signing_key();

/// The keys of our own tokens, the current one first; the others still verify. Immutable: a rotation makes a new set.
class SigningKeys {
public:
    /// At least one key; ids differ and secrets have 32 bytes or more (else std::invalid_argument).
    explicit SigningKeys(std::vector<SigningKey> keys);

    [[nodiscard]] std::string sign(const AccessClaims& claims) const;
    /// Expired from expires_at on; a token of the future is refused (with ten seconds of grace: clocks are set back).
    [[nodiscard]] TokenResult<AccessClaims> verify(std::string_view token, base::UnixMillis now) const;

private:
    std::vector<SigningKey> keys_;
};

/// What an ID token must say (OpenID Connect Core 1.0, section 3.1.3.7).
struct IdTokenExpectation {
    std::string issuer;    ///< Exactly as in the provider's discovery document
    std::string audience;  ///< Our client id
    std::string nonce;     ///< The one of this sign-in
    base::UnixMillis now = 0;
    base::UnixMillis leeway = base::kMinute;  ///< How far the provider's clock may be off
};

struct IdClaims {
    std::string subject;
    std::string mail;  ///< "email", "" when absent
    bool mail_verified = false;
    std::string name;                ///< "name", "" when absent
    std::string preferred_username;  ///< "" when absent
    std::string payload;             ///< All claims, the JSON as it was signed: for claim_texts()
};

/// `jwks_json`: the document at the provider's jwks_uri (RFC 7517). Takes RSA keys of 2048 … 8192 bits and P-256 ones;
/// other keys in the document are skipped. A token without "kid" is taken when only one key fits its algorithm.
[[nodiscard]] TokenResult<IdClaims> verify_id_token(std::string_view token, std::string_view jwks_json,
                                                    const IdTokenExpectation& expected);

/// The texts of a claim that is a text or an array of texts ("groups"); a name with dots that is no claim itself is a
/// path ("realm_access.roles"). Empty when there is nothing of the kind.
[[nodiscard]] std::vector<std::string> claim_texts(std::string_view payload, std::string_view name);
/// Whether a member of the object is true, or "true" as some providers write it.
[[nodiscard]] bool claim_is_true(std::string_view payload, std::string_view name);

}  // namespace tidemark::crypto
