// The server over TLS, with OpenSSL's client.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>

#include "foundation/net/certificate.hpp"
#include "foundation/net/server.hpp"
#include "foundation/net/test_client.hpp"

namespace tidemark::net {
namespace {

using namespace std::chrono_literals;  // NOLINT
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class TlsTest : public ::testing::Test {
protected:
    void SetUp() override {
        std::string pattern = ::testing::TempDir() + "tidemark-tls-XXXXXX";
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        files_ = {folder_ + "/certificate.pem", folder_ + "/key.pem"};
        ASSERT_TRUE(make_self_signed({"localhost", "tide.example"}, files_.key_file, files_.certificate_file));
        router_.add(Method::kGet, "/hello",
                    [](const Request& request) {
                        return json_response(request.secure ? R"({"secure":true})" : R"({"secure":false})");
                    },
                    {.id = "hello"});
        router_.add(Method::kPut, "/body",
                    [](const Request& request) {
                        Response response;
                        response.content_type = "application/octet-stream";
                        response.body = request.body;
                        return response;
                    },
                    {.id = "body"});
        for (int i = 0; large_.size() < 1'000'000; ++i) {
            large_ += std::to_string(i);
        }
        router_.add(Method::kGet, "/large",
                    [this](const Request&) {
                        Response response;
                        response.content_type = "application/octet-stream";
                        response.static_body = large_;
                        return response;
                    },
                    {.id = "large"});
        StreamHandler handler;
        handler.open = [](const Request&) {
            StreamOpening opening;
            opening.first.push_back(make_frame("hello", 0, "{}"));
            return opening;
        };
        handler.overflow = [](std::uint64_t newest) { return make_frame("resync", 0, std::to_string(newest)); };
        router_.add_stream("/stream", std::move(handler), {.id = "stream"});
    }
    void TearDown() override {
        if (server_) {
            server_->stop();
        }
        std::filesystem::remove_all(folder_);
    }
    void start(ServerOptions options = {}) {
        options.listen = "127.0.0.1:0";
        options.threads = 2;
        options.tls = files_;
        options.allowed_hosts = {"tide.example"};
        auto started = Server::start(std::move(options), std::move(router_));
        ASSERT_TRUE(started) << started.error().message;
        server_ = std::move(*started);
    }
    [[nodiscard]] std::unique_ptr<Client> connect() {
        auto client = std::make_unique<Client>(server_->port());
        EXPECT_TRUE(client->handshake(context_.get()));
        return client;
    }
    [[nodiscard]] bool shakes_hands() { return Client(server_->port()).handshake(context_.get()); }
    [[nodiscard]] std::string host() const { return "Host: localhost:" + std::to_string(server_->port()) + "\r\n"; }
    std::string hello(Client& client) {
        client.send("GET /hello HTTP/1.1\r\n" + host() + "\r\n");
        return client.answer().body;
    }
    std::unique_ptr<Client> subscribe() {
        auto client = connect();
        client->send("GET /stream HTTP/1.1\r\n" + host() + "\r\n");
        EXPECT_NE(client->until("event: hello\ndata: {}\n\n"), "");
        return client;
    }
    void wait_for_streams(std::int64_t count) {
        for (int i = 0; i < 1000 && server_->stats().streams != count; ++i) {
            std::this_thread::sleep_for(5ms);
        }
        ASSERT_EQ(server_->stats().streams, count);
    }
    /// The fingerprint of the certificate that a new connection sees.
    std::string seen() {
        const auto client = connect();
        const impl::Certificate certificate(SSL_get1_peer_certificate(client->ssl()));
        const std::string file = folder_ + "/seen.pem";
        const impl::Bio out(BIO_new_file(file.c_str(), "w"));
        PEM_write_bio_X509(out.get(), certificate.get());
        BIO_flush(out.get());
        return certificate_facts(file)->fingerprint;
    }

    std::string folder_;
    TlsFiles files_;
    std::string large_;
    Router router_;
    std::unique_ptr<Server> server_;
    impl::SslContext context_{SSL_CTX_new(TLS_client_method())};
};

TEST_F(TlsTest, ServesByBothVersions) {
    start();
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        SSL_CTX_set_max_proto_version(context_.get(), version);
        const auto client = connect();
        EXPECT_EQ(SSL_version(client->ssl()), version);
        EXPECT_EQ(hello(*client), R"({"secure":true})");
        EXPECT_EQ(hello(*client), R"({"secure":true})") << "on the same connection";
    }
    EXPECT_EQ(seen(), certificate_facts(files_.certificate_file)->fingerprint);
}

TEST_F(TlsTest, ACarefulClientTakesTheCertificate) {
    start();
    SSL_CTX_load_verify_file(context_.get(), files_.certificate_file.c_str());
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    X509_VERIFY_PARAM_set1_host(SSL_CTX_get0_param(context_.get()), "tide.example", 0);
    EXPECT_TRUE(shakes_hands());
    X509_VERIFY_PARAM_set1_host(SSL_CTX_get0_param(context_.get()), "other.example", 0);
    EXPECT_FALSE(shakes_hands());
}

TEST_F(TlsTest, RefusesWhatIsOldOrWeak) {
    start();
    EXPECT_TRUE(shakes_hands());
    SSL_CTX_set_security_level(context_.get(), 0);  // a client that would take anything
    SSL_CTX_set_max_proto_version(context_.get(), TLS1_2_VERSION);
    for (const char* const ciphers : {"AES128-SHA", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384",
                                      "DHE-RSA-AES128-GCM-SHA256", "AES128-GCM-SHA256"}) {
        SSL_CTX_set_cipher_list(context_.get(), ciphers);
        EXPECT_FALSE(shakes_hands()) << ciphers;
    }
    SSL_CTX_set_cipher_list(context_.get(), "ECDHE-ECDSA-AES128-GCM-SHA256");
    EXPECT_TRUE(shakes_hands());
    SSL_CTX_set_cipher_list(context_.get(), "ALL");
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context_.get(), TLS1_1_VERSION);
    EXPECT_FALSE(shakes_hands());
}

