#include "foundation/net/impl/listen_address.hpp"

#include <charconv>

#include "foundation/net/impl/asio.hpp"

namespace tidemark::net::impl {

base::Result<ListenAddress> parse_listen_address(std::string_view text, bool allow_remote) {
    const std::string given(text);
    const auto nonsense = [&] {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          "cannot listen on \"" + given + "\": expected an address and a port, such as 127.0.0.1:8377");
    };
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return nonsense();
    }
    std::string_view host = text.substr(0, colon);
    const std::string_view port = text.substr(colon + 1);
    ListenAddress listen;
    const auto [end, failure] = std::from_chars(port.data(), port.data() + port.size(), listen.port);
    if (failure != std::errc{} || end != port.data() + port.size() || host.empty()) {
        return nonsense();
    }
    if (host == "localhost") {
        listen.hosts = {"127.0.0.1", "::1"};
        return listen;
    }
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed) {
        host = host.substr(1, host.size() - 2);
    }
    error_code error;
    const asio::ip::address address = asio::ip::make_address(host, error);
    if (error || address.is_v6() != bracketed) {
        return nonsense();
    }
    listen.hosts = {address.to_string()};
    listen.loopback = address.is_loopback();
    listen.every = address.is_unspecified();
    if (!listen.loopback && !allow_remote) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          "cannot listen on \"" + given +
                              "\": Tidemark serves this machine only unless it is told to serve others; use 127.0.0.1, "
                              "[::1] or localhost (and an SSH tunnel from elsewhere), or allow remote access");
    }
    return listen;
}

}  // namespace tidemark::net::impl
