#include "foundation/net/https_client.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <system_error>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "foundation/base/clock.hpp"
#include "foundation/net/impl/openssl.hpp"

namespace tidemark::net {
namespace {

namespace http = boost::beast::http;

constexpr std::size_t kLongestUrl = 2000;
constexpr std::size_t kLargestHead = 32 * 1024;
constexpr std::int64_t kNanosAMilli = 1'000'000;
constexpr std::int64_t kPatienceForAddress = 3000 * kNanosAMilli;  // then the host's next address is tried

/// Where other systems than Debian keep the list of certificate authorities.
constexpr std::array<const char*, 4> kBundles{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                                              "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"};

class Socket {
public:
    explicit Socket(int fd) : fd_(fd) {}
    Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Socket& operator=(Socket&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() {
        if (fd_ >= 0) {
            close(fd_);
        }
    }
    [[nodiscard]] int fd() const { return fd_; }

private:
    int fd_;
};

/// False when the time is over.
bool wait_for(int fd, short events, std::int64_t until_nanos) {
    for (;;) {
        const std::int64_t left = (until_nanos - base::monotonic_nanos()) / kNanosAMilli;
        if (left <= 0) {
            return false;
        }
        pollfd wait{fd, events, 0};
        const int ready = poll(&wait, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
        if (ready > 0) {
            return true;
        }
        if (ready < 0 && errno != EINTR) {
            return false;
        }
    }
}

/// One question on its way. Its errors name the host.
class Exchange {
public:
    Exchange(const HttpsUrl& url, const FetchOptions& options)
        : url_(url),
          options_(options),
          deadline_(base::monotonic_nanos() +
                    std::chrono::duration_cast<std::chrono::nanoseconds>(options.patience).count()) {}

    base::Result<FetchAnswer> run(const std::string& question) {
        TIDEMARK_CHECK_OK(connect());
        TIDEMARK_CHECK_OK(handshake());
        TIDEMARK_CHECK_OK(send(question));
        return receive();
    }

private:
    [[nodiscard]] tl::unexpected<base::Error> failure(std::string_view what) const {
        return base::fail(base::ErrorCode::kUnavailable, url_.host + ": " + std::string(what));
    }

    base::Result<void> connect() {
        addrinfo hints{};
        hints.ai_family = AF_UNSPEC;
        hints.ai_socktype = SOCK_STREAM;
        hints.ai_flags = AI_NUMERICSERV | (url_.is_address ? AI_NUMERICHOST : AI_ADDRCONFIG);
        addrinfo* found = nullptr;
        if (const int error = getaddrinfo(url_.host.c_str(), std::to_string(url_.port).c_str(), &hints, &found);
            error != 0) {
            return failure(std::string("has no address: ") + gai_strerror(error));
        }
        const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, freeaddrinfo);
        int reason = ETIMEDOUT;
        for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
            Socket fresh(socket(one->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
            if (fresh.fd() < 0) {
                reason = errno;
                continue;
            }
            int error = ::connect(fresh.fd(), one->ai_addr, one->ai_addrlen) == 0 ? 0 : errno;
            if (error == EINPROGRESS) {
                const std::int64_t until = std::min(deadline_, base::monotonic_nanos() + kPatienceForAddress);
                socklen_t size = sizeof error;
                if (!wait_for(fresh.fd(), POLLOUT, until)) {
                    error = ETIMEDOUT;
                } else if (getsockopt(fresh.fd(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
                    error = errno;
                }
            }
            if (error == 0) {
                socket_ = std::move(fresh);
                return {};
            }
            reason = error;
        }
        return failure("cannot connect: " + std::generic_category().message(reason));
    }

    base::Result<void> handshake() {
        ERR_clear_error();
        context_.reset(SSL_CTX_new(TLS_client_method()));
        if (!context_ || SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION) != 1) {
            return failure("cannot set TLS up: " + impl::openssl_reason());
        }
        TIDEMARK_CHECK_OK(trust());
        SSL_CTX_set_mode(context_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
        ssl_.reset(SSL_new(context_.get()));
        X509_VERIFY_PARAM* const parameters = ssl_ ? SSL_get0_param(ssl_.get()) : nullptr;
        if (parameters == nullptr || SSL_set_fd(ssl_.get(), socket_.fd()) != 1) {
            return failure("cannot set TLS up: " + impl::openssl_reason());
        }
        SSL_set_verify(ssl_.get(), SSL_VERIFY_PEER, nullptr);
        X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        const bool named = url_.is_address
                               ? X509_VERIFY_PARAM_set1_ip_asc(parameters, url_.host.c_str()) == 1
                               : X509_VERIFY_PARAM_set1_host(parameters, url_.host.c_str(), 0) == 1 && announce_host();
        if (!named) {
            return failure("cannot set TLS up: " + impl::openssl_reason());
        }
        return until_done([this] { return SSL_connect(ssl_.get()); }, "TLS");
    }

    /// SSL_set_tlsext_host_name, without the C cast that it has as a macro.
    bool announce_host() {
        return SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                        const_cast<char*>(url_.host.c_str())) == 1;
    }

    base::Result<void> trust() {
        if (!options_.ca_file.empty()) {
            if (SSL_CTX_load_verify_file(context_.get(), options_.ca_file.c_str()) != 1) {
                return failure("cannot read the certificates in " + options_.ca_file + ": " + impl::openssl_reason());
            }
            return {};
        }
        SSL_CTX_set_default_verify_paths(context_.get());
        const bool named = std::getenv(X509_get_default_cert_file_env()) != nullptr ||
                           std::getenv(X509_get_default_cert_dir_env()) != nullptr;
        if (!named && access(X509_get_default_cert_dir(), R_OK) != 0) {
            const auto bundle = std::find_if(kBundles.begin(), kBundles.end(),
                                             [](const char* file) { return access(file, R_OK) == 0; });
            if (bundle != kBundles.end()) {
                SSL_CTX_load_verify_file(context_.get(), *bundle);
            }
        }
        ERR_clear_error();
        return {};
    }

    /// Repeats an operation of OpenSSL until it is done (above 0) or the time is over.
    template <class Operation>
    base::Result<void> until_done(Operation operation, std::string_view what) {
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
            if (!wait_for(socket_.fd(), error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, deadline_)) {
                return failure("did not answer in time");
            }
        }
    }

    [[nodiscard]] std::string reason(int error) const {
        if (const auto verified = SSL_get_verify_result(ssl_.get()); verified != X509_V_OK) {
            ERR_clear_error();
            return std::string("its certificate is not trusted: ") + X509_verify_cert_error_string(verified);
        }
        if (error == SSL_ERROR_ZERO_RETURN) {
            return "the connection was closed";
        }
        return ERR_peek_error() != 0 ? impl::openssl_reason() : std::generic_category().message(errno);
    }

    base::Result<void> send(std::string_view left) {
        while (!left.empty()) {
            std::size_t written = 0;
            TIDEMARK_CHECK_OK(until_done(
                [&] { return SSL_write_ex(ssl_.get(), left.data(), left.size(), &written) == 1 ? 1 : 0; }, "sending"));
            left.remove_prefix(written);
        }
        return {};
    }

    base::Result<FetchAnswer> receive() {
        http::response_parser<http::string_body> parser;
        parser.header_limit(kLargestHead);
        parser.body_limit(options_.maximum_bytes);
        parser.eager(true);
        std::array<char, 16 * 1024> buffer;
        std::string pending;
        while (!parser.is_done()) {
            std::size_t size = 0;
            bool ended = false;
            const auto read = [&] {
                const int done = SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &size);
                // Only TLS's own end says that nothing was cut off.
                ended = done != 1 && SSL_get_error(ssl_.get(), done) == SSL_ERROR_ZERO_RETURN;
                return done == 1 || ended ? 1 : 0;
            };
            TIDEMARK_CHECK_OK(until_done(read, "receiving"));
            boost::system::error_code error;
            if (ended) {
                parser.put_eof(error);
                if (error || !parser.is_done()) {
                    return failure("the answer was cut off");
                }
                break;
            }
            pending.append(buffer.data(), size);
            const std::size_t taken = parser.put(boost::asio::buffer(pending), error);
            pending.erase(0, taken);
            if (error && error != http::error::need_more) {
                return failure(error == http::error::body_limit ? "the answer is too long"
                                                                : "the answer is no HTTP: " + error.message());
            }
        }
        const auto& message = parser.get();
        if (message.result_int() < 200) {
            return failure("answered with an interim status");
        }
        return FetchAnswer{static_cast<int>(message.result_int()), message.body()};
    }

    const HttpsUrl& url_;
    const FetchOptions& options_;
    const std::int64_t deadline_;
    Socket socket_{-1};
    impl::SslContext context_;
    impl::Ssl ssl_;
};

bool is_name(std::string_view host) {
    constexpr std::size_t kLongest = 253;
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
    return !host.empty() && host.size() <= kLongest && host.find_first_not_of(kAllowed) == std::string_view::npos &&
           host.front() != '.' && host.front() != '-' && host.find("..") == std::string_view::npos;
}

bool is_address(const std::string& host, int family) {
    in6_addr bytes;
    return inet_pton(family, host.c_str(), &bytes) == 1;
}

}  // namespace

std::optional<HttpsUrl> parse_https_url(std::string_view text) {
    constexpr std::string_view kScheme = "https://";
    const bool plain = std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
    if (!text.starts_with(kScheme) || text.size() > kLongestUrl || !plain ||
        text.find_first_of("#\\\"<>^`{|}") != std::string_view::npos) {
        return std::nullopt;
    }
    text.remove_prefix(kScheme.size());
    const std::size_t end = std::min(text.find_first_of("/?"), text.size());
    const std::string_view authority = text.substr(0, end);
    HttpsUrl url;
    url.authority = authority;
    url.target = text.substr(end);
    if (!url.target.starts_with('/')) {
        url.target.insert(0, 1, '/');
    }
    std::string_view port;
    if (authority.starts_with('[')) {
        const std::size_t bracket = authority.find(']');
        if (bracket == std::string_view::npos) {
            return std::nullopt;
        }
        url.host = authority.substr(1, bracket - 1);
        port = authority.substr(bracket + 1);
        if (!is_address(url.host, AF_INET6)) {
            return std::nullopt;
        }
        url.is_address = true;
    } else {
        const std::size_t colon = std::min(authority.find(':'), authority.size());
        url.host = authority.substr(0, colon);
        port = authority.substr(colon);
        if (!is_name(url.host)) {
            return std::nullopt;
        }
        url.is_address = is_address(url.host, AF_INET);
    }
    if (!port.empty()) {
        const auto [stop, error] = std::from_chars(port.data() + 1, port.data() + port.size(), url.port);
        if (port.front() != ':' || error != std::errc{} || stop != port.data() + port.size() || url.port == 0) {
            return std::nullopt;
        }
    }
    return url;
}

base::Result<FetchAnswer> fetch(const FetchRequest& request, const FetchOptions& options) {
    const auto url = parse_https_url(request.url);
    if (!url) {
        return base::fail(base::ErrorCode::kInvalidArgument, "is not an https:// address");
    }
    std::string question = std::string(to_string(request.method)) + " " + url->target +
                           " HTTP/1.1\r\nHost: " + url->authority +
                           "\r\nConnection: close\r\nAccept-Encoding: identity\r\n";
    for (const auto& [name, value] : request.headers) {
        if ((name + value).find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
            return base::fail(base::ErrorCode::kInvalidArgument, "a header has a line break");
        }
        question.append(name).append(": ").append(value).append("\r\n");
    }
    if (!request.body.empty()) {
        question += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
    }
    question += "\r\n" + request.body;
    return Exchange(*url, options).run(question);
}

}  // namespace tidemark::net
