// One io thread of the server.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <unordered_set>

#include "foundation/net/host_guard.hpp"
#include "foundation/net/impl/asio.hpp"
#include "foundation/net/impl/flights.hpp"
#include "foundation/net/impl/workers.hpp"
#include "foundation/net/kept_answers.hpp"
#include "foundation/net/server.hpp"

namespace tidemark::net::impl {

class Connection;

/// A request whose answer another one of the same question will bring.
struct Joined {
    std::shared_ptr<Connection> connection;
    std::shared_ptr<Request> request;
};

/// What the shards of a server share to answer equal questions once.
struct Answering {
    explicit Answering(std::size_t kept_bytes) : kept(kept_bytes) {}
    KeptAnswers kept;
    Flights<Joined> flights;
    std::atomic<std::int64_t> joined{0};  ///< Requests that another one brought the answer
    std::atomic<std::int64_t> made{0};    ///< Answers made
    std::atomic<std::int64_t> connections{0};
};

/// One io thread: its loop, listeners, connections and streams. Everything in it is touched by that thread only, but
/// for the atomics.
struct Shard {
    explicit Shard(const ServerOptions& server_options, const Router& server_router, const HostGuard& server_guard,
                   Workers& server_workers, Answering& server_answering, std::size_t connections_allowed)
        : options(server_options),
          router(server_router),
          guard(server_guard),
          workers(server_workers),
          answering(server_answering),
          max_connections(connections_allowed) {}

    void accept(Acceptor& acceptor);
    void watch(TimePoint deadline);
    void check_deadlines();
    void beat();
    void broadcast(const Frame& frame);
    void begin_stop();
    /// The last connection went: if none comes in a moment, the server lets go of what it keeps for them.
    void await_quiet();

    const ServerOptions& options;
    const Router& router;
    const HostGuard& guard;
    Workers& workers;
    Answering& answering;
    const std::size_t max_connections;

    std::unordered_set<Connection*> connections;  // outlives the loop, whose handlers own the connections
    std::unordered_set<Connection*> streams;
    std::uint64_t newest_frame = 0;
    bool stopping = false;
    TimePoint timer_at = TimePoint::max();
    bool beating = false;

    std::atomic<std::int64_t> connection_count{0};
    std::atomic<std::int64_t> stream_count{0};  // streams, and those being opened
    std::atomic<std::int64_t> frames_sent{0};
    std::atomic<std::int64_t> frames_dropped{0};
    std::atomic<std::int64_t> streams_overflowed{0};
    std::atomic<std::int64_t> jobs_refused{0};
    std::atomic<std::int64_t> connections_refused{0};
    std::function<void()> on_empty;  // called when the last connection of a stopping shard went

    asio::io_context io{1};
    Timer deadline_timer{io.get_executor()};
    Timer heartbeat_timer{io.get_executor()};
    Timer accept_pause{io.get_executor()};
    Timer quiet_timer{io.get_executor()};
    std::deque<Acceptor> acceptors;
};

}  // namespace tidemark::net::impl
