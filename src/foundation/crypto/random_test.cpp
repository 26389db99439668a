#include "foundation/crypto/random.hpp"

#include <set>

#include <gtest/gtest.h>

namespace tidemark::crypto {
namespace {

TEST(Random, GivesAsManyBytesAsAskedForAndNeverTheSame) {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        seen.insert(random_bytes(16));
    }
    EXPECT_EQ(seen.size(), 1000U);
    EXPECT_EQ(seen.begin()->size(), 16U);
    EXPECT_EQ(random_bytes(0), "");
    EXPECT_EQ(random_token().size(), 43U);
    EXPECT_EQ(from_base64url(random_token(20))->size(), 20U);
}

TEST(Encodings, AreThoseOfRfc4648) {
    // Section 10, without the padding.
    const char* const plain[] = {"", "f", "fo", "foo", "foob", "fooba", "foobar"};
    const char* const base64[] = {"", "Zg", "Zm8", "Zm9v", "Zm9vYg", "Zm9vYmE", "Zm9vYmFy"};
    const char* const base32[] = {"", "MY", "MZXQ", "MZXW6", "MZXW6YQ", "MZXW6YTB", "MZXW6YTBOI"};
    const char* const hex[] = {"", "66", "666f", "666f6f", "666f6f62", "666f6f6261", "666f6f626172"};
    for (std::size_t i = 0; i < std::size(plain); ++i) {
        EXPECT_EQ(to_base64url(plain[i]), base64[i]);
        EXPECT_EQ(from_base64url(base64[i]), plain[i]);
        EXPECT_EQ(to_base32(plain[i]), base32[i]);
        EXPECT_EQ(from_base32(base32[i]), plain[i]);
        EXPECT_EQ(to_hex(plain[i]), hex[i]);
        EXPECT_EQ(from_hex(hex[i]), plain[i]);
    }
    EXPECT_EQ(to_base64url("\xfb\xff\xfe"), "-__-");
    EXPECT_EQ(from_base32("mzxw6ytboi"), "foobar");
    EXPECT_EQ(from_hex("DEADbeef"), "\xde\xad\xbe\xef");
}

TEST(Encodings, GiveBackEveryByte) {
    for (std::size_t size = 0; size < 70; ++size) {
        const std::string bytes = random_bytes(size);
        EXPECT_EQ(from_base64url(to_base64url(bytes)), bytes);
        EXPECT_EQ(from_base32(to_base32(bytes)), bytes);
        EXPECT_EQ(from_hex(to_hex(bytes)), bytes);
    }
}

TEST(Encodings, RefuseWhatEncodingWouldNotGive) {
    // Other alphabets, padding, spaces, impossible lengths, bits left over.
    for (const char* text : {"Zg==", "Z", "A", "AAAAA", "Zm9vY", "Zh", "Zm9", "+/+/", "Zm 9v", "Zm9v\n", "Zm9v\x80"}) {
        EXPECT_FALSE(from_base64url(text)) << text;
    }
    for (const char* text : {"M", "A", "AAA", "AAAAAA", "MZX", "MZXW6Y", "MZ", "MY======", "01", "MZXW 6", "M1"}) {
        EXPECT_FALSE(from_base32(text)) << text;
    }
    for (const char* text : {"a", "0", "000", "0x", "gg", "ab c", "12 "}) {
        EXPECT_FALSE(from_hex(text)) << text;
    }
    EXPECT_FALSE(from_base64url(std::string_view("Zm\0v", 4)));
}

TEST(ConstantTimeEqual, ComparesAllBytes) {
    EXPECT_TRUE(constant_time_equal("", ""));
    EXPECT_TRUE(constant_time_equal(std::string_view("a\0b", 3), std::string_view("a\0b", 3)));
    EXPECT_FALSE(constant_time_equal(std::string_view("a\0b", 3), std::string_view("a\0c", 3)));
    EXPECT_FALSE(constant_time_equal("abc", "abcd"));
    EXPECT_FALSE(constant_time_equal("", "a"));
}

TEST(Wipe, LeavesNothingBehind) {
    std::string secret = "a secret longer than the short string buffer of a std::string";
    const char* const place = secret.data();
    const std::size_t size = secret.size();
    wipe(secret);
    EXPECT_TRUE(secret.empty());
    EXPECT_EQ(secret.data(), place);
    EXPECT_LT(size, secret.capacity() + 1);
    secret.resize(size, 'x');
    EXPECT_EQ(secret, std::string(size, 'x'));
}

}  // namespace
}  // namespace tidemark::crypto
