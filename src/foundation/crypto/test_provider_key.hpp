// A provider's signing key (P-256), for tests of what takes its ID tokens. For tests only.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include "foundation/crypto/random.hpp"

namespace tidemark::crypto {

class TestProviderKey {
public:
    /// `id`: "" for a key that has none.
    explicit TestProviderKey(std::string id) : id_(std::move(id)), key_(EVP_EC_gen("P-256"), EVP_PKEY_free) {}

    /// The public half as a JWK (RFC 7517).
    [[nodiscard]] std::string jwk() const {
        return R"({"kty":"EC","crv":"P-256","use":"sig","alg":"ES256")" + key_id() + R"(,"x":")" +
               number(OSSL_PKEY_PARAM_EC_PUB_X) + R"(","y":")" + number(OSSL_PKEY_PARAM_EC_PUB_Y) + "\"}";
    }
    /// A token with these claims, signed with ES256; `algorithm` is only what its header says.
    [[nodiscard]] std::string sign(std::string_view claims, std::string_view algorithm = "ES256") const {
        const std::string input =
            to_base64url(R"({"alg":")" + std::string(algorithm) + "\"" + key_id() + "}") + "." + to_base64url(claims);
        const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
        std::array<unsigned char, 128> der{};
        std::size_t size = der.size();
        EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()), 1);
        EXPECT_EQ(EVP_DigestSign(context.get(), der.data(), &size, reinterpret_cast<const unsigned char*>(input.data()),
                                 input.size()),
                  1);
        const unsigned char* place = der.data();
        const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> numbers(
            d2i_ECDSA_SIG(nullptr, &place, static_cast<long>(size)),  // NOLINT(google-runtime-int): OpenSSL's own
            ECDSA_SIG_free);
        return input + "." +
               to_base64url(bytes_of(ECDSA_SIG_get0_r(numbers.get())) + bytes_of(ECDSA_SIG_get0_s(numbers.get())));
    }

private:
    [[nodiscard]] std::string key_id() const { return id_.empty() ? "" : R"(,"kid":")" + id_ + "\""; }
    static std::string bytes_of(const BIGNUM* number) {
        std::string bytes(32, '\0');
        EXPECT_EQ(BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), 32), 32);
        return bytes;
    }
    [[nodiscard]] std::string number(const char* name) const {
        BIGNUM* value = nullptr;
        EXPECT_EQ(EVP_PKEY_get_bn_param(key_.get(), name, &value), 1);
        const std::string text = to_base64url(bytes_of(value));
        BN_free(value);
        return text;
    }

    std::string id_;
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

}  // namespace tidemark::crypto
