#include "foundation/net/impl/door.hpp"

#include <string>
#include <utility>
#include <vector>

namespace tidemark::net::impl {
namespace {

constexpr std::size_t kConnectionsPerAddress = 256;

/// The names listed, and the one address that is served: it is no name that a stranger's page could rebind.
base::Result<HostGuard> make_guard(const ServerOptions& options, const ListenAddress& listen) {
    std::vector<std::string> names = options.allowed_hosts;
    if (!listen.loopback && !listen.every) {
        const std::string& host = listen.hosts.front();
        names.push_back(host.find(':') == std::string::npos ? host : "[" + host + "]");
    }
    return HostGuard::make(listen.port, names);
}

}  // namespace

std::optional<Visitor> Door::admit(const address& peer) const {
    Visitor visitor{plain_address(peer), false, std::nullopt};
    visitor.proxy = proxies.contains(visitor.client);
    if (visitor.proxy) {
        return visitor;  // its connections are those of many
    }
    if (proxies_only && !visitor.client.is_loopback()) {
        return std::nullopt;
    }
    if (limit) {
        visitor.lease = limit->enter(visitor.client);
        if (!visitor.lease) {
            return std::nullopt;
        }
    }
    return visitor;
}

base::Result<Door> make_door(const ServerOptions& options, const ListenAddress& listen,
                             std::shared_ptr<TlsContexts> tls) {
    TIDEMARK_TRY(HostGuard guard, make_guard(options, listen));
    TIDEMARK_TRY(AddressRanges proxies, AddressRanges::parse(options.trusted_proxies));
    const bool proxies_only = !listen.loopback && !options.tls;
    if (proxies_only && proxies.empty()) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          "cannot listen on \"" + options.listen +
                              "\" without encryption: passwords and figures would cross the network readably; give a "
                              "certificate, or name the proxy that encrypts as trusted");
    }
    const std::size_t most = options.connections_per_address != 0 ? options.connections_per_address
                             : options.allow_remote               ? kConnectionsPerAddress
                                                                  : 0;
    return Door{std::move(guard), std::move(proxies), proxies_only,
                most != 0 ? std::make_unique<AddressLimit>(most) : nullptr, std::move(tls)};
}

}  // namespace tidemark::net::impl
