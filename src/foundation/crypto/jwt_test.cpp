#include "foundation/crypto/jwt.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>

#include <gtest/gtest.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <unistd.h>

#include "foundation/crypto/digest.hpp"
#include "foundation/crypto/impl/jwk.hpp"
#include "foundation/crypto/random.hpp"

namespace tidemark::crypto {
namespace {

constexpr base::UnixMillis kNow = 1'700'000'000'000;
const SigningKey kKey{"k1", "0123456789abcdef0123456789abcdef"};
const AccessClaims kClaims{"acct-7", "sess-9", 3, kNow, kNow + 15 * base::kMinute};

/// A token with whatever header and claims, signed with HMAC-SHA-256.
std::string hand_made(const std::string& header, const std::string& claims, const std::string& secret = kKey.secret) {
    const std::string input = to_base64url(header) + "." + to_base64url(claims);
    return input + "." + to_base64url(hmac_sha256(secret, input));
}

std::optional<TokenFault> fault_of(const TokenResult<AccessClaims>& result) {
    return result ? std::nullopt : std::optional(result.error());
}

TEST(AccessToken, SaysWhatWasSignedUntilItExpires) {
    const SigningKeys keys({kKey});
    const std::string token = keys.sign(kClaims);
    EXPECT_EQ(keys.verify(token, kNow).value(), kClaims);
    EXPECT_EQ(keys.verify(token, kClaims.expires_at - 1).value(), kClaims);
    EXPECT_EQ(fault_of(keys.verify(token, kClaims.expires_at)), TokenFault::kExpired);
    EXPECT_EQ(fault_of(keys.verify(token, kNow - base::kMinute)), TokenFault::kNotYetValid);
    EXPECT_TRUE(keys.verify(token, kNow - 5 * base::kSecond));
}

TEST(AccessToken, OldKeysVerifyAndDroppedOnesDoNot) {
    const SigningKey next = make_signing_key();
    EXPECT_NE(next.id, make_signing_key().id);
    const std::string old_token = SigningKeys({kKey}).sign(kClaims);
    const SigningKeys both({next, kKey});
    EXPECT_TRUE(both.verify(old_token, kNow));
    EXPECT_TRUE(SigningKeys({next}).verify(both.sign(kClaims), kNow));
    EXPECT_EQ(fault_of(SigningKeys({next}).verify(old_token, kNow)), TokenFault::kUnknownKey);
    EXPECT_EQ(fault_of(SigningKeys({SigningKey{"k1", next.secret}}).verify(old_token, kNow)),
              TokenFault::kBadSignature);
}

TEST(AccessToken, EveryChangedCharacterIsNoticed) {
    const SigningKeys keys({kKey});
    const std::string token = keys.sign(kClaims);
    for (std::size_t i = 0; i < token.size(); ++i) {
        for (const char c : {'A', 'b', '.', '=', '\0', ' '}) {
            std::string other = token;
            other[i] = c;
            EXPECT_EQ(keys.verify(other, kNow).has_value(), other == token) << i << c;
        }
        EXPECT_FALSE(keys.verify(token.substr(0, i), kNow)) << i;
    }
    EXPECT_FALSE(keys.verify(token + "A", kNow));
    EXPECT_FALSE(keys.verify(token + ".", kNow));
    EXPECT_FALSE(keys.verify(token + std::string(1, '\0'), kNow));
    EXPECT_FALSE(keys.verify(token + std::string("\0.x", 3), kNow));
}

TEST(AccessToken, TakesTheAlgorithmOfTheKeyOnly) {
    const SigningKeys keys({kKey});
    const std::string good = keys.sign(kClaims);
    const std::string claims =
        from_base64url(good.substr(good.find('.') + 1, good.rfind('.') - good.find('.') - 1)).value();
    EXPECT_TRUE(keys.verify(hand_made(R"({"alg":"HS256","kid":"k1"})", claims), kNow));
    for (const char* algorithm :
         {"none", "None", "NONE", "hs256", "HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA", "HS256 "}) {
        const std::string header = std::string(R"({"alg":")") + algorithm + R"(","kid":"k1"})";
        EXPECT_EQ(fault_of(keys.verify(hand_made(header, claims), kNow)), TokenFault::kWrongAlgorithm) << algorithm;
        const std::string unsigned_token = to_base64url(header) + "." + to_base64url(claims) + ".";
        EXPECT_EQ(fault_of(keys.verify(unsigned_token, kNow)), TokenFault::kWrongAlgorithm) << algorithm;
    }
    const std::string header = R"({"alg":"HS256","kid":"k1"})";
    EXPECT_EQ(fault_of(keys.verify(to_base64url(header) + "." + to_base64url(claims) + ".", kNow)),
              TokenFault::kBadSignature);
}

TEST(AccessToken, RefusesHeadersThatAreNot) {
    const SigningKeys keys({kKey});
    const std::string good = keys.sign(kClaims);
    const std::string claims =
        from_base64url(good.substr(good.find('.') + 1, good.rfind('.') - good.find('.') - 1)).value();
    for (const char* header : {"", "{}", "[]", "null", "HS256", R"({"alg":"HS256","alg":"none","kid":"k1"})",
                               R"({"alg":1,"kid":"k1"})", R"({"alg":"HS256","kid":1})",
                               R"({"alg":"HS256","kid":"k1","crit":["exp"]})", R"({"alg":"HS256","kid":"k1"}x)",
                               "{\"alg\":\"HS256\",\"kid\":\"k1\\u0000\"}", "{\"alg\":\"HS256\",\"kid\":\"\xff\"}"}) {
        EXPECT_EQ(fault_of(keys.verify(hand_made(header, claims), kNow)), TokenFault::kMalformed) << header;
    }
    EXPECT_EQ(fault_of(keys.verify(hand_made(R"({"alg":"HS256"})", claims), kNow)), TokenFault::kUnknownKey);
    EXPECT_EQ(fault_of(keys.verify(hand_made(R"({"alg":"HS256","kid":""})", claims), kNow)), TokenFault::kUnknownKey);
    EXPECT_EQ(fault_of(keys.verify(std::string(kMaximumTokenBytes + 1, 'A'), kNow)), TokenFault::kMalformed);
    std::string deep =
        "{\"alg\":\"HS256\",\"kid\":\"k1\",\"x\":" + std::string(5000, '[') + std::string(5000, ']') + "}";
    EXPECT_EQ(fault_of(keys.verify(hand_made(deep, "{}"), kNow)), TokenFault::kMalformed);
    for (const char* token : {"", ".", "..", "...", "a.b.c", "e30.e30", "e30.e30.e30.e30"}) {
        EXPECT_EQ(fault_of(keys.verify(token, kNow)), TokenFault::kMalformed) << token;
    }
}

TEST(AccessToken, RefusesClaimsThatAreMissingWrongOrOdd) {
    const SigningKeys keys({kKey});
    const auto fault = [&keys](const std::string& claims) {
        return fault_of(keys.verify(hand_made(R"({"alg":"HS256","kid":"k1"})", claims), kNow));
    };
    const std::string ours = R"("iss":"tidemark","aud":"tidemark",)";
    const std::string who = R"("sub":"a","sid":"s","ver":1,)";
    const std::string when = R"("iat":1700000000,"exp":1700000900)";
    EXPECT_EQ(fault("{" + ours + who + when + "}"), std::nullopt);
    EXPECT_EQ(fault("{" + who + when + "}"), TokenFault::kWrongIssuer);
    EXPECT_EQ(fault(R"({"iss":"other","aud":"tidemark",)" + who + when + "}"), TokenFault::kWrongIssuer);
    EXPECT_EQ(fault(R"({"iss":["tidemark"],"aud":"tidemark",)" + who + when + "}"), TokenFault::kWrongIssuer);
    EXPECT_EQ(fault(R"({"iss":"tidemark","aud":"other",)" + who + when + "}"), TokenFault::kWrongAudience);
    EXPECT_EQ(fault(R"({"iss":"tidemark",)" + who + when + "}"), TokenFault::kWrongAudience);
    EXPECT_EQ(fault("{" + ours + R"("sid":"s","ver":1,)" + when + "}"), TokenFault::kMissingClaim);
    EXPECT_EQ(fault("{" + ours + R"("sub":"a","ver":1,)" + when + "}"), TokenFault::kMissingClaim);
    EXPECT_EQ(fault("{" + ours + R"("sub":"a","sid":"s",)" + when + "}"), TokenFault::kMissingClaim);
    EXPECT_EQ(fault("{" + ours + R"("sub":"a","sid":"s","ver":"1",)" + when + "}"), TokenFault::kMalformed);
    EXPECT_EQ(fault("{" + ours + who + R"("iat":1700000000})"), TokenFault::kMissingClaim);
    EXPECT_EQ(fault("{" + ours + who + R"("exp":1700000900})"), TokenFault::kMissingClaim);
    for (const char* exp : {"\"1700000900\"", "null", "true", "-1", "1e300", "99999999999999999", "[1700000900]"}) {
        EXPECT_EQ(fault("{" + ours + who + R"("iat":1700000000,"exp":)" + exp + "}"), TokenFault::kMalformed) << exp;
    }
    EXPECT_EQ(fault("{" + ours + who + when + R"(,"sub":"b"})"), TokenFault::kMalformed) << "a claim twice";
    EXPECT_EQ(fault("[]"), TokenFault::kMalformed);
}

TEST(AccessToken, KeysMustBeKeys) {
    EXPECT_THROW(SigningKeys(std::vector<SigningKey>{}), std::invalid_argument);
    EXPECT_THROW(SigningKeys({kKey, kKey}), std::invalid_argument);
    EXPECT_THROW(SigningKeys({SigningKey{"k1", "short"}}), std::invalid_argument);
    EXPECT_THROW(SigningKeys({SigningKey{"", kKey.secret}}), std::invalid_argument);
}

// Tokens and public keys of RFC 7515, appendices A.2 and A.3. Their claims are for another audience, which is told only
// when the signature is right.
const std::string kRfcClaims =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const std::string kRfcRsaKey =
    R"({"keys":[{"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}]})";
