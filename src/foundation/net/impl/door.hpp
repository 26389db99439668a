// What decides, for all io threads of a server, who may come in and how.
#pragma once

#include <memory>
#include <optional>

#include "foundation/base/result.hpp"
#include "foundation/net/host_guard.hpp"
#include "foundation/net/impl/client_address.hpp"
#include "foundation/net/impl/listen_address.hpp"
#include "foundation/net/impl/tls_context.hpp"
#include "foundation/net/server.hpp"

namespace tidemark::net::impl {

/// One client as it stands in the door.
struct Visitor {
    address client;
    bool proxy = false;                        ///< What it says of its clients is believed
    std::optional<AddressLimit::Lease> lease;  ///< Its place within the limit
};

struct Door {
    HostGuard guard;
    AddressRanges proxies;
    bool proxies_only = false;            ///< Others are turned away, but for this machine
    std::unique_ptr<AddressLimit> limit;  ///< nullptr: no limit
    std::shared_ptr<TlsContexts> tls;     ///< nullptr: plain HTTP

    /// Nothing for whom the connection is to be closed at once. Thread-safe.
    [[nodiscard]] std::optional<Visitor> admit(const address& peer) const;
};

/// Fails when these options would serve readably to other machines, and when a name or a proxy is not what it should
/// be. The guard has the port of `listen`. `tls` is for options that name a certificate.
base::Result<Door> make_door(const ServerOptions& options, const ListenAddress& listen,
                             std::shared_ptr<TlsContexts> tls);

}  // namespace tidemark::net::impl
