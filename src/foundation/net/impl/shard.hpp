// One io thread of the server.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "foundation/net/impl/asio.hpp"
#include "foundation/net/impl/door.hpp"
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
/// Connections that wait for an answer that is made elsewhere (Response::later). Whoever makes it holds a number, not
/// the connection, which belongs to its io thread and ends with the server.
class Promises {
public:
    std::uint64_t add(Joined waiting) {
        const std::lock_guard lock(mutex_);
        waiting_.emplace(++last_, std::move(waiting));
        return last_;
    }
    /// Gives what waits to `use`, unless that was done or the server ends. The server ends only after that.
    template <class Use>
    void keep(std::uint64_t number, Use use) {
        const std::lock_guard lock(mutex_);
        if (auto found = waiting_.extract(number); !found.empty() && !closed_) {
            use(std::move(found.mapped()));
        }
    }
    void close() {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    /// After close(), when the io threads have ended.
    void clear() {
        const std::lock_guard lock(mutex_);
        waiting_.clear();
    }

private:
    std::mutex mutex_;
    std::unordered_map<std::uint64_t, Joined> waiting_;
    std::uint64_t last_ = 0;
    bool closed_ = false;
};

struct Answering {
    explicit Answering(std::size_t kept_bytes) : kept(kept_bytes) {}
    const std::shared_ptr<Promises> promises = std::make_shared<Promises>();
    KeptAnswers kept;
    Flights<Joined> flights;
    std::atomic<std::int64_t> joined{0};  ///< Requests that another one brought the answer
    std::atomic<std::int64_t> made{0};    ///< Answers made
    std::atomic<std::int64_t> connections{0};
};

struct Listener {
    explicit Listener(const Executor& executor) : acceptor(executor) {}
    Acceptor acceptor;
    tcp::endpoint peer;  ///< Of the connection being accepted
};

/// The streams of callers with equal keys: whatever is selected for one of them is for all.
struct StreamGroup {
    std::shared_ptr<const Caller> caller;
    std::unordered_set<Connection*> streams;
};

/// One io thread: its loop, listeners, connections and streams. Everything in it is touched by that thread only, but
/// for the atomics.
struct Shard {
    explicit Shard(const ServerOptions& server_options, const Router& server_router, Door& server_door,
                   Workers& server_workers, Answering& server_answering, std::size_t connections_allowed,
                   std::size_t requests_allowed)
        : options(server_options),
          router(server_router),
          door(server_door),
          workers(server_workers),
          answering(server_answering),
          max_connections(connections_allowed),
          max_requests(requests_allowed) {}

    void accept(Listener& listener);
    void watch(TimePoint deadline);
    void check_deadlines();
    void beat();
    void broadcast(const Frame& frame);
    void broadcast(const std::function<std::optional<Frame>(const Caller&)>& select);
    void end_streams(const std::function<bool(const Caller&)>& ends);
    void join_streams(Connection& connection, const std::shared_ptr<const Caller>& caller);
    void leave_streams(Connection& connection, const Caller& caller);
    void begin_stop();
    /// The last connection went: if none comes in a moment, the server lets go of what it keeps for them.
    void await_quiet();

    const ServerOptions& options;
    const Router& router;
    Door& door;
    Workers& workers;
    Answering& answering;
    const std::size_t max_connections, max_requests;

    std::unordered_set<Connection*> connections;           // outlives the loop, whose handlers own the connections
    std::unordered_map<std::string, StreamGroup> streams;  // by the key of their callers
    std::size_t requests = 0;                              // being read, made or written
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
    std::deque<Listener> listeners;

private:
    void admit(Socket socket, const address& peer);
    [[nodiscard]] std::vector<Connection*> all_streams() const;
};

}  // namespace tidemark::net::impl