const std::string kRfcRsaToken =
    "eyJhbGciOiJSUzI1NiJ9." + kRfcClaims +
    ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1"
    "dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--"
    "xi12jzDwu"
    "sC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_"
    "IoypGlUPQGe77Rw";
const std::string kRfcP256Key =
    R"({"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})";
const std::string kRfcP256Token =
    "eyJhbGciOiJFUzI1NiJ9." + kRfcClaims +
    ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

TEST(IdToken, SignaturesOfRfc7515AreRight) {
    const IdTokenExpectation expected{"joe", "client", "n", 1'300'819'000'000};
    for (const auto& [token, key] : {std::pair(kRfcRsaToken, kRfcRsaKey), std::pair(kRfcP256Token, kRfcP256Key)}) {
        EXPECT_EQ(verify_id_token(token, key, expected).error(), TokenFault::kWrongAudience);
        for (const std::size_t place : {token.size() - 80, token.size() - 20, std::size_t{40}}) {
            std::string other = token;
            other[place] = other[place] == 'A' ? 'B' : 'A';
            const auto result = verify_id_token(other, key, expected);
            ASSERT_FALSE(result);
            EXPECT_TRUE(result.error() == TokenFault::kBadSignature || result.error() == TokenFault::kMalformed);
        }
    }
    EXPECT_EQ(verify_id_token(kRfcRsaToken, kRfcP256Key, expected).error(), TokenFault::kUnknownKey);
}

