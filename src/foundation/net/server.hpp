// The HTTP server: listens, speaks TLS when told to, parses, guards, dispatches to the router, writes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/result.hpp"
#include "foundation/net/router.hpp"
#include "foundation/net/stream.hpp"

namespace tidemark::net {

/// One answered request, for metrics and an access log. The texts are the client's: they end with the call.
struct Served {
    std::string_view route;  ///< RouteOptions::id, "static" or "none"
    Method method = Method::kGet;
    int status = 0;
    std::int64_t nanos = 0;  ///< From the end of the request's head to the start of the answer
    std::size_t bytes = 0;   ///< Of the answer's body
    std::string_view request_id;
    std::string_view remote;  ///< Request::remote
    std::string_view path;    ///< As sent, without the query; "" when the request could not be read
    std::string_view caller;  ///< Caller::name
    bool secure = false;      ///< Request::secure
};

/// Asked for every request that found its route, before its body is read (a refused body is not read at all), before
/// kept answers are looked up and before a stream begins. Sets `request.caller`, or refuses with an answer. Called by
/// the io threads, several at once: must be quick. When it throws, the request is refused with a 500.
using Gate = std::function<std::optional<Response>(Request& request, const RouteOptions& route)>;

/// PEM files: the server's certificate followed by its chain, and its key without a passphrase.
struct TlsFiles {
    std::string certificate_file;
    std::string key_file;
};

namespace impl {
class TlsContexts;
}

struct ServerOptions {
    /// "127.0.0.1:port", "[::1]:port" or "localhost:port" (both); port 0 takes a free one. With allow_remote any
    /// address; "[::]:port" is every one of this machine, IPv4 too.
    std::string listen = "127.0.0.1:8377";
    /// Other machines may connect: by TLS, or through one of trusted_proxies. Else such an address is refused.
    bool allow_remote = false;
    std::optional<TlsFiles> tls;
    /// Addresses and networks ("10.0.0.5", "10.0.0.0/8"). X-Forwarded-For and X-Forwarded-Proto are believed from these
    /// and from nobody else. Without TLS, beyond loopback, only these (and this machine) may connect.
    std::vector<std::string> trusted_proxies;
    unsigned threads = 0;                             ///< io threads; 0: as many as cores, at most 4
    unsigned workers = 4;                             ///< Threads for blocking handlers
    std::size_t worker_queue = 256;                   ///< Requests that may wait for one; beyond: 503
    std::vector<std::string> allowed_hosts;           ///< Further names that Host and Origin may say (host_guard.hpp)
    std::size_t kept_bytes = std::size_t{32} << 20U;  ///< Of answers kept for others who ask the same
    std::size_t stream_queue = 256;                   ///< Frames that may wait for a subscriber
    std::size_t max_connections = 0;                  ///< 0: nine tenths of the open-files limit
    /// Of one client address (of IPv6: a /64), proxies excepted; beyond they are closed at once. Behind a proxy: open
    /// streams, beyond: 429. 0: 256 with allow_remote, else no limit.
    std::size_t connections_per_address = 0;
    std::size_t max_requests = 4096;                   ///< Being read (body), made or written at once; beyond: 503
    std::chrono::milliseconds header_timeout{10'000};  ///< Of a request, from its first byte; and of the TLS handshake
    std::chrono::milliseconds body_timeout{30'000};
    std::chrono::milliseconds idle_timeout{75'000};   ///< Between requests
    std::chrono::milliseconds write_timeout{60'000};  ///< For a whole answer, or without progress on a stream
    std::chrono::milliseconds heartbeat{15'000};      ///< Comment on streams
    Gate gate;                                        ///< Unset: everybody may do everything
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

/// What a server stands on and leaves as it is: sockets that listen, and the certificate. Opened by root, it serves who
/// is no longer root; kept from one server to the next, nobody is refused meanwhile: connections wait.
class Entrance {
public:
    /// Binds, by ServerOptions::listen, allow_remote and threads. Fails when the address is in use, is nonsense or must
    /// not be served by these options.
    static base::Result<std::shared_ptr<Entrance>> open(const ServerOptions& options);
    Entrance(const Entrance&) = delete;
    Entrance& operator=(const Entrance&) = delete;
    ~Entrance();

    /// Reads the certificate and its key, for connections from here on; makes new keys for session tickets. Fails and
    /// keeps what it has when these cannot serve. One caller at a time.
    base::Result<void> load(const TlsFiles& files);
    [[nodiscard]] std::uint16_t port() const { return port_; }

private:
    friend class Server;
    Entrance() = default;
    std::uint16_t port_ = 0;
    std::vector<std::string> hosts_;
    std::vector<std::vector<int>> sockets_;   ///< For each io thread, one for each of hosts_
    std::shared_ptr<impl::TlsContexts> tls_;  ///< nullptr before the first load()
};

/// Running from start() to stop() or destruction. All methods are thread-safe.
class Server {
public:
    /// Opens an entrance of its own and starts the threads. Ignores SIGPIPE and raises the open-files limit of the
    /// process. Fails as Entrance::open() and load() do, and when the options would serve readably to other machines.
    static base::Result<std::unique_ptr<Server>> start(ServerOptions options, Router router);
    /// At an entrance that was opened by the same options, and is loaded when they name a certificate. One server at a
    /// time stands there.
    static base::Result<std::unique_ptr<Server>> start(ServerOptions options, Router router,
                                                       const std::shared_ptr<Entrance>& entrance);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    /// Leaves the entrance, lets running requests finish for up to two seconds, closes streams, joins the threads.
    void stop();

    [[nodiscard]] std::uint16_t port() const;
    /// "127.0.0.1:8377", "[::1]:8377"
    [[nodiscard]] std::vector<std::string> addresses() const;

    /// Reads the certificate and the key again, for connections from here on; makes new keys for session tickets. Fails
    /// and keeps the old ones when these cannot serve, or when the server does not speak TLS.
    base::Result<void> reload_tls();

    /// Sends a frame to every stream. Frames with an id must come in order of it.
    void broadcast(Frame frame);
    /// Sends each stream what `select` gives for its caller; nothing: no frame. Asked once for each key of callers and
    /// io thread, on that thread: must be quick and thread-safe and must not throw. A stream that the gate left without
    /// a caller counts as one with an empty key and no person.
    void broadcast(std::function<std::optional<Frame>(const Caller&)> select);
    /// Ends the streams of the callers that `ends` names, at once and without a last frame. It is asked for each
    /// stream, on the io threads. Whoever takes a right away first sees to it that the gate refuses, then calls this:
    /// no stream slips through between.
    void end_streams(std::function<bool(const Caller&)> ends);

    [[nodiscard]] ServerStats stats() const;

private:
    struct State;
    explicit Server(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace tidemark::net
