#include "foundation/net/https_client.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>

#include <sys/socket.h>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "foundation/net/impl/client_stream.hpp"

namespace tidemark::net {
namespace {

namespace http = boost::beast::http;

constexpr std::size_t kLongestUrl = 2000;
constexpr std::size_t kLargestHead = 32 * 1024;

base::Result<FetchAnswer> receive(impl::ClientStream& stream, std::size_t maximum_bytes) {
    http::response_parser<http::string_body> parser;
    parser.header_limit(kLargestHead);
    parser.body_limit(maximum_bytes);
    parser.eager(true);
    std::array<char, 16 * 1024> buffer;
    std::string pending;
    while (!parser.is_done()) {
        TIDEMARK_TRY(const std::size_t size, stream.receive(buffer));
        boost::system::error_code error;
        if (size == 0) {
            parser.put_eof(error);
            if (error || !parser.is_done()) {
                return stream.failure("the answer was cut off");
            }
            break;
        }
        pending.append(buffer.data(), size);
        const std::size_t taken = parser.put(boost::asio::buffer(pending), error);
        pending.erase(0, taken);
        if (error && error != http::error::need_more) {
            return stream.failure(error == http::error::body_limit ? "the answer is too long"
                                                                   : "the answer is no HTTP: " + error.message());
        }
    }
    const auto& message = parser.get();
    if (message.result_int() < 200) {
        return stream.failure("answered with an interim status");
    }
    return FetchAnswer{static_cast<int>(message.result_int()), message.body()};
}

}  // namespace

bool is_host(std::string_view host) {
    constexpr std::size_t kLongest = 253;
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
    const bool name = !host.empty() && host.size() <= kLongest &&
                      host.find_first_not_of(kAllowed) == std::string_view::npos && host.front() != '.' &&
                      host.front() != '-' && host.find("..") == std::string_view::npos;
    return name || impl::is_address(std::string(host), AF_INET6);
}

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
        if (!impl::is_address(url.host, AF_INET6)) {
            return std::nullopt;
        }
    } else {
        const std::size_t colon = std::min(authority.find(':'), authority.size());
        url.host = authority.substr(0, colon);
        port = authority.substr(colon);
        if (!is_host(url.host)) {
            return std::nullopt;
        }
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
    impl::ClientStream stream(
        {.host = url->host, .port = url->port, .ca_file = options.ca_file, .patience = options.patience});
    TIDEMARK_CHECK_OK(stream.connect());
    TIDEMARK_CHECK_OK(stream.start_tls());
    TIDEMARK_CHECK_OK(stream.send(question));
    return receive(stream, options.maximum_bytes);
}

}  // namespace tidemark::net