TEST_F(TlsTest, RefusesRenegotiation) {
    start();
    SSL_CTX_set_max_proto_version(context_.get(), TLS1_2_VERSION);
    const auto client = connect();
    SSL_renegotiate(client->ssl());
    SSL_do_handshake(client->ssl());
    EXPECT_NE(hello(*client), R"({"secure":true})");
}

TEST_F(TlsTest, AgreesOnHttp11) {
    start();
    const auto offer = [this](std::string_view protocols) {
        SSL_CTX_set_alpn_protos(context_.get(), reinterpret_cast<const unsigned char*>(protocols.data()),
                                static_cast<unsigned>(protocols.size()));
    };
    offer("\x02h2\x08http/1.1");
    const auto client = connect();
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(client->ssl(), &name, &size);
    EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(name), size), "http/1.1");
    offer("\x02h2");
    EXPECT_FALSE(shakes_hands());
}

TEST_F(TlsTest, ResumesSessionsByTickets) {
    start();
    SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_CLIENT);
    const auto first = connect();
    hello(*first);  // the ticket comes with it
    SSL_SESSION* const session = SSL_get1_session(first->ssl());
    Client second(server_->port());
    SSL* const ssl = SSL_new(context_.get());
    SSL_set_fd(ssl, second.fd());
    SSL_set_session(ssl, session);
    EXPECT_EQ(SSL_connect(ssl), 1);
    EXPECT_EQ(SSL_session_reused(ssl), 1);
    SSL_free(ssl);
    SSL_SESSION_free(session);
}

TEST_F(TlsTest, SaysWhatThisPortIsToPlainHttp) {
    start();
    Client client(server_->port());
    client.send("GET /hello HTTP/1.1\r\n" + host() + "\r\n");
    const Answer answer = client.answer();
    EXPECT_EQ(answer.status, 400);
    EXPECT_THAT(answer.head, HasSubstr("Content-Type: text/plain\r\n"));
    EXPECT_THAT(answer.head, Not(HasSubstr("Strict-Transport-Security")));
    EXPECT_EQ(answer.body, "This port speaks TLS; use https://\n");
    EXPECT_TRUE(client.closes());
}

