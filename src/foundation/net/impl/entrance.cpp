#include <algorithm>
#include <thread>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

#include "foundation/net/impl/asio.hpp"
#include "foundation/net/impl/listen_address.hpp"
#include "foundation/net/impl/tls_context.hpp"
#include "foundation/net/server.hpp"

namespace tidemark::net {

using namespace impl;  // NOLINT(google-build-using-namespace): this file is the rim of it

namespace {

constexpr int kWaiting = 4096;  // connections that nobody has accepted yet

enum class Shared { kNo, kYes };
/// IPv6 alone, but for "::": that stands for every address, of IPv4 too.
void listen_at(Acceptor& acceptor, const tcp::endpoint& endpoint, Shared shared, error_code& error) {
    acceptor.open(endpoint.protocol(), error);
    if (!error) {
        acceptor.set_option(asio::socket_base::reuse_address(true), error);
    }
    if (!error && endpoint.address().is_v6()) {
        acceptor.set_option(asio::ip::v6_only(!endpoint.address().is_unspecified()), error);
    }
    if (!error) {
        if (shared == Shared::kYes) {
            const int on = 1;
            setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
        }
        acceptor.bind(endpoint, error);
    }
    if (!error) {
        acceptor.listen(shared == Shared::kYes ? kWaiting : 1, error);
    }
}

tl::unexpected<base::Error> cannot_listen(const std::string& host, std::uint16_t port, const error_code& error) {
    return base::fail(base::ErrorCode::kUnavailable,
                      "cannot listen on " + host + ":" + std::to_string(port) + ": " + error.message());
}

}  // namespace

base::Result<std::shared_ptr<Entrance>> Entrance::open(const ServerOptions& options) {
    TIDEMARK_TRY(const ListenAddress listen, parse_listen_address(options.listen, options.allow_remote));
    std::shared_ptr<Entrance> entrance(new Entrance());
    entrance->port_ = listen.port;
    asio::io_context io{1};
    // SO_REUSEPORT would let a second process share our port unnoticed: bind once without it. This also finds the port
    // when any will do.
    for (const std::string& host : listen.hosts) {
        error_code error;
        Acceptor probe(io.get_executor());
        listen_at(probe, tcp::endpoint(asio::ip::make_address(host), entrance->port_), Shared::kNo, error);
        const bool no_such_family =
            error == asio::error::address_family_not_supported || error == boost::system::errc::address_not_available;
        if (no_such_family && !entrance->hosts_.empty()) {
            continue;  // "localhost" on a machine without IPv6
        }
        if (error) {
            return cannot_listen(host, entrance->port_, error);
        }
        entrance->port_ = probe.local_endpoint().port();
        entrance->hosts_.push_back(host);
    }
    const unsigned cores = std::max(std::thread::hardware_concurrency(), 1U);
    const unsigned threads = options.threads != 0 ? options.threads : std::min(cores, 4U);
    for (unsigned i = 0; i < threads; ++i) {
        std::vector<int>& sockets = entrance->sockets_.emplace_back();
        for (const std::string& host : entrance->hosts_) {
            error_code error;
            Acceptor acceptor(io.get_executor());
            listen_at(acceptor, tcp::endpoint(asio::ip::make_address(host), entrance->port_), Shared::kYes, error);
            if (!error) {
                const int socket = acceptor.release(error);
                if (!error) {
                    sockets.push_back(socket);
                }
            }
            if (error) {
                return cannot_listen(host, entrance->port_, error);
            }
        }
    }
    return entrance;
}

Entrance::~Entrance() {
    for (const std::vector<int>& sockets : sockets_) {
        for (const int socket : sockets) {
            ::close(socket);
        }
    }
}

base::Result<void> Entrance::load(const TlsFiles& files) {
    TIDEMARK_TRY(SslContext context, make_tls_context(files));
    if (tls_) {
        tls_->replace(std::move(context));
    } else {
        tls_ = std::make_shared<TlsContexts>(std::move(context));
    }
    return {};
}

}  // namespace tidemark::net
