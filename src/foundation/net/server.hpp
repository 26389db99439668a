// The HTTP server: listens on loopback, parses, guards, dispatches to the router, writes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/result.hpp"
#include "foundation/net/router.hpp"
#include "foundation/net/stream.hpp"

namespace tidemark::net {

/// One answered request, for metrics.
struct Served {
    std::string_view route;  ///< RouteOptions::id, "static" or "none"
    Method method = Method::kGet;
    int status = 0;
    std::int64_t nanos = 0;  ///< From the end of the request's head to the start of the answer
    std::size_t bytes = 0;   ///< Of the answer's body
};

struct ServerOptions {
    /// "127.0.0.1:port", "[::1]:port" or "localhost:port" (both); port 0 takes a free one
    std::string listen = "127.0.0.1:8377";
    unsigned threads = 0;                              ///< io threads; 0: as many as cores, at most 4
    unsigned workers = 4;                              ///< Threads for blocking handlers
    std::size_t worker_queue = 256;                    ///< Requests that may wait for one; beyond: 503
    std::vector<std::string> allowed_hosts;            ///< Further "name:port" or "name:*" that Host and Origin may say
    std::size_t kept_bytes = std::size_t{32} << 20U;   ///< Of answers kept for others who ask the same
    std::size_t stream_queue = 256;                    ///< Frames that may wait for a subscriber
    std::size_t max_connections = 0;                   ///< 0: nine tenths of the open-files limit
    std::chrono::milliseconds header_timeout{10'000};  ///< From the first byte of a request to the end of its head
    std::chrono::milliseconds body_timeout{30'000};
    std::chrono::milliseconds idle_timeout{75'000};   ///< Between requests
    std::chrono::milliseconds write_timeout{60'000};  ///< For a whole answer, or without progress on a stream
    std::chrono::milliseconds heartbeat{15'000};      ///< Comment on streams
    std::function<void()> on_quiet;                   ///< The last connection went a moment ago; called by an io thread
    std::function<void(const Served&)> observer;      ///< Called by the io threads; must not block
};

struct ServerStats {
    std::int64_t connections = 0;
    std::int64_t streams = 0;
    std::int64_t frames_sent = 0;
    std::int64_t frames_dropped = 0;  ///< Of subscribers that fell behind
    std::int64_t streams_overflowed = 0;
    std::int64_t jobs_waiting = 0;  ///< Blocking requests in the queue
    std::int64_t jobs_refused = 0;
    std::int64_t connections_refused = 0;
    std::int64_t kept_hits = 0;  ///< Requests answered from what was kept, or from an answer under way …
    std::int64_t kept_made = 0;  ///< … and answers that were made to be kept
    std::int64_t kept_bytes = 0;
};

/// Running from start() to stop() or destruction. All methods are thread-safe.
class Server {
public:
    /// Binds and starts the threads. Ignores SIGPIPE and raises the open-files limit of the process. Fails when the
    /// address is not loopback, is in use, or is nonsense.
    static base::Result<std::unique_ptr<Server>> start(ServerOptions options, Router router);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    /// Closes the listeners, lets running requests finish for up to two seconds, closes streams, joins the threads.
    void stop();

    [[nodiscard]] std::uint16_t port() const;
    /// "127.0.0.1:8377", "[::1]:8377"
    [[nodiscard]] std::vector<std::string> addresses() const;

    /// Sends a frame to every stream. Frames with an id must come in order of it.
    void broadcast(Frame frame);

    [[nodiscard]] ServerStats stats() const;

private:
    struct State;
    explicit Server(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace tidemark::net