const std::string kExponent("\x01\x00\x01", 3);  // 65537, "AQAB"

/// A provider with keys of its own, made by openssl for this run.
class Provider : public testing::Test {
protected:
    static void SetUpTestSuite() {
        std::string name = testing::TempDir() + "tidemark-oidc-XXXXXX";
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder() = name;
        make("rsa", "RSA -pkeyopt rsa_keygen_bits:2048");
        make("rsa2", "RSA -pkeyopt rsa_keygen_bits:2048");
        make("weak", "RSA -pkeyopt rsa_keygen_bits:1024");
        make("ec", "EC -pkeyopt ec_paramgen_curve:P-256");
    }
    static void TearDownTestSuite() { std::filesystem::remove_all(folder()); }

    static std::string& folder() {
        static std::string value;
        return value;
    }
    static void make(const std::string& name, const std::string& how) {
        const std::string path = folder() + "/" + name;
        const std::string command = "openssl genpkey -quiet -algorithm " + how + " -out " + path +
                                    ".pem 2>/dev/null && openssl pkey -in " + path + ".pem -pubout -outform DER -out " +
                                    path + ".der && openssl pkey -in " + path + ".pem -pubout -out " + path + ".pub";
        ASSERT_EQ(std::system(command.c_str()), 0) << command;
    }
    static std::string bytes(const std::string& name) {
        std::ifstream in(folder() + "/" + name, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    static std::string modulus(const std::string& name, std::size_t size = 256) {
        const std::string der = bytes(name + ".der");  // … modulus, then 02 03 01 00 01
        return der.substr(der.size() - 5 - size, size);
    }
    static std::string point() { return bytes("ec.der").substr(bytes("ec.der").size() - 64); }

    static std::string rsa_jwk(const std::string& name, const std::string& id, const std::string& more = "",
                               std::size_t size = 256) {
        return R"({"kty":"RSA","kid":")" + id + R"(","n":")" + to_base64url(modulus(name, size)) + R"(","e":"AQAB")" +
               more + "}";
    }
    static std::string ec_jwk(const std::string& id, const std::string& more = "") {
        return R"({"kty":"EC","crv":"P-256","kid":")" + id + R"(","x":")" + to_base64url(point().substr(0, 32)) +
               R"(","y":")" + to_base64url(point().substr(32)) + "\"" + more + "}";
    }
    static std::string set_of(const std::string& keys) { return R"({"keys":[)" + keys + "]}"; }
    static std::string good_set() {
        return set_of(rsa_jwk("rsa", "r1") + "," + rsa_jwk("rsa2", "r2") + "," + ec_jwk("e1"));
    }

    /// `key` decides what is made with the digest that `algorithm` names.
    static std::string sign(const std::string& claims, const char* kid = "r1", const std::string& key = "rsa",
                            const std::string& algorithm = "RS256") {
        const std::string header =
            R"({"alg":")" + algorithm + (kid == nullptr ? "" : R"(","kid":")" + std::string(kid)) + "\"}";
        const std::string input = to_base64url(header) + "." + to_base64url(claims);
        return input + "." +
               to_base64url(openssl_signature(key, input, algorithm.ends_with("512") ? EVP_sha512() : EVP_sha256()));
    }
    static std::string openssl_signature(const std::string& name, const std::string& input, const EVP_MD* digest) {
        const std::string pem = bytes(name + ".pem");
        const std::unique_ptr<BIO, decltype(&BIO_free)> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                           BIO_free);
        const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
            PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
        const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
        std::string signature(1024, '\0');
        std::size_t size = signature.size();
        auto* out = reinterpret_cast<unsigned char*>(signature.data());
        EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key.get()), 1) << name;
        EXPECT_EQ(EVP_DigestSign(context.get(), out, &size, reinterpret_cast<const unsigned char*>(input.data()),
                                 input.size()),
                  1);
        signature.resize(size);
        if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_EC) {
            return signature;
        }
        const unsigned char* place = out;
        const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> numbers(
            d2i_ECDSA_SIG(nullptr, &place, static_cast<long>(size)), ECDSA_SIG_free);
        std::string fixed(64, '\0');
        auto* to = reinterpret_cast<unsigned char*>(fixed.data());
        EXPECT_EQ(BN_bn2binpad(ECDSA_SIG_get0_r(numbers.get()), to, 32), 32);
        EXPECT_EQ(BN_bn2binpad(ECDSA_SIG_get0_s(numbers.get()), to + 32, 32), 32);
        return fixed;
    }
    static std::string claims(const std::string& more = "", const std::string& aud = R"("client")",
                              const std::string& when = R"("iat":1700000000,"exp":1700000300)") {
        return R"({"iss":"https://id.example","sub":"u1","nonce":"n-1","aud":)" + aud + "," + when + more + "}";
    }
    static std::optional<TokenFault> fault(const std::string& token, const std::string& keys = good_set(),
                                           base::UnixMillis now = kNow) {
        const auto result = verify_id_token(token, keys, {"https://id.example", "client", "n-1", now});
        return result ? std::nullopt : std::optional(result.error());
    }
};

