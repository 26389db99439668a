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
    // The n <= 8 bytes as a little-endian number. Two reads that overlap give the same bits as n single ones, and have
    // lengths the compiler knows: most texts are short, and a call of memcpy would cost more than the hash.
    const auto part = [](const char* from, auto word) {
        std::memcpy(&word, from, sizeof word);
        return static_cast<std::uint64_t>(word);
    };
    if (n >= 8) {
        return part(p, std::uint64_t{});
    }
    if (n >= 4) {
        return part(p, std::uint32_t{}) | part(p + n - 4, std::uint32_t{}) << (n - 4) * 8;
    }
    if (n >= 2) {
        return part(p, std::uint16_t{}) | part(p + n - 2, std::uint16_t{}) << (n - 2) * 8;
    }
    return n == 1 ? part(p, std::uint8_t{}) : 0;
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

/// For hash tables with texts as keys: looks up a view in a table of strings.
struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return hash64(text); }
};

}  // namespace tidemark::base
