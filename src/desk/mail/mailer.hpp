// Sends links by mail, in the background. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "desk/identity/accounts.hpp"
#include "desk/mail/letters.hpp"
#include "desk/mail/settings.hpp"
#include "foundation/base/result.hpp"
#include "foundation/net/smtp_client.hpp"

namespace tidemark::mail {

struct MailerOptions {
    /// Replaceable for tests.
    std::function<base::Result<void>(const net::SmtpServer&, const net::Envelope&)> deliver = net::deliver;
    /// How long to wait before the second attempt, the third, …
    std::vector<std::chrono::milliseconds> pauses{std::chrono::seconds(20), std::chrono::minutes(2),
                                                  std::chrono::minutes(8)};
    std::size_t capacity = 200;  ///< Mails that may wait; requests for links likewise
};

/// How it goes, since the start.
struct MailState {
    struct Failure {
        base::UnixMillis time = 0;
        std::string reason;  ///< Without addresses
    };
    std::int64_t waiting = 0, sent = 0;
    std::optional<base::UnixMillis> last_sent;
    std::optional<Failure> last_failure;  ///< Of an attempt, also one that is made again
};

class Mailer {
public:
    static base::Result<std::unique_ptr<Mailer>> open(identity::Accounts& accounts, MailerOptions options);
    ~Mailer();
    Mailer(const Mailer&) = delete;
    Mailer& operator=(const Mailer&) = delete;

    /// Mails are sent: the settings say so.
    [[nodiscard]] bool ready() const;
    [[nodiscard]] Settings settings() const;
    base::Result<void> set_settings(const identity::Act& act, const Settings& settings);
    /// Where people reach this server, "https://tidemark.example.org": links begin so. Never what a request says. Mails
    /// wait until it is known.
    void set_address(std::string address);
    [[nodiscard]] std::string address() const;
    [[nodiscard]] MailState state() const;

    /// Sends one now, and waits for it: for the person who sets it up. Errors quote the mail server.
    base::Result<void> send_test(const identity::Act& act, std::string_view to, Language language);

    /// Somebody asks for a link. Returns at once, and takes as long whether or not there is such an account: it is
    /// looked for later, by another thread.
    void ask_reset(std::string_view name, const identity::Origin& origin, Language language, base::UnixMillis now);
    void ask_registration(std::string_view email, const identity::Origin& origin, Language language,
                          base::UnixMillis now);
    /// `to`: net::is_mail_address().
    void send_invitation(const identity::OneTimeLink& link, std::string_view to, Language language);

private:
    struct Request {
        Occasion occasion = Occasion::kReset;
        std::string name;
        identity::Origin origin;
        Language language = Language::kEnglish;
        base::UnixMillis time = 0;
    };
    struct Mail {
        Occasion occasion = Occasion::kReset;
        std::string to, token;
        Language language = Language::kEnglish;
        base::UnixMillis expires_at = 0;  ///< Of the link: later the mail is of no use
        std::size_t attempts = 0;
        std::int64_t not_before = 0;  ///< base::monotonic_nanos()
    };

    Mailer(identity::Accounts& accounts, MailerOptions options, Settings settings);
    void make_links(const std::stop_token& stop);
    void send_mails(const std::stop_token& stop);
    void request(Request request);
    void post(const Mail& mail);
    base::Result<void> attempt(const Mail& mail, const Settings& settings, bool quote, const std::stop_token& stop);
    void attempt_and_note(Mail mail, const std::stop_token& stop);
    void note_failure(std::string reason);
    void give_up(const Mail& mail, const std::string& reason);

    identity::Accounts& accounts_;
    const MailerOptions options_;
    std::mutex changing_;  // of the settings, one at a time
    mutable std::mutex mutex_;
    Settings settings_;
    std::string address_;
    MailState state_;
    std::deque<Request> requests_;
    std::deque<Mail> mails_;
    std::condition_variable_any requested_, posted_;
    std::jthread maker_, sender_;  // last: they use the rest
};

}  // namespace tidemark::mail
