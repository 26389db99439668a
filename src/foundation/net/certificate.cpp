#include "foundation/net/certificate.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <string_view>

#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "foundation/net/impl/openssl.hpp"

namespace tidemark::net {

using namespace impl;  // NOLINT(google-build-using-namespace): this file is the rim of it

namespace {

constexpr std::size_t kSerialBytes = 16;  // RFC 5280 allows 20
constexpr int kVersion3 = 2;              // as it is written in a certificate

using AltNames = std::unique_ptr<GENERAL_NAMES, OpensslFree<GENERAL_NAMES_free>>;
using Address = std::unique_ptr<ASN1_OCTET_STRING, OpensslFree<ASN1_OCTET_STRING_free>>;

tl::unexpected<base::Error> openssl_failure(std::string_view what) {
    return base::fail(base::ErrorCode::kInternal, std::string(what) + ": " + openssl_reason());
}

bool is_host_name(std::string_view name) {
    constexpr std::size_t kLongest = 253;
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
    return !name.empty() && name.size() <= kLongest && name.find_first_not_of(kAllowed) == std::string_view::npos &&
           name.front() != '.' && name.front() != '-' && name.find("..") == std::string_view::npos;
}

/// Adds a DNS name or an address to the list; false when it is neither.
bool add_name(GENERAL_NAMES* list, const std::string& name) {
    GENERAL_NAME* const entry = GENERAL_NAME_new();
    if (Address address(a2i_IPADDRESS(name.c_str())); address) {
        GENERAL_NAME_set0_value(entry, GEN_IPADD, address.release());
    } else if (is_host_name(name)) {
        ASN1_IA5STRING* const text = ASN1_IA5STRING_new();
        ASN1_STRING_set(text, name.data(), static_cast<int>(name.size()));
        GENERAL_NAME_set0_value(entry, GEN_DNS, text);
    } else {
        GENERAL_NAME_free(entry);
        ERR_clear_error();
        return false;
    }
    return sk_GENERAL_NAME_push(list, entry) > 0;
}

bool add_extension(X509* certificate, int nid, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
    const bool added = extension != nullptr && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

bool set_random_serial(X509* certificate) {
    std::array<unsigned char, kSerialBytes> bytes;
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
        return false;
    }
    bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7fU) | 0x40U);  // positive, and of full length
    BIGNUM* const number = BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr);
    const bool set = number != nullptr && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr;
    BN_free(number);
    return set;
}

bool fill_in(X509* certificate, EVP_PKEY* key, const std::string& common_name, GENERAL_NAMES* alt_names) {
    constexpr std::size_t kLongestCommonName = 64;  // RFC 5280, ub-common-name
    const base::UnixMillis now = base::now();
    const auto seconds = [now](base::UnixMillis offset) { return static_cast<time_t>((now + offset) / base::kSecond); };
    X509_NAME* const subject = X509_get_subject_name(certificate);
    const std::string shown = common_name.size() <= kLongestCommonName ? common_name : "Tidemark";
    return X509_set_version(certificate, kVersion3) == 1 && set_random_serial(certificate) &&
           // An hour back, for clients whose clocks are behind.
           ASN1_TIME_set(X509_getm_notBefore(certificate), seconds(-base::kHour)) != nullptr &&
           ASN1_TIME_set(X509_getm_notAfter(certificate), seconds(kSelfSignedDays * base::kDay - base::kHour)) !=
               nullptr &&
           X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char*>(shown.c_str()), -1, -1, 0) == 1 &&
           X509_set_issuer_name(certificate, subject) == 1 && X509_set_pubkey(certificate, key) == 1 &&
           X509_add1_ext_i2d(certificate, NID_subject_alt_name, alt_names, 0, X509V3_ADD_DEFAULT) == 1 &&
           add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(certificate, NID_key_usage, "critical,digitalSignature") &&
           add_extension(certificate, NID_ext_key_usage, "serverAuth") &&
           add_extension(certificate, NID_subject_key_identifier, "hash") &&
           X509_sign(certificate, key, EVP_sha256()) > 0;
}

std::string text_of(BIO* memory) {
    char* data = nullptr;
    const auto size = BIO_get_mem_data(memory, &data);
    return {data, static_cast<std::size_t>(size)};
}

