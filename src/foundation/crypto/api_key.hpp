// API keys: "tmk_" + 30 random characters (0-9, A-Z, a-z; 178 bits) + 6 characters with the CRC-32 of all before them.
// Secret scanners find the prefix and tell a key from a look-alike by the checksum; so does the server, before it asks
// the store. Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace tidemark::crypto {

constexpr std::string_view kApiKeyPrefix = "tmk_";

[[nodiscard]] std::string make_api_key();
/// Prefix, length, characters and checksum are right: no promise that such a key was ever made.
[[nodiscard]] bool is_api_key(std::string_view text);
/// What the store keeps; see token_hash().
[[nodiscard]] std::string api_key_hash(std::string_view key);
/// The last four characters, by which a person tells keys apart; of 178 bits they tell 24.
[[nodiscard]] std::string api_key_hint(std::string_view key);

}  // namespace tidemark::crypto
