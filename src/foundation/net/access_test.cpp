// Who may do what: the gate, callers with their own answers and streams, limits, proxies, and requests that two readers
// could read in two ways.
#include <atomic>
#include <future>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/net/server.hpp"
#include "foundation/net/test_client.hpp"

namespace tidemark::net {
namespace {

using namespace std::chrono_literals;  // NOLINT
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

/// What the tests' gate knows of a person: X-Person names them, X-Reach what they see.
struct Person {
    std::string name;
};

class AccessTest : public ::testing::Test {
protected:
    void SetUp() override {
        router_.add(Method::kGet, "/who",
                    [](const Request& request) {
                        return json_response(request.remote + (request.secure ? " secure" : " plain"));
                    },
                    {.id = "who"});
        router_.add(Method::kPut, "/body",
                    [this](const Request& request) {
                        ++bodies_;
                        return json_response("\"" + request.body + "\"");
                    },
                    {.id = "body"});
        router_.add(Method::kGet, "/mine",
                    [this](const Request& request) {
                        ++made_;
                        opened_.wait();
                        Response response = json_response("\"" + request.caller->key + "\"");
                        response.keep_until = base::now() + base::kHour;
                        return response;
                    },
                    {.id = "mine", .blocking = true, .state = [] { return std::uint64_t{1}; }});
        StreamHandler handler;
        handler.open = [](const Request& request) {
            StreamOpening opening;
            opening.first.push_back(make_frame("hello", 0, request.caller ? request.caller->key : "nobody"));
            return opening;
        };
        handler.overflow = [](std::uint64_t newest) { return make_frame("resync", 0, std::to_string(newest)); };
        router_.add_stream("/stream", std::move(handler), {.id = "stream"});
        router_.serve_files(StaticFiles({{"index.html", "<!doctype html>"}, {"assets/a.js", "let a;"}}));
    }
    void TearDown() override {
        if (server_) {
            server_->stop();
        }
    }
    void start(ServerOptions options = {}) {
        options.listen = "127.0.0.1:0";
        options.threads = 2;
        options.observer = [this](const Served& served) {
            const std::lock_guard lock(mutex_);
            served_.push_back(std::string(served.route) + " " + std::to_string(served.status) + " " +
                              std::string(served.path) + " " + std::string(served.remote) + " " +
                              std::string(served.caller) + (served.secure ? " secure" : " plain") +
                              (served.request_id.size() == 16 ? "" : " no id"));
        };
        auto started = Server::start(std::move(options), std::move(router_));
        ASSERT_TRUE(started) << started.error().message;
        server_ = std::move(*started);
    }
    void start_gated() {
        ServerOptions options;
        options.gate = [](Request& request, const RouteOptions& route) -> std::optional<Response> {
            const auto name = request.header("x-person");
            if (!name) {
                return problem(request, 401, "unauthenticated", "Who are you? For " + route.id);
            }
            if (*name == "throws") {
                throw std::runtime_error("secret detail");
            }
            request.caller = std::make_shared<const Caller>(
                Caller{std::string(request.header("x-reach").value_or(*name)),
                       std::make_shared<const Person>(Person{std::string(*name)}), std::string(*name)});
            return std::nullopt;
        };
        start(std::move(options));
    }
    [[nodiscard]] std::string host() const { return "Host: 127.0.0.1:" + std::to_string(server_->port()) + "\r\n"; }
    Answer get(const std::string& target, const std::string& headers = "", std::uint32_t from = 1) {
        Client client(server_->port(), from);
        client.send("GET " + target + " HTTP/1.1\r\n" + host() + headers + "\r\n");
        return client.answer();
    }
    std::unique_ptr<Client> subscribe(const std::string& name, const std::string& reach) {
        auto client = std::make_unique<Client>(server_->port());
        client->send("GET /stream HTTP/1.1\r\n" + host() + "X-Person: " + name + "\r\nX-Reach: " + reach + "\r\n\r\n");
        EXPECT_NE(client->until("event: hello\ndata: " + reach + "\n\n"), "");
        return client;
    }
    void wait_for_connections(std::int64_t count) {
        for (int i = 0; i < 1000 && server_->stats().connections != count; ++i) {
            std::this_thread::sleep_for(5ms);
        }
        ASSERT_EQ(server_->stats().connections, count);
    }

