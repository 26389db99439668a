// A connection to another server, in the clear or by TLS (1.2 and later), with one deadline for all that happens on it.
// One thread uses it, which must not take SIGPIPE: OpenSSL writes with write(). Errors are kUnavailable and name the
// host.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "foundation/base/result.hpp"
#include "foundation/net/impl/openssl.hpp"

namespace tidemark::net::impl {

struct ClientStreamOptions {
    std::string host;  ///< Name or address, without the brackets of IPv6; see is_host()
    std::uint16_t port = 0;
    std::string ca_file;  ///< PEM; "": whom this machine trusts, or what SSL_CERT_FILE and SSL_CERT_DIR name
    std::chrono::milliseconds patience{5000};  ///< For everything but looking the name up, which the system bounds
    std::stop_token stop = {};                 ///< Ends the waiting at once
};

class ClientStream {
public:
    explicit ClientStream(ClientStreamOptions options);
    ClientStream(const ClientStream&) = delete;
    ClientStream& operator=(const ClientStream&) = delete;
    ~ClientStream();

    /// Tries the host's addresses one after the other.
    base::Result<void> connect();
    /// From here on everything is sealed. The certificate must hold for the host.
    base::Result<void> start_tls();
    base::Result<void> send(std::string_view bytes);
    /// How many bytes came; 0: the other server ended it properly, which by TLS means that nothing was cut off.
    base::Result<std::size_t> receive(std::span<char> buffer);
    [[nodiscard]] tl::unexpected<base::Error> failure(std::string_view what) const;

private:
    enum class Wait { kReady, kTooLong, kStopped };
    [[nodiscard]] Wait wait_for(int fd, short events, std::int64_t until_nanos) const;
    [[nodiscard]] tl::unexpected<base::Error> gave_up(Wait wait) const;
    bool announce_host();
    base::Result<void> trust();
    template <class Operation>
    base::Result<void> until_done(Operation operation, std::string_view what);
    [[nodiscard]] std::string reason(int error) const;

    ClientStreamOptions options_;
    bool is_address_;
    std::int64_t deadline_;
    int fd_ = -1;
    SslContext context_;
    Ssl ssl_;
};

/// The text of an address, as inet_pton takes it: AF_INET or AF_INET6.
[[nodiscard]] bool is_address(const std::string& host, int family);

}  // namespace tidemark::net::impl
