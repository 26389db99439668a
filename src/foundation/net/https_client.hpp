// Asks another server by HTTPS (HTTP/1.1, RFC 9112; TLS 1.2 and later), once, and waits for the answer. For the few
// questions that the server itself asks: a sign-in provider's documents. Thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "foundation/base/result.hpp"
#include "foundation/net/http.hpp"

namespace tidemark::net {

/// An https:// URL taken apart (RFC 3986).
struct HttpsUrl {
    std::string host;  ///< Name or address, without the brackets of IPv6
    std::uint16_t port = 443;
    std::string authority;  ///< Host and port as a Host header has them
    std::string target;     ///< Path and query, at least "/"
};
/// A host name, or an address without brackets.
[[nodiscard]] bool is_host(std::string_view host);
/// Nothing for another scheme, a user name, a fragment, what is not printable ASCII, and more than 2000 characters.
[[nodiscard]] std::optional<HttpsUrl> parse_https_url(std::string_view text);

struct FetchRequest {
    Method method = Method::kGet;
    std::string url;
    Fields headers;
    std::string body;
};

struct FetchAnswer {
    int status = 0;
    std::string body;
};

struct FetchOptions {
    std::string ca_file;  ///< PEM; "": whom this machine trusts, or what SSL_CERT_FILE and SSL_CERT_DIR name
    std::chrono::milliseconds patience{5000};  ///< For everything but looking the name up, which the system bounds
    std::size_t maximum_bytes = 1024 * 1024;   ///< Of the answer's body
};

/// The whole answer, whatever its status: no redirect is followed, since the caller names whom it trusts. The
/// certificate must hold for the URL's host. kInvalidArgument: the URL; kUnavailable: everything that the network or
/// the other server did; the message names the host and never the query, the headers or the body.
/// The calling thread must not take SIGPIPE, as the server's workers do not: OpenSSL writes with write().
[[nodiscard]] base::Result<FetchAnswer> fetch(const FetchRequest& request, const FetchOptions& options = {});

/// Replaceable for tests.
using Fetch = std::function<base::Result<FetchAnswer>(const FetchRequest&)>;

}  // namespace tidemark::net
