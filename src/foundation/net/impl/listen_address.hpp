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
    bool loopback = true;  ///< No other machine reaches it
    bool every = false;    ///< 0.0.0.0 or [::]
};

/// "localhost:8377", or an address literal and a port. Addresses that other machines reach are refused unless
/// `allow_remote`.
base::Result<ListenAddress> parse_listen_address(std::string_view text, bool allow_remote);

}  // namespace tidemark::net::impl
