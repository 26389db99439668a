// libsodium, ready to use, with its bytes as text.
#pragma once

#include <string>
#include <string_view>

#include <sodium.h>

namespace tidemark::crypto::impl {

/// Before every first use; ends the process when there is no source of randomness.
void start_sodium();

inline const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
inline unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

}  // namespace tidemark::crypto::impl
