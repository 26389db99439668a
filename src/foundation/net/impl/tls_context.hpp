// What all TLS connections of a server share: the certificate, the key and the rules.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "foundation/base/result.hpp"
#include "foundation/net/impl/openssl.hpp"
#include "foundation/net/server.hpp"

namespace tidemark::net::impl {

/// TLS 1.2 and 1.3 with forward secrecy and authenticated ciphers only (the "intermediate" list of Mozilla without its
/// finite-field groups); HTTP/1.1 by ALPN (RFC 7301). Fails, naming the file, when the pair cannot serve.
base::Result<SslContext> make_tls_context(const TlsFiles& files);

/// The context for new connections. Thread-safe; one that is replaced lives on with the connections that have it.
class TlsContexts {
public:
    explicit TlsContexts(SslContext first) : context_(std::move(first)) {}

    /// A connection's state that speaks TLS over the socket `fd`, as the server. nullptr when memory is out.
    [[nodiscard]] Ssl open(int fd) const;
    void replace(SslContext next);

private:
    mutable std::mutex mutex_;
    SslContext context_;
};

}  // namespace tidemark::net::impl
