// Which host names and origins may speak to this server. A web page elsewhere can make a browser send requests to
// loopback, and with DNS rebinding even under its own name: both are refused by name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/result.hpp"

namespace tidemark::net {

class HostGuard {
public:
    /// localhost, 127.0.0.1 and [::1] with `port`, and what `allowed` lists: "name" (with `port` or without any, as
    /// behind a proxy), "name:port", or "name:*" for any port. Fails for what is none of these: there is no wildcard
    /// for names, which would let every page in by DNS rebinding.
    static base::Result<HostGuard> make(std::uint16_t port, const std::vector<std::string>& allowed);

    /// A Host header's value.
    [[nodiscard]] bool allows_host(std::string_view host) const;
    /// An Origin header's value; "null" never. To a request that came by TLS only https origins speak.
    [[nodiscard]] bool allows_origin(std::string_view origin, bool secure) const;

private:
    HostGuard() = default;
    std::vector<std::string> exact_;     // "localhost:8377"
    std::vector<std::string> any_port_;  // "localhost"
};

}  // namespace tidemark::net
