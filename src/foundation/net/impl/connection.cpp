#include "foundation/net/impl/connection.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <utility>

#include "foundation/base/clock.hpp"
#include "foundation/base/time.hpp"
#include "foundation/log/log.hpp"
#include "foundation/net/gzip.hpp"
#include "foundation/net/impl/security_headers.hpp"

namespace tidemark::net::impl {
namespace {

constexpr std::size_t kFirstBuffer = 4 * 1024;
constexpr std::size_t kFramesAWrite = 32;
constexpr std::size_t kStreamInputLimit = 4096;  // a subscriber has nothing to say
constexpr auto kGoodbye = std::chrono::seconds(2);
constexpr std::size_t kGoodbyeBytes = 4 * 1024 * 1024;
constexpr std::size_t kFieldsLimit = 128;  // of a header
constexpr char kTlsHandshake = 0x16;       // the first byte of every TLS connection (RFC 8446, 5.1)

/// "Mon, 23 Nov 2026 01:58:34 GMT", made once a second and thread.
const std::string& http_date() {
    thread_local base::UnixMillis second = -1;
    thread_local std::string text;
    const base::UnixMillis now = base::now() / base::kSecond;
    if (now != second) {
        static constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
        static constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
        second = now;
        const std::string stamp = base::to_rfc3339(now * base::kSecond);  // 2026-11-23T01:58:34.000Z
        const std::int64_t days = now / (base::kDay / base::kSecond);
        const base::CivilDate date = base::civil_from_days(days);
        text = kDays[static_cast<std::size_t>(base::weekday_from_days(days))];
        text += ", " + stamp.substr(8, 2) + " ";
        text += kMonths[static_cast<std::size_t>(date.month - 1)];
        text += " " + stamp.substr(0, 4) + " " + stamp.substr(11, 8) + " GMT";
    }
    return text;
}

std::string make_request_id() {
    static constexpr std::string_view kHex = "0123456789abcdef";
    thread_local std::mt19937_64 engine(std::random_device{}() ^ static_cast<std::uint64_t>(base::monotonic_nanos()));
    std::uint64_t bits = engine();
    std::string id(16, '0');
    for (char& c : id) {
        c = kHex[bits & 15U];
        bits >>= 4U;
    }
    return id;
}

bool changes_state(Method method) {
    return method != Method::kGet && method != Method::kHead && method != Method::kOptions;
}

/// Compresses the body when the client wants it and it is worth it. Runs on whichever thread made the response.
void compress(const Request& request, Response& response) {
    if (!response.compressible || response.body.size() < kGzipFrom || !response.static_body.empty() ||
        response.shared_body) {
        return;
    }
    const std::string_view type = response.content_type;
    if (!type.starts_with("application/json") && !type.starts_with("application/problem+json") &&
        !type.starts_with("text/")) {
        return;
    }
    response.headers.emplace_back("Vary", "Accept-Encoding");
    if (!accepts_encoding(request.header("accept-encoding").value_or(""), "gzip")) {
        return;
    }
    if (std::string packed = gzip(response.body); !packed.empty()) {
        response.body = std::move(packed);
        response.headers.emplace_back("Content-Encoding", "gzip");
    }
}

Response run_handler(const Router::Endpoint& endpoint, const Request& request) {
    try {
        return endpoint.handler(request);
    } catch (const std::exception& failure) {
        log::error("handler_failed",
                   {{"route", endpoint.options.id}, {"request_id", request.request_id}, {"what", failure.what()}});
        return problem(request, 500, "internal", "Something went wrong inside Tidemark; its log has this request_id.");
    }
}

/// "X-Name: a\r\n b": a value that goes on in the next line. Long obsolete (RFC 9112, 5.2), and what some proxies read
/// as another header. `text` is the head or a part of it that ends with a whole line.
bool has_folded_line(std::string_view text) {
    for (std::size_t end = text.find('\n'); end + 1 < text.size(); end = text.find('\n', end + 1)) {
        if (text[end + 1] == ' ' || text[end + 1] == '\t') {
            return true;
        }
    }
    return false;
}

/// The name in a Host header stands for the client's own machine. What a browser learns of HTTPS for such a name it
/// would apply to every program there, whatever the port.
bool is_loopback_name(std::string_view host) {
    const std::string_view name = host.substr(0, host.starts_with('[') ? host.find(']') + 1 : host.find(':'));
    return name == "localhost" || name.ends_with(".localhost") || name == "[::1]" || name.starts_with("127.");
}

/// Under which answers are kept and joined: the target and whose reach it is. A target has no line breaks. Holds until
/// the thread's next call: so a hit needs no memory.
const std::string& question_of(const Request& request) {
    thread_local std::string question;
    question = request.target;
    if (request.caller && !request.caller->key.empty()) {
        question += '\n';
        question += request.caller->key;
    }
    return question;
}

}  // namespace

// ---- greeting
// ---------------------------------------------------------------------------------------------------------

void Connection::start() {
    if (!shard_.door.tls) {
        return next_request();
    }
    expect(State::kHandshake, shard_.options.header_timeout);
    transport_.async_wait_read([self = shared_from_this()](error_code error) {
        if (error || self->state_ != State::kHandshake) {
            return self->close();
        }
        self->greet();
    });
}

/// The first bytes are there: TLS, or somebody who thinks that this is plain HTTP.
void Connection::greet() {
    char first = 0;
    error_code error;
    const std::size_t size = transport_.socket().receive(asio::buffer(&first, 1), tcp::socket::message_peek, error);
    if (error || size == 0) {
        return close();
    }
    if (first != kTlsHandshake) {
        return refuse_plain();
    }
    Ssl ssl = shard_.door.tls->open(transport_.socket().native_handle());
    if (!ssl) {
        return close();
    }
    transport_.begin_tls(std::move(ssl));
    transport_.tls().async_handshake([self = shared_from_this()](error_code failure, std::size_t) {
        if (failure || self->state_ != State::kHandshake) {
            return self->close();
        }
        self->next_request();
    });
}

void Connection::refuse_plain() {
    begin_exchange();
    exchange_->request->request_id = make_request_id();
    keep_alive_ = false;
    Response response;
    response.status = 400;
    response.content_type = "text/plain";
    response.body = "This port speaks TLS; use https://\n";
    respond(std::move(response));
}

// ---- reading
// ----------------------------------------------------------------------------------------------------------

void Connection::begin_exchange() {
    exchange_ = std::make_unique<Exchange>();
    exchange_->request->remote = remote_;
    exchange_->request->secure = transport_.encrypted();
}

void Connection::next_request() {
    exchange_.reset();
    if (shard_.stopping) {
        return close();
    }
    if (begin_ == end_) {
        begin_ = end_ = 0;
        if (input_.size() > kFirstBuffer) {
            std::vector<char>().swap(input_);
        }
        expect(State::kIdle, shard_.options.idle_timeout);
        read_more();
    } else {
        process();  // pipelined
    }
}

void Connection::read_more() {
    if (begin_ > 0) {
        std::copy(input_.begin() + static_cast<std::ptrdiff_t>(begin_),
                  input_.begin() + static_cast<std::ptrdiff_t>(end_), input_.begin());
        end_ -= begin_;
        begin_ = 0;
    }
    if (input_.size() - end_ < kFirstBuffer / 2) {
        input_.resize(std::max(kFirstBuffer, input_.size() * 2));
    }
    reading_ = true;
    transport_.async_read_some(asio::buffer(input_.data() + end_, input_.size() - end_),
                               [self = shared_from_this()](error_code error, std::size_t size) {
                                   self->reading_ = false;
                                   if (error || self->state_ == State::kClosed) {
                                       return self->close();
                                   }
                                   if (self->state_ == State::kWriting) {
                                       return;  // timed out meanwhile: the 408 is on its way
                                   }
                                   if (self->state_ == State::kLinger) {
                                       return self->discard();
                                   }
                                   self->end_ += size;
                                   self->process();
                               });
}

void Connection::process() {
    if (!exchange_) {
        begin_exchange();
        expect(State::kHeader, shard_.options.header_timeout);
    }
    if (!exchange_->header_done && !read_head()) {
        return;
    }
    read_body();
}

bool Connection::read_head() {
    Parser& parser = exchange_->parser;
    error_code error;
    const std::size_t used = parser.put(asio::buffer(input_.data() + begin_, end_ - begin_), error);
    const bool folded = has_folded_line({input_.data() + begin_, used});
    begin_ += used;
    exchange_->header_bytes += used;
    if (error == http::error::need_more) {
        if (exchange_->header_bytes + (end_ - begin_) > kHeaderLimit) {
            fail(431, "header_too_large", "The request's header is larger than 16 KiB.");
        } else {
            read_more();
        }
        return false;
    }
    if (error == http::error::header_limit || (!error && exchange_->header_bytes > kHeaderLimit)) {
        fail(431, "header_too_large", "The request's header is larger than 16 KiB.");
        return false;
    }
    if (error || folded) {
        fail(400, "bad_request", "This is not a well-formed HTTP/1.1 request.");
        return false;
    }
    exchange_->header_done = true;
    exchange_->started_nanos = base::monotonic_nanos();
    if (shard_.requests >= shard_.max_requests) {
        keep_alive_ = false;
        refuse_job();
        return false;
    }
    exchange_->place.emplace(shard_.requests);
    return fill_request() && guard_request();
}

bool Connection::fill_request() {
    const auto& message = exchange_->parser.get();
    Request& request = *exchange_->request;
    request.request_id = make_request_id();
    keep_alive_ = message.keep_alive() && !shard_.stopping;
    std::size_t hosts = 0;
    std::size_t lengths = 0;
    std::size_t encodings = 0;
    for (const auto& field : message) {
        std::string name(field.name_string());
        for (char& c : name) {
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
        hosts += name == "host" ? 1U : 0U;
        lengths += name == "content-length" ? 1U : 0U;
        encodings += name == "transfer-encoding" ? 1U : 0U;
        request.headers.emplace_back(std::move(name), std::string(field.value()));
    }
    if (request.headers.size() > kFieldsLimit) {
        fail(431, "header_too_large", "The request has more than 128 header fields.");
        return false;
    }
    if (message.version() != 11 && message.version() != 10) {
        fail(400, "bad_request", "Only HTTP/1.1 and HTTP/1.0 are spoken here.");
        return false;
    }
    if (hosts != 1) {
        fail(400, "bad_request", "A request needs exactly one Host header.");
        return false;
    }
    if (visitor_.proxy) {
        believe_proxy();
    }
    exchange_->strict_transport = request.secure && !is_loopback_name(*request.header("host"));
    // Two ways to say where a body ends invite proxies to disagree with us (request smuggling).
    const bool chunked = exchange_->parser.chunked();
    const std::string_view length = request.header("content-length").value_or("0");
    if (lengths + encodings > 1 || length.find_first_not_of("0123456789") != std::string_view::npos ||
        (encodings == 1 && (!chunked || request.header("transfer-encoding") != "chunked")) ||
        (encodings == 1 && message.version() == 10)) {
        fail(400, "bad_request",
             "The length of the body is not clear: send one Content-Length, or Transfer-Encoding: chunked.");
        return false;
    }
    const auto method = method_from(std::string_view(message.method_string().data(), message.method_string().size()));
    if (!method) {
        fail(501, "method_unknown", "This method is not known here.");
        return false;
    }
    request.method = *method;
    const std::string_view target(message.target().data(), message.target().size());
    if (!(target == "*" && request.method == Method::kOptions) && !parse_target(target, request)) {
        fail(400, "bad_target", "The request's path or query is malformed.");
        return false;
    }
    return true;
}

void Connection::believe_proxy() {
    Request& request = *exchange_->request;
    std::string forwarded_for;
    std::string_view proto;
    for (const auto& [name, value] : request.headers) {
        if (name == "x-forwarded-for") {
            forwarded_for += forwarded_for.empty() ? "" : ",";
            forwarded_for += value;
        } else if (name == "x-forwarded-proto") {
            proto = value;
        }
    }
    request.remote = client_behind(visitor_.client, forwarded_for, shard_.door.proxies).to_string();
    if (!proto.empty()) {
        proto.remove_prefix(proto.rfind(',') + 1);  // the last proxy's word; npos + 1 is 0
        proto.remove_prefix(std::min(proto.find_first_not_of(' '), proto.size()));
        request.secure = proto == "https";
    }
}

std::optional<Response> Connection::ask_gate() {
    if (!shard_.options.gate) {
        return std::nullopt;
    }
    Request& request = *exchange_->request;
    try {
        return shard_.options.gate(request, exchange_->endpoint->options);
    } catch (const std::exception& failure) {
        log::error("gate_failed",
                   {{"route", exchange_->route}, {"request_id", request.request_id}, {"what", failure.what()}});
        return problem(request, 500, "internal", "Something went wrong inside Tidemark; its log has this request_id.");
    }
}

bool Connection::guard_request() {
    Request& request = *exchange_->request;
    if (!shard_.door.guard.allows_host(*request.header("host"))) {
        fail(421, "host_not_allowed",
             "This server does not answer by this name. To reach it so, list the name in allowed_hosts.");
        return false;
    }
    std::string allowed;
    exchange_->endpoint = shard_.router.find(request, allowed);
    const bool is_stream = exchange_->endpoint != nullptr && exchange_->endpoint->stream.open;
    if (exchange_->endpoint != nullptr) {
        exchange_->route = exchange_->endpoint->options.id;
    }
    if (changes_state(request.method) || is_stream) {
        const auto origin = request.header("origin");
        const auto site = request.header("sec-fetch-site");
        if ((origin && !shard_.door.guard.allows_origin(*origin, request.secure)) ||
            (!origin && site && *site == "cross-site")) {
            fail(403, "origin_not_allowed", "Pages of other origins may not do this.");
            return false;
        }
    }
    std::optional<Response> answer;
    if (exchange_->endpoint == nullptr) {
        const bool reads = request.method == Method::kGet || request.method == Method::kHead;
        if (allowed.empty() && reads) {
            answer = shard_.router.files().respond(request);
            if (answer) {
                exchange_->route = "static";
            }
        }
        if (!answer && request.method == Method::kOptions) {
            answer.emplace();
            answer->status = 204;
            answer->headers.emplace_back("Allow", allowed.empty() ? "GET, HEAD, OPTIONS" : allowed + ", OPTIONS");
        }
        if (!answer && !allowed.empty()) {
            answer = problem(request, 405, "method_not_allowed", "This path answers to " + allowed + " only.");
            answer->headers.emplace_back("Allow", allowed + ", OPTIONS");
        }
        if (!answer) {
            answer = problem(request, 404, "not_found", "There is nothing at this path.");
        }
        if (!exchange_->parser.is_done()) {
            keep_alive_ = false;  // its body is not worth reading
        }
        respond(std::move(*answer));
        return false;
    }
    Parser& parser = exchange_->parser;
    if (is_stream && !parser.is_done()) {  // while it came, what the gate said could become untrue
        fail(400, "bad_request", "An event stream is asked for without a body.");
        return false;
    }
    if (auto refusal = ask_gate()) {
        keep_alive_ = keep_alive_ && parser.is_done();
        respond(std::move(*refusal));
        return false;
    }
    const std::size_t limit = exchange_->endpoint->options.body_limit;
    if (parser.content_length() && *parser.content_length() > limit) {
        fail(413, "body_too_large", "The body is larger than this route takes (" + std::to_string(limit) + " bytes).");
        return false;
    }
    if (const auto expectation = request.header("expect")) {
        if (*expectation != "100-continue") {
            fail(417, "expectation_failed", "Only Expect: 100-continue is understood.");
            return false;
        }
        if (!parser.is_done() && begin_ == end_) {
            static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
            error_code ignored;  // a client that is gone shows when its body is read
            transport_.write_now(asio::buffer(kContinue), ignored);
        }
    }
    parser.body_limit(limit);
    parser.eager(true);
    if (!parser.is_done()) {
        expect(State::kBody, shard_.options.body_timeout);
    }
    return true;
}

void Connection::read_body() {
    Parser& parser = exchange_->parser;
    while (!parser.is_done()) {
        if (begin_ == end_) {
            return read_more();
        }
        error_code error;
        begin_ += parser.put(asio::buffer(input_.data() + begin_, end_ - begin_), error);
        if (error == http::error::need_more) {
            if (end_ - begin_ > kHeaderLimit) {  // a chunk's header or the trailer never ends
                return fail(400, "bad_request", "The body is not well-formed.");
            }
            return read_more();
        }
        if (error == http::error::body_limit) {
            return fail(413, "body_too_large",
                        "The body is larger than this route takes (" +
                            std::to_string(exchange_->endpoint->options.body_limit) + " bytes).");
        }
        if (error) {
            return fail(400, "bad_request", "The body is not well-formed.");
        }
    }
    exchange_->request->body = std::move(parser.get().body());
    exchange_->request->keep_alive = keep_alive_;
    dispatch();
}

// ---- answering
// --------------------------------------------------------------------------------------------------------

void Connection::dispatch() {
    const Router::Endpoint& endpoint = *exchange_->endpoint;
    Request& request = *exchange_->request;
    request.deadline_nanos = base::monotonic_nanos() + std::chrono::nanoseconds(endpoint.options.deadline).count();
    if (endpoint.stream.open && request.method == Method::kGet) {
        return open_stream();
    }
    if (endpoint.stream.open) {  // HEAD
        Response head;
        head.content_type = "text/event-stream";
        return respond(std::move(head));
    }
    if (!endpoint.options.blocking) {
        Response response = run_handler(endpoint, request);
        compress(request, response);
        return respond(std::move(response));
    }
    if (!endpoint.options.state) {
        return answer_on_worker();
    }
    const std::uint64_t state = endpoint.options.state();
    const auto kept = shard_.answering.kept.find(question_of(request), state, base::now());
    if (kept && kept->at_hand(request)) {
        return respond(kept->to(request));
    }
    answer_once(state);
}

/// Hands an answer to the io thread of its connection.
void Connection::bring(std::shared_ptr<Connection> connection, std::shared_ptr<Request> request, Response response) {
    const auto executor = connection->shard_.io.get_executor();
    asio::post(executor, [connection = std::move(connection), request = std::move(request),
                          response = std::move(response)]() mutable {
        // Timed out meanwhile, or another request already: nobody waits for this answer.
        if (connection->state_ == State::kHandler && connection->exchange_ &&
            connection->exchange_->request == request) {
            connection->respond(std::move(response));
        }
    });
}

void Connection::answer_on_worker() {
    const Router::Endpoint& endpoint = *exchange_->endpoint;
    expect(State::kHandler, endpoint.options.deadline);
    // The connection goes back with its answer: the last hold on it must not be let go here.
    auto job = [self = shared_from_this(), request = exchange_->request, &endpoint]() mutable {
        Response response;
        if (base::monotonic_nanos() >= request->deadline_nanos) {
            response = problem(*request, 503, "deadline_exceeded", "The server is too busy.");
        } else {
            response = run_handler(endpoint, *request);
            if (response.later) {
                return bring_later(std::move(self), request, response.later);
            }
            compress(*request, response);
        }
        bring(std::move(self), request, std::move(response));
    };
    if (!shard_.workers.submit(&endpoint, std::move(job))) {
        refuse_job();
    }
}

void Connection::bring_later(std::shared_ptr<Connection> connection, std::shared_ptr<Request> request,
                             const std::function<void(std::function<void(Response)>)>& later) {
    const std::shared_ptr<Promises> promises = connection->shard_.answering.promises;
    const std::uint64_t number = promises->add({std::move(connection), std::move(request)});
    later([promises, number](Response response) {
        promises->keep(number, [&](Joined waiting) {
            compress(*waiting.request, response);
            bring(std::move(waiting.connection), std::move(waiting.request), std::move(response));
        });
    });
}

/// One worker answers; whoever asks the same in the same state meanwhile gets that answer too.
void Connection::answer_once(std::uint64_t state) {
    const Router::Endpoint& endpoint = *exchange_->endpoint;
    expect(State::kHandler, endpoint.options.deadline);
    std::string question = question_of(*exchange_->request);
    std::string flight = std::to_string(state) + '\n' + question;
    if (!shard_.answering.flights.lead_or_join(flight, {shared_from_this(), exchange_->request})) {
        ++shard_.answering.joined;
        return;
    }
    auto job = [self = shared_from_this(), request = exchange_->request, &endpoint, state, flight,
                question = std::move(question), &answering = shard_.answering]() mutable {
        auto kept = answering.kept.find(question, state, base::now());
        Response response;
        if (kept) {
            response = kept->to(*request);
        } else if (base::monotonic_nanos() >= request->deadline_nanos) {
            response = problem(*request, 503, "deadline_exceeded", "The server is too busy.");
        } else {
            ++answering.made;
            response = run_handler(endpoint, *request);
            const base::UnixMillis now = base::now();
            if (response.status == 200 && response.keep_until > now) {
                kept = std::make_shared<const KeptAnswer>(std::move(response.content_type), std::move(response.body));
                answering.kept.keep(question, state, kept, response.keep_until, now);
                response = kept->to(*request);
            } else {
                compress(*request, response);
            }
        }
        // Landed before the answer goes out: whoever has it and asks again must not get it a second time.
        auto waiting_too = answering.flights.land(flight);
        bring(std::move(self), request, std::move(response));
        for (Joined& joined : waiting_too) {
            if (kept) {
                bring(std::move(joined.connection), joined.request, kept->to(*joined.request));
            } else {  // an error names its own request, and what must not be kept is made for each
                const auto executor = joined.connection->shard_.io.get_executor();
                asio::post(executor, [joined = std::move(joined)] {
                    Connection& waiting = *joined.connection;
                    if (waiting.state_ == State::kHandler && waiting.exchange_ &&
                        waiting.exchange_->request == joined.request) {
                        waiting.answer_on_worker();
                    }
                });
            }
        }
    };
    if (!shard_.workers.submit(&endpoint, std::move(job))) {
        for (Joined& joined : shard_.answering.flights.land(flight)) {
            const auto executor = joined.connection->shard_.io.get_executor();
            asio::post(executor, [joined = std::move(joined)] {
                Connection& waiting = *joined.connection;
                if (waiting.state_ == State::kHandler && waiting.exchange_ &&
                    waiting.exchange_->request == joined.request) {
                    waiting.refuse_job();
                }
            });
        }
        refuse_job();
    }
}

void Connection::refuse_job() {
    ++shard_.jobs_refused;
    Response busy = problem(*exchange_->request, 503, "busy", "Too many requests wait already; try again in a moment.");
    busy.headers.emplace_back("Retry-After", "1");
    respond(std::move(busy));
}

void Connection::fail(int status, std::string_view code, std::string_view detail) {
    keep_alive_ = false;
    Request& request = *exchange_->request;
    if (request.request_id.empty()) {
        request.request_id = make_request_id();
    }
    respond(problem(request, status, code, detail));
}

void Connection::respond(Response response) {
    const Request& request = *exchange_->request;
    response_ = std::move(response);
    const std::string_view body = response_.payload();
    const bool has_body = response_.status != 204 && response_.status != 304;
    head_.clear();
    head_ += "HTTP/1.1 ";
    head_ += std::to_string(response_.status);
    head_ += ' ';
    head_ += reason(response_.status);
    head_ += "\r\nDate: ";
    head_ += http_date();
    if (!response_.content_type.empty()) {
        head_ += "\r\nContent-Type: ";
        head_ += response_.content_type;
    }
    if (has_body && !(request.method == Method::kHead && response_.content_type == "text/event-stream")) {
        head_ += "\r\nContent-Length: ";
        head_ += std::to_string(body.size());
    }
    for (const auto& [name, value] : response_.headers) {
        head_ += "\r\n";
        head_ += name;
        head_ += ": ";
        head_ += value;
    }
    head_ += "\r\nX-Request-Id: ";
    head_ += request.request_id;
    head_ += keep_alive_ ? "\r\n" : "\r\nConnection: close\r\n";
    if (keep_alive_ && exchange_->parser.get().version() == 10) {
        head_ += "Connection: keep-alive\r\n";
    }
    append_security_headers(head_, exchange_->strict_transport);
    head_ += "\r\n";

    const std::int64_t nanos = exchange_->started_nanos == 0 ? 0 : base::monotonic_nanos() - exchange_->started_nanos;
    observe(response_.status, nanos, body.size());
    const bool is_ours = response_.status == 500;  // 503 is in the metrics, and a readiness probe asks often
    if (log::enabled(log::Level::kDebug) || is_ours) {
        log::event(is_ours ? log::Level::kWarn : log::Level::kDebug, "request",
                   {{"method", to_string(request.method)},
                    {"route", exchange_->route},
                    {"status", response_.status},
                    {"ms", nanos / 1'000'000},
                    {"request_id", request.request_id}});
    }

    expect(State::kWriting, shard_.options.write_timeout);
    const std::array<asio::const_buffer, 2> buffers{
        asio::buffer(head_), has_body && request.method != Method::kHead ? asio::buffer(body) : asio::const_buffer()};
    transport_.async_write(buffers,
                           [self = shared_from_this()](error_code error, std::size_t) { self->written(error); });
}

void Connection::observe(int status, std::int64_t nanos, std::size_t bytes) const {
    if (!shard_.options.observer) {
        return;
    }
    const Request& request = *exchange_->request;
    shard_.options.observer({.route = exchange_->route,
                             .method = request.method,
                             .status = status,
                             .nanos = nanos,
                             .bytes = bytes,
                             .request_id = request.request_id,
                             .remote = request.remote,
                             .path = request.raw_path,
                             .caller = request.caller ? std::string_view(request.caller->name) : std::string_view(),
                             .secure = request.secure});
}

void Connection::written(error_code error) {
    if (error || state_ == State::kClosed) {
        return close();
    }
    response_ = Response();
    if (keep_alive_) {
        next_request();
    } else {
        linger();
    }
}

/// Says goodbye and reads what the client still sends for a moment: closing with unread input would reset the
/// connection and could destroy the answer on its way.
void Connection::linger() {
    if (shard_.stopping) {
        return close();
    }
    transport_.shutdown_send();
    exchange_.reset();
    expect(State::kLinger, kGoodbye);
    if (!reading_) {  // after a timeout the request's own read is still under way, and goes on with discard()
        discard();
    }
}

void Connection::discard() {
    input_.resize(kFirstBuffer);
    // What still comes is not worth decrypting.
    transport_.socket().async_read_some(
        asio::buffer(input_), [self = shared_from_this()](error_code error, std::size_t size) {
            self->lingered_ += size;
            if (error || self->state_ == State::kClosed || self->lingered_ > kGoodbyeBytes) {
                return self->close();
            }
            self->discard();
        });
}

void Connection::close() {
    state_ = State::kClosed;
    deadline_ = TimePoint::max();
    leave_streams();
    transport_.close();  // ends all operations; the last handler lets go of this object
}

void Connection::refuse_busy() {
    begin_exchange();
    fail(503, "too_many_connections", "Too many connections are open.");
}

void Connection::check_deadline(TimePoint now) {
    if (deadline_ > now) {
        return;
    }
    switch (state_) {
        case State::kHeader:
        case State::kBody: return fail(408, "request_timeout", "The request took too long to arrive.");
        case State::kHandler:
            return respond(
                problem(*exchange_->request, 503, "deadline_exceeded", "The answer took too long; ask for less."));
        case State::kHandshake:
        case State::kIdle:
        case State::kWriting:
        case State::kLinger:
        case State::kStream:
        case State::kClosed: return close();
    }
}

void Connection::begin_stop() {
    keep_alive_ = false;
    if (state_ == State::kHandshake || state_ == State::kIdle || state_ == State::kStream || state_ == State::kHeader ||
        state_ == State::kLinger) {
        close();
    }
}

// ---- streaming
// --------------------------------------------------------------------------------------------------------

void Connection::open_stream() {
    const Request& request = *exchange_->request;
    if (shard_.connections.size() * 10 > shard_.max_connections * 9) {
        Response full = problem(request, 503, "too_many_streams", "Too many event streams are open.");
        full.headers.emplace_back("Retry-After", "10");
        return respond(std::move(full));
    }
    std::optional<AddressLimit::Lease> lease;
    if (shard_.door.limit && visitor_.proxy) {
        error_code error;
        const address client = asio::ip::make_address(request.remote, error);
        lease = shard_.door.limit->enter(client);
        if (error || !lease) {
            Response many =
                problem(request, 429, "too_many_streams", "Too many event streams of this address are open.");
            many.headers.emplace_back("Retry-After", "10");
            return respond(std::move(many));
        }
    }
    // Counted before the handler looks at the past, so that broadcast() skips this shard only when nobody can miss
    // anything.
    ++shard_.stream_count;
    streaming_counted_ = true;
    StreamOpening opening = exchange_->endpoint->stream.open(request);
    if (opening.refusal) {
        leave_streams();
        return respond(std::move(*opening.refusal));
    }
    observe(200, base::monotonic_nanos() - exchange_->started_nanos, 0);
    std::string head =
        "HTTP/1.1 200 OK\r\nDate: " + http_date() +
        "\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nX-Accel-Buffering: no\r\nX-Request-Id: " +
        request.request_id + "\r\nConnection: close\r\n";
    append_security_headers(head, exchange_->strict_transport);
    head += "\r\nretry: 2000\n\n";
    stream_ = std::make_unique<Stream>();
    stream_->endpoint = exchange_->endpoint;
    stream_->last_id = opening.last_id;
    static const auto nobody = std::make_shared<const Caller>();
    stream_->caller = request.caller ? request.caller : nobody;
    stream_->lease = std::move(lease);
    stream_->queue.push_back({0, std::make_shared<const std::string>(std::move(head))});
    for (Frame& frame : opening.first) {
        stream_->queue.push_back(std::move(frame));
    }
    exchange_.reset();
    std::vector<char>().swap(input_);
    begin_ = end_ = 0;
    std::string().swap(head_);
    state_ = State::kStream;
    deadline_ = TimePoint::max();
    shard_.join_streams(*this, stream_->caller);
    shard_.beat();
    watch_stream_input();
    if (state_ == State::kStream) {
        write_frames();
    }
}

void Connection::leave_streams() {
    if (stream_) {
        shard_.leave_streams(*this, *stream_->caller);
    }
    if (std::exchange(streaming_counted_, false)) {
        --shard_.stream_count;
    }
}

/// A subscriber has nothing to say; what it says all the same is read and forgotten, and its end noticed.
void Connection::watch_stream_input() {
    std::array<char, 512> ignored;
    error_code error;
    while (!error) {
        stream_->received += transport_.read_now(asio::buffer(ignored), error);
        if (stream_->received > kStreamInputLimit) {
            return close();
        }
    }
    if (error != asio::error::would_block) {
        return close();
    }
    transport_.async_wait_read([self = shared_from_this()](error_code failure) {
        if (failure || self->state_ != State::kStream) {
            return self->close();
        }
        self->watch_stream_input();
    });
}

void Connection::end_stream(const std::function<bool(const Caller&)>& ends) {
    if (state_ == State::kStream && ends(*stream_->caller)) {
        close();
    }
}

void Connection::push(const Frame& frame) {
    if (state_ != State::kStream || stream_->closing || (frame.id != 0 && frame.id <= stream_->last_id)) {
        return;
    }
    if (frame.id != 0) {
        stream_->last_id = frame.id;
    }
    if (stream_->queue.size() >= shard_.options.stream_queue) {
        shard_.frames_dropped += static_cast<std::int64_t>(stream_->queue.size()) + 1;
        ++shard_.streams_overflowed;
        stream_->queue.clear();
        stream_->queue.push_back(stream_->endpoint->stream.overflow(shard_.newest_frame));
        stream_->closing = true;
    } else {
        stream_->queue.push_back(frame);
    }
    write_frames();
}

void Connection::write_frames() {
    Stream& stream = *stream_;
    if (!stream.in_flight.empty()) {
        return;
    }
    if (stream.queue.empty()) {
        if (stream.closing) {
            linger();
        }
        return;
    }
    std::vector<asio::const_buffer> buffers;
    while (!stream.queue.empty() && stream.in_flight.size() < kFramesAWrite) {
        stream.in_flight.push_back(std::move(stream.queue.front()));
        stream.queue.pop_front();
        buffers.push_back(asio::buffer(*stream.in_flight.back().text));
    }
    stream.write_since = SteadyClock::now();
    transport_.async_write(buffers, [self = shared_from_this()](error_code error, std::size_t) {
        if (error || self->state_ != State::kStream) {
            return self->close();
        }
        self->shard_.frames_sent += static_cast<std::int64_t>(self->stream_->in_flight.size());
        self->stream_->in_flight.clear();
        self->write_frames();
    });
}

void Connection::beat(const Frame& comment, TimePoint now) {
    if (stream_->in_flight.empty()) {
        push(comment);
    } else if (now - stream_->write_since > shard_.options.write_timeout) {
        close();  // the other side takes nothing any more
    }
}

}  // namespace tidemark::net::impl
