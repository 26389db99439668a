#include "foundation/crypto/impl/jwk.hpp"

#include <bit>
#include <memory>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

namespace tidemark::crypto::impl {

namespace {

// Tags of DER (X.690).
constexpr char kInteger = 0x02;
constexpr char kBitString = 0x03;
constexpr char kSequence = 0x30;

// The AlgorithmIdentifiers, complete: rsaEncryption with NULL, and id-ecPublicKey with prime256v1.
constexpr std::string_view kRsa("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00", 15);
constexpr std::string_view kP256("\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07",
                                 21);

std::string element(char tag, std::string_view content) {
    std::string der(1, tag);
    if (content.size() < 0x80) {
        der.push_back(static_cast<char>(content.size()));
    } else {
        std::string length;
        for (std::size_t rest = content.size(); rest > 0; rest >>= 8) {
            length.insert(length.begin(), static_cast<char>(rest & 0xff));
        }
        der.push_back(static_cast<char>(0x80 | length.size()));
        der.append(length);
    }
    return der.append(content);
}

std::string_view without_zeros(std::string_view number) {
    while (!number.empty() && number.front() == '\0') {
        number.remove_prefix(1);
    }
    return number;
}

/// A number that is not negative: one whose first bit is set gets a zero byte in front.
std::string integer(std::string_view number) {
    std::string bytes(without_zeros(number));
    if (bytes.empty() || (static_cast<unsigned char>(bytes.front()) & 0x80) != 0) {
        bytes.insert(bytes.begin(), '\0');
    }
    return element(kInteger, bytes);
}

std::string public_key_der(std::string_view algorithm, const std::string& key) {
    return element(kSequence, std::string(algorithm) + element(kBitString, std::string(1, '\0') + key));
}

struct Release {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

/// `type` is the only kind of key that is taken.
bool verify(std::string_view key_der, int type, std::string_view signed_bytes, std::string_view signature) {
    const unsigned char* place = bytes_of(key_der);
    const std::unique_ptr<EVP_PKEY, Release> key(d2i_PUBKEY(nullptr, &place, static_cast<long>(key_der.size())));
    const std::unique_ptr<EVP_MD_CTX, Release> context(EVP_MD_CTX_new());
    const bool valid = key != nullptr && context != nullptr && EVP_PKEY_get_base_id(key.get()) == type &&
                       EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
                       EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(signed_bytes),
                                        signed_bytes.size()) == 1;
    ERR_clear_error();  // what went wrong here must not be taken for the fault of a connection later
    return valid;
}

}  // namespace

std::string rsa_public_key_der(std::string_view modulus, std::string_view exponent) {
    return public_key_der(kRsa, element(kSequence, integer(modulus) + integer(exponent)));
}

std::string p256_public_key_der(std::string_view x, std::string_view y) {
    return public_key_der(kP256, std::string(1, '\x04').append(x).append(y));
}

bool verify_rs256(std::string_view rsa_key_der, std::string_view signed_bytes, std::string_view signature) {
    return verify(rsa_key_der, EVP_PKEY_RSA, signed_bytes, signature);
}

bool verify_es256(std::string_view p256_key_der, std::string_view signed_bytes, std::string_view signature) {
    constexpr std::size_t kNumberBytes = 32;
    // OpenSSL takes the two numbers as a sequence of DER (RFC 3279 section 2.2.3).
    return signature.size() == 2 * kNumberBytes &&
           verify(p256_key_der, EVP_PKEY_EC, signed_bytes,
                  element(kSequence,
                          integer(signature.substr(0, kNumberBytes)) + integer(signature.substr(kNumberBytes))));
}

std::size_t bit_length(std::string_view number) {
    number = without_zeros(number);
    return number.empty() ? 0
                          : (number.size() - 1) * 8 +
                                static_cast<std::size_t>(std::bit_width(static_cast<unsigned char>(number.front())));
}

}  // namespace tidemark::crypto::impl
