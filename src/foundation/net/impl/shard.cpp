#include "foundation/net/impl/shard.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "foundation/net/impl/connection.hpp"

namespace tidemark::net::impl {
namespace {

constexpr auto kTimerGrain = std::chrono::milliseconds(10);
constexpr auto kQuietAfter = std::chrono::seconds(2);

}  // namespace

void Shard::accept(Acceptor& acceptor) {
    acceptor.async_accept([this, &acceptor](error_code error, Socket socket) {
        if (stopping || error == asio::error::operation_aborted) {
            return;
        }
        if (error) {  // out of file descriptors, mostly: trying at once again would spin
            accept_pause.expires_after(std::chrono::milliseconds(100));
            accept_pause.async_wait([this, &acceptor](error_code cancelled) {
                if (!cancelled) {
                    accept(acceptor);
                }
            });
            return;
        }
        error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        const auto connection = std::make_shared<Connection>(*this, std::move(socket));
        if (connections.size() > max_connections) {
            ++connections_refused;
            connection->refuse_busy();
        } else {
            connection->start();
        }
        accept(acceptor);
    });
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
        static const Frame kComment{0, std::make_shared<const std::string>(":\n\n")};
        const TimePoint now = SteadyClock::now();
        const std::vector<Connection*> all(streams.begin(),
                                           streams.end());  // closing changes the set, but frees nothing yet
        for (Connection* connection : all) {
            connection->beat(kComment, now);
        }
        beat();
    });
}

void Shard::broadcast(const Frame& frame) {
    newest_frame = std::max(newest_frame, frame.id);
    const std::vector<Connection*> all(streams.begin(), streams.end());
    for (Connection* connection : all) {
        connection->push(frame);
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
    for (Acceptor& acceptor : acceptors) {
        acceptor.close(ignored);
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
