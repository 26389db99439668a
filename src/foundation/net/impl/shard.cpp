#include "foundation/net/impl/shard.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include <unistd.h>

#include "foundation/net/impl/connection.hpp"

namespace tidemark::net::impl {
namespace {

constexpr auto kTimerGrain = std::chrono::milliseconds(10);
constexpr auto kQuietAfter = std::chrono::seconds(2);

}  // namespace

void Shard::accept(Listener& listener) {
    listener.acceptor.async_accept(listener.peer, [this, &listener](error_code error, Socket socket) {
        if (stopping || error == asio::error::operation_aborted) {
            return;
        }
        if (error) {  // out of file descriptors, mostly: trying at once again would spin
            accept_pause.expires_after(std::chrono::milliseconds(100));
            accept_pause.async_wait([this, &listener](error_code cancelled) {
                if (!cancelled) {
                    accept(listener);
                }
            });
            return;
        }
        admit(std::move(socket), listener.peer.address());
        accept(listener);
    });
}

void Shard::admit(Socket socket, const address& peer) {
    auto visitor = door.admit(peer);
    if (!visitor) {
        ++connections_refused;
        return;  // the socket goes, and closes
    }
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    const auto connection = std::make_shared<Connection>(*this, std::move(socket), std::move(*visitor));
    if (connections.size() <= max_connections) {
        connection->start();
        return;
    }
    ++connections_refused;
    if (!door.tls) {  // a handshake only to say that there is no room would make it worse
        connection->refuse_busy();
    }
}

/// One timer serves all deadlines: it is set for the earliest when it fires or when an earlier one comes. Deadlines
/// mostly move later, so a busy server hardly ever touches it.
void Shard::watch(TimePoint deadline) {
    if (deadline >= timer_at) {
        return;
    }
    timer_at = deadline;
    deadline_timer.expires_at(deadline);
    deadline_timer.async_wait([this](error_code error) {
        if (!error) {
            check_deadlines();
        }
    });
}

void Shard::check_deadlines() {
    timer_at = TimePoint::max();
    const TimePoint now = SteadyClock::now();
    std::vector<std::shared_ptr<Connection>> late;  // closing changes the set
    TimePoint next = TimePoint::max();
    for (Connection* connection : connections) {
        if (connection->deadline() <= now) {
            late.push_back(connection->shared_from_this());
        } else {
            next = std::min(next, connection->deadline());
        }
    }
    for (const auto& connection : late) {
        connection->check_deadline(now);
    }
    if (next != TimePoint::max()) {
        watch(std::max(next, now + kTimerGrain));
    }
}

/// Keeps the heartbeat going while there are streams.
void Shard::beat() {
    if (beating || streams.empty() || stopping) {
        return;
    }
    beating = true;
    heartbeat_timer.expires_after(options.heartbeat);
    heartbeat_timer.async_wait([this](error_code error) {
        beating = false;
        if (error) {
            return;
        }
        static const Frame comment{0, std::make_shared<const std::string>(":\n\n")};
        const TimePoint now = SteadyClock::now();
        for (Connection* connection : all_streams()) {
            connection->beat(comment, now);
        }
        beat();
    });
}

void Shard::broadcast(const Frame& frame) {
    newest_frame = std::max(newest_frame, frame.id);
    for (Connection* connection : all_streams()) {
        connection->push(frame);
    }
}

void Shard::broadcast(const std::function<std::optional<Frame>(const Caller&)>& select) {
    std::vector<std::pair<Frame, std::vector<Connection*>>> selected;
    for (const auto& [key, group] : streams) {
        if (auto frame = select(*group.caller)) {
            newest_frame = std::max(newest_frame, frame->id);
            selected.emplace_back(std::move(*frame),
                                  std::vector<Connection*>(group.streams.begin(), group.streams.end()));
        }
    }
    for (const auto& [frame, connections_of_group] : selected) {
        for (Connection* connection : connections_of_group) {
            connection->push(frame);
        }
    }
}

void Shard::end_streams(const std::function<bool(const Caller&)>& ends) {
    for (Connection* connection : all_streams()) {
        connection->end_stream(ends);
    }
}

/// A copy: closing changes the groups, but frees nothing yet.
std::vector<Connection*> Shard::all_streams() const {
    std::vector<Connection*> all;
    for (const auto& [key, group] : streams) {
        all.insert(all.end(), group.streams.begin(), group.streams.end());
    }
    return all;
}

void Shard::join_streams(Connection& connection, const std::shared_ptr<const Caller>& caller) {
    StreamGroup& group = streams[caller->key];
    if (!group.caller) {
        group.caller = caller;
    }
    group.streams.insert(&connection);
}

void Shard::leave_streams(Connection& connection, const Caller& caller) {
    const auto place = streams.find(caller.key);
    if (place != streams.end() && place->second.streams.erase(&connection) > 0 && place->second.streams.empty()) {
        streams.erase(place);
    }
}

void Shard::await_quiet() {
    if (stopping) {
        return;
    }
    quiet_timer.expires_after(kQuietAfter);
    quiet_timer.async_wait([this](error_code error) {
        if (error || answering.connections != 0) {
            return;
        }
        answering.kept.clear();
        if (options.on_quiet) {
            options.on_quiet();
        }
    });
}

void Shard::begin_stop() {
    stopping = true;
    quiet_timer.cancel();
    error_code ignored;
    for (Listener& listener : listeners) {
        // Not close(): Asio leaves it to that to take a socket out of its epoll set, and this one lives on (Entrance).
        const int own = listener.acceptor.release(ignored);
        ::close(own);
    }
    accept_pause.cancel();
    heartbeat_timer.cancel();
    std::vector<std::shared_ptr<Connection>> all;
    all.reserve(connections.size());
    for (Connection* connection : connections) {
        all.push_back(connection->shared_from_this());
    }
    for (const auto& connection : all) {
        connection->begin_stop();
    }
    if (connections.empty() && on_empty) {
        on_empty();
    }
}

}  // namespace tidemark::net::impl
