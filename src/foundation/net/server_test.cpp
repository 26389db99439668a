// The server over real loopback sockets.
#include "foundation/net/server.hpp"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include <poll.h>
#include <zlib.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/net/test_client.hpp"

namespace tidemark::net {
namespace {

using namespace std::chrono_literals;  // NOLINT
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class ServerTest : public ::testing::Test {
protected:
    void start(ServerOptions options = {}) {
        options.listen = "127.0.0.1:0";
        options.threads = options.threads == 0 ? 2 : options.threads;
        options.observer = [this](const Served& served) {
            const std::lock_guard lock(mutex_);
            served_.push_back(std::string(served.route) + " " + std::to_string(served.status));
        };
        auto started = Server::start(std::move(options), std::move(router_));
        ASSERT_TRUE(started) << started.error().message;
        server_ = std::move(*started);
    }
    void SetUp() override {
        router_.add(Method::kGet, "/hello", [](const Request&) { return json_response(R"({"hello":true})"); },
                    {.id = "hello"});
        router_.add(Method::kGet, "/echo/{name}",
                    [](const Request& request) {
                        std::string text(request.path_parameter("name"));
                        for (const auto& [name, value] : request.query) {
                            text += "|" + name + "=" + value;
                        }
                        Response response;
                        response.content_type = "text/plain";
                        response.body = text;
                        return response;
                    },
                    {.id = "echo"});
        router_.add(Method::kPut, "/body",
                    [](const Request& request) { return json_response("\"" + request.body + "\""); },
                    {.id = "body", .body_limit = 20'000});
        router_.add(Method::kGet, "/large",
                    [](const Request&) { return json_response("[" + std::string(50'000, ' ') + "]"); },
                    {.id = "large"});
        router_.add(Method::kGet, "/throws",
                    [](const Request&) -> Response { throw std::runtime_error("secret detail"); }, {.id = "throws"});
        router_.add(Method::kGet, "/slow",
                    [this](const Request&) {
                        ++slow_started_;
                        slow_started_.notify_all();
                        opened_.wait();
                        return json_response("\"done\"");
                    },
                    {.id = "slow", .blocking = true, .deadline = deadline_});
        router_.add(Method::kGet, "/same",
                    [this](const Request& request) {
                        ++same_asked_;
                        opened_.wait();
                        if (request.query.empty()) {
                            return problem(request, 503, "unavailable", "not now");
                        }
                        Response response = json_response("{\"world\":" + std::to_string(world_.load()) + "}");
                        response.keep_until = base::now() + base::kHour;
                        return response;
                    },
                    {.id = "same", .blocking = true, .state = [this] { return world_.load(); }});
        add_later("/later/{name}", 10s);
        add_later("/late/{name}", 50ms);
        router_.add(Method::kGet, "/quick", [](const Request&) { return json_response("\"quick\""); },
                    {.id = "quick", .blocking = true});
        router_.serve_files(StaticFiles({{"index.html", "<!doctype html>"}, {"assets/a.js", "let a;"}}));
    }
    /// A route whose answers the test makes: takers_.
    void add_later(std::string_view pattern, std::chrono::milliseconds deadline) {
        router_.add(Method::kGet, pattern,
                    [this](const Request& request) {
                        Response response;
                        response.later = [this, name = std::string(request.path_parameter("name"))](auto take) {
                            const std::lock_guard lock(mutex_);
                            takers_[name] = std::move(take);
                            taken_.notify_all();
                        };
                        return response;
                    },
                    {.id = "later", .blocking = true, .deadline = deadline});
    }
    void TearDown() override {
        if (server_) {
            server_->stop();
        }
    }
    [[nodiscard]] std::string host() const { return "Host: 127.0.0.1:" + std::to_string(server_->port()) + "\r\n"; }
    Answer get(const std::string& target, const std::string& headers = "") {
        Client client(server_->port());
        client.send("GET " + target + " HTTP/1.1\r\n" + host() + headers + "\r\n");
        return client.answer();
    }
    /// Sends bytes on a fresh connection and gives the answer's status; 0 when there was none.
    int status_of(const std::string& bytes) {
        Client client(server_->port());
        client.send(bytes);
        return client.answer().status;
    }

    Router router_;
    std::unique_ptr<Server> server_;
    std::map<std::string, std::function<void(Response)>> takers_;
    std::condition_variable taken_;
    std::promise<void> gate_;
    std::shared_future<void> opened_{gate_.get_future()};
    std::atomic<int> slow_started_{0};
    std::atomic<int> same_asked_{0};
    std::atomic<std::uint64_t> world_{1};
    std::chrono::milliseconds deadline_{10'000};
    std::mutex mutex_;
    std::vector<std::string> served_;
};

TEST_F(ServerTest, AnswersWithSecurityHeadersAndRequestId) {
    start();
    const Answer answer = get("/hello");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, R"({"hello":true})");
    EXPECT_THAT(answer.head, HasSubstr("Content-Security-Policy: default-src 'self';"));
    EXPECT_THAT(answer.head, HasSubstr("X-Content-Type-Options: nosniff\r\n"));
    EXPECT_THAT(answer.head, HasSubstr("Referrer-Policy: no-referrer\r\n"));
    EXPECT_THAT(answer.head, HasSubstr("Cross-Origin-Opener-Policy: same-origin\r\n"));
    EXPECT_THAT(answer.head, HasSubstr("\r\nX-Request-Id: "));
    EXPECT_THAT(answer.head, HasSubstr("\r\nCache-Control: no-store\r\n"));
    EXPECT_THAT(answer.head,
                ::testing::ContainsRegex("Date: [A-Z][a-z][a-z], [0-9][0-9] [A-Z][a-z][a-z] 20[0-9][0-9] .* GMT"));
}

TEST_F(ServerTest, AnswersEqualQuestionsOnce) {
    start();
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 12; ++i) {
        clients.push_back(std::make_unique<Client>(server_->port()));
        clients.back()->send("GET /same?x HTTP/1.1\r\n" + host() + "\r\n");
    }
    while (server_->stats().connections < 12 || same_asked_ == 0) {
        std::this_thread::yield();
    }
    gate_.set_value();
    std::set<std::string> ids;
    std::string etag;
    for (const auto& client : clients) {
        const Answer answer = client->answer();
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body, R"({"world":1})");
        const std::size_t at = answer.head.find("X-Request-Id: ");
        ids.insert(answer.head.substr(at, 30));
        const std::size_t tag = answer.head.find("ETag: ") + 6;
        etag = answer.head.substr(tag, answer.head.find('\r', tag) - tag);
    }
    EXPECT_EQ(ids.size(), 12U);
    EXPECT_EQ(same_asked_, 1);
    EXPECT_EQ(get("/same?x").body, R"({"world":1})");
    EXPECT_EQ(same_asked_, 1);
    EXPECT_EQ(server_->stats().kept_made, 1);
    EXPECT_EQ(server_->stats().kept_hits, 12);

    const Answer not_modified = get("/same?x", "If-None-Match: " + etag + "\r\n");
    EXPECT_EQ(not_modified.status, 304);
    EXPECT_THAT(not_modified.head, HasSubstr("ETag: " + etag));
    EXPECT_THAT(not_modified.head, Not(HasSubstr("Content-Length")));
}

TEST_F(ServerTest, AChangedWorldIsAskedAnew) {
    start();
    gate_.set_value();
    EXPECT_EQ(get("/same?x").body, R"({"world":1})");
    world_ = 2;
    EXPECT_EQ(get("/same?x").body, R"({"world":2})");
    EXPECT_EQ(get("/same?y").body, R"({"world":2})");
    EXPECT_EQ(get("/same?x").body, R"({"world":2})");
    EXPECT_EQ(same_asked_, 3);
}

TEST_F(ServerTest, WhoeverAsksAfterAChangeDoesNotJoinAnEarlierQuestion) {
    start();
    Client before(server_->port());
    before.send("GET /same?x HTTP/1.1\r\n" + host() + "\r\n");
    while (same_asked_ == 0) {
        std::this_thread::yield();
    }
    world_ = 2;
    Client after(server_->port());
    after.send("GET /same?x HTTP/1.1\r\n" + host() + "\r\n");
    while (same_asked_ < 2) {
        std::this_thread::yield();
    }
    gate_.set_value();
    EXPECT_EQ(before.answer().status, 200);
    EXPECT_EQ(after.answer().body, R"({"world":2})");
}

TEST_F(ServerTest, ErrorsAreNotShared) {
    start();
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 5; ++i) {
        clients.push_back(std::make_unique<Client>(server_->port()));
        clients.back()->send("GET /same HTTP/1.1\r\n" + host() + "\r\n");
    }
    while (server_->stats().connections < 5 || same_asked_ == 0) {
        std::this_thread::yield();
    }
    gate_.set_value();
    std::set<std::string> bodies;
    for (const auto& client : clients) {
        const Answer answer = client->answer();
        EXPECT_EQ(answer.status, 503);
        bodies.insert(answer.body);  // each names its own request
    }
    EXPECT_EQ(bodies.size(), 5U);
    EXPECT_EQ(same_asked_, 5);
}

TEST_F(ServerTest, ManySlowQuestionsLeaveRoomForQuickOnes) {
    start();
    std::vector<std::unique_ptr<Client>> slow;
    for (int i = 0; i < 20; ++i) {
        slow.push_back(std::make_unique<Client>(server_->port()));
        slow.back()->send("GET /slow HTTP/1.1\r\n" + host() + "\r\n");
    }
    while (server_->stats().jobs_waiting < 18) {
        std::this_thread::yield();
    }
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(get("/quick").body, "\"quick\"");  // while every one of those still waits
    }
    EXPECT_EQ(slow_started_, 2);
    gate_.set_value();
    for (const auto& client : slow) {
        EXPECT_EQ(client->answer().body, "\"done\"");
    }
}

TEST_F(ServerTest, AnswersThatOthersMakeHoldNoWorker) {
    ServerOptions options;
    options.workers = 2;
    start(std::move(options));
    constexpr int kWaiting = 20;
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < kWaiting; ++i) {
        clients.push_back(std::make_unique<Client>(server_->port()));
        clients.back()->send("GET /later/" + std::to_string(i) + " HTTP/1.1\r\n" + host() + "\r\n");
    }
    {
        std::unique_lock lock(mutex_);
        taken_.wait(lock, [this] { return takers_.size() == kWaiting; });
    }
    EXPECT_EQ(get("/quick").status, 200);
    const std::string left = std::to_string(kWaiting - 1);
    std::thread([&] {
        for (const auto& [name, take] : takers_) {
            if (name != left) {
                take(json_response("\"for " + name + "\""));
                take(json_response("\"once more\""));  // only the first counts
            }
        }
    }).join();
    for (int i = 0; i < kWaiting - 1; ++i) {
        EXPECT_EQ(clients[static_cast<std::size_t>(i)]->answer().body, "\"for " + std::to_string(i) + "\"");
    }
    server_->stop();
    takers_[left](json_response("\"nobody waits any more\""));
    server_.reset();
    takers_[left](json_response("\"nor is there a server\""));
}

TEST_F(ServerTest, AnAnswerThatIsNeverMadeEndsAtItsDeadline) {
    start();
    const Answer answer = get("/late/1");
    EXPECT_EQ(answer.status, 503);
    takers_.at("1")(json_response("\"too late\""));
    EXPECT_EQ(get("/hello").status, 200);
}

TEST_F(ServerTest, KeepsTheConnectionAndAnswersPipelinedRequestsInOrder) {
    start();
    Client client(server_->port());
    std::string all;
    for (int i = 0; i < 20; ++i) {
        all += "GET /echo/" + std::to_string(i) + "?x=%20+y HTTP/1.1\r\n" + host() + "\r\n";
    }
    client.send(all);
    for (int i = 0; i < 20; ++i) {
        const Answer answer = client.answer();
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body, std::to_string(i) + "|x=  y");
    }
    client.send("GET /hello HTTP/1.1\r\n" + host() + "Connection: close\r\n\r\n");
    EXPECT_THAT(client.answer().head, HasSubstr("Connection: close"));
    EXPECT_TRUE(client.closes());
}

TEST_F(ServerTest, ReadsARequestThatArrivesByteByByte) {
    start();
    Client client(server_->port());
    const std::string request = "PUT /body HTTP/1.1\r\n" + host() + "Content-Length: 5\r\n\r\nhello";
    for (const char c : request) {
        client.send(std::string_view(&c, 1));
    }
    EXPECT_EQ(client.answer().body, "\"hello\"");
}

TEST_F(ServerTest, SpeaksHttp10) {
    start();
    Client client(server_->port());
    client.send("GET /hello HTTP/1.0\r\n" + host() + "\r\n");
    EXPECT_EQ(client.answer().status, 200);
    EXPECT_TRUE(client.closes());
}

TEST_F(ServerTest, ReadsChunkedBodies) {
    start();
    Client client(server_->port());
    client.send("PUT /body HTTP/1.1\r\n" + host() +
                "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n" +
                "GET /hello HTTP/1.1\r\n" + host() + "\r\n");
    EXPECT_EQ(client.answer().body, "\"hello world\"");
    EXPECT_EQ(client.answer().status, 200);
}

TEST_F(ServerTest, AnswersExpectContinue) {
    start();
    Client client(server_->port());
    client.send("PUT /body HTTP/1.1\r\n" + host() + "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("ok");
    EXPECT_EQ(client.answer().body, "\"ok\"");
}

TEST_F(ServerTest, RefusesLargeHeadersAndBodies) {
    start();
    EXPECT_EQ(status_of("GET /hello HTTP/1.1\r\n" + host() + "X: " + std::string(20'000, 'a') + "\r\n\r\n"), 431);
    EXPECT_EQ(status_of("GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\n" + host() + "\r\n"), 431);
    std::string many = "GET /hello HTTP/1.1\r\n" + host();
    for (int i = 0; i < 2000; ++i) {
        many += "X-" + std::to_string(i) + ": aaaaaaaa\r\n";
    }
    EXPECT_EQ(status_of(many + "\r\n"), 431);
    EXPECT_EQ(get("/hello", "X: " + std::string(12'000, 'a') + "\r\n").status, 200) << "below the limit is fine";

    EXPECT_EQ(status_of("PUT /body HTTP/1.1\r\n" + host() + "Content-Length: 20001\r\n\r\n"), 413);
    EXPECT_EQ(status_of("PUT /body HTTP/1.1\r\n" + host() + "Content-Length: 20000\r\n\r\n" + std::string(20'000, 'x')),
              200);
    std::string chunks = "PUT /body HTTP/1.1\r\n" + host() + "Transfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 30; ++i) {
        chunks += "3e8\r\n" + std::string(1000, 'x') + "\r\n";
    }
    EXPECT_EQ(status_of(chunks), 413);
}

TEST_F(ServerTest, RefusesMalformedRequests) {
    start();
    for (const std::string& bytes :
         {std::string("GARBAGE\r\n\r\n"), std::string("GET /hello\r\n\r\n"),
          "GET  /hello HTTP/1.1\r\n" + host() + "\r\n", "GET /hello HTTP/2.0\r\n" + host() + "\r\n",
          "GET hello HTTP/1.1\r\n" + host() + "\r\n", "GET http://127.0.0.1/hello HTTP/1.1\r\n" + host() + "\r\n",
          "GET /%zz HTTP/1.1\r\n" + host() + "\r\n", "GET /hello HTTP/1.1\r\n" + host() + "Bad Header: x\r\n\r\n",
          std::string("GET /hello HTTP/1.1\r\n\r\n"), "GET /hello HTTP/1.1\r\n" + host() + host() + "\r\n",
          "GET /../secret HTTP/1.1\r\n" + host() + "\r\n",
          "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n" + host() + "\r\n"}) {
        EXPECT_EQ(status_of(bytes), 400) << bytes;
    }
    EXPECT_EQ(status_of("BREW /hello HTTP/1.1\r\n" + host() + "\r\n"), 501);
    EXPECT_EQ(get("/hello").status, 200) << "and still answers";
}

TEST_F(ServerTest, RefusesSmuggling) {
    start();
    const std::string put = "PUT /body HTTP/1.1\r\n" + host();
    for (const std::string_view headers :
         {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
          "Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: 5\r\nContent-Length: 5\r\n",
          "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: xchunked\r\n", "Transfer-Encoding: identity\r\n",
          "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "Content-Length: +5\r\n",
          "Content-Length: 5,5\r\n", "Content-Length: -1\r\n", "Content-Length: 99999999999999999999\r\n"}) {
        Client client(server_->port());
        client.send(put + std::string(headers) + "\r\n0\r\n\r\n");
        const Answer answer = client.answer();
        EXPECT_EQ(answer.status, 400) << headers;
        EXPECT_TRUE(client.closes()) << headers;
    }
    EXPECT_EQ(status_of("PUT /body HTTP/1.0\r\n" + host() + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
}

TEST_F(ServerTest, DropsSlowClients) {
    ServerOptions options;
    options.header_timeout = 50ms;
    options.body_timeout = 50ms;
    options.idle_timeout = 50ms;
    start(std::move(options));
    Client silent(server_->port());
    EXPECT_TRUE(silent.closes()) << "an idle connection just ends";
    Client slow_head(server_->port());
    slow_head.send("GET /hello HT");
    EXPECT_EQ(slow_head.answer().status, 408);
    EXPECT_TRUE(slow_head.closes());
    Client slow_body(server_->port());
    slow_body.send("PUT /body HTTP/1.1\r\n" + host() + "Content-Length: 10\r\n\r\nab");
    EXPECT_EQ(slow_body.answer().status, 408);
    EXPECT_TRUE(slow_body.closes());
}

TEST_F(ServerTest, RefusesForeignHosts) {
    start();
    const std::string port = std::to_string(server_->port());
    for (const std::string& name : {"evil.example:" + port, std::string("localhost:1"), std::string("localhost"),
                                    "127.0.0.1.evil.example:" + port}) {
        Client client(server_->port());
        client.send("GET /hello HTTP/1.1\r\nHost: " + name + "\r\n\r\n");
        const Answer answer = client.answer();
        EXPECT_EQ(answer.status, 421) << name;
        EXPECT_THAT(answer.body, HasSubstr(R"("code":"host_not_allowed")"));
        EXPECT_THAT(answer.head, HasSubstr("application/problem+json"));
    }
    EXPECT_EQ(status_of("GET /hello HTTP/1.1\r\nHost: localhost:" + port + "\r\n\r\n"), 200);
    EXPECT_EQ(status_of("GET /hello HTTP/1.1\r\nHost: [::1]:" + port + "\r\n\r\n"), 200);
}

TEST_F(ServerTest, RefusesForeignOriginsThatChangeState) {
    start();
    const std::string put = "PUT /body HTTP/1.1\r\n" + host() + "Content-Length: 1\r\n";
    EXPECT_EQ(status_of(put + "Origin: http://evil.example\r\n\r\nx"), 403);
    EXPECT_EQ(status_of(put + "Origin: null\r\n\r\nx"), 403);
    EXPECT_EQ(status_of(put + "Sec-Fetch-Site: cross-site\r\n\r\nx"), 403);
    EXPECT_EQ(status_of(put + "Origin: http://127.0.0.1:" + std::to_string(server_->port()) + "\r\n\r\nx"), 200);
    EXPECT_EQ(status_of(put + "\r\nx"), 200) << "scripts send no Origin";
    EXPECT_EQ(get("/hello", "Origin: http://evil.example\r\n").status, 200) << "a page cannot read this answer anyway";
}

TEST_F(ServerTest, HeadOptionsAndWrongMethods) {
    start();
    Client client(server_->port());
    client.send("HEAD /hello HTTP/1.1\r\n" + host() + "\r\nGET /hello HTTP/1.1\r\n" + host() + "\r\n");
    const Answer head = client.answer(true);
    EXPECT_THAT(head.head, HasSubstr("Content-Length: 14\r\n"));
    EXPECT_EQ(client.answer().body, R"({"hello":true})") << "no body followed the head";

    Client other(server_->port());
    other.send("OPTIONS /body HTTP/1.1\r\n" + host() + "\r\nDELETE /hello HTTP/1.1\r\n" + host() + "\r\n");
    const Answer options = other.answer();
    EXPECT_EQ(options.status, 204);
    EXPECT_THAT(options.head, HasSubstr("Allow: PUT, OPTIONS\r\n"));
    EXPECT_THAT(options.head, Not(HasSubstr("Content-Length")));
    const Answer wrong = other.answer();
    EXPECT_EQ(wrong.status, 405);
    EXPECT_THAT(wrong.head, HasSubstr("Allow: GET, HEAD, OPTIONS\r\n"));
    EXPECT_THAT(wrong.body, HasSubstr(R"("code":"method_not_allowed")"));
}

TEST_F(ServerTest, MissingPathsAreProblemsWithTheRequestId) {
    start();
    const Answer answer = get("/api/v1/nothing", "Accept: text/html\r\n");
    EXPECT_EQ(answer.status, 404);
    const std::size_t at = answer.head.find("X-Request-Id: ");
    ASSERT_NE(at, std::string::npos);
    EXPECT_THAT(answer.body, HasSubstr(R"("request_id":")" + answer.head.substr(at + 14, 16) + "\""));
    const std::lock_guard lock(mutex_);
    EXPECT_THAT(served_, ::testing::ElementsAre("none 404"));
}

TEST_F(ServerTest, CompressesLargeAnswersOnly) {
    start();
    const Answer packed = get("/large", "Accept-Encoding: gzip\r\n");
    EXPECT_THAT(packed.head, HasSubstr("Content-Encoding: gzip\r\n"));
    EXPECT_LT(packed.body.size(), 2000U);
    std::string text(60'000, '\0');
    z_stream stream{};
    ASSERT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
    std::string input = packed.body;
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = reinterpret_cast<Bytef*>(text.data());
    stream.avail_out = static_cast<uInt>(text.size());
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    EXPECT_EQ(stream.total_out, 50'002U);
    inflateEnd(&stream);

    const Answer plain = get("/large");
    EXPECT_EQ(plain.body.size(), 50'002U);
    EXPECT_THAT(plain.head, HasSubstr("Vary: Accept-Encoding\r\n"));
    EXPECT_THAT(get("/hello", "Accept-Encoding: gzip\r\n").head, Not(HasSubstr("Content-Encoding")));
}

TEST_F(ServerTest, ServesFilesWithEtags) {
    start();
    const Answer script = get("/assets/a.js");
    EXPECT_EQ(script.body, "let a;");
    const std::size_t at = script.head.find("ETag: ");
    ASSERT_NE(at, std::string::npos);
    const std::string etag = script.head.substr(at + 6, script.head.find('\r', at) - at - 6);
    const Answer again = get("/assets/a.js", "If-None-Match: " + etag + "\r\n");
    EXPECT_EQ(again.status, 304);
    EXPECT_THAT(again.head, Not(HasSubstr("Content-Length")));
    EXPECT_EQ(get("/explore", "Accept: text/html\r\n").body, "<!doctype html>");
    EXPECT_EQ(get("/assets/b.js", "Accept: text/html\r\n").status, 404);
}

TEST_F(ServerTest, HandlerFailuresTellNothingOfTheInside) {
    start();
    testing::internal::CaptureStderr();
    const Answer answer = get("/throws");
    const std::string log = testing::internal::GetCapturedStderr();
    EXPECT_EQ(answer.status, 500);
    EXPECT_THAT(answer.body, Not(HasSubstr("secret")));
    EXPECT_THAT(log, HasSubstr("event=handler_failed route=throws"));
}

TEST_F(ServerTest, BlockingHandlersDoNotHoldOthersUp) {
    start();
    Client slow(server_->port());
    slow.send("GET /slow HTTP/1.1\r\n" + host() + "\r\n");
    slow_started_.wait(0);
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(get("/hello").status, 200);
    }
    gate_.set_value();
    EXPECT_EQ(slow.answer().body, "\"done\"");
}

class ShortDeadline : public ServerTest {
protected:
    void SetUp() override {
        deadline_ = 50ms;
        ServerTest::SetUp();
    }
};

TEST_F(ShortDeadline, LateAnswersAreReplacedByAProblem) {
    testing::internal::CaptureStderr();
    start();
    Client client(server_->port());
    client.send("GET /slow HTTP/1.1\r\n" + host() + "\r\n");
    const Answer answer = client.answer();
    EXPECT_EQ(answer.status, 503);
    EXPECT_THAT(answer.body, HasSubstr(R"("code":"deadline_exceeded")"));
    gate_.set_value();
    client.send("GET /hello HTTP/1.1\r\n" + host() + "\r\n");
    EXPECT_EQ(client.answer().body, R"({"hello":true})") << "the late answer must not be taken for this one's";
    testing::internal::GetCapturedStderr();
}

TEST_F(ServerTest, AFullQueueIsSaidAtOnce) {
    testing::internal::CaptureStderr();
    ServerOptions options;
    options.workers = 1;
    options.worker_queue = 1;
    start(std::move(options));
    Client running(server_->port());
    running.send("GET /slow HTTP/1.1\r\n" + host() + "\r\n");
    slow_started_.wait(0);
    // One waits in the queue, the other is refused; which one is not ours to say.
    Client one(server_->port());
    one.send("GET /slow HTTP/1.1\r\n" + host() + "\r\n");
    Client two(server_->port());
    two.send("GET /slow HTTP/1.1\r\n" + host() + "\r\n");
    std::array<pollfd, 2> both{{{one.fd(), POLLIN, 0}, {two.fd(), POLLIN, 0}}};
    ASSERT_EQ(poll(both.data(), 2, kPatienceMs), 1);
    const Answer refused = both[0].revents != 0 ? one.answer() : two.answer();
    EXPECT_EQ(refused.status, 503);
    EXPECT_THAT(refused.head, HasSubstr("Retry-After: 1\r\n"));
    EXPECT_EQ(server_->stats().jobs_refused, 1);
    gate_.set_value();
    EXPECT_EQ(running.answer().status, 200);
    server_->stop();
    testing::internal::GetCapturedStderr();
}

TEST_F(ServerTest, ListensOnBothLoopbacksAndRefusesATakenPort) {
    start();
    ServerOptions taken;
    taken.listen = "127.0.0.1:" + std::to_string(server_->port());
    const auto second = Server::start(std::move(taken), Router());
    ASSERT_FALSE(second);
    EXPECT_THAT(second.error().message, HasSubstr("in use"));
    ServerOptions open;
    open.listen = "0.0.0.0:0";
    EXPECT_FALSE(Server::start(std::move(open), Router()));
    ServerOptions both;
    both.listen = "localhost:0";
    const auto named = Server::start(std::move(both), Router());
    ASSERT_TRUE(named) << named.error().message;
    EXPECT_THAT((*named)->addresses(), ::testing::Contains(StartsWith("127.0.0.1:")));  // and [::1] where there is IPv6
}

TEST_F(ServerTest, WhoComesBetweenTwoServersAtOneEntranceWaits) {
    ServerOptions options;
    options.listen = "127.0.0.1:0";
    options.threads = 2;
    auto entrance = Entrance::open(options).value();
    const auto named = [](std::string name) {
        Router router;
        router.add(Method::kGet, "/who", [name](const Request&) { return json_response(name); }, {.id = "who"});
        return router;
    };
    const std::string question =
        "GET /who HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(entrance->port()) + "\r\n\r\n";
    auto first = Server::start(options, named("1"), entrance).value();
    ASSERT_EQ(first->port(), entrance->port());
    Client before(entrance->port());
    before.send(question);
    EXPECT_EQ(before.answer().body, "1");
    first->stop();
    first.reset();
    std::vector<std::unique_ptr<Client>> waiting;
    for (int i = 0; i < 20; ++i) {  // at both of its sockets
        waiting.push_back(std::make_unique<Client>(entrance->port()));
        waiting.back()->send(question);
    }
    const auto second = Server::start(options, named("2"), entrance).value();
    for (const auto& one : waiting) {
        EXPECT_EQ(one->answer().body, "2");
    }
    entrance.reset();
    second->stop();
    EXPECT_FALSE(Client(second->port()).connected()) << "it was the last one there";
    options.tls = TlsFiles{"none", "none"};
    entrance = Entrance::open(options).value();
    EXPECT_FALSE(Server::start(options, Router(), entrance)) << "its certificate was never loaded";
}

TEST_F(ServerTest, StopFinishesRunningRequestsAndClosesIdleOnes) {
    ServerOptions options;
    options.threads = 1;  // each thread learns of the stop for itself: another's running request may not know of it yet
    start(std::move(options));
    Client idle(server_->port());
    idle.send("GET /hello HTTP/1.1\r\n" + host() + "\r\n");
    EXPECT_EQ(idle.answer().status, 200);
    Client busy(server_->port());
    busy.send("GET /slow HTTP/1.1\r\n" + host() + "\r\n");
    slow_started_.wait(0);
    std::thread stopping([this] { server_->stop(); });
    EXPECT_TRUE(idle.closes());
    gate_.set_value();
    const Answer last = busy.answer();
    stopping.join();
    EXPECT_EQ(last.status, 200);
    EXPECT_THAT(last.head, HasSubstr("Connection: close\r\n"));
    EXPECT_FALSE(Client(server_->port()).connected());
}

// ---- streams
// ----------------------------------------------------------------------------------------------------------

class StreamTest : public ServerTest {
protected:
    void SetUp() override {
        ServerTest::SetUp();
        StreamHandler handler;
        handler.open = [this](const Request& request) {
            StreamOpening opening;
            if (const auto last = request.header("last-event-id")) {
                opening.last_id = std::stoul(std::string(*last));
                for (std::uint64_t id = opening.last_id + 1; id <= history_; ++id) {
                    opening.first.push_back(make_frame("usage", id, "{}"));
                }
                opening.last_id = history_;
            } else {
                opening.first.push_back(make_frame("hello", 0, "{}"));
            }
            if (request.header("x-refuse")) {
                opening.refusal = problem(request, 400, "refused", "no");
            }
            return opening;
        };
        handler.overflow = [](std::uint64_t newest) { return make_frame("resync", 0, std::to_string(newest)); };
        router_.add_stream("/stream", std::move(handler), {.id = "stream"});
    }
    std::unique_ptr<Client> subscribe(const std::string& headers = "",
                                      std::string_view first = "event: hello\ndata: {}\n\n") {
        auto client = std::make_unique<Client>(server_->port());
        client->send("GET /stream HTTP/1.1\r\n" + host() + headers + "\r\n");
        const std::string head = client->until("\r\n\r\n");
        EXPECT_THAT(head, HasSubstr("Content-Type: text/event-stream\r\n"));
        EXPECT_THAT(head, Not(HasSubstr("Content-Encoding")));
        EXPECT_NE(client->until(first), "");
        return client;
    }
    void wait_for_streams(std::int64_t count) {
        for (int i = 0; i < 1000 && server_->stats().streams != count; ++i) {
            std::this_thread::sleep_for(5ms);
        }
        ASSERT_EQ(server_->stats().streams, count);
    }
    std::uint64_t history_ = 0;
};

TEST_F(StreamTest, DeliversToAHundredClients) {
    start();
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 100; ++i) {
        clients.push_back(subscribe("Accept-Encoding: gzip\r\n"));
    }
    EXPECT_EQ(server_->stats().streams, 100);
    for (std::uint64_t id = 1; id <= 50; ++id) {
        server_->broadcast(make_frame("usage", id, R"({"n":)" + std::to_string(id) + "}"));
    }
    for (const auto& client : clients) {
        for (std::uint64_t id = 1; id <= 50; ++id) {
            const std::string number = std::to_string(id);
            ASSERT_EQ(client->until("\n\n"), "event: usage\nid: " + number + "\ndata: {\"n\":" + number + "}\n\n");
        }
    }
    clients.clear();
    wait_for_streams(0);
}

TEST_F(StreamTest, ResumesWithoutGapOrRepetition) {
    start();
    history_ = 5;
    const auto client = subscribe("Last-Event-ID: 3\r\n", "retry: 2000\n\n");
    EXPECT_EQ(client->until("\n\n"), "event: usage\nid: 4\ndata: {}\n\n");
    EXPECT_EQ(client->until("\n\n"), "event: usage\nid: 5\ndata: {}\n\n");
    server_->broadcast(make_frame("usage", 5, "again"));  // was under way while the stream opened
    server_->broadcast(make_frame("usage", 6, "new"));
    EXPECT_EQ(client->until("\n\n"), "event: usage\nid: 6\ndata: new\n\n");
}

TEST_F(StreamTest, ASubscriberThatFallsBehindIsToldToResync) {
    ServerOptions options;
    options.stream_queue = 16;
    start(std::move(options));
    const auto slow = subscribe();
    const auto quick = subscribe();
    const std::string data(200'000, 'x');
    std::uint64_t id = 0;
    while (server_->stats().streams_overflowed == 0 && id < 2000) {
        server_->broadcast(make_frame("usage", ++id, data));
        ASSERT_THAT(quick->until("\n\n"), StartsWith("event: usage\nid: " + std::to_string(id) + "\n"));
    }
    EXPECT_EQ(server_->stats().streams_overflowed, 1);
    EXPECT_EQ(server_->stats().frames_dropped, 17);
    EXPECT_THAT(slow->until("event: resync\n"), Not(HasSubstr("\nid: " + std::to_string(id) + "\n")));
    const std::string newest = slow->until("\n\n");
    ASSERT_THAT(newest, StartsWith("data: "));
    EXPECT_GT(std::stoul(newest.substr(6)), 16U);
    EXPECT_LE(std::stoul(newest.substr(6)), id) << "its thread may be behind the other's";
    EXPECT_TRUE(slow->closes());
    server_->broadcast(make_frame("usage", ++id, "after"));
    EXPECT_THAT(quick->until("\n\n"), HasSubstr("after")) << "the other one noticed nothing";
}

TEST_F(StreamTest, BeatsWhileItIsQuiet) {
    ServerOptions options;
    options.heartbeat = 20ms;
    start(std::move(options));
    const auto client = subscribe();
    EXPECT_EQ(client->until(":\n\n"), ":\n\n");
    EXPECT_EQ(client->until(":\n\n"), ":\n\n");
}

TEST_F(StreamTest, NoticesThatTheClientWent) {
    start();
    auto client = subscribe();
    EXPECT_EQ(server_->stats().streams, 1);
    client.reset();
    wait_for_streams(0);
}

TEST_F(StreamTest, GuardsStreamsAndLetsTheHandlerRefuse) {
    start();
    EXPECT_EQ(get("/stream", "Origin: http://evil.example\r\n").status, 403);
    EXPECT_EQ(get("/stream", "Sec-Fetch-Site: cross-site\r\n").status, 403);
    EXPECT_EQ(get("/stream", "X-Refuse: 1\r\n").status, 400);
    EXPECT_EQ(server_->stats().streams, 0);
    Client head(server_->port());
    head.send("HEAD /stream HTTP/1.1\r\n" + host() + "\r\nGET /hello HTTP/1.1\r\n" + host() + "\r\n");
    EXPECT_EQ(head.answer(true).status, 200);
    EXPECT_EQ(head.answer().status, 200);
}

TEST_F(StreamTest, AChattySubscriberIsCutOff) {
    start();
    const auto client = subscribe();
    client->send(std::string(100'000, 'x'));
    EXPECT_TRUE(client->closes());
    wait_for_streams(0);
}

TEST_F(StreamTest, StopsWithOpenStreams) {
    start();
    const auto client = subscribe();
    server_->stop();
    EXPECT_TRUE(client->closes());
}

}  // namespace
}  // namespace tidemark::net
