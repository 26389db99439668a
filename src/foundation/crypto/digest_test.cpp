#include "foundation/crypto/digest.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

#include "foundation/crypto/random.hpp"

namespace tidemark::crypto {
namespace {

TEST(Digest, Sha256IsThatOfFips180) {
    EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(to_hex(sha256(std::string(1'000'000, 'a'))),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Digest, Sha256OfPartsIsThatOfTheWhole) {
    Sha256 hash;
    for (int i = 0; i < 1000; ++i) {
        hash.add(std::string(1000, 'a'));
    }
    EXPECT_EQ(hash.finish(), sha256(std::string(1'000'000, 'a')));
    EXPECT_EQ(hash.finish(), sha256("")) << "it starts anew";
    hash.add("ab");
    hash.add("");
    hash.add("c");
    EXPECT_EQ(hash.finish(), sha256("abc"));
}

TEST(Digest, HmacSha256IsThatOfRfc4231) {
    EXPECT_EQ(to_hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(to_hex(hmac_sha256(std::string(20, '\xaa'), std::string(50, '\xdd'))),
              "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    // A key longer than a block.
    EXPECT_EQ(to_hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Digest, HmacSha256IsThatOfRfc7515) {
    // Appendix A.1: what is signed, and the signature.
    const auto key =
        from_base64url("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
    EXPECT_EQ(
        to_base64url(hmac_sha256(*key,
                                 "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTk"
                                 "zODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ")),
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
}

TEST(Digest, KeyedBlake2bDependsOnKeyAndText) {
    const std::string key(32, 'k');
    EXPECT_EQ(keyed_blake2b(key, "a").size(), kDigestBytes);
    EXPECT_EQ(keyed_blake2b(key, "a"), keyed_blake2b(key, "a"));
    EXPECT_NE(keyed_blake2b(key, "a"), keyed_blake2b(key, "b"));
    EXPECT_NE(keyed_blake2b(key, "a"), keyed_blake2b(std::string(32, 'l'), "a"));
    // A short key must not become the key of zeros, or none.
    EXPECT_THROW((void)keyed_blake2b("short", "a"), std::invalid_argument);
    EXPECT_THROW((void)keyed_blake2b(std::string(65, 'k'), "a"), std::invalid_argument);
}

TEST(TokenHash, KeepsPurposesApart) {
    EXPECT_EQ(token_hash("refresh", "abc"), token_hash("refresh", "abc"));
    EXPECT_NE(token_hash("refresh", "abc"), token_hash("reset", "abc"));
    EXPECT_NE(token_hash("refresh", "abc"), sha256("abc"));
}

}  // namespace
}  // namespace tidemark::crypto
