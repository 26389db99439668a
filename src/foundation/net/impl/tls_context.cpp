#include "foundation/net/impl/tls_context.hpp"

#include <cstring>
#include <string_view>

#include <openssl/err.h>

namespace tidemark::net::impl {
namespace {

constexpr std::string_view kProtocol = "\x08http/1.1";  // ALPN's form: its length, its name

/// A key behind a passphrase is refused: asking would stop the server at a terminal, or for ever without one.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* asked) {
    *static_cast<bool*>(asked) = true;
    return -1;
}

int choose_protocol(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                    unsigned offered_size, void* /*context*/) {
    unsigned char* out = nullptr;
    if (SSL_select_next_proto(&out, size, reinterpret_cast<const unsigned char*>(kProtocol.data()),
                              static_cast<unsigned>(kProtocol.size()), offered,
                              offered_size) != OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    *chosen = out;
    return SSL_TLSEXT_ERR_OK;
}

bool set_rules(SSL_CTX* context) {
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_PRIORITIZE_CHACHA);
    // RELEASE_BUFFERS: an idle connection holds no 16 KiB buffers. The other two: a write that must wait goes on from
    // another buffer with the same bytes, and a long one returns after each record.
    SSL_CTX_set_mode(context,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_ENABLE_PARTIAL_WRITE);
    SSL_CTX_set_read_ahead(context, 1);  // a record's header and body by one read
    // Sessions resume by tickets, which clients keep: nothing here grows with their number.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1 &&
           SSL_CTX_set1_groups_list(context, "X25519:P-256") == 1;
}

}  // namespace

base::Result<SslContext> make_tls_context(const TlsFiles& files) {
    ERR_clear_error();
    SslContext context(SSL_CTX_new(TLS_server_method()));
    if (!context || !set_rules(context.get())) {
        return base::fail(base::ErrorCode::kInternal, "cannot set TLS up: " + openssl_reason());
    }
    bool has_passphrase = false;
    SSL_CTX_set_default_passwd_cb(context.get(), no_passphrase);
    SSL_CTX_set_default_passwd_cb_userdata(context.get(), &has_passphrase);
    if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate_file.c_str()) != 1) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          "cannot use the certificate " + files.certificate_file + ": " + openssl_reason());
    }
    // The check is for a key of another kind than the certificate's, which OpenSSL would take as half of a second pair.
    if (SSL_CTX_use_PrivateKey_file(context.get(), files.key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context.get()) != 1) {
        const std::string reason = openssl_reason();
        return base::fail(base::ErrorCode::kInvalidArgument,
                          "cannot use the key " + files.key_file + " for the certificate " + files.certificate_file +
                              ": " + (has_passphrase ? "it has a passphrase; remove that from the file" : reason));
    }
    SSL_CTX_set_default_passwd_cb_userdata(context.get(), nullptr);
    return context;
}

Ssl TlsContexts::open(int fd) const {
    const std::lock_guard lock(mutex_);
    Ssl ssl(SSL_new(context_.get()));
    if (!ssl || SSL_set_fd(ssl.get(), fd) != 1) {
        ERR_clear_error();
        return nullptr;
    }
    SSL_set_accept_state(ssl.get());
    return ssl;
}

void TlsContexts::replace(SslContext next) {
    const std::lock_guard lock(mutex_);
    context_.swap(next);  // the old one is let go after the lock
}

}  // namespace tidemark::net::impl
