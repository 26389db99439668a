#include "foundation/crypto/api_key.hpp"

#include <set>

#include <gtest/gtest.h>

namespace tidemark::crypto {
namespace {

TEST(ApiKey, IsRecognisedAndNeverTheSame) {
    std::set<std::string> keys;
    for (int i = 0; i < 500; ++i) {
        const std::string key = make_api_key();
        EXPECT_EQ(key.size(), 40U);
        EXPECT_TRUE(is_api_key(key)) << key;
        keys.insert(key);
    }
    EXPECT_EQ(keys.size(), 500U);
    EXPECT_EQ(api_key_hint(*keys.begin()), keys.begin()->substr(36));
    EXPECT_EQ(api_key_hint("ab"), "ab");
}

TEST(ApiKey, TheChecksumIsPartOfTheFormat) {
    // CRC-32 (as zlib's) of the first 34 characters, to the base 62: scanners outside compute it too.
    EXPECT_TRUE(is_api_key("tmk_0000000000000000000000000000003VHM61"));
}

TEST(ApiKey, AChangedCharacterIsNoticed) {
    const std::string key = make_api_key();
    for (std::size_t i = 0; i < key.size(); ++i) {
        for (const char c : {'0', 'z', '-', '\0', '\xff'}) {
            std::string other = key;
            other[i] = c;
            EXPECT_EQ(is_api_key(other), other == key) << i;
        }
    }
    for (const std::string& other :
         {std::string(), key.substr(1), key + "0", key.substr(0, 39), " " + key, key + "\n"}) {
        EXPECT_FALSE(is_api_key(other));
    }
}

TEST(ApiKey, ItsHashIsOfItAlone) {
    const std::string key = make_api_key();
    EXPECT_EQ(api_key_hash(key), api_key_hash(key));
    EXPECT_NE(api_key_hash(key), api_key_hash(make_api_key()));
    EXPECT_EQ(api_key_hash(key).size(), 32U);
}

}  // namespace
}  // namespace tidemark::crypto
