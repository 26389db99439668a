// Random bytes and the texts that carry bytes: hex, base64url, base32. Bytes are std::string, as SQLite and files take
// them. Everything here is thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tidemark::crypto {

/// From the system's generator (getrandom). Ends the process when there is none.
[[nodiscard]] std::string random_bytes(std::size_t count);
/// `count` random bytes as base64url: 32 bytes are 43 characters that fit into a URL, a cookie and a header.
[[nodiscard]] std::string random_token(std::size_t count = 32);

/// RFC 4648 section 5, without padding. Decoding takes exactly what encoding gives: no padding, no spaces, no bits
/// left over, so that two texts never mean the same bytes.
[[nodiscard]] std::string to_base64url(std::string_view bytes);
[[nodiscard]] std::optional<std::string> from_base64url(std::string_view text);

/// RFC 4648 section 6 (A-Z, 2-7), without padding. Decoding takes lower case too, and nothing else.
[[nodiscard]] std::string to_base32(std::string_view bytes);
[[nodiscard]] std::optional<std::string> from_base32(std::string_view text);

/// Lower case; decoding takes upper case too.
[[nodiscard]] std::string to_hex(std::string_view bytes);
[[nodiscard]] std::optional<std::string> from_hex(std::string_view text);

/// Compares in a time that depends on the lengths only.
[[nodiscard]] bool constant_time_equal(std::string_view a, std::string_view b);

/// Overwrites the text's bytes, which the compiler may not leave out, and makes it empty.
void wipe(std::string& secret);

}  // namespace tidemark::crypto
