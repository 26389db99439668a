#include "foundation/net/https_client.hpp"

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <thread>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "foundation/net/certificate.hpp"
#include "foundation/net/impl/openssl.hpp"
#include "foundation/net/impl/signals.hpp"

namespace tidemark::net {
namespace {

using namespace std::chrono_literals;  // NOLINT
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// Takes one connection, and does what the test says.
class OneServer {
public:
    enum class End { kClose, kAbort };  ///< By TLS, or without its goodbye

    OneServer(const std::string& certificate, const std::string& key, std::string answer, End end = End::kClose)
        : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), context_(SSL_CTX_new(TLS_server_method())) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const plain = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(bind(listener_, plain, size), 0);
        EXPECT_EQ(listen(listener_, 1), 0);
        EXPECT_EQ(getsockname(listener_, plain, &size), 0);
        port_ = ntohs(address.sin_port);
        EXPECT_EQ(SSL_CTX_use_certificate_chain_file(context_.get(), certificate.c_str()), 1);
        EXPECT_EQ(SSL_CTX_use_PrivateKey_file(context_.get(), key.c_str(), SSL_FILETYPE_PEM), 1);
        thread_ = std::thread([this, answer = std::move(answer), end] { serve(answer, end); });
    }
    ~OneServer() {
        shutdown(listener_, SHUT_RDWR);
        thread_.join();
        close(listener_);
    }
    OneServer(const OneServer&) = delete;
    OneServer& operator=(const OneServer&) = delete;

    [[nodiscard]] std::string url(const std::string& host, const std::string& target = "/doc?x=1") const {
        return "https://" + host + ":" + std::to_string(port_) + target;
    }
    /// What was asked; ends the server.
    std::string asked() {
        shutdown(listener_, SHUT_RDWR);
        thread_.join();
        thread_ = std::thread([] {});
        return asked_;
    }

private:
    void serve(const std::string& answer, End end) {
        impl::block_signals();
        const int fd = accept(listener_, nullptr, nullptr);
        if (fd < 0) {
            return;
        }
        impl::Ssl ssl(SSL_new(context_.get()));
        SSL_set_fd(ssl.get(), fd);
        if (SSL_accept(ssl.get()) == 1) {
            std::array<char, 4096> buffer;
            int size = 0;
            do {
                size = SSL_read(ssl.get(), buffer.data(), static_cast<int>(buffer.size()));
                asked_.append(buffer.data(), static_cast<std::size_t>(std::max(size, 0)));
            } while (size > 0 && asked_.find("\r\n\r\n") == std::string::npos);
            if (!answer.empty()) {
                SSL_write(ssl.get(), answer.data(), static_cast<int>(answer.size()));
            } else {
                SSL_read(ssl.get(), buffer.data(), 1);  // until the client gives up
            }
            if (end == End::kClose) {
                SSL_shutdown(ssl.get());
            }
        }
        close(fd);
    }

    int listener_;
    impl::SslContext context_;
    std::uint16_t port_ = 0;
    std::string asked_;
    std::thread thread_;
};

