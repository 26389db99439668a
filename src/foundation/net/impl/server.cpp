#include "foundation/net/server.hpp"

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <pthread.h>
#include <sys/resource.h>

#include "foundation/net/impl/asio.hpp"
#include "foundation/net/impl/door.hpp"
#include "foundation/net/impl/listen_address.hpp"
#include "foundation/net/impl/shard.hpp"
#include "foundation/net/impl/signals.hpp"
#include "foundation/net/impl/workers.hpp"

namespace tidemark::net {

using namespace impl;  // NOLINT(google-build-using-namespace): this file is the rim of it

namespace {

std::size_t raise_open_files_limit() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    constexpr rlim_t kEnough = 1'000'000;
    return static_cast<std::size_t>(std::min(limit.rlim_cur, kEnough));
}

/// IPv6 alone, but for "::": that stands for every address, of IPv4 too.
void set_family(Acceptor& acceptor, const tcp::endpoint& endpoint, error_code& error) {
    if (endpoint.address().is_v6()) {
        acceptor.set_option(asio::ip::v6_only(!endpoint.address().is_unspecified()), error);
    }
}

base::Result<void> bind(Acceptor& acceptor, const std::string& host, std::uint16_t port) {
    error_code error;
    const tcp::endpoint endpoint(asio::ip::make_address(host, error), port);
    if (!error) {
        acceptor.open(endpoint.protocol(), error);
    }
    if (!error) {
        acceptor.set_option(asio::socket_base::reuse_address(true), error);
    }
    if (!error) {
        set_family(acceptor, endpoint, error);
    }
    if (!error) {
        const int on = 1;
        setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
        acceptor.bind(endpoint, error);
    }
    if (!error) {
        acceptor.listen(4096, error);
    }
    if (error) {
        return base::fail(base::ErrorCode::kUnavailable,
                          "cannot listen on " + host + ":" + std::to_string(port) + ": " + error.message());
    }
    return {};
}

}  // namespace

struct Server::State {
    State(ServerOptions server_options, Router server_router)
        : options(std::move(server_options)), router(std::move(server_router)) {}

    ServerOptions options;
    Router router;
    std::optional<Door> door;
    std::mutex reloading;
    std::uint16_t port = 0;
    std::vector<std::string> addresses;
    std::unique_ptr<Answering> answering;  // before those who use it, so that it goes after them
    std::unique_ptr<Workers> workers;
    std::vector<std::unique_ptr<Shard>> shards;
    std::vector<std::thread> threads;
    std::mutex mutex;
    std::condition_variable emptied;
    std::size_t busy_shards = 0;
    std::once_flag stopped;
};

