// Passwords: Argon2id (RFC 9106, through libsodium) and what a new one must be like. Thread-safe; hash and verify take
// tens of milliseconds and PasswordCost::memory_bytes each, so callers run them in a bounded pool.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "foundation/base/result.hpp"

namespace tidemark::crypto {

/// The smallest setting of OWASP's Password Storage Cheat Sheet for Argon2id (19 MiB, 2 passes, 1 lane). More memory
/// would slow an attacker who has the database, but also let a flood of log-ins starve a machine of two cores.
struct PasswordCost {
    std::uint64_t passes = 2;
    std::size_t memory_bytes = 19 * 1024 * 1024;
};

/// A PHC string, "$argon2id$v=19$m=19456,t=2,p=1$…$…", with a salt of its own. kResourceExhausted when there is no
/// memory.
[[nodiscard]] base::Result<std::string> hash_password(std::string_view password, const PasswordCost& cost = {});
/// False too when the PHC string is no Argon2id hash, and for a password of more than kMaximumPasswordBytes.
[[nodiscard]] bool verify_password(std::string_view password, const std::string& phc);
/// True when the PHC string was made with another cost (or is none): hash anew after a log-in that succeeded.
[[nodiscard]] bool needs_rehash(const std::string& phc, const PasswordCost& cost = {});
/// A hash no password matches, of the default cost: verify against it when the account is unknown, so that the answer
/// takes as long as for a known one. Made by the first call, which takes that long too: call it once at the start.
[[nodiscard]] const std::string& dummy_password_hash();

constexpr std::size_t kMinimumPasswordCharacters = 12;  ///< Code points
constexpr std::size_t kMaximumPasswordBytes = 1024;     ///< So that a request cannot make us hash megabytes

enum class PasswordFault {
    kNone,
    kNotText,   ///< Not UTF-8, or with control characters
    kTooShort,  ///< Fewer than kMinimumPasswordCharacters
    kTooLong,   ///< More than kMaximumPasswordBytes
    kCommon,    ///< In the list of common passwords, or one of them with digits and signs around it
    kSimple,    ///< One piece over and over, hardly any different characters, or neighbours of the keyboard or alphabet
    kPersonal,  ///< Little more than the person's name, account or mail address
};

/// What is wrong with a new password. `personal`: account name, mail address, display name of the person; parts of
/// fewer than 4 characters are not looked at. A password is common or personal when that is at least half of it:
/// "Password2026!!" is refused, "password of my green bicycle" is not. Letters of digits and signs ("P@ssw0rd") count
/// as the letters. The bytes are hashed as they come: no Unicode normalisation.
[[nodiscard]] PasswordFault check_password(std::string_view password, std::span<const std::string> personal);
/// A sentence for the person, "" for kNone.
[[nodiscard]] std::string_view to_text(PasswordFault fault);

}  // namespace tidemark::crypto
