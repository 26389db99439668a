// One connection: greets, reads requests, guards and dispatches them, writes answers; or streams events.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "foundation/net/impl/asio.hpp"
#include "foundation/net/impl/shard.hpp"
#include "foundation/net/impl/transport.hpp"
#include "foundation/net/router.hpp"

namespace tidemark::net::impl {

namespace http = boost::beast::http;
using Parser = http::request_parser<http::string_body>;

constexpr std::size_t kHeaderLimit = 16 * 1024;

/// A place among the requests that an io thread works on at once.
class RequestPlace {
public:
    explicit RequestPlace(std::size_t& count) : count_(count) { ++count_; }
    RequestPlace(const RequestPlace&) = delete;
    RequestPlace& operator=(const RequestPlace&) = delete;
    ~RequestPlace() { --count_; }

private:
    std::size_t& count_;
};

/// What is needed while a request is read and answered; freed while a connection waits or streams.
struct Exchange {
    Exchange() {
        parser.header_limit(static_cast<std::uint32_t>(kHeaderLimit));
        parser.body_limit(boost::none);  // set by the route once the header is there
        parser.eager(false);
    }
    Parser parser;
    std::size_t header_bytes = 0;
    std::shared_ptr<Request> request = std::make_shared<Request>();
    const Router::Endpoint* endpoint = nullptr;
    std::string route = "none";
    bool header_done = false;
    bool strict_transport = false;  ///< The answer tells the browser to keep to HTTPS
    std::int64_t started_nanos = 0;
    std::optional<RequestPlace> place;  ///< From the end of the head
};

/// What a stream needs; a few hundred bytes.
struct Stream {
    std::deque<Frame> queue;
    std::vector<Frame> in_flight;
    std::uint64_t last_id = 0;
    const Router::Endpoint* endpoint = nullptr;
    std::shared_ptr<const Caller> caller;      ///< Never nullptr
    std::optional<AddressLimit::Lease> lease;  ///< Of the client behind a proxy
    bool closing = false;                      ///< Close when the queue is written
    TimePoint write_since{};
    std::size_t received = 0;
};

class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(Shard& shard, Socket socket, Visitor visitor)
        : shard_(shard),
          transport_(std::move(socket)),
          visitor_(std::move(visitor)),
          remote_(visitor_.client.to_string()) {
        shard_.connections.insert(this);
        ++shard_.connection_count;
        ++shard_.answering.connections;
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() {
        leave_streams();
        shard_.connections.erase(this);
        if (--shard_.answering.connections == 0) {
            shard_.await_quiet();
        }
        if (--shard_.connection_count == 0 && shard_.stopping && shard_.on_empty) {
            shard_.on_empty();
        }
    }

    void start();
    void refuse_busy();
    void check_deadline(TimePoint now);
    [[nodiscard]] TimePoint deadline() const { return deadline_; }
    void begin_stop();
    void push(const Frame& frame);
    /// Closes when this is a stream of a caller that `ends` names.
    void end_stream(const std::function<bool(const Caller&)>& ends);
    void beat(const Frame& comment, TimePoint now);

private:
    enum class State { kHandshake, kIdle, kHeader, kBody, kHandler, kWriting, kStream, kLinger, kClosed };

    void expect(State state, std::chrono::milliseconds timeout) {
        state_ = state;
        deadline_ = SteadyClock::now() + timeout;
        shard_.watch(deadline_);
    }
    void greet();
    void refuse_plain();
    void begin_exchange();
    void next_request();
    void read_more();
    void process();
    bool read_head();  // false: answered, or more input is needed
    bool fill_request();
    void believe_proxy();
    std::optional<Response> ask_gate();
    bool guard_request();
    void read_body();
    void dispatch();
    void answer_on_worker();
    void answer_once(std::uint64_t state);
    void refuse_job();
    static void bring(std::shared_ptr<Connection> connection, std::shared_ptr<Request> request, Response response);
    static void bring_later(std::shared_ptr<Connection> connection, std::shared_ptr<Request> request,
                            const std::function<void(std::function<void(Response)>)>& later);
    void fail(int status, std::string_view code, std::string_view detail);
    void respond(Response response);
    void observe(int status, std::int64_t nanos, std::size_t bytes) const;
    void written(error_code error);
    void linger();
    void discard();
    void close();

    void open_stream();
    void watch_stream_input();
    void write_frames();
    void leave_streams();

    Shard& shard_;
    Transport transport_;
    const Visitor visitor_;
    const std::string remote_;  // the visitor's address as text
    std::vector<char> input_;
    std::size_t begin_ = 0, end_ = 0;  // unread bytes of input_
    std::unique_ptr<Exchange> exchange_;
    std::unique_ptr<Stream> stream_;
    State state_ = State::kHandshake;
    TimePoint deadline_ = TimePoint::max();
    bool reading_ = false;
    bool keep_alive_ = true;
    bool streaming_counted_ = false;
    std::size_t lingered_ = 0;
    std::string head_;  // of the answer being written
    Response response_;
};

}  // namespace tidemark::net::impl