    Router router_;
    std::unique_ptr<Server> server_;
    std::promise<void> gate_;
    std::shared_future<void> opened_{gate_.get_future()};
    std::atomic<int> made_{0};
    std::atomic<int> bodies_{0};
    std::mutex mutex_;
    std::vector<std::string> served_;
};

// ---- the gate
// ---------------------------------------------------------------------------------------------------------

TEST_F(AccessTest, TheGateStandsBeforeEveryRoute) {
    start_gated();
    gate_.set_value();
    const Answer refused = get("/who");
    EXPECT_EQ(refused.status, 401);
    EXPECT_THAT(refused.body, HasSubstr("For who"));
    EXPECT_EQ(get("/mine").status, 401);
    EXPECT_EQ(get("/stream").status, 401);
    EXPECT_EQ(server_->stats().streams, 0);
    EXPECT_EQ(get("/who", "X-Person: ann\r\n").status, 200);
    EXPECT_EQ(get("/mine", "X-Person: ann\r\n").body, "\"ann\"");
    EXPECT_EQ(get("/mine").status, 401) << "kept answers lie behind it";
    EXPECT_EQ(get("/").status, 200) << "files are for all";
    EXPECT_EQ(get("/nothing").status, 404);
    Client head(server_->port());
    head.send("HEAD /stream HTTP/1.1\r\n" + host() + "\r\n");
    EXPECT_EQ(head.answer(true).status, 401);
}

TEST_F(AccessTest, ARefusedBodyIsNotRead) {
    start_gated();
    Client client(server_->port());
    client.send("PUT /body HTTP/1.1\r\n" + host() + "Content-Length: 5\r\n\r\n");
    EXPECT_EQ(client.answer().status, 401) << "before it came";
    EXPECT_TRUE(client.closes());
    Client asks(server_->port());
    asks.send("PUT /body HTTP/1.1\r\n" + host() + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(asks.answer().status, 401);
    EXPECT_EQ(bodies_, 0);
    Client stays(server_->port());
    stays.send("GET /who HTTP/1.1\r\n" + host() + "\r\nGET /who HTTP/1.1\r\n" + host() + "X-Person: ann\r\n\r\n");
    EXPECT_EQ(stays.answer().status, 401);
    EXPECT_EQ(stays.answer().status, 200) << "without a body the connection goes on";
}

TEST_F(AccessTest, AGateThatFailsRefuses) {
    start_gated();
    testing::internal::CaptureStderr();
    const Answer answer = get("/who", "X-Person: throws\r\n");
    EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("event=gate_failed"));
    EXPECT_EQ(answer.status, 500);
    EXPECT_THAT(answer.body, Not(HasSubstr("secret")));
}

TEST_F(AccessTest, AnswersAreKeptForEqualReachOnly) {
    start_gated();
    std::vector<std::unique_ptr<Client>> clients;
    const std::vector<std::string> people{"ann", "bob", "ann", "bob", "ann", "bob"};
    for (const std::string& person : people) {
        clients.push_back(std::make_unique<Client>(server_->port()));
        clients.back()->send("GET /mine HTTP/1.1\r\n" + host() + "X-Person: " + person + "\r\n\r\n");
    }
    wait_for_connections(6);
    for (int i = 0; i < 400 && made_ < 2; ++i) {
        std::this_thread::sleep_for(5ms);
    }
    gate_.set_value();
    std::string etag;
    for (std::size_t i = 0; i < people.size(); ++i) {
        const Answer answer = clients[i]->answer();
        EXPECT_EQ(answer.body, "\"" + people[i] + "\"");
        EXPECT_THAT(answer.head, HasSubstr("Cache-Control: no-cache, private\r\n"));
        const std::size_t tag = answer.head.find("ETag: ") + 6;
        etag = answer.head.substr(tag, answer.head.find('\r', tag) - tag);
    }
    EXPECT_EQ(made_, 2);
    EXPECT_EQ(get("/mine", "X-Person: ann\r\n").body, "\"ann\"");
    EXPECT_EQ(get("/mine", "X-Person: bob\r\n").body, "\"bob\"");
    EXPECT_EQ(get("/mine", "X-Person: cleo\r\nX-Reach: ann\r\n").body, "\"ann\"") << "equal reach shares";
    EXPECT_EQ(made_, 2);
    EXPECT_EQ(get("/mine", "X-Person: dan\r\nIf-None-Match: " + etag + "\r\n").body, "\"dan\"")
        << "another's ETag is no key";
    EXPECT_EQ(made_, 3);
}

TEST_F(AccessTest, TheObserverLearnsWhoWhatAndWhence) {
    start_gated();
    (void)get("/who?token=secret", "X-Person: ann\r\n", 7);
    (void)get("/%0Aevent=x?y", "", 7);
    Client broken(server_->port());
    broken.send("GARBAGE\r\n\r\n");
    (void)broken.answer();
    const std::lock_guard lock(mutex_);
    EXPECT_THAT(served_, ElementsAre("who 200 /who 127.0.0.7 ann plain", "none 404 /%0Aevent=x 127.0.0.7  plain",
                                     "none 400  127.0.0.1  plain"));
}

// ---- streams
// ----------------------------------------------------------------------------------------------------------

TEST_F(AccessTest, EachStreamGetsWhatItsCallerMaySee) {
    start_gated();
    std::vector<std::pair<std::string, std::unique_ptr<Client>>> clients;
    for (int i = 0; i < 60; ++i) {
        const std::string reach = "reach" + std::to_string(i % 3);
        clients.emplace_back(reach, subscribe("p" + std::to_string(i), reach));
    }
    std::atomic<int> asked{0};
    server_->broadcast([&asked](const Caller& caller) -> std::optional<Frame> {
        ++asked;
        if (caller.key == "reach2") {
            return std::nullopt;
        }
        return make_frame("usage", 1, caller.key);
    });
    server_->broadcast(make_frame("all", 2, "end"));
    for (const auto& [reach, client] : clients) {
        if (reach != "reach2") {
            EXPECT_EQ(client->until("\n\n"), "event: usage\nid: 1\ndata: " + reach + "\n\n");
        }
        EXPECT_EQ(client->until("\n\n"), "event: all\nid: 2\ndata: end\n\n");
    }
    EXPECT_GE(asked, 3);
    EXPECT_LE(asked, 6) << "once for each reach and io thread";
}

TEST_F(AccessTest, ARevokedSessionLosesItsStreamAtOnce) {
    start_gated();
    std::vector<std::unique_ptr<Client>> ann, bob;
    for (int i = 0; i < 10; ++i) {
        ann.push_back(subscribe("ann", "team"));
        bob.push_back(subscribe("bob", "team"));
    }
    server_->end_streams([](const Caller& caller) {
        return caller.person && std::static_pointer_cast<const Person>(caller.person)->name == "ann";
    });
    server_->broadcast(make_frame("usage", 1, "later"));
    for (const auto& client : ann) {
        EXPECT_EQ(client->until("later"), "");
        EXPECT_TRUE(client->closes());
    }
    for (const auto& client : bob) {
        EXPECT_NE(client->until("later\n\n"), "");
    }
    EXPECT_EQ(server_->stats().streams, 10);
}

TEST_F(AccessTest, WithoutAGateStreamsBelongToNobody) {
    start();
    Client client(server_->port());
    client.send("GET /stream HTTP/1.1\r\n" + host() + "\r\n");
    ASSERT_NE(client.until("data: nobody\n\n"), "");
    server_->broadcast([](const Caller& caller) -> std::optional<Frame> {
        return make_frame("usage", 1, caller.key.empty() && !caller.person ? "nobody" : "somebody");
    });
    EXPECT_EQ(client.until("\n\n"), "event: usage\nid: 1\ndata: nobody\n\n");
    Client with_body(server_->port());
    with_body.send("GET /stream HTTP/1.1\r\n" + host() + "Content-Length: 1\r\n\r\n");
    EXPECT_EQ(with_body.answer().status, 400) << "what the gate said must still hold when the stream begins";
}

// ---- limits
// -----------------------------------------------------------------------------------------------------------

TEST_F(AccessTest, OneAddressCannotTakeAllConnections) {
    ServerOptions options;
    options.connections_per_address = 5;
    start(std::move(options));
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 5; ++i) {
        clients.push_back(std::make_unique<Client>(server_->port(), 9));
        clients.back()->send("GET /who HTTP/1.1\r\n" + host() + "\r\n");
        EXPECT_EQ(clients.back()->answer().status, 200);
    }
    Client sixth(server_->port(), 9);
    sixth.send("GET /who HTTP/1.1\r\n" + host() + "\r\n");
    EXPECT_EQ(sixth.answer().status, 0);
    EXPECT_EQ(server_->stats().connections_refused, 1);
    EXPECT_EQ(get("/who", "", 10).body, "127.0.0.10 plain") << "others are served";
    clients.pop_back();
    wait_for_connections(4);
    EXPECT_EQ(get("/who", "", 9).status, 200) << "and it, when it lets one go";
}

TEST_F(AccessTest, RequestsBeyondTheLimitAreToldToComeBack) {
    ServerOptions options;
    options.max_requests = 2;  // one for each io thread
    start(std::move(options));
    std::vector<std::unique_ptr<Client>> clients;
    std::string refused;
    while (refused.empty()) {  // until both threads are busy with a body that does not come
        ASSERT_LT(clients.size(), 50U);
        clients.push_back(std::make_unique<Client>(server_->port()));
        clients.back()->send("PUT /body HTTP/1.1\r\n" + host() + "Content-Length: 1\r\n\r\n");
        if (clients.back()->more(20)) {
            refused = clients.back()->answer().head;
        }
    }
    EXPECT_THAT(refused, AllOf(HasSubstr(" 503 "), HasSubstr("\r\nRetry-After: 1\r\n")));
    for (const auto& client : clients) {
        client->send("x");
    }
    clients.clear();
    wait_for_connections(0);
    for (int i = 0; i < 8; ++i) {
        EXPECT_EQ(get("/who").status, 200) << "places come back";
    }
}

TEST_F(AccessTest, RefusesManyFields) {
    start();
    std::string many;
    for (int i = 0; i < 128; ++i) {
        many += "a:\r\n";
    }
    EXPECT_EQ(get("/who", many).status, 431);
    EXPECT_EQ(get("/who", many.substr(4)).status, 200);
}

TEST_F(AccessTest, BodiesMustArriveInTime) {
    ServerOptions options;
    options.body_timeout = 100ms;
    start(std::move(options));
    Client client(server_->port());
    client.send("PUT /body HTTP/1.1\r\n" + host() + "Content-Length: 1000000\r\n\r\n");
    bool answered = false;
    while (!answered) {  // a byte now and then does not make the time longer
        client.send("x");
        answered = client.more(10);
    }
    EXPECT_EQ(client.answer().status, 408);
}

// ---- proxies
// ----------------------------------------------------------------------------------------------------------

TEST_F(AccessTest, StrangersCannotSayWhoTheyAre) {
    ServerOptions options;
    options.trusted_proxies = {"127.0.0.5", "127.0.1.0/24"};
    options.allowed_hosts = {"tide.example"};
    start(std::move(options));
    const std::string claims = "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\n";
    const Answer stranger = get("/who", claims, 6);
    EXPECT_EQ(stranger.body, "127.0.0.6 plain");
    const Answer proxied = get("/who", claims, 5);
    EXPECT_EQ(proxied.body, "203.0.113.9 secure");
    EXPECT_THAT(proxied.head, Not(HasSubstr("Strict-Transport"))) << "127.0.0.1 is no name to bind";
    EXPECT_EQ(get("/who", "X-Forwarded-For: 6.6.6.6, 203.0.113.9, 127.0.1.7\r\n", 5).body, "203.0.113.9 plain");
    EXPECT_EQ(get("/who", "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 203.0.113.9\r\n", 5).body, "203.0.113.9 plain")
        << "two headers are one list";
    EXPECT_EQ(get("/who", "X-Forwarded-Proto: https, http\r\n", 5).body, "127.0.0.5 plain");
    EXPECT_EQ(get("/who", "X-Forwarded-Proto: http,https\r\n", 5).body, "127.0.0.5 secure");

    Client named(server_->port(), 5);
    named.send("GET /who HTTP/1.1\r\nHost: tide.example\r\n" + claims + "\r\n");
    EXPECT_THAT(named.answer().head, HasSubstr("\r\nStrict-Transport-Security: max-age=31536000\r\n"));
}

TEST_F(AccessTest, BehindAProxyStreamsAreCountedByClient) {
    ServerOptions options;
    options.trusted_proxies = {"127.0.0.5"};
    options.connections_per_address = 2;
    start(std::move(options));
    std::vector<std::unique_ptr<Client>> streams;
    const auto open = [&](const std::string& client) {
        streams.push_back(std::make_unique<Client>(server_->port(), 5));
        streams.back()->send("GET /stream HTTP/1.1\r\n" + host() + "X-Forwarded-For: " + client + "\r\n\r\n");
        return streams.back()->until("\r\n\r\n").substr(9, 3);
    };
    EXPECT_EQ(open("203.0.113.9"), "200");
    EXPECT_EQ(open("203.0.113.9"), "200");
    EXPECT_EQ(open("203.0.113.9"), "429");
    EXPECT_EQ(open("203.0.113.8"), "200");
    streams.clear();
    wait_for_connections(0);
    EXPECT_EQ(open("203.0.113.9"), "200");
}

// ---- requests that could be read in two ways
// ----------------------------------------------------------------------------

TEST_F(AccessTest, RefusesWhatTwoReadersCouldReadInTwoWays) {
    start();
    const std::string get = "GET /who HTTP/1.1\r\n" + host();
    const std::string put = "PUT /body HTTP/1.1\r\n" + host();
    using namespace std::string_literals;  // NOLINT
    for (const std::string& bytes : {
             "GET /who HTTP/1.1\n" + host() + "\r\n",                  // bare line feeds
             get + "X: a\nY: b\r\n\r\n",                               //
             "GET /who HTTP/1.1\r" + host() + "\r\n",                  // bare carriage returns
             get + "X: a\rY: b\r\n\r\n",                               //
             get + "X: a\r\n b\r\n\r\n",                               // folded lines
             get + "X: a\r\n\tb\r\n\r\n",                              //
             put + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",  //
             "GET /who HTTP/1.1\r\n X: a\r\n" + host() + "\r\n",       //
             put + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",     // space before the colon
             put + "Content-Length : 5\r\n\r\nhello",                  //
             put + "Content-Length: 5 5\r\n\r\nhello",                 //
             put + "Content-Length: 0x5\r\n\r\nhello",                 //
             put + "Content-Length: \r\n\r\n",                         //
             put + "Transfer-Encoding: chunked, identity\r\n\r\n",     //
             put + "Transfer-Encoding: \x0b"
                   "chunked\r\n\r\n0\r\n\r\n",
             get + "X\0: a\r\n\r\n"s,                        // NUL
             get + "X: a\0b\r\n\r\n"s,                       //
             get + "X: a\x01\r\n\r\n",                       //
             get + ": a\r\n\r\n",                            // no name
             "GET /who\x7f HTTP/1.1\r\n" + host() + "\r\n",  //
             "GET /who HTTP/1.1 \r\n" + host() + "\r\n",     //
             "GET /who  HTTP/1.1\r\n" + host() + "\r\n",     //
             "GET\t/who HTTP/1.1\r\n" + host() + "\r\n",     //
             "GET http://127.0.0.1/who HTTP/1.1\r\n" + host() + "\r\n",
             "GET //evil.example@/../who HTTP/1.1\r\n" + host() + "\r\n",
             "CONNECT 127.0.0.1:80 HTTP/1.1\r\n" + host() + "\r\n",
             put + "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",      // chunks
             put + "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",  //
             put + "Transfer-Encoding: chunked\r\n\r\n5 \r\nhelloX\r\n0\r\n\r\n",
             put + "Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
             put + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello\r\n0\r\n\r\n",
             put + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello0\r\n\r\n",
         }) {
        Client client(server_->port());
        client.send(bytes);
        const Answer answer = client.answer();
        EXPECT_TRUE(answer.status == 400 || answer.status == 501 || answer.status == 413)
            << answer.status << " for " << bytes;
        EXPECT_THAT(answer.head, HasSubstr("Connection: close\r\n")) << bytes;
    }
    EXPECT_EQ(bodies_, 0);
}

TEST_F(AccessTest, TrailersChangeNothing) {
    start();
    const std::string put = "PUT /body HTTP/1.1\r\n" + host() + "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n";
    Client client(server_->port());
    client.send(put + "Host: evil.example\r\nX-Check: a\r\n\r\nGET /who HTTP/1.1\r\n" + host() + "\r\n");
    EXPECT_EQ(client.answer().body, "\"ok\"");
    EXPECT_EQ(client.answer().status, 200);
    Client lengths(server_->port());
    lengths.send(put + "Content-Length: 9\r\n\r\n");
    EXPECT_EQ(lengths.answer().status, 400);
}

TEST_F(AccessTest, EveryAnswerCarriesTheSecurityHeaders) {
    start();
    const std::vector<std::string> heads{get("/who").head, get("/").head, get("/nothing").head,
                                         get("/stream", "Accept: text/event-stream\r\n").head};
    for (const std::string& head : heads) {
        for (const char* const header :
             {"\r\nContent-Security-Policy: default-src 'self'; ", "frame-ancestors 'none'", "object-src 'none'",
              "base-uri 'none'", "\r\nX-Content-Type-Options: nosniff\r\n", "\r\nReferrer-Policy: no-referrer\r\n",
              "\r\nCross-Origin-Opener-Policy: same-origin\r\n", "\r\nCross-Origin-Resource-Policy: same-origin\r\n",
              "\r\nPermissions-Policy: camera=()"}) {
            EXPECT_THAT(head, HasSubstr(header));
        }
        EXPECT_THAT(head, Not(HasSubstr("script-src")));
        EXPECT_THAT(head, Not(HasSubstr("Access-Control")));
        EXPECT_THAT(head, Not(HasSubstr("\r\nServer:")));
    }
}

}  // namespace
}  // namespace tidemark::net
