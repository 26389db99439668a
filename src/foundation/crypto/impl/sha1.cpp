#include "foundation/crypto/impl/sha1.hpp"

#include <array>
#include <bit>
#include <cstdint>

#include "foundation/crypto/random.hpp"

namespace tidemark::crypto::impl {

std::string sha1(std::string_view bytes) {
    std::string padded(bytes);
    padded.push_back(static_cast<char>(0x80));
    padded.resize((padded.size() + 8 + 63) / 64 * 64, '\0');
    const std::uint64_t bits = std::uint64_t{bytes.size()} * 8;
    for (std::size_t i = 0; i < 8; ++i) {
        padded[padded.size() - 1 - i] = static_cast<char>(bits >> 8 * i & 0xff);
    }
    std::array<std::uint32_t, 5> h = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    for (std::size_t block = 0; block < padded.size(); block += 64) {
        std::array<std::uint32_t, 80> w{};
        for (std::size_t i = 0; i < 64; ++i) {
            w[i / 4] = w[i / 4] << 8 | static_cast<unsigned char>(padded[block + i]);
        }
        for (std::size_t i = 16; i < 80; ++i) {
            w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
        }
        auto [a, b, c, d, e] = h;
        for (std::size_t i = 0; i < 80; ++i) {
            std::uint32_t f = b ^ c ^ d;
            std::uint32_t k = i < 40 ? 0x6ed9eba1 : 0xca62c1d6;
            if (i < 20) {
                f = (b & c) | (~b & d);
                k = 0x5a827999;
            } else if (i >= 40 && i < 60) {
                f = (b & c) | (b & d) | (c & d);
                k = 0x8f1bbcdc;
            }
            const std::uint32_t next = std::rotl(a, 5) + f + e + k + w[i];
            e = d;
            d = c;
            c = std::rotl(b, 30);
            b = a;
            a = next;
        }
        h = {h[0] + a, h[1] + b, h[2] + c, h[3] + d, h[4] + e};
    }
    wipe(padded);
    std::string digest;
    for (const std::uint32_t word : h) {
        for (unsigned shift = 32; shift > 0; shift -= 8) {
            digest.push_back(static_cast<char>(word >> (shift - 8) & 0xff));
        }
    }
    return digest;
}

}  // namespace tidemark::crypto::impl
