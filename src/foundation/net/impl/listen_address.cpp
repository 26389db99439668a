#include "foundation/net/impl/listen_address.hpp"

#include <charconv>

namespace tidemark::net::impl {

base::Result<ListenAddress> parse_listen_address(std::string_view text) {
    const std::string given(text);
    const auto nonsense = [&] {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          "cannot listen on \"" + given + "\": expected an address and a port, such as 127.0.0.1:8377");
    };
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return nonsense();
    }
    const std::string_view host = text.substr(0, colon);
    const std::string_view port = text.substr(colon + 1);
    ListenAddress address;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
    if (error != std::errc{} || end != port.data() + port.size() || host.empty()) {
        return nonsense();
    }
    if (host == "localhost") {
        address.hosts = {"127.0.0.1", "::1"};
    } else if (host == "[::1]") {
        address.hosts = {"::1"};
    } else if (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos) {
        address.hosts = {std::string(host)};
    } else {
        return base::fail(
            base::ErrorCode::kInvalidArgument,
            "cannot listen on \"" + given +
                "\": there are no accounts yet, so Tidemark serves this machine only; use 127.0.0.1, [::1] or "
                "localhost (and an SSH tunnel from elsewhere)");
    }
    return address;
}

}  // namespace tidemark::net::impl
