#include "foundation/crypto/totp.hpp"

#include <set>

#include <gtest/gtest.h>

#include "foundation/crypto/random.hpp"

namespace tidemark::crypto {
namespace {

const std::string kSecret = "12345678901234567890";

TEST(Totp, CodesAreThoseOfRfc6238AndRfc4226) {
    // RFC 6238 appendix B has 8 digits: these are their last 6.
    const std::pair<std::int64_t, const char*> vectors[] = {{59, "287082"},         {1111111109, "081804"},
                                                            {1111111111, "050471"}, {1234567890, "005924"},
                                                            {2000000000, "279037"}, {20000000000, "353130"}};
    for (const auto& [seconds, code] : vectors) {
        EXPECT_EQ(totp_code(kSecret, seconds / 30), code);
    }
    // RFC 4226 appendix D.
    const char* const counts[] = {"755224", "287082", "359152", "969429", "338314",
                                  "254676", "287922", "162583", "399871", "520489"};
    for (std::int64_t i = 0; i < 10; ++i) {
        EXPECT_EQ(totp_code(kSecret, i), counts[i]);
    }
}

TEST(Totp, ACodeWorksOnceAndForAMinuteAndAHalf) {
    const base::UnixMillis now = 1'700'000'000'000;
    const std::int64_t step = now / kTotpStep;
    for (const std::int64_t other : {-2, -1, 0, 1, 2}) {
        const auto matched = matching_totp_step(kSecret, totp_code(kSecret, step + other), now, 0);
        EXPECT_EQ(matched, std::abs(other) <= 1 ? std::optional(step + other) : std::nullopt) << other;
    }
    const std::string code = totp_code(kSecret, step);
    EXPECT_EQ(matching_totp_step(kSecret, code, now, step), std::nullopt);
    EXPECT_EQ(matching_totp_step(kSecret, totp_code(kSecret, step - 1), now, step), std::nullopt);
    EXPECT_EQ(matching_totp_step(kSecret, totp_code(kSecret, step + 1), now, step), step + 1);
    EXPECT_EQ(matching_totp_step(kSecret, code.substr(0, 3) + " " + code.substr(3), now, 0), step);
}

TEST(Totp, WhatIsNoCodeDoesNotMatch) {
    const base::UnixMillis now = 59 * base::kSecond;
    for (const char* code : {"", "28708", "2870820", "287083", "28708a", "-87082", "287 08"}) {
        EXPECT_EQ(matching_totp_step(kSecret, code, now, 0), std::nullopt) << code;
    }
    EXPECT_EQ(matching_totp_step(kSecret, std::string("287082\0", 7), now, 0), std::nullopt);
    EXPECT_EQ(matching_totp_step("another secret", "287082", now, 0), std::nullopt);
}

TEST(Totp, TheUriNamesAccountAndIssuerWhateverTheyAre) {
    EXPECT_EQ(otpauth_uri("Tidemark", "ann@example.org", kSecret),
              "otpauth://totp/Tidemark:ann%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Tidemark"
              "&algorithm=SHA1&digits=6&period=30");
    EXPECT_TRUE(otpauth_uri("A & B?", "x:y/z#\xc3\xa9", kSecret)
                    .starts_with("otpauth://totp/A%20%26%20B%3F:x%3Ay%2Fz%23%C3%A9?secret="));
    EXPECT_EQ(make_totp_secret().size(), 20U);
    EXPECT_NE(make_totp_secret(), make_totp_secret());
}

TEST(RecoveryCodes, AreTenThatDifferAndAreReadHoweverTyped) {
    const auto codes = make_recovery_codes();
    std::set<std::string> hashes;
    for (const std::string& code : codes) {
        ASSERT_EQ(code.size(), 11U);
        EXPECT_EQ(code[5], '-');
        hashes.insert(recovery_code_hash(code).value());
    }
    EXPECT_EQ(codes.size(), 10U);
    EXPECT_EQ(hashes.size(), 10U);
    EXPECT_EQ(recovery_code_hash("ABCDE-FGH23"), recovery_code_hash(" abcdefgh23 "));
    EXPECT_NE(recovery_code_hash("ABCDE-FGH23"), recovery_code_hash("ABCDE-FGH24"));
    for (const char* code : {"", "ABCDE", "ABCDE-FGH23A", "ABCDE-FGH20", "ABCDE_FGH23", "ABCDE-FGH2\x80"}) {
        EXPECT_FALSE(recovery_code_hash(code)) << code;
    }
}

}  // namespace
}  // namespace tidemark::crypto