/// Writes beside the file, then renames, so that nobody ever reads half of it.
base::Result<void> write_file(const std::string& path, std::string_view text, mode_t mode) {
    const std::string beside = path + ".new";
    unlink(beside.c_str());  // of a run that was killed; O_EXCL then sees to it that the mode is ours
    const int fd = open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0) {
        return base::fail_errno("cannot write " + beside);
    }
    bool written = true;
    while (written && !text.empty()) {
        const ssize_t size = write(fd, text.data(), text.size());
        written = size > 0;
        text.remove_prefix(written ? static_cast<std::size_t>(size) : 0);
    }
    written = written && fsync(fd) == 0;
    const int error = errno;
    close(fd);
    if (!written || rename(beside.c_str(), path.c_str()) != 0) {
        errno = written ? errno : error;
        const auto failure = base::fail_errno("cannot write " + path);
        unlink(beside.c_str());
        return failure;
    }
    return {};
}

base::UnixMillis millis_of(const ASN1_TIME* time) {
    std::tm parts{};
    return ASN1_TIME_to_tm(time, &parts) == 1 ? static_cast<base::UnixMillis>(timegm(&parts)) * base::kSecond : 0;
}

std::vector<std::string> names_of(const X509* certificate) {
    std::vector<std::string> names;
    const AltNames list(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; list && i < sk_GENERAL_NAME_num(list.get()); ++i) {
        int type = 0;
        const void* const value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(list.get(), i), &type);
        const auto* const text = static_cast<const ASN1_STRING*>(value);
        if (type == GEN_DNS) {
            names.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                               static_cast<std::size_t>(ASN1_STRING_length(text)));
        } else if (type == GEN_IPADD) {
            constexpr int kIpv4Bytes = 4;
            constexpr int kIpv6Bytes = 16;
            const int length = ASN1_STRING_length(text);
            std::array<char, INET6_ADDRSTRLEN> address{};
            if ((length == kIpv4Bytes || length == kIpv6Bytes) &&
                inet_ntop(length == kIpv4Bytes ? AF_INET : AF_INET6, ASN1_STRING_get0_data(text), address.data(),
                          address.size()) != nullptr) {
                names.emplace_back(address.data());
            }
        }
    }
    return names;
}

}  // namespace

base::Result<void> make_self_signed(const std::vector<std::string>& names, const std::string& key_file,
                                    const std::string& certificate_file) {
    if (names.empty()) {
        return base::fail(base::ErrorCode::kInvalidArgument, "a certificate needs at least one name");
    }
    const AltNames alt_names(sk_GENERAL_NAME_new_null());
    for (const std::string& name : names) {
        if (!add_name(alt_names.get(), name)) {
            return base::fail(base::ErrorCode::kInvalidArgument,
                              "\"" + name + "\" is neither a host name nor an address to make a certificate for");
        }
    }
    const Key key(EVP_EC_gen("P-256"));
    const Certificate certificate(X509_new());
    if (!key || !certificate || !fill_in(certificate.get(), key.get(), names.front(), alt_names.get())) {
        return openssl_failure("cannot make a certificate");
    }
    const Bio key_text(BIO_new(BIO_s_secmem()));
    const Bio certificate_text(BIO_new(BIO_s_mem()));
    if (PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1 ||
        PEM_write_bio_X509(certificate_text.get(), certificate.get()) != 1) {
        return openssl_failure("cannot write a certificate");
    }
    constexpr mode_t kOwnerOnly = 0600;
    constexpr mode_t kForAll = 0644;
    TIDEMARK_CHECK_OK(write_file(key_file, text_of(key_text.get()), kOwnerOnly));
    return write_file(certificate_file, text_of(certificate_text.get()), kForAll);
}

std::int64_t CertificateFacts::days_left(base::UnixMillis now) const {
    const std::int64_t left = not_after - now;
    return left >= 0 ? left / base::kDay : -((-left + base::kDay - 1) / base::kDay);
}

base::Result<CertificateFacts> certificate_facts(const std::string& certificate_file) {
    ERR_clear_error();
    const Bio file(BIO_new_file(certificate_file.c_str(), "r"));
    const Certificate certificate(file ? PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr) : nullptr);
    if (!certificate) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          "cannot read a certificate from " + certificate_file + ": " + openssl_reason());
    }
    CertificateFacts facts;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    if (X509_digest(certificate.get(), EVP_sha256(), digest.data(), &size) != 1) {
        return openssl_failure("cannot hash a certificate");
    }
    for (unsigned i = 0; i < size; ++i) {
        static constexpr std::string_view kHex = "0123456789ABCDEF";
        facts.fingerprint += i == 0 ? "" : ":";
        facts.fingerprint += kHex[digest[i] >> 4U];
        facts.fingerprint += kHex[digest[i] & 15U];
    }
    facts.names = names_of(certificate.get());
    facts.not_before = millis_of(X509_get0_notBefore(certificate.get()));
    facts.not_after = millis_of(X509_get0_notAfter(certificate.get()));
    facts.self_signed = X509_self_signed(certificate.get(), 0) == 1;
    return facts;
}

}  // namespace tidemark::net
