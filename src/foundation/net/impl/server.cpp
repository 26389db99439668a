#include "foundation/net/server.hpp"

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

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

/// Takes connections from a socket that listens and stays: the acceptor gets a descriptor of its own for it.
base::Result<void> stand_at(int listening, Acceptor& acceptor) {
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    const int own = ::fcntl(listening, F_DUPFD_CLOEXEC, 0);
    if (own < 0 || ::getsockname(own, reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
        return base::fail_errno("listen");
    }
    error_code error;
    acceptor.assign(bound.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), own, error);
    if (error) {
        ::close(own);
        return base::fail(base::ErrorCode::kUnavailable, "cannot listen: " + error.message());
    }
    return {};
}

}  // namespace

struct Server::State {
    State(ServerOptions server_options, Router server_router, Door server_door, std::shared_ptr<Entrance> stands_at,
          std::vector<std::string> listens_at)
        : options(std::move(server_options)),
          router(std::move(server_router)),
          door(std::move(server_door)),
          port(stands_at->port()),
          addresses(std::move(listens_at)),
          entrance(std::move(stands_at)) {}

    ServerOptions options;
    Router router;
    Door door;
    const std::uint16_t port;
    const std::vector<std::string> addresses;
    std::mutex entrance_mutex;
    std::shared_ptr<Entrance> entrance;    // until it stops
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
    TIDEMARK_TRY(std::shared_ptr<Entrance> entrance, Entrance::open(options));
    if (options.tls) {
        TIDEMARK_CHECK_OK(entrance->load(*options.tls));
    }
    return start(std::move(options), std::move(router), entrance);
}

base::Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Router router,
                                                    const std::shared_ptr<Entrance>& entrance) {
    TIDEMARK_TRY(ListenAddress listen, parse_listen_address(options.listen, options.allow_remote));
    listen.port = entrance->port();
    if (options.tls && !entrance->tls_) {
        return base::fail(base::ErrorCode::kFailedPrecondition, "the entrance has no certificate");
    }
    TIDEMARK_TRY(Door door, make_door(options, listen, options.tls ? entrance->tls_ : nullptr));
    std::signal(SIGPIPE, SIG_IGN);
    const std::size_t open_files = raise_open_files_limit();
    std::vector<std::string> addresses;
    for (const std::string& host : entrance->hosts_) {
        const bool v6 = host.find(':') != std::string::npos;
        addresses.push_back((v6 ? "[" + host + "]" : host) + ":" + std::to_string(entrance->port()));
    }
    auto state =
        std::make_unique<State>(std::move(options), std::move(router), std::move(door), entrance, std::move(addresses));
    const std::size_t count = entrance->sockets_.size();
    const std::size_t most = state->options.max_connections != 0 ? state->options.max_connections : open_files / 10 * 9;
    state->answering = std::make_unique<Answering>(state->options.kept_bytes);
    state->workers = std::make_unique<Workers>(state->options.workers, state->options.worker_queue);
    for (const std::vector<int>& sockets : entrance->sockets_) {
        state->shards.push_back(std::make_unique<Shard>(state->options, state->router, state->door, *state->workers,
                                                        *state->answering, std::max<std::size_t>(most / count, 1),
                                                        std::max<std::size_t>(state->options.max_requests / count, 1)));
        Shard& shard = *state->shards.back();
        for (const int listening : sockets) {
            shard.listeners.emplace_back(shard.io.get_executor());
            TIDEMARK_CHECK_OK(stand_at(listening, shard.listeners.back().acceptor));
        }
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
            const std::lock_guard lock(state_->entrance_mutex);
            state_->entrance.reset();  // its own closes; at another one people wait
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
    if (!state_->options.tls) {
        return base::fail(base::ErrorCode::kFailedPrecondition, "the server does not speak TLS");
    }
    const std::lock_guard lock(state_->entrance_mutex);
    return state_->entrance ? state_->entrance->load(*state_->options.tls)
                            : base::fail(base::ErrorCode::kUnavailable, "the server has stopped");
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