TEST_F(Provider, ItsTokensSayWhoItIs) {
    const std::string token = sign(claims(
        R"(,"email":"ann@example.org","email_verified":true,"name":"Ann","preferred_username":"ann","groups":["a","b"])"));
    const auto who = verify_id_token(token, good_set(), {"https://id.example", "client", "n-1", kNow});
    ASSERT_TRUE(who) << to_text(who.error());
    EXPECT_EQ(who->subject, "u1");
    EXPECT_EQ(who->mail, "ann@example.org");
    EXPECT_TRUE(who->mail_verified);
    EXPECT_EQ(who->name, "Ann");
    EXPECT_EQ(who->preferred_username, "ann");
    EXPECT_EQ(claim_texts(who->payload, "groups"), (std::vector<std::string>{"a", "b"}));
    for (const char* verified : {"false", "1", "\"yes\"", "null"}) {
        const auto other = verify_id_token(sign(claims(std::string(R"(,"email_verified":)") + verified)), good_set(),
                                           {"https://id.example", "client", "n-1", kNow});
        EXPECT_FALSE(other->mail_verified) << verified;
    }
    EXPECT_EQ(fault(sign(claims(), "e1", "ec", "ES256")), std::nullopt);
    EXPECT_EQ(fault(sign(claims(), "r2", "rsa2")), std::nullopt);
}

