#include "foundation/net/impl/client_stream.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <system_error>
#include <utility>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "foundation/base/clock.hpp"

namespace tidemark::net::impl {
namespace {

constexpr std::int64_t kNanosAMilli = 1'000'000;
constexpr std::int64_t kPatienceForAddress = 3000 * kNanosAMilli;  // then the host's next address is tried
constexpr std::int64_t kStopLook = 200;                            // milliseconds between looks whether to stop

/// Where other systems than Debian keep the list of certificate authorities.
constexpr std::array<const char*, 4> kBundles{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                                              "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"};

}  // namespace

bool is_address(const std::string& host, int family) {
    in6_addr bytes;
    return inet_pton(family, host.c_str(), &bytes) == 1;
}

ClientStream::ClientStream(ClientStreamOptions options)
    : options_(std::move(options)),
      is_address_(is_address(options_.host, AF_INET) || is_address(options_.host, AF_INET6)),
      deadline_(base::monotonic_nanos() +
                std::chrono::duration_cast<std::chrono::nanoseconds>(options_.patience).count()) {}

ClientStream::~ClientStream() {
    if (fd_ >= 0) {
        close(fd_);
    }
}

tl::unexpected<base::Error> ClientStream::failure(std::string_view what) const {
    return base::fail(base::ErrorCode::kUnavailable, options_.host + ": " + std::string(what));
}

ClientStream::Wait ClientStream::wait_for(int fd, short events, std::int64_t until_nanos) const {
    for (;;) {
        if (options_.stop.stop_requested()) {
            return Wait::kStopped;
        }
        const std::int64_t left = (until_nanos - base::monotonic_nanos()) / kNanosAMilli;
        if (left <= 0) {
            return Wait::kTooLong;
        }
        pollfd wait{fd, events, 0};
        const std::int64_t look = options_.stop.stop_possible() ? kStopLook : std::int64_t{60'000};
        const int ready = poll(&wait, 1, static_cast<int>(std::min(left, look)));
        if (ready > 0) {
            return Wait::kReady;
        }
        if (ready < 0 && errno != EINTR) {
            return Wait::kTooLong;
        }
    }
}

tl::unexpected<base::Error> ClientStream::gave_up(Wait wait) const {
    return failure(wait == Wait::kStopped ? "stopped" : "did not answer in time");
}

base::Result<void> ClientStream::connect() {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV | (is_address_ ? AI_NUMERICHOST : AI_ADDRCONFIG);
    addrinfo* found = nullptr;
    if (const int error = getaddrinfo(options_.host.c_str(), std::to_string(options_.port).c_str(), &hints, &found);
        error != 0) {
        return failure(std::string("has no address: ") + gai_strerror(error));
    }
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, freeaddrinfo);
    int reason = ETIMEDOUT;
    for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
        const int fresh = socket(one->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fresh < 0) {
            reason = errno;
            continue;
        }
        int error = ::connect(fresh, one->ai_addr, one->ai_addrlen) == 0 ? 0 : errno;
        if (error == EINPROGRESS) {
            const std::int64_t until = std::min(deadline_, base::monotonic_nanos() + kPatienceForAddress);
            socklen_t size = sizeof error;
            const Wait wait = wait_for(fresh, POLLOUT, until);
            if (wait == Wait::kStopped) {
                close(fresh);
                return gave_up(wait);
            }
            if (wait == Wait::kTooLong) {
                error = ETIMEDOUT;
            } else if (getsockopt(fresh, SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
                error = errno;
            }
        }
        if (error == 0) {
            fd_ = fresh;
            return {};
        }
        close(fresh);
        reason = error;
    }
    return failure("cannot connect: " + std::generic_category().message(reason));
}

base::Result<void> ClientStream::start_tls() {
    ERR_clear_error();
    context_.reset(SSL_CTX_new(TLS_client_method()));
    if (!context_ || SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION) != 1) {
        return failure("cannot set TLS up: " + openssl_reason());
    }
    TIDEMARK_CHECK_OK(trust());
    SSL_CTX_set_mode(context_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    ssl_.reset(SSL_new(context_.get()));
    X509_VERIFY_PARAM* const parameters = ssl_ ? SSL_get0_param(ssl_.get()) : nullptr;
    if (parameters == nullptr || SSL_set_fd(ssl_.get(), fd_) != 1) {
        return failure("cannot set TLS up: " + openssl_reason());
    }
    SSL_set_verify(ssl_.get(), SSL_VERIFY_PEER, nullptr);
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    const bool named = is_address_
                           ? X509_VERIFY_PARAM_set1_ip_asc(parameters, options_.host.c_str()) == 1
                           : X509_VERIFY_PARAM_set1_host(parameters, options_.host.c_str(), 0) == 1 && announce_host();
    if (!named) {
        return failure("cannot set TLS up: " + openssl_reason());
    }
    return until_done([this] { return SSL_connect(ssl_.get()); }, "TLS");
}

/// SSL_set_tlsext_host_name, without the C cast that it has as a macro.
bool ClientStream::announce_host() {
    return SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, options_.host.data()) == 1;
}