class HttpsClientTest : public ::testing::Test {
protected:
    void SetUp() override {
        sigset_t pipe;
        sigemptyset(&pipe);
        sigaddset(&pipe, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
        std::string pattern = ::testing::TempDir() + "tidemark-client-XXXXXX";
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        ASSERT_TRUE(make_self_signed({"localhost", "127.0.0.1"}, key("good"), certificate("good")));
        options_.ca_file = certificate("good");
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    [[nodiscard]] std::string certificate(const std::string& name) const { return folder_ + "/" + name + ".pem"; }
    [[nodiscard]] std::string key(const std::string& name) const { return folder_ + "/" + name + ".key"; }

    /// The answer to a question of a server that says `bytes`.
    base::Result<FetchAnswer> heard(const std::string& bytes, OneServer::End end = OneServer::End::kClose) {
        OneServer server(certificate("good"), key("good"), bytes, end);
        return fetch({.url = server.url("127.0.0.1"), .headers = {}, .body = {}}, options_);
    }
    std::string failure(const std::string& bytes, OneServer::End end = OneServer::End::kClose) {
        const auto answer = heard(bytes, end);
        return answer ? "answered " + std::to_string(answer->status) : answer.error().message;
    }

    std::string folder_;
    FetchOptions options_;
};

TEST(HttpsUrl, IsTakenApart) {
    const auto url = parse_https_url("https://login.example.org/realms/a/.well-known/x?y=1");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->host, "login.example.org");
    EXPECT_EQ(url->port, 443);
    EXPECT_EQ(url->authority, "login.example.org");
    EXPECT_EQ(url->target, "/realms/a/.well-known/x?y=1");
    EXPECT_EQ(parse_https_url("https://a.example?q")->target, "/?q");
    EXPECT_EQ(parse_https_url("https://a.example")->target, "/");
    const auto six = parse_https_url("https://[fd00::5]:8443/a");
    ASSERT_TRUE(six);
    EXPECT_EQ(six->host, "fd00::5");
    EXPECT_EQ(six->port, 8443);
    EXPECT_EQ(six->authority, "[fd00::5]:8443");
}

TEST(HttpsUrl, RefusesWhatIsNone) {
    for (const std::string_view text : {"",
                                        "http://a.example/",
                                        "HTTPS://a.example",
                                        "https://",
                                        "https:///a",
                                        "https://:443/",
                                        "https://a:0/",
                                        "https://a:65536/",
                                        "https://a:/",
                                        "https://a:12x/",
                                        "https://u@a.example/",
                                        "https://u:p@a.example/",
                                        "https://a.example/#x",
                                        "https://a b/",
                                        "https://a.example/\r\nHost: b",
                                        "https://a.example/\x7f",
                                        "https://a.example/\xc3\xa9",
                                        "https://[fd00::5/",
                                        "https://[a.example]/",
                                        "https://a.example\\@b.example/",
                                        "https://-a.example/",
                                        "https://a..example/",
                                        "ftp://a.example/",
                                        "https://a%2eexample/"}) {
        EXPECT_FALSE(parse_https_url(text)) << text;
    }
    EXPECT_FALSE(parse_https_url("https://a.example/" + std::string(2000, 'a')));
    EXPECT_FALSE(parse_https_url(std::string_view("https://a.example/\0b", 20)));
}

TEST_F(HttpsClientTest, AsksAndGivesTheAnswer) {
    OneServer server(certificate("good"), key("good"), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    const auto answer = fetch({.method = Method::kPost,
                               .url = server.url("localhost"),
                               .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                               .body = "a=1"},
                              options_);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "{}");
    const std::string asked = server.asked();
    EXPECT_THAT(asked, StartsWith("POST /doc?x=1 HTTP/1.1\r\nHost: localhost:"));
    EXPECT_THAT(asked, HasSubstr("\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n"));
    EXPECT_THAT(asked, HasSubstr("\r\nConnection: close\r\n"));
}

TEST_F(HttpsClientTest, TakesEveryFormOfBody) {
    EXPECT_EQ(heard("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")->body,
              "abcde");
    EXPECT_EQ(heard("HTTP/1.1 200 OK\r\n\r\nuntil the end")->body, "until the end");
    EXPECT_EQ(heard("HTTP/1.0 204 No Content\r\n\r\n")->status, 204);
    const auto moved = heard("HTTP/1.1 302 Found\r\nLocation: https://elsewhere.example/\r\nContent-Length: 0\r\n\r\n");
    ASSERT_TRUE(moved);
    EXPECT_EQ(moved->status, 302);  // told, not followed
}

TEST_F(HttpsClientTest, RefusesWhatIsCutOffTooLongOrNoAnswer) {
    using enum OneServer::End;
    EXPECT_THAT(failure("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"), HasSubstr("cut off"));
    // Without TLS's own goodbye anybody on the way could have ended it.
    EXPECT_THAT(failure("HTTP/1.1 200 OK\r\n\r\nuntil the end", kAbort), Not(StartsWith("answered")));
    EXPECT_THAT(failure("HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n"), HasSubstr("too long"));
    EXPECT_THAT(failure("HTTP/1.1 200 OK\r\n\r\n" + std::string(1024 * 1024 + 1, 'x')), HasSubstr("too long"));
    EXPECT_THAT(failure("HTTP/1.1 200 OK\r\nX: " + std::string(40'000, 'x') + "\r\n\r\n"), HasSubstr("no HTTP"));
    EXPECT_THAT(failure("SSH-2.0-OpenSSH\r\n\r\n"), HasSubstr("no HTTP"));
    EXPECT_THAT(failure("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc"), HasSubstr("no HTTP"));
    EXPECT_THAT(failure("HTTP/1.1 100 Continue\r\n\r\n"), HasSubstr("interim"));
    options_.patience = 50ms;
    EXPECT_THAT(failure(""), HasSubstr("in time"));
}

TEST_F(HttpsClientTest, TrustsOnlyTheRightCertificate) {
    const std::string fine = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    ASSERT_TRUE(make_self_signed({"other.example"}, key("other"), certificate("other")));
    const auto ask = [&](const std::string& served, const std::string& trusted, const std::string& host) {
        OneServer server(certificate(served), key(served), fine);
        FetchOptions options = options_;
        options.ca_file = trusted.empty() ? "" : certificate(trusted);
        const auto answer = fetch({.url = server.url(host), .headers = {}, .body = {}}, options);
        return answer ? "answered" : answer.error().message;
    };
    EXPECT_EQ(ask("good", "good", "127.0.0.1"), "answered");
    EXPECT_EQ(ask("good", "good", "localhost"), "answered");
    EXPECT_THAT(ask("good", "other", "localhost"), HasSubstr("not trusted"));
    EXPECT_THAT(ask("good", "", "localhost"), HasSubstr("not trusted"));  // the system's authorities
    EXPECT_THAT(ask("other", "other", "localhost"), HasSubstr("not trusted"));
    EXPECT_THAT(ask("other", "other", "127.0.0.1"), HasSubstr("not trusted"));
    EXPECT_THAT(ask("good", "missing", "localhost"), HasSubstr("cannot read"));
}

TEST_F(HttpsClientTest, SaysWhatIsWrongWithoutTheQuery) {
    EXPECT_EQ(fetch({.url = "http://127.0.0.1/", .headers = {}, .body = {}}).error().code,
              base::ErrorCode::kInvalidArgument);
    EXPECT_EQ(fetch({.url = "https://127.0.0.1/", .headers = {{"X", "a\r\nY: b"}}, .body = {}}).error().code,
              base::ErrorCode::kInvalidArgument);
    std::string url;
    {
        const OneServer gone(certificate("good"), key("good"), "x");
        url = gone.url("127.0.0.1", "/?secret=1");
    }
    const auto refused = fetch({.url = url, .headers = {}, .body = {}}, options_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, base::ErrorCode::kUnavailable);
    EXPECT_THAT(refused.error().message, HasSubstr("127.0.0.1: cannot connect"));
    EXPECT_THAT(refused.error().message, Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace tidemark::net