TEST_F(Provider, TheKeyIsTheOneThatIsNamed) {
    EXPECT_EQ(fault(sign(claims(), "r2", "rsa")), TokenFault::kBadSignature);
    EXPECT_EQ(fault(sign(claims(), "r3", "rsa")), TokenFault::kUnknownKey);
    EXPECT_EQ(fault(sign(claims(), "r1", "rsa"), R"({"keys":[]})"), TokenFault::kUnknownKey);
    for (const char* jwks : {"", "{}", "[]", "null", R"({"keys":{}})", R"({"keys":[1,null,"a",[],{}]})"}) {
        EXPECT_EQ(fault(sign(claims(), "r1", "rsa"), jwks), TokenFault::kUnknownKey) << jwks;
    }
    // Without a name: only when there is no choice.
    EXPECT_EQ(fault(sign(claims(), nullptr)), TokenFault::kUnknownKey);
    EXPECT_EQ(fault(sign(claims(), nullptr), set_of(rsa_jwk("rsa", "r1") + "," + ec_jwk("e1"))), std::nullopt);
    EXPECT_EQ(fault(sign(claims(), nullptr, "ec", "ES256")), std::nullopt);
    // A key for encryption, or for another algorithm, signs nothing.
    EXPECT_EQ(fault(sign(claims()), set_of(rsa_jwk("rsa", "r1", R"(,"use":"enc")"))), TokenFault::kUnknownKey);
    EXPECT_EQ(fault(sign(claims()), set_of(rsa_jwk("rsa", "r1", R"(,"alg":"RS512")"))), TokenFault::kWrongAlgorithm);
    EXPECT_EQ(fault(sign(claims()), set_of(rsa_jwk("rsa", "r1", R"(,"use":"sig","alg":"RS256")"))), std::nullopt);
}

TEST_F(Provider, TheAlgorithmIsTheKeys) {
    // The classic: signed with HMAC, the key being the provider's public one.
    for (const std::string& secret : {bytes("rsa.pub"), bytes("rsa.der")}) {
        EXPECT_EQ(fault(hand_made(R"({"alg":"HS256","kid":"r1"})", claims(), secret)), TokenFault::kWrongAlgorithm);
        EXPECT_EQ(fault(hand_made(R"({"alg":"RS256","kid":"r1"})", claims(), secret)), TokenFault::kBadSignature);
    }
    EXPECT_EQ(fault(to_base64url(R"({"alg":"none"})") + "." + to_base64url(claims()) + "."),
              TokenFault::kWrongAlgorithm);
    EXPECT_EQ(fault(sign(claims(), "r1", "rsa", "RS512")), TokenFault::kWrongAlgorithm);
    EXPECT_EQ(fault(sign(claims(), "e1", "rsa", "RS256")), TokenFault::kWrongAlgorithm);
    EXPECT_EQ(fault(sign(claims(), "r1", "ec", "ES256")), TokenFault::kWrongAlgorithm);
    const std::string token = sign(claims());
    EXPECT_EQ(fault(token.substr(0, token.rfind('.') + 1)), TokenFault::kBadSignature);
    // ES256 signatures of zeros (CVE-2022-21449).
    const std::string input = to_base64url(R"({"alg":"ES256","kid":"e1"})") + "." + to_base64url(claims());
    for (const std::size_t size : {64U, 63U, 65U, 0U, 1U, 96U, 1000U}) {
        EXPECT_EQ(fault(input + "." + to_base64url(std::string(size, '\0'))), TokenFault::kBadSignature) << size;
    }
}

