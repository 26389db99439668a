#include "foundation/net/smtp_client.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "foundation/net/https_client.hpp"
#include "foundation/net/impl/base64.hpp"
#include "foundation/net/impl/client_stream.hpp"
#include "foundation/net/mail_message.hpp"

namespace tidemark::net {
namespace {

constexpr std::size_t kLongestLine = 2048;  // RFC 5321, 4.5.3.1.5 has 512; some say more
constexpr std::size_t kMostLines = 100;
constexpr std::size_t kLongestQuote = 200;
constexpr std::size_t kLongestSecret = 500;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
}
std::string upper(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return out;
}

struct Reply {
    int code = 0;
    std::vector<std::string> lines;  ///< Without their codes

    [[nodiscard]] bool good() const { return code >= 200 && code < 400; }
};

/// "5.1.1" when the text begins so (RFC 2034).
std::string_view enhanced_code(std::string_view text) {
    const std::string_view word = text.substr(0, text.find(' '));
    const bool is_code = word.size() >= 5 && word.size() <= 9 && word[1] == '.' && is_digit(word.back()) &&
                         std::all_of(word.begin(), word.end(), [](char c) { return c == '.' || is_digit(c); });
    return is_code ? word : std::string_view();
}

class Conversation {
public:
    explicit Conversation(const SmtpServer& server)
        : server_(server),
          stream_({.host = server.host,
                   .port = server.port,
                   .ca_file = server.ca_file,
                   .patience = server.patience,
                   .stop = server.stop}) {}

    base::Result<void> run(const Envelope& envelope) {
        TIDEMARK_CHECK_OK(begin());
        TIDEMARK_CHECK_OK(sign_in());
        TIDEMARK_CHECK_OK(say("MAIL FROM:<" + envelope.from + ">", 250, "the sender"));
        TIDEMARK_CHECK_OK(say("RCPT TO:<" + envelope.to + ">", 250, "the recipient"));
        TIDEMARK_CHECK_OK(say("DATA", 354, "the message"));
        TIDEMARK_CHECK_OK(stream_.send(stuffed(envelope.message)));
        TIDEMARK_TRY(const Reply taken, read());
        TIDEMARK_CHECK_OK(expect(taken, 250, "the message", true));
        // The server has it; how the goodbye goes changes nothing.
        (void)stream_.send("QUIT\r\n");
        return {};
    }

private:
    /// As far as the list of what the server can do, under TLS unless the setting says otherwise.
    base::Result<void> begin() {
        TIDEMARK_CHECK_OK(stream_.connect());
        if (server_.security == SmtpSecurity::kTls) {
            TIDEMARK_CHECK_OK(stream_.start_tls());
        }
        TIDEMARK_TRY(const Reply greeting, read());
        TIDEMARK_CHECK_OK(expect(greeting, 220, "the connection", true));
        TIDEMARK_CHECK_OK(hello());
        if (server_.security != SmtpSecurity::kStarttls) {
            return {};
        }
        // Who is in between may have taken the word out: never without.
        if (!offers("STARTTLS")) {
            return refusal(
                "offers no STARTTLS, so nothing was sent: use TLS on its own port, or ask its administrator");
        }
        TIDEMARK_CHECK_OK(say("STARTTLS", 220, "STARTTLS"));
        // What came in the clear after the answer is nobody's word (CVE-2011-0411 is about the other side of it).
        if (!pending_.empty()) {
            return refusal("said something between STARTTLS and TLS: somebody may be in between");
        }
        TIDEMARK_CHECK_OK(stream_.start_tls());
        return hello();
    }

    base::Result<void> hello() {
        TIDEMARK_TRY(Reply reply, ask("EHLO " + server_.hello));
        TIDEMARK_CHECK_OK(expect(reply, 250, "EHLO", true));
        abilities_ = std::move(reply.lines);
        return {};
    }

    base::Result<void> sign_in() {
        if (server_.user.empty()) {
            return {};
        }
        constexpr std::string_view kWhat = "user name and password";
        if (offers("AUTH", "PLAIN")) {
            const std::string zero(1, '\0');
            TIDEMARK_TRY(const Reply reply,
                         ask("AUTH PLAIN " + impl::to_base64(zero + server_.user + zero + server_.password)));
            return expect(reply, 235, kWhat, false);
        }
        if (!offers("AUTH", "LOGIN")) {
            return refusal("offers no way to sign in that is known here (PLAIN, LOGIN)");
        }
        TIDEMARK_TRY(const Reply name, ask("AUTH LOGIN"));
        TIDEMARK_CHECK_OK(expect(name, 334, kWhat, false));
        TIDEMARK_TRY(const Reply secret, ask(impl::to_base64(server_.user)));
        TIDEMARK_CHECK_OK(expect(secret, 334, kWhat, false));
        TIDEMARK_TRY(const Reply reply, ask(impl::to_base64(server_.password)));
        return expect(reply, 235, kWhat, false);
    }

    /// "AUTH PLAIN LOGIN", or "AUTH=PLAIN" as old servers have it.
    [[nodiscard]] bool offers(std::string_view ability, std::string_view parameter = "") const {
        return std::any_of(abilities_.begin(), abilities_.end(), [&](const std::string& line) {
            std::string words = upper(line) + " ";
            std::replace(words.begin(), words.end(), '=', ' ');
            return words.starts_with(std::string(ability) + " ") &&
                   (parameter.empty() || words.find(" " + std::string(parameter) + " ") != std::string::npos);
        });
    }

