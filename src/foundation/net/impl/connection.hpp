// One connection: reads requests, guards and dispatches them, writes answers; or streams events.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "foundation/net/impl/asio.hpp"
#include "foundation/net/impl/shard.hpp"
#include "foundation/net/router.hpp"

namespace tidemark::net::impl {

namespace http = boost::beast::http;
using Parser = http::request_parser<http::string_body>;

constexpr std::size_t kHeaderLimit = 16 * 1024;

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
    std::int64_t started_nanos = 0;
};

/// What a stream needs; a few hundred bytes.
struct Stream {
    std::deque<Frame> queue;
    std::vector<Frame> in_flight;
    std::uint64_t last_id = 0;
    const Router::Endpoint* endpoint = nullptr;
    bool closing = false;  ///< Close when the queue is written
    TimePoint write_since{};
    std::size_t received = 0;
};

class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(Shard& shard, Socket socket) : shard_(shard), socket_(std::move(socket)) {
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

    void start() { next_request(); }
    void refuse_busy();
    void check_deadline(TimePoint now);
    [[nodiscard]] TimePoint deadline() const { return deadline_; }
    void begin_stop();
    void push(const Frame& frame);
    void beat(const Frame& comment, TimePoint now);

private:
    enum class State { kIdle, kHeader, kBody, kHandler, kWriting, kStream, kLinger, kClosed };

    void expect(State state, std::chrono::milliseconds timeout) {
        state_ = state;
        deadline_ = SteadyClock::now() + timeout;
        shard_.watch(deadline_);
    }
    void next_request();
    void read_more();
    void process();
    bool read_head();  // false: answered, or more input is needed
    bool fill_request();
    bool guard_request();
    void read_body();
    void dispatch();
    void answer_on_worker();
    void answer_once(std::uint64_t state);
    void refuse_job();
    static void bring(std::shared_ptr<Connection> connection, std::shared_ptr<Request> request, Response response);
    void fail(int status, std::string_view code, std::string_view detail);
    void respond(Response response);
    void written(error_code error);
    void linger();
    void discard();
    void close();

    void open_stream();
    void watch_stream_input();
    void write_frames();
    void leave_streams();

    Shard& shard_;
    Socket socket_;
    std::vector<char> input_;
    std::size_t begin_ = 0, end_ = 0;  // unread bytes of input_
    std::unique_ptr<Exchange> exchange_;
    std::unique_ptr<Stream> stream_;
    State state_ = State::kIdle;
    TimePoint deadline_ = TimePoint::max();
    bool reading_ = false;
    bool keep_alive_ = true;
    bool streaming_counted_ = false;
    std::size_t lingered_ = 0;
    std::string head_;  // of the answer being written
    Response response_;
};

}  // namespace tidemark::net::impl