TEST_F(Provider, WeakAndBrokenKeysAreRefused) {
    EXPECT_EQ(fault(sign(claims(), "w", "weak"), set_of(rsa_jwk("weak", "w", "", 128))), TokenFault::kWeakKey);
    const auto rsa = [](const std::string& n, const std::string& e) {
        return set_of(R"({"kty":"RSA","kid":"r1","n":")" + to_base64url(n) + R"(","e":")" + to_base64url(e) + "\"}");
    };
    const std::string token = sign(claims());
    EXPECT_EQ(fault(token, rsa(modulus("rsa"), kExponent)), std::nullopt);
    EXPECT_EQ(fault(token, rsa(std::string(300, '\0') + modulus("rsa"), kExponent)), std::nullopt);
    EXPECT_EQ(fault(token, rsa(std::string(200, '\0') + modulus("rsa").substr(128), kExponent)), TokenFault::kWeakKey);
    for (const std::string& e :
         {std::string(), std::string(1, '\0'), std::string("\x01"), std::string("\x02"), std::string(5, '\xff')}) {
        EXPECT_EQ(fault(token, rsa(modulus("rsa"), e)), TokenFault::kWeakKey);
    }
    EXPECT_EQ(fault(token, rsa("", "")), TokenFault::kWeakKey);
    EXPECT_EQ(fault(token, rsa(std::string(1025, '\xff'), kExponent)), TokenFault::kWeakKey);
    EXPECT_EQ(fault(token, set_of(R"({"kty":"RSA","kid":"r1"})")), TokenFault::kWeakKey);
    const auto ec = [](const std::string& x, const std::string& y) {
        return set_of(R"({"kty":"EC","crv":"P-256","kid":"e1","x":")" + to_base64url(x) + R"(","y":")" +
                      to_base64url(y) + "\"}");
    };
    const std::string signed_by_ec = sign(claims(), "e1", "ec", "ES256");
    EXPECT_EQ(fault(signed_by_ec, ec(point().substr(0, 32), point().substr(32))), std::nullopt);
    EXPECT_EQ(fault(signed_by_ec, ec(point().substr(0, 31), point().substr(32))), TokenFault::kWeakKey);
    EXPECT_EQ(fault(signed_by_ec, ec(std::string(32, '\x01'), std::string(32, '\x01'))), TokenFault::kBadSignature)
        << "not on the curve";
    EXPECT_EQ(fault(signed_by_ec, ec(std::string(32, '\0'), std::string(32, '\0'))), TokenFault::kBadSignature);
    EXPECT_EQ(fault(signed_by_ec, set_of(R"({"kty":"EC","crv":"P-384","kid":"e1"})")), TokenFault::kWrongAlgorithm);
}

TEST_F(Provider, TokensForOthersAreRefused) {
    EXPECT_EQ(fault(sign(claims("", R"("other")"))), TokenFault::kWrongAudience);
    EXPECT_EQ(fault(sign(claims("", R"(["client"])"))), std::nullopt);
    EXPECT_EQ(fault(sign(claims("", R"(["other","client"])"))), TokenFault::kWrongAudience) << "made for whom?";
    EXPECT_EQ(fault(sign(claims(R"(,"azp":"client")", R"(["other","client"])"))), std::nullopt);
    EXPECT_EQ(fault(sign(claims(R"(,"azp":"other")", R"(["other","client"])"))), TokenFault::kWrongAudience);
    EXPECT_EQ(fault(sign(claims(R"(,"azp":"other")"))), TokenFault::kWrongAudience);
    EXPECT_EQ(fault(sign(claims(R"(,"azp":1)"))), TokenFault::kWrongAudience);
    EXPECT_EQ(fault(sign(claims(R"(,"azp":"client")", R"(["other"])"))), TokenFault::kWrongAudience);
    EXPECT_EQ(fault(sign(claims("", "[]"))), TokenFault::kWrongAudience);
    EXPECT_EQ(fault(sign(claims("", R"({"client":1})"))), TokenFault::kWrongAudience);
    EXPECT_EQ(fault(sign(claims("", "[[\"client\"]]"))), TokenFault::kWrongAudience);
    std::string token = claims();
    EXPECT_EQ(fault(sign(token.replace(token.find("id.example"), 10, "id.example/"))), TokenFault::kWrongIssuer);
}