    base::Result<void> say(const std::string& command, int wanted, std::string_view what) {
        TIDEMARK_TRY(const Reply reply, ask(command));
        return expect(reply, wanted, what, true);
    }

    base::Result<Reply> ask(const std::string& command) {
        TIDEMARK_CHECK_OK(stream_.send(command + "\r\n"));
        return read();
    }

    base::Result<Reply> read() {
        Reply reply;
        for (std::size_t count = 0; count < kMostLines; ++count) {
            TIDEMARK_TRY(std::string line, read_line());
            const bool formed = line.size() >= 3 && line[0] >= '2' && line[0] <= '5' && is_digit(line[1]) &&
                                is_digit(line[2]) && (line.size() == 3 || line[3] == ' ' || line[3] == '-');
            const int code = formed ? (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0') : 0;
            if (!formed || (reply.code != 0 && reply.code != code)) {
                return stream_.failure("does not speak SMTP");
            }
            reply.code = code;
            reply.lines.push_back(line.size() > 4 ? line.substr(4) : std::string());
            if (line.size() == 3 || line[3] == ' ') {
                return reply;
            }
        }
        return stream_.failure("answers without an end");
    }

    base::Result<std::string> read_line() {
        for (;;) {
            const std::size_t end = pending_.find('\n');
            if (end <= kLongestLine) {
                std::string line = pending_.substr(0, end);
                pending_.erase(0, end + 1);
                if (!line.empty() && line.back() == '\r') {
                    line.pop_back();
                }
                return line;
            }
            if (pending_.size() > kLongestLine) {
                return stream_.failure("answers without an end");
            }
            std::array<char, 4096> buffer;
            TIDEMARK_TRY(const std::size_t size, stream_.receive(buffer));
            if (size == 0) {
                return stream_.failure("ended the connection");
            }
            pending_.append(buffer.data(), size);
        }
    }

    base::Result<void> expect(const Reply& reply, int wanted, std::string_view what, bool quotable) const {
        // 251 is a 250 that tells more (RFC 5321, 4.2.1).
        if (reply.code == wanted || (wanted == 250 && reply.code == 251)) {
            return {};
        }
        const std::string_view said = reply.lines.front();
        std::string words = std::to_string(reply.code);
        if (server_.quote && quotable && !said.empty()) {
            std::string quote(said.substr(0, kLongestQuote));
            std::replace_if(
                quote.begin(), quote.end(),
                [](char c) { return static_cast<unsigned char>(c) < ' ' || static_cast<unsigned char>(c) > '~'; }, '?');
            words += " " + quote;
        } else if (const auto code = enhanced_code(said); !code.empty()) {
            words += " " + std::string(code);
        }
        if (reply.good()) {
            return stream_.failure("answered " + words + " where " + std::to_string(wanted) + " belongs");
        }
        const std::string text = "refused " + std::string(what) + ": " + words;
        if (reply.code >= 500) {
            return refusal(text);
        }
        return stream_.failure(text);
    }

    [[nodiscard]] tl::unexpected<base::Error> refusal(std::string_view what) const {
        auto failed = stream_.failure(what);
        failed.value().code = base::ErrorCode::kFailedPrecondition;
        return failed;
    }

    /// RFC 5321, 4.5.2: a line that begins with a dot gets another one; the last line is a dot.
    static std::string stuffed(std::string_view message) {
        std::string out;
        out.reserve(message.size() + 16);
        bool begins = true;
        for (const char c : message) {
            if (begins && c == '.') {
                out += '.';
            }
            out += c;
            begins = c == '\n';
        }
        return out + ".\r\n";
    }

    const SmtpServer& server_;
    impl::ClientStream stream_;
    std::string pending_;
    std::vector<std::string> abilities_;
};

/// Every line ends with CRLF, the last one too: a lone one is what servers have disagreed about ("SMTP smuggling").
bool has_whole_lines(std::string_view message) {
    for (std::size_t i = 0; i < message.size(); ++i) {
        const bool after_cr = i > 0 && message[i - 1] == '\r';
        if ((message[i] == '\n') != after_cr) {
            return false;
        }
    }
    return message.ends_with("\r\n");
}

}  // namespace

base::Result<void> deliver(const SmtpServer& server, const Envelope& envelope) {
    const auto wrong = [](const char* what) { return base::fail(base::ErrorCode::kInvalidArgument, what); };
    if (!is_host(server.host) || server.port == 0) {
        return wrong("host: is not a host with a port");
    }
    if (!is_mail_address(envelope.from) || !is_mail_address(envelope.to)) {
        return wrong("to: is not an address that mail can be sent to");
    }
    if (has_control(server.hello) || server.hello.empty() || server.hello.find(' ') != std::string::npos) {
        return wrong("hello: is not a name");
    }
    if (has_control(server.user) || has_control(server.password) || server.user.size() > kLongestSecret ||
        server.password.size() > kLongestSecret) {
        return wrong("user: is too long or has a control character");
    }
    if (!has_whole_lines(envelope.message)) {
        return wrong("message: its lines do not end with CRLF");
    }
    return Conversation(server).run(envelope);
}

}  // namespace tidemark::net
