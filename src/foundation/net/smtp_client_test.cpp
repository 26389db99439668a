#include "foundation/net/smtp_client.hpp"

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <thread>
#include <vector>

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
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kMessage = "Subject: x\r\n\r\n.dot\r\n..two\r\nend.\r\n";

/// What a mail server says, line by line: to each line of the client's the next answer. Two of them do something:
/// kStartTls answers 220 and speaks TLS from there on; kHang says nothing until the client is gone.
using Script = std::vector<std::string>;
constexpr const char* kStartTls = "<starttls>";
constexpr const char* kHang = "<hang>";

class FakeMailServer {
public:
    FakeMailServer(const std::string& certificate, const std::string& key, bool tls, Script script)
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
        thread_ = std::thread([this, tls, script = std::move(script)] { serve(tls, script); });
    }
    ~FakeMailServer() { end(); }
    FakeMailServer(const FakeMailServer&) = delete;
    FakeMailServer& operator=(const FakeMailServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    /// The lines that the client said, those under TLS with "* " before them.
    const std::vector<std::string>& end() {
        if (thread_.joinable()) {
            shutdown(listener_, SHUT_RDWR);
            thread_.join();
            close(listener_);
        }
        return said_;
    }

private:
    void serve(bool tls, const Script& script) {
        impl::block_signals();
        const int fd = accept(listener_, nullptr, nullptr);
        if (fd < 0) {
            return;
        }
        if (!tls || seal(fd)) {
            converse(fd, script);
        }
        ssl_.reset();
        close(fd);
    }
    void converse(int fd, const Script& script) {
        bool first = true, data = false;
        for (const std::string& answer : script) {
            if (!first && !hear(fd, data)) {
                return;
            }
            first = false;
            if (answer == kStartTls) {
                say(fd, "220 go\r\n");
                if (!seal(fd)) {
                    return;
                }
                continue;
            }
            if (answer == kHang) {
                break;
            }
            data = answer.starts_with("354");
            say(fd, answer);
        }
        while (hear(fd, false)) {
        }
    }
    bool seal(int fd) {
        ssl_.reset(SSL_new(context_.get()));
        SSL_set_fd(ssl_.get(), fd);
        return SSL_accept(ssl_.get()) == 1;
    }
    void say(int fd, const std::string& text) {
        if (ssl_) {
            SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size()));
        } else {
            (void)!send(fd, text.data(), text.size(), MSG_NOSIGNAL);
        }
    }
    /// A line, or a whole message.
    bool hear(int fd, bool message) {
        const std::string end = message ? "\r\n.\r\n" : "\r\n";
        while (heard_.find(end) == std::string::npos) {
            std::array<char, 4096> buffer;
            const auto size = ssl_ ? SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()))
                                   : static_cast<int>(recv(fd, buffer.data(), buffer.size(), 0));
            if (size <= 0) {
                return false;
            }
            heard_.append(buffer.data(), static_cast<std::size_t>(size));
        }
        const std::size_t at = heard_.find(end);
        said_.push_back((ssl_ ? "* " : "") + heard_.substr(0, at));
        heard_.erase(0, at + end.size());
        return true;
    }

    int listener_;
    impl::SslContext context_;
    impl::Ssl ssl_;
    std::uint16_t port_ = 0;
    std::string heard_;
    std::vector<std::string> said_;
    std::thread thread_;
};