TEST_F(Provider, TimesAndNonceMustFit) {
    EXPECT_EQ(fault(sign(claims()), good_set(), kNow + 359 * base::kSecond), std::nullopt) << "within the leeway";
    EXPECT_EQ(fault(sign(claims()), good_set(), kNow + 360 * base::kSecond), TokenFault::kExpired);
    EXPECT_EQ(fault(sign(claims()), good_set(), kNow - 60 * base::kSecond), std::nullopt);
    EXPECT_EQ(fault(sign(claims()), good_set(), kNow - 61 * base::kSecond), TokenFault::kNotYetValid);
    EXPECT_EQ(fault(sign(claims(R"(,"nbf":1700000061)"))), TokenFault::kNotYetValid);
    EXPECT_EQ(fault(sign(claims(R"(,"nbf":"x")"))), TokenFault::kMalformed);
    EXPECT_EQ(fault(sign(claims("", R"("client")", R"("iat":1700000000.5,"exp":1700000300.25)"))), std::nullopt);
    EXPECT_EQ(fault(sign(claims("", R"("client")", R"("iat":1700000000)"))), TokenFault::kMissingClaim);
    EXPECT_EQ(fault(sign(claims("", R"("client")", R"("exp":1700000300)"))), TokenFault::kMissingClaim);
    const auto with_nonce = [](const std::string& nonce) {
        return verify_id_token(sign(claims()), good_set(), {"https://id.example", "client", nonce, kNow});
    };
    EXPECT_TRUE(with_nonce("n-1"));
    EXPECT_EQ(with_nonce("n-2").error(), TokenFault::kWrongNonce);
    EXPECT_EQ(with_nonce("").error(), TokenFault::kWrongNonce);
    const std::string bare = R"({"iss":"https://id.example","aud":"client","iat":1700000000,"exp":1700000300)";
    EXPECT_EQ(fault(sign(bare + R"(,"sub":"u1"})")), TokenFault::kWrongNonce);
    EXPECT_EQ(
        verify_id_token(sign(bare + R"(,"sub":"u1"})"), good_set(), {"https://id.example", "client", "", kNow}).error(),
        TokenFault::kWrongNonce)
        << "forgotten on both sides";
    EXPECT_EQ(fault(sign(bare + R"(,"nonce":"n-1"})")), TokenFault::kMissingClaim);
    EXPECT_EQ(fault(sign(bare + R"(,"nonce":"n-1","sub":7})")), TokenFault::kMissingClaim);
}

TEST_F(Provider, DerSignaturesAreNoSignaturesOfTokens) {
    const std::string input = to_base64url(R"({"alg":"ES256","kid":"e1"})") + "." + to_base64url(claims());
    const std::string fixed = openssl_signature("ec", input, EVP_sha256());
    EXPECT_EQ(fault(input + "." + to_base64url(fixed)), std::nullopt);
    EXPECT_EQ(fault(input + "." + to_base64url(std::string(1, '\0') + fixed)), TokenFault::kBadSignature);
    EXPECT_EQ(fault(input + "." + to_base64url(fixed.substr(32) + fixed.substr(0, 32))), TokenFault::kBadSignature);
    EXPECT_EQ(fault(input + "." + to_base64url(fixed.substr(0, 32) + std::string(32, '\xff'))),
              TokenFault::kBadSignature);
}