TEST_F(TlsTest, KeepsBrowsersToHttpsByNameOnly) {
    start();
    const auto client = connect();
    client->send("GET /hello HTTP/1.1\r\nHost: tide.example\r\n\r\n");
    EXPECT_THAT(client->answer().head, HasSubstr("\r\nStrict-Transport-Security: max-age=31536000\r\n"));
    client->send("GET /hello HTTP/1.1\r\n" + host() + "\r\n");
    EXPECT_THAT(client->answer().head, Not(HasSubstr("Strict-Transport-Security")))
        << "for localhost it would bind every other program there";
    client->send("PUT /body HTTP/1.1\r\n" + host() + "Origin: http://tide.example\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(client->answer().status, 403);
}

TEST_F(TlsTest, CarriesLargeBodiesAndManyRequests) {
    start();
    const auto client = connect();
    client->send("PUT /body HTTP/1.1\r\n" + host() + "Content-Length: " + std::to_string(large_.size()) + "\r\n\r\n" +
                 large_);
    EXPECT_TRUE(client->answer().body == large_);
    std::string many;
    for (int i = 0; i < 50; ++i) {
        many += "GET /hello HTTP/1.1\r\n" + host() + "\r\n";
    }
    client->send(many);
    for (int i = 0; i < 50; ++i) {
        ASSERT_EQ(client->answer().status, 200);
    }
    const std::string slowly = "PUT /body HTTP/1.1\r\n" + host() + "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n";
    for (const char c : slowly) {  // a record each
        client->send(std::string_view(&c, 1));
    }
    EXPECT_EQ(client->until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    client->send("hello");
    EXPECT_EQ(client->answer().body, "hello");
}

TEST_F(TlsTest, ASlowReaderGetsAllOfIt) {
    start();
    const auto client = connect();
    std::string requests;
    constexpr int kMany = 16;  // megabytes: more than the sockets hold, so that the server waits in the middle of one
    for (int i = 0; i < kMany; ++i) {
        requests += "GET /large HTTP/1.1\r\n" + host() + "\r\n";
    }
    client->send(requests);
    pollfd readable{client->fd(), POLLIN, 0};
    ASSERT_EQ(poll(&readable, 1, kPatienceMs), 1);
    for (int i = 0; i < kMany; ++i) {
        ASSERT_TRUE(client->answer().body == large_) << i;
    }
}

TEST_F(TlsTest, SurvivesGarbageAndHangUps) {
    start();
    using namespace std::string_literals;  // NOLINT
    for (const std::string& bytes : {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 garbage that is no hello at all"s,
                                     "\x16"s, std::string(20'000, '\x16'), "\x80\x2e\x01\x00\x02"s, "\0"s}) {
        Client client(server_->port());
        client.send(bytes);
    }
    for (int i = 0; i < 20; ++i) {
        (void)connect();  // and away
    }
    EXPECT_EQ(hello(*connect()), R"({"secure":true})");
}

TEST_F(TlsTest, DoesNotWaitForSlowHandshakes) {
    ServerOptions options;
    options.header_timeout = 50ms;
    start(std::move(options));
    Client silent(server_->port());
    EXPECT_TRUE(silent.closes());
    Client slow(server_->port());
    slow.send("\x16\x03\x01");
    EXPECT_TRUE(slow.closes());
}

TEST_F(TlsTest, TakesAChangedCertificateWhileItRuns) {
    start();
    const auto before = connect();
    const std::string old = seen();
    ASSERT_TRUE(make_self_signed({"localhost"}, files_.key_file, files_.certificate_file));
    EXPECT_EQ(seen(), old) << "not before it is told";
    ASSERT_TRUE(server_->reload_tls());
    EXPECT_NE(seen(), old);
    EXPECT_EQ(seen(), certificate_facts(files_.certificate_file)->fingerprint);
    EXPECT_EQ(hello(*before), R"({"secure":true})") << "who is connected notices nothing";
}

TEST_F(TlsTest, KeepsTheOldPairWhenTheNewOneIsBad) {
    start();
    const std::string old = seen();
    const auto refuses = [this](const std::string& why) {
        const auto reloaded = server_->reload_tls();
        ASSERT_FALSE(reloaded) << why;
        EXPECT_EQ(reloaded.error().code, base::ErrorCode::kInvalidArgument);
        EXPECT_THAT(reloaded.error().message, HasSubstr(why));
        EXPECT_THAT(reloaded.error().message, HasSubstr(".pem"));
    };
    ASSERT_TRUE(make_self_signed({"localhost"}, files_.key_file, folder_ + "/other.pem"));
    refuses("key values mismatch");
    const impl::Key rsa(EVP_RSA_gen(2048U));
    const auto write_key = [&](const EVP_CIPHER* cipher) {
        const impl::Bio out(BIO_new_file(files_.key_file.c_str(), "w"));
        const auto* const passphrase = reinterpret_cast<const unsigned char*>("passphrase");
        PEM_write_bio_PrivateKey(out.get(), rsa.get(), cipher, cipher != nullptr ? passphrase : nullptr,
                                 cipher != nullptr ? 10 : 0, nullptr, nullptr);
    };
    write_key(nullptr);
    refuses("the certificate");
    write_key(EVP_aes_128_cbc());
    refuses("passphrase");
    std::ofstream(files_.key_file) << "no key";
    refuses("key.pem");
    std::filesystem::remove(files_.key_file);
    refuses("No such file");
    std::ofstream(files_.certificate_file) << "";
    refuses("certificate.pem");
    EXPECT_EQ(seen(), old);
    ServerOptions options;
    options.listen = "127.0.0.1:0";
    options.tls = files_;
    EXPECT_FALSE(Server::start(std::move(options), Router())) << "and does not start with it";
}

TEST_F(TlsTest, APlainServerHasNothingToReload) {
    ServerOptions options;
    options.listen = "127.0.0.1:0";
    const auto plain = Server::start(std::move(options), Router());
    ASSERT_TRUE(plain);
    EXPECT_EQ((*plain)->reload_tls().error().code, base::ErrorCode::kFailedPrecondition);
}

TEST_F(TlsTest, DeliversToTwoHundredStreams) {
    start();
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 200; ++i) {
        clients.push_back(subscribe());
    }
    EXPECT_EQ(server_->stats().streams, 200);
    for (std::uint64_t id = 1; id <= 20; ++id) {
        server_->broadcast(make_frame("usage", id, std::to_string(id)));
    }
    server_->broadcast(make_frame("usage", 21, std::string(40'000, 'x')));  // three records
    for (const auto& client : clients) {
        for (std::uint64_t id = 1; id <= 20; ++id) {
            const std::string number = std::to_string(id);
            ASSERT_EQ(client->until("\n\n"), "event: usage\nid: " + number + "\ndata: " + number + "\n\n");
        }
        ASSERT_THAT(client->until("\n\n"), HasSubstr("id: 21\ndata: xxx"));
    }
    clients.resize(100);
    wait_for_streams(100);
    server_->stop();
    EXPECT_TRUE(clients.front()->closes());
    EXPECT_NE(SSL_get_shutdown(clients.front()->ssl()) & SSL_RECEIVED_SHUTDOWN, 0) << "it said goodbye";
}

TEST_F(TlsTest, ASubscriberThatFallsBehindIsToldToResync) {
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
    EXPECT_NE(slow->until("event: resync\n"), "");
    const std::string newest = slow->until("\n\n");
    ASSERT_THAT(newest, StartsWith("data: "));
    EXPECT_GT(std::stoul(newest.substr(6)), 16U);
    EXPECT_LE(std::stoul(newest.substr(6)), id) << "its thread may be behind the other's";
    EXPECT_TRUE(slow->closes());
}

TEST_F(TlsTest, AChattySubscriberIsCutOff) {
    start();
    const auto client = subscribe();
    client->send(std::string(100'000, 'x'));
    wait_for_streams(0);
}

}  // namespace
}  // namespace tidemark::net