base::Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Router router) {
    TIDEMARK_TRY(const ListenAddress listen, parse_listen_address(options.listen, options.allow_remote));
    TIDEMARK_TRY(Door door, make_door(options, listen));
    std::signal(SIGPIPE, SIG_IGN);
    const std::size_t open_files = raise_open_files_limit();
    auto state = std::make_unique<State>(std::move(options), std::move(router));
    const unsigned cores = std::max(std::thread::hardware_concurrency(), 1U);
    const unsigned count = state->options.threads != 0 ? state->options.threads : std::min(cores, 4U);
    const std::size_t most = state->options.max_connections != 0 ? state->options.max_connections : open_files / 10 * 9;
    state->answering = std::make_unique<Answering>(state->options.kept_bytes);
    state->workers = std::make_unique<Workers>(state->options.workers, state->options.worker_queue);
    std::uint16_t port = listen.port;
    std::vector<std::string> hosts;
    {
        // SO_REUSEPORT would let a second process share our port unnoticed: bind once without it. This also finds the
        // port when any will do.
        asio::io_context probe_io{1};
        for (const std::string& host : listen.hosts) {
            error_code error;
            Acceptor probe(probe_io.get_executor());
            const tcp::endpoint endpoint(asio::ip::make_address(host), port);
            probe.open(endpoint.protocol(), error);
            if (!error) {
                probe.set_option(asio::socket_base::reuse_address(true), error);
                set_family(probe, endpoint, error);
                probe.bind(endpoint, error);
            }
            if (!error) {
                probe.listen(1, error);
            }
            const bool no_such_family = error == asio::error::address_family_not_supported ||
                                        error == boost::system::errc::address_not_available;
            if (no_such_family && !hosts.empty()) {
                continue;  // "localhost" on a machine without IPv6
            }
            if (error) {
                return base::fail(base::ErrorCode::kUnavailable,
                                  "cannot listen on " + host + ":" + std::to_string(port) + ": " + error.message());
            }
            port = probe.local_endpoint().port();
            hosts.push_back(host);
        }
    }
    state->port = port;
    TIDEMARK_TRY(door.guard, make_guard(state->options, listen, port));
    state->door.emplace(std::move(door));
    for (unsigned i = 0; i < count; ++i) {
        state->shards.push_back(std::make_unique<Shard>(state->options, state->router, *state->door, *state->workers,
                                                        *state->answering, std::max<std::size_t>(most / count, 1),
                                                        std::max<std::size_t>(state->options.max_requests / count, 1)));
        Shard& shard = *state->shards.back();
        for (const std::string& host : hosts) {
            shard.listeners.emplace_back(shard.io.get_executor());
            TIDEMARK_CHECK_OK(bind(shard.listeners.back().acceptor, host, port));
        }
    }
    for (const std::string& host : hosts) {
        const bool v6 = host.find(':') != std::string::npos;
        state->addresses.push_back((v6 ? "[" + host + "]" : host) + ":" + std::to_string(port));
    }
    state->busy_shards = count;
    for (const auto& shard : state->shards) {
        shard->on_empty = [raw = state.get(), told = false]() mutable {
            if (!std::exchange(told, true)) {
                const std::lock_guard lock(raw->mutex);
                --raw->busy_shards;
                raw->emptied.notify_all();
            }
        };
        for (Listener& listener : shard->listeners) {
            shard->accept(listener);
        }
        state->threads.emplace_back([raw = shard.get()] {
            block_signals();
            pthread_setname_np(pthread_self(), "net-io");
            raw->io.run();
        });
    }
    return std::unique_ptr<Server>(new Server(std::move(state)));
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() { stop(); }

void Server::stop() {
    std::call_once(state_->stopped, [this] {
        for (const auto& shard : state_->shards) {
            asio::post(shard->io.get_executor(), [raw = shard.get()] { raw->begin_stop(); });
        }
        {
            std::unique_lock lock(state_->mutex);
            state_->emptied.wait_for(lock, std::chrono::seconds(2), [this] { return state_->busy_shards == 0; });
        }
        state_->workers->stop();
        state_->answering->promises->close();
        for (const auto& shard : state_->shards) {
            shard->io.stop();
        }
        for (std::thread& thread : state_->threads) {
            thread.join();
        }
        for (const auto& shard : state_->shards) {
            shard->on_empty = nullptr;  // connections that go away with their loop tell nobody
        }
        // Only now: what they hold are connections, which belong to those threads.
        state_->workers->drop();
        state_->answering->flights.clear();
        state_->answering->promises->clear();
    });
}

std::uint16_t Server::port() const { return state_->port; }

std::vector<std::string> Server::addresses() const { return state_->addresses; }

void Server::broadcast(Frame frame) {
    const auto shared = std::make_shared<const Frame>(std::move(frame));
    for (const auto& shard : state_->shards) {
        if (shard->stream_count.load() > 0) {
            asio::post(shard->io.get_executor(), [raw = shard.get(), shared] { raw->broadcast(*shared); });
        }
    }
}

void Server::broadcast(std::function<std::optional<Frame>(const Caller&)> select) {
    const auto shared = std::make_shared<const std::function<std::optional<Frame>(const Caller&)>>(std::move(select));
    for (const auto& shard : state_->shards) {
        if (shard->stream_count.load() > 0) {
            asio::post(shard->io.get_executor(), [raw = shard.get(), shared] { raw->broadcast(*shared); });
        }
    }
}

void Server::end_streams(std::function<bool(const Caller&)> ends) {
    const auto shared = std::make_shared<const std::function<bool(const Caller&)>>(std::move(ends));
    for (const auto& shard : state_->shards) {
        asio::post(shard->io.get_executor(), [raw = shard.get(), shared] { raw->end_streams(*shared); });
    }
}

base::Result<void> Server::reload_tls() {
    if (!state_->door->tls) {
        return base::fail(base::ErrorCode::kFailedPrecondition, "the server does not speak TLS");
    }
    const std::lock_guard lock(state_->reloading);  // the later call is to win
    TIDEMARK_TRY(SslContext context, make_tls_context(*state_->options.tls));
    state_->door->tls->replace(std::move(context));
    return {};
}

ServerStats Server::stats() const {
    ServerStats sum;
    for (const auto& shard : state_->shards) {
        sum.connections += shard->connection_count;
        sum.streams += shard->stream_count;
        sum.frames_sent += shard->frames_sent;
        sum.frames_dropped += shard->frames_dropped;
        sum.streams_overflowed += shard->streams_overflowed;
        sum.jobs_refused += shard->jobs_refused;
        sum.connections_refused += shard->connections_refused;
    }
    const KeptAnswers::Stats kept = state_->answering->kept.stats();
    sum.kept_hits = static_cast<std::int64_t>(kept.hits) + state_->answering->joined;
    sum.kept_made = state_->answering->made;
    sum.kept_bytes = static_cast<std::int64_t>(kept.bytes);
    sum.jobs_waiting = static_cast<std::int64_t>(state_->workers->waiting());
    return sum;
}

}  // namespace tidemark::net