class SmtpClient : public ::testing::Test {
protected:
    void SetUp() override {
        sigset_t pipe;
        sigemptyset(&pipe);
        sigaddset(&pipe, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
        std::string pattern = ::testing::TempDir() + "tidemark-smtp-XXXXXX";
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        ASSERT_TRUE(make_self_signed({"localhost", "127.0.0.1"}, key("good"), certificate("good")));
        server_.host = "127.0.0.1";
        server_.ca_file = certificate("good");
        server_.user = "tide";
        server_.password = "pass word";
        server_.hello = "tidemark.example";
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    [[nodiscard]] std::string certificate(const std::string& name) const { return folder_ + "/" + name + ".pem"; }
    [[nodiscard]] std::string key(const std::string& name) const { return folder_ + "/" + name + ".key"; }

    base::Result<void> try_with(SmtpSecurity security, Script script, const std::string& name = "good") {
        FakeMailServer fake(certificate(name), key(name), security == SmtpSecurity::kTls, std::move(script));
        server_.port = fake.port();
        server_.security = security;
        auto result = deliver(server_, envelope_);
        said_ = fake.end();
        return result;
    }
    /// The error's text.
    std::string fault(SmtpSecurity security, Script script, const std::string& name = "good") {
        const auto result = try_with(security, std::move(script), name);
        EXPECT_FALSE(result);
        code_ = result ? base::ErrorCode::kInternal : result.error().code;
        return result ? "" : result.error().message;
    }

    std::string folder_;
    SmtpServer server_;
    Envelope envelope_{"tidemark@example.org", "ann@example.org", kMessage};
    std::vector<std::string> said_;
    base::ErrorCode code_ = base::ErrorCode::kInternal;
};

constexpr auto kTls = SmtpSecurity::kTls;
constexpr auto kStarttls = SmtpSecurity::kStarttls;
constexpr auto kPlain = SmtpSecurity::kPlain;

const Script kGood = {"220 hi\r\n",       "250-mail\r\n250-SIZE 1000\r\n250 AUTH LOGIN PLAIN\r\n",
                      "235 2.7.0 ok\r\n", "250 ok\r\n",
                      "250 ok\r\n",       "354 go\r\n",
                      "250 taken\r\n",    "221 bye\r\n"};

Script with(std::size_t at, const std::string& answer) {
    Script script = kGood;
    script.at(at) = answer;
    return script;
}

TEST_F(SmtpClient, HandsAMailOverByTls) {
    const auto done = try_with(kTls, kGood);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_THAT(said_, ElementsAre("* EHLO tidemark.example", "* AUTH PLAIN AHRpZGUAcGFzcyB3b3Jk",
                                   "* MAIL FROM:<tidemark@example.org>", "* RCPT TO:<ann@example.org>", "* DATA",
                                   "* Subject: x\r\n\r\n..dot\r\n...two\r\nend.", "* QUIT"));
}

TEST_F(SmtpClient, StarttlsComesBeforeAnythingElse) {
    Script script = kGood;
    script.insert(script.begin() + 1, {"250-mail\r\n250 STARTTLS\r\n", kStartTls});
    const auto done = try_with(kStarttls, script);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_THAT(said_, ElementsAre("EHLO tidemark.example", "STARTTLS", "* EHLO tidemark.example",
                                   "* AUTH PLAIN AHRpZGUAcGFzcyB3b3Jk", "* MAIL FROM:<tidemark@example.org>",
                                   "* RCPT TO:<ann@example.org>", "* DATA",
                                   "* Subject: x\r\n\r\n..dot\r\n...two\r\nend.", "* QUIT"));
}

TEST_F(SmtpClient, SignsInByLoginWhereThereIsNoMoreAndNotAtAllWithoutAUser) {
    Script script = with(1, "250-mail\r\n250-8BITMIME\r\n250 AUTH=LOGIN\r\n");
    script[2] = "334 VXNlcm5hbWU6\r\n";
    script.insert(script.begin() + 3, {"334 UGFzc3dvcmQ6\r\n", "235 ok\r\n"});
    ASSERT_TRUE(try_with(kPlain, script));
    EXPECT_EQ(said_.at(1), "AUTH LOGIN");
    EXPECT_EQ(said_.at(2), "dGlkZQ==");
    EXPECT_EQ(said_.at(3), "cGFzcyB3b3Jk");
    server_.user = server_.password = "";
    script = kGood;
    script.erase(script.begin() + 2);
    script[1] = "250\r\n";
    ASSERT_TRUE(try_with(kPlain, script));
    EXPECT_EQ(said_.at(1), "MAIL FROM:<tidemark@example.org>");
}

TEST_F(SmtpClient, NeverGoesOnInTheClear) {
    for (const char* list : {"250 AUTH PLAIN\r\n", "250-STARTTLSX\r\n250 XSTARTTLS\r\n", "250 mail\r\n"}) {
        EXPECT_THAT(fault(kStarttls, with(1, list)), HasSubstr("offers no STARTTLS"));
        EXPECT_EQ(code_, base::ErrorCode::kFailedPrecondition);
        EXPECT_THAT(said_, ElementsAre("EHLO tidemark.example"));
    }
    EXPECT_THAT(fault(kStarttls, {"220 hi\r\n", "250 STARTTLS\r\n", "454 4.7.0 not now\r\n"}),
                HasSubstr("refused STARTTLS: 454 4.7.0"));
    EXPECT_EQ(code_, base::ErrorCode::kUnavailable);
    EXPECT_THAT(said_, ElementsAre("EHLO tidemark.example", "STARTTLS"));
    // A server that speaks no TLS where TLS belongs.
    FakeMailServer plain(certificate("good"), key("good"), false, kGood);
    server_.port = plain.port();
    server_.security = kTls;
    server_.patience = 5s;
    const auto refused = deliver(server_, envelope_);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("TLS: "));
}

TEST_F(SmtpClient, WhatIsSaidBeforeTlsIsNobodysWord) {
    EXPECT_THAT(fault(kStarttls, {"220 hi\r\n", "250 STARTTLS\r\n", "220 go\r\n250 AUTH PLAIN\r\n"}),
                HasSubstr("between STARTTLS and TLS"));
    EXPECT_EQ(code_, base::ErrorCode::kFailedPrecondition);
    for (const std::string& line : said_) {
        EXPECT_THAT(line, Not(HasSubstr("AUTH")));
    }
    // What it could do before TLS does not count after it.
    EXPECT_THAT(fault(kStarttls, {"220 hi\r\n", "250-STARTTLS\r\n250 AUTH PLAIN\r\n", kStartTls, "250 mail\r\n"}),
                HasSubstr("no way to sign in"));
}

TEST_F(SmtpClient, ChecksTheCertificate) {
    ASSERT_TRUE(make_self_signed({"other.example"}, key("other"), certificate("other")));
    ASSERT_TRUE(make_self_signed({"127.0.0.1"}, key("stranger"), certificate("stranger")));
    EXPECT_THAT(fault(kTls, kGood, "stranger"), HasSubstr("certificate is not trusted"));
    server_.ca_file = certificate("other");
    EXPECT_THAT(fault(kTls, kGood, "other"), HasSubstr("certificate is not trusted"));
    EXPECT_TRUE(said_.empty());
    EXPECT_THAT(fault(kStarttls, {"220 hi\r\n", "250 STARTTLS\r\n", kStartTls, "250 AUTH PLAIN\r\n"}, "other"),
                HasSubstr("certificate is not trusted"));
    EXPECT_THAT(said_, ElementsAre("EHLO tidemark.example", "STARTTLS"));
}

TEST_F(SmtpClient, TellsWhatMayWorkLaterFromWhatWillNot) {
    const std::vector<std::string> steps = {"the connection", "EHLO",          "user name and password",
                                            "the sender",     "the recipient", "the message",
                                            "the message"};
    for (std::size_t at = 0; at < steps.size(); ++at) {
        EXPECT_EQ(fault(kPlain, with(at, "554 5.7.1 no\r\n")), "127.0.0.1: refused " + steps[at] + ": 554 5.7.1");
        EXPECT_EQ(code_, base::ErrorCode::kFailedPrecondition) << at;
        EXPECT_EQ(fault(kPlain, with(at, "451 later\r\n")), "127.0.0.1: refused " + steps[at] + ": 451");
        EXPECT_EQ(code_, base::ErrorCode::kUnavailable) << at;
        EXPECT_THAT(fault(kPlain, with(at, "299 what\r\n")), HasSubstr("answered 299 where "));
        EXPECT_EQ(code_, base::ErrorCode::kUnavailable) << at;
    }
    EXPECT_TRUE(try_with(kPlain, with(4, "251 will forward\r\n")));
    server_.port = 1;
    EXPECT_EQ(deliver(server_, envelope_).error().code, base::ErrorCode::kUnavailable);
}

TEST_F(SmtpClient, QuotesTheServerOnlyWhenAskedToAndNeverAboutThePassword) {
    const std::string said = "550 5.1.1 <ann@example.org>\x1b[31m unknown\xC3\xA9\r\n";
    EXPECT_EQ(fault(kPlain, with(4, said)), "127.0.0.1: refused the recipient: 550 5.1.1");
    server_.quote = true;
    EXPECT_EQ(fault(kPlain, with(4, said)),
              "127.0.0.1: refused the recipient: 550 5.1.1 <ann@example.org>?[31m unknown??");
    EXPECT_LT(fault(kPlain, with(4, "550 " + std::string(1500, 'x') + "\r\n")).size(), 300U);
    EXPECT_EQ(fault(kPlain, with(2, "535 5.7.8 AHRpZGUAcGFzcyB3b3Jk is wrong\r\n")),
              "127.0.0.1: refused user name and password: 535 5.7.8");
}

TEST_F(SmtpClient, HostileAnswersEnd) {
    server_.patience = 5s;
    std::string endless;
    for (int i = 0; i < 1000; ++i) {
        endless += "250-x\r\n";
    }
    EXPECT_THAT(fault(kPlain, with(1, endless)), HasSubstr("answers without an end"));
    EXPECT_THAT(fault(kPlain, with(1, "250 " + std::string(100'000, 'x'))), HasSubstr("answers without an end"));
    for (const char* nonsense : {"HTTP/1.1 200 OK\r\n", "25\r\n", "2x0 y\r\n", "250x\r\n", "150 x\r\n", "650 x\r\n",
                                 "\r\n", "250-a\r\n251 b\r\n", "250-a\r\nb\r\n"}) {
        EXPECT_THAT(fault(kPlain, with(1, nonsense)), HasSubstr("does not speak SMTP")) << nonsense;
    }
    server_.patience = 150ms;
    EXPECT_THAT(fault(kPlain, {kHang}), HasSubstr("did not answer in time"));
    EXPECT_THAT(fault(kTls, {"220 hi\r\n", kHang}), HasSubstr("did not answer in time"));
    server_.patience = 30s;
    std::stop_source stop;
    stop.request_stop();
    server_.stop = stop.get_token();
    EXPECT_THAT(fault(kTls, {kHang}), HasSubstr("stopped"));
}

TEST_F(SmtpClient, NothingIsSmuggledIn) {
    const auto refused = [this](auto change) {
        const SmtpServer server = server_;
        const Envelope envelope = envelope_;
        server_.port = 1;
        change();
        const auto result = deliver(server_, envelope_);
        server_ = server;
        envelope_ = envelope;
        return !result && result.error().code == base::ErrorCode::kInvalidArgument;
    };
    EXPECT_TRUE(refused([this] { envelope_.to = "a@b>\r\nRCPT TO:<eve@example.org"; }));
    EXPECT_TRUE(refused([this] { envelope_.from = "a@b\r\nDATA"; }));
    EXPECT_TRUE(refused([this] { envelope_.from = ""; }));
    EXPECT_TRUE(refused([this] { server_.hello = "x\r\nMAIL FROM:<eve@example.org>"; }));
    EXPECT_TRUE(refused([this] { server_.hello = "x y"; }));
    EXPECT_TRUE(refused([this] { server_.user = "a\nb"; }));
    EXPECT_TRUE(refused([this] { server_.password = std::string("a\0b", 3); }));
    EXPECT_TRUE(refused([this] { server_.host = "a b"; }));
    EXPECT_TRUE(refused([this] { server_.host = "-oProxyCommand"; }));
    // What some servers take for the end of a message, and others do not.
    for (const char* message : {"x", "x\n.\nMAIL\r\n", "x\r.\rMAIL\r\n", "x\n.\r\nMAIL\r\n", "x\r\n.\nMAIL\r\n", ""}) {
        EXPECT_TRUE(refused([&] { envelope_.message = message; })) << message;
    }
}

}  // namespace
}  // namespace tidemark::net
