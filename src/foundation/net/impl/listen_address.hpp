// "127.0.0.1:8377" -> the addresses to bind.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/result.hpp"

namespace tidemark::net::impl {

struct ListenAddress {
    std::vector<std::string> hosts;  ///< "127.0.0.1", "::1"
    std::uint16_t port = 0;
};

/// Loopback only: any other address is refused, because there are no accounts yet that would protect it.
base::Result<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace tidemark::net::impl
