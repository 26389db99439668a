// A 64-bit non-cryptographic hash for keys that are stored: its value is part of the database format and never changes.
// Algorithm: wyhash-style folded 128-bit multiply over 8-byte words (Wang Yi's public-domain construction), constants
// fixed below. Collisions are possible; whoever stores a key compares the text too.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace tidemark::base {

namespace hash_impl {
inline std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}
inline std::uint64_t load(const char* p, std::size_t n) {
    std::uint64_t word = 0;
    if (n > 0) {  // an empty text may have no address, which memcpy must not be given
        std::memcpy(&word, p, n);
    }
    return word;
}
}  // namespace hash_impl

[[nodiscard]] inline std::uint64_t hash64(std::string_view text, std::uint64_t seed = 0) {
    constexpr std::uint64_t kA = 0xa0761d6478bd642f;
    constexpr std::uint64_t kB = 0xe7037ed1a0b428db;
    constexpr std::uint64_t kC = 0x8ebc6af09c88c6e3;
    std::uint64_t state = hash_impl::fold(seed ^ kA, text.size() ^ kB);
    const char* p = text.data();
    std::size_t left = text.size();
    for (; left > 16; left -= 16, p += 16) {
        state = hash_impl::fold(hash_impl::load(p, 8) ^ kB, hash_impl::load(p + 8, 8) ^ state);
    }
    const std::size_t first = left < 8 ? left : 8;
    const std::uint64_t a = hash_impl::load(p, first);
    const std::uint64_t b = left > 8 ? hash_impl::load(p + 8, left - 8) : 0;
    return hash_impl::fold(hash_impl::fold(a ^ kB, b ^ state), kC);
}

[[nodiscard]] inline std::uint64_t hash_combine(std::uint64_t a, std::uint64_t b) {
    return hash_impl::fold(a ^ 0x589965cc75374cc3, b ^ 0x1d8e4e27c47d124f);
}

}  // namespace tidemark::base