/// The npm package jose, which shares no code with this module: what either signs, the other verifies.
TEST_F(Provider, AnotherLibraryAgrees) {
    const auto run = [](const std::string& arguments) {
        const std::string output = folder() + "/jose.out";
        const std::string command = "cd '" TIDEMARK_SOURCE_DIR
                                    "' && bash -c '. tools/shell.sh && use_own_node && exec node "
                                    "src/foundation/crypto/jwt_peer.mjs " +
                                    arguments + "' >" + output;
        EXPECT_EQ(std::system(command.c_str()), 0) << command;
        return bytes("jose.out");
    };
    const AccessClaims odd{"acct-\xc3\xa9\"\\\n", "s", -3, kNow, kNow + base::kMinute};
    const SigningKeys keys({kKey});
    const std::string said = run("verify " + to_base64url(kKey.secret) + " " + keys.sign(odd));
    EXPECT_EQ(said, R"({"iss":"tidemark","aud":"tidemark","sub":"acct-)"
                    "\xc3\xa9"
                    R"(\"\\\n","sid":"s","ver":-3,"iat":1700000000,"exp":1700000060})");
    const std::string token =
        run("sign HS256 " + to_base64url(kKey.secret) + " k1 " +
            to_base64url(R"({"iss":"tidemark","aud":"tidemark","sub":"acct-7","sid":"sess-9","ver":3,)"
                         R"("iat":1700000000,"exp":1700000900})"));
    EXPECT_EQ(keys.verify(token, kNow), kClaims);
    for (const auto& [algorithm, key, id] : {std::tuple("RS256", "rsa", "r1"), std::tuple("ES256", "ec", "e1")}) {
        EXPECT_EQ(fault(run(std::string("sign ") + algorithm + " " + folder() + "/" + key + ".pem " + id + " " +
                            to_base64url(claims()))),
                  std::nullopt)
            << algorithm;
    }
    // The set of keys as jose writes it, too.
    const std::string published = run("keys " + folder() + "/rsa.pub r1 " + folder() + "/ec.pub e1");
    EXPECT_EQ(fault(sign(claims()), published), std::nullopt);
    EXPECT_EQ(fault(sign(claims(), "e1", "ec", "ES256"), published), std::nullopt);
}

TEST_F(Provider, KeysAreWrittenAsOpensslWritesThem) {
    EXPECT_EQ(impl::rsa_public_key_der(modulus("rsa"), kExponent), bytes("rsa.der"));
    EXPECT_EQ(impl::rsa_public_key_der(std::string(2, '\0') + modulus("weak", 128), std::string("\x00\x01\x00\x01", 4)),
              bytes("weak.der"));
    EXPECT_EQ(impl::p256_public_key_der(point().substr(0, 32), point().substr(32)), bytes("ec.der"));
    EXPECT_EQ(impl::bit_length(modulus("rsa")), 2048U);
    EXPECT_EQ(impl::bit_length(std::string("\x00\x01\x00", 3)), 9U);
    EXPECT_EQ(impl::bit_length(""), 0U);
}

TEST(ClaimTexts, AreFoundByNameAndByPath) {
    using Texts = std::vector<std::string>;
    const char* const payload =
        R"({"role":"x","groups":["a",1,"b",null],"realm_access":{"roles":["r"]},"https://a.example/groups":["u"],"n":1,"":{"":"e"}})";
    EXPECT_EQ(claim_texts(payload, "role"), Texts{"x"});
    EXPECT_EQ(claim_texts(payload, "groups"), (Texts{"a", "b"}));
    EXPECT_EQ(claim_texts(payload, "realm_access.roles"), Texts{"r"});
    EXPECT_EQ(claim_texts(payload, "https://a.example/groups"), Texts{"u"});
    EXPECT_EQ(claim_texts(payload, "."), Texts{"e"});
    for (const char* name : {"n", "none", "realm_access", "realm_access.", "realm_access.roles.x", "role.x", ""}) {
        EXPECT_EQ(claim_texts(payload, name), Texts{}) << name;
    }
    EXPECT_EQ(claim_texts("rubbish", "role"), Texts{});
}

TEST(ClaimIsTrue, OnlyWhenItSaysSo) {
    const char* const payload =
        R"({"yes":true,"text":"true","no":false,"one":1,"loud":"TRUE","list":[true],"nothing":null})";
    EXPECT_TRUE(claim_is_true(payload, "yes"));
    EXPECT_TRUE(claim_is_true(payload, "text"));
    for (const char* name : {"no", "one", "loud", "list", "nothing", "none", ""}) {
        EXPECT_FALSE(claim_is_true(payload, name)) << name;
    }
    EXPECT_FALSE(claim_is_true("rubbish", "yes"));
}

}  // namespace
}  // namespace tidemark::crypto
