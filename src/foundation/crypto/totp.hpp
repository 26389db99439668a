// The second factor: codes of an authenticator app (RFC 6238: HMAC-SHA-1, 6 digits, 30 seconds, which is what all apps
// do) and recovery codes. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/clock.hpp"

namespace tidemark::crypto {

constexpr base::UnixMillis kTotpStep = 30 * base::kSecond;

/// 20 random bytes (RFC 4226 section 4, R6).
[[nodiscard]] std::string make_totp_secret();
/// The code of one step, a time divided by kTotpStep: 6 digits.
[[nodiscard]] std::string totp_code(std::string_view secret, std::int64_t step);
/// The step whose code this is: now's, or a neighbour's for a clock that is off by up to 30 seconds. Steps up to
/// `last_used` do not match, so that a code works once: store what this returns (RFC 6238 section 5.2). Spaces in the
/// code do not matter.
[[nodiscard]] std::optional<std::int64_t> matching_totp_step(std::string_view secret, std::string_view code,
                                                             base::UnixMillis now, std::int64_t last_used);
/// What the QR code holds: "otpauth://totp/Tidemark:ann%40example.org?secret=…&issuer=Tidemark&algorithm=SHA1&…".
[[nodiscard]] std::string otpauth_uri(std::string_view issuer, std::string_view account, std::string_view secret);

/// Ten codes "ABCDE-FGH23" of 50 random bits each, for the day the phone is lost.
[[nodiscard]] std::vector<std::string> make_recovery_codes();
/// token_hash() of the code without the dash, spaces and case, or nothing when it cannot be a code. 50 bits are few for
/// who has the database: keep the hash sealed by the KeyRing.
[[nodiscard]] std::optional<std::string> recovery_code_hash(std::string_view code);

}  // namespace tidemark::crypto