base::Result<void> ClientStream::trust() {
    if (!options_.ca_file.empty()) {
        if (SSL_CTX_load_verify_file(context_.get(), options_.ca_file.c_str()) != 1) {
            return failure("cannot read the certificates in " + options_.ca_file + ": " + openssl_reason());
        }
        return {};
    }
    SSL_CTX_set_default_verify_paths(context_.get());
    const bool named = std::getenv(X509_get_default_cert_file_env()) != nullptr ||
                       std::getenv(X509_get_default_cert_dir_env()) != nullptr;
    if (!named && access(X509_get_default_cert_dir(), R_OK) != 0) {
        const auto bundle =
            std::find_if(kBundles.begin(), kBundles.end(), [](const char* file) { return access(file, R_OK) == 0; });
        if (bundle != kBundles.end()) {
            SSL_CTX_load_verify_file(context_.get(), *bundle);
        }
    }
    ERR_clear_error();
    return {};
}

/// Repeats an operation of OpenSSL until it is done (above 0) or the time is over.
template <class Operation>
base::Result<void> ClientStream::until_done(Operation operation, std::string_view what) {
    for (;;) {
        ERR_clear_error();
        const int done = operation();
        if (done > 0) {
            return {};
        }
        const int error = SSL_get_error(ssl_.get(), done);
        if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
            return failure(std::string(what) + ": " + reason(error));
        }
        if (const Wait wait = wait_for(fd_, error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, deadline_);
            wait != Wait::kReady) {
            return gave_up(wait);
        }
    }
}

std::string ClientStream::reason(int error) const {
    if (const auto verified = SSL_get_verify_result(ssl_.get()); verified != X509_V_OK) {
        ERR_clear_error();
        return std::string("its certificate is not trusted: ") + X509_verify_cert_error_string(verified);
    }
    if (error == SSL_ERROR_ZERO_RETURN) {
        return "the connection was closed";
    }
    return ERR_peek_error() != 0 ? openssl_reason() : std::generic_category().message(errno);
}

base::Result<void> ClientStream::send(std::string_view left) {
    while (!left.empty()) {
        std::size_t written = 0;
        if (ssl_) {
            TIDEMARK_CHECK_OK(until_done(
                [&] { return SSL_write_ex(ssl_.get(), left.data(), left.size(), &written) == 1 ? 1 : 0; }, "sending"));
        } else if (const ssize_t sent = ::send(fd_, left.data(), left.size(), MSG_NOSIGNAL); sent >= 0) {
            written = static_cast<std::size_t>(sent);
        } else if (errno != EAGAIN && errno != EINTR) {
            return failure("sending: " + std::generic_category().message(errno));
        } else if (const Wait wait = wait_for(fd_, POLLOUT, deadline_); wait != Wait::kReady) {
            return gave_up(wait);
        }
        left.remove_prefix(written);
    }
    return {};
}

base::Result<std::size_t> ClientStream::receive(std::span<char> buffer) {
    std::size_t size = 0;
    if (ssl_) {
        const auto read = [&] {
            const int done = SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &size);
            return done == 1 || SSL_get_error(ssl_.get(), done) == SSL_ERROR_ZERO_RETURN ? 1 : 0;
        };
        TIDEMARK_CHECK_OK(until_done(read, "receiving"));
        return size;
    }
    for (;;) {
        const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), 0);
        if (got >= 0) {
            return static_cast<std::size_t>(got);
        }
        if (errno != EAGAIN && errno != EINTR) {
            return failure("receiving: " + std::generic_category().message(errno));
        }
        if (const Wait wait = wait_for(fd_, POLLIN, deadline_); wait != Wait::kReady) {
            return gave_up(wait);
        }
    }
}

}  // namespace tidemark::net::impl
