#include "desk/mail/mailer.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

#include <pthread.h>

#include "foundation/base/clock.hpp"
#include "foundation/crypto/random.hpp"
#include "foundation/json/read.hpp"
#include "foundation/json/write.hpp"
#include "foundation/log/log.hpp"
#include "foundation/net/mail_message.hpp"

namespace tidemark::mail {
namespace {

constexpr std::string_view kSetting = "mail";
constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kLongestName = 254;
constexpr auto kTestPatience = std::chrono::seconds(20);

/// OpenSSL writes with write().
void refuse_sigpipe() {
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
}

std::string_view page_of(Occasion occasion) {
    return occasion == Occasion::kReset ? "/reset#" : occasion == Occasion::kKnownAddress ? "/sign-in" : "/register#";
}

/// "tidemark.example.org" of "https://tidemark.example.org:8377".
std::string host_of(std::string_view address) {
    const std::size_t begin = address.find("//");
    std::string_view host = begin == std::string_view::npos ? address : address.substr(begin + 2);
    host = host.starts_with('[') ? host.substr(0, host.find(']') + 1) : host.substr(0, host.find(':'));
    // RFC 5321, 4.1.3: an address is in brackets.
    const bool is_address = host.find_first_not_of("0123456789.") == std::string_view::npos;
    if (host.starts_with('[')) {
        return "[IPv6:" + std::string(host.substr(1));
    }
    return is_address ? "[" + std::string(host) + "]" : std::string(host);
}

/// Error messages begin with the host that the settings name anyway.
std::string without_host(const std::string& message, const std::string& host) {
    return message.starts_with(host + ": ") ? message.substr(host.size() + 2) : message;
}

}  // namespace

base::Result<std::unique_ptr<Mailer>> Mailer::open(identity::Accounts& accounts, MailerOptions options) {
    TIDEMARK_TRY(const std::string text, accounts.secret_setting(kSetting));
    Settings settings;
    if (!text.empty()) {
        auto read = json::read<Settings>(text);
        if (!read) {
            return base::fail(base::ErrorCode::kDataLoss, "the settings of mail cannot be read");
        }
        settings = std::move(*read);
    }
    return std::unique_ptr<Mailer>(new Mailer(accounts, std::move(options), std::move(settings)));
}

Mailer::Mailer(identity::Accounts& accounts, MailerOptions options, Settings settings)
    : accounts_(accounts),
      options_(std::move(options)),
      settings_(std::move(settings)),
      maker_([this](const std::stop_token& stop) { make_links(stop); }),
      sender_([this](const std::stop_token& stop) { send_mails(stop); }) {}

Mailer::~Mailer() {
    maker_.request_stop();
    sender_.request_stop();
    maker_.join();
    sender_.join();
}

bool Mailer::ready() const {
    const std::lock_guard lock(mutex_);
    return settings_.enabled;
}

void Mailer::set_address(std::string address) {
    {
        const std::lock_guard lock(mutex_);
        address_ = std::move(address);
    }
    posted_.notify_one();
}

std::string Mailer::address() const {
    const std::lock_guard lock(mutex_);
    return address_;
}

Settings Mailer::settings() const {
    const std::lock_guard lock(mutex_);
    return settings_;
}

MailState Mailer::state() const {
    const std::lock_guard lock(mutex_);
    MailState state = state_;
    state.waiting = static_cast<std::int64_t>(mails_.size());
    return state;
}

base::Result<void> Mailer::set_settings(const identity::Act& act, const Settings& settings) {
    const std::lock_guard one_at_a_time(changing_);
    TIDEMARK_CHECK_OK(check(settings));
    if (!settings.enabled && accounts_.policy().registration == identity::Registration::kDomains) {
        return base::fail(base::ErrorCode::kFailedPrecondition,
                          "enabled: registration by mail domain needs mail; close it in the sign-in policy first");
    }
    const Settings before = this->settings();
    auto after = audit_fields(settings);
    if (before.password != settings.password) {
        after.emplace("password", "changed");
    }
    TIDEMARK_CHECK_OK(
        accounts_.set_secret_setting(act, kSetting, json::to_text(settings), audit_fields(before), after));
    const std::lock_guard lock(mutex_);
    settings_ = settings;
    if (!settings.enabled) {
        mails_.clear();
    }
    return {};
}

// --- Asked by others -------------------------------------------------------------------------------------------------

base::Result<void> Mailer::send_test(const identity::Act& act, std::string_view to, Language language) {
    const Settings settings = this->settings();
    if (!settings.enabled) {
        return base::fail(base::ErrorCode::kFailedPrecondition, "enabled: mail is off; save the settings first");
    }
    if (!net::is_mail_address(to)) {
        return base::fail(base::ErrorCode::kInvalidArgument, "to: is not an address that mail can be sent to");
    }
    Mail mail;
    mail.occasion = Occasion::kTest;
    mail.to = to;
    mail.language = language;
    auto sent = attempt(mail, settings, true, {});
    TIDEMARK_CHECK_OK(accounts_.record(act, "mail.test", "mail", {}, {{"result", sent ? "sent" : "failed"}}));
    return sent;
}

void Mailer::ask_reset(std::string_view name, const identity::Origin& origin, Language language, base::UnixMillis now) {
    request({Occasion::kReset, std::string(name.substr(0, kLongestName)), origin, language, now});
}

void Mailer::ask_registration(std::string_view email, const identity::Origin& origin, Language language,
                              base::UnixMillis now) {
    request({Occasion::kRegistration, std::string(email.substr(0, kLongestName + 1)), origin, language, now});
}

void Mailer::send_invitation(const identity::OneTimeLink& link, std::string_view to, Language language) {
    post({Occasion::kInvitation, std::string(to), link.token, language, link.expires_at, 0, 0});
}

void Mailer::request(Request request) {
    {
        const std::lock_guard lock(mutex_);
        if (!settings_.enabled || requests_.size() >= options_.capacity) {
            return;
        }
        requests_.push_back(std::move(request));
    }
    requested_.notify_one();
}

void Mailer::post(const Mail& mail) {
    bool full = false;
    {
        const std::lock_guard lock(mutex_);
        full = mails_.size() >= options_.capacity;
        if (!full) {
            mails_.push_back(mail);
        }
    }
    if (full) {
        give_up(mail, "too many mails wait");
    } else {
        posted_.notify_one();
    }
}

// --- The thread that makes links -------------------------------------------------------------------------------------

void Mailer::make_links(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (requested_.wait(lock, stop, [this] { return !requests_.empty(); })) {
        const Request one = std::move(requests_.front());
        requests_.pop_front();
        lock.unlock();
        const auto link = one.occasion == Occasion::kReset
                              ? accounts_.forgot_password(one.name, one.origin, one.time)
                              : accounts_.request_registration(one.name, one.origin, one.time);
        if (link && *link) {
            const bool known = (*link)->token.empty();
            post({known ? Occasion::kKnownAddress : one.occasion, (*link)->email, (*link)->token, one.language,
                  (*link)->expires_at, 0, 0});
        } else if (!link && link.error().code != base::ErrorCode::kInvalidArgument &&
                   link.error().code != base::ErrorCode::kFailedPrecondition) {
            log::error("link_not_made", {{"reason", link.error().message}, {"request_id", one.origin.request_id}});
        }
        lock.lock();
    }
}

// --- The thread that speaks to the mail server -----------------------------------------------------------------------

void Mailer::send_mails(const std::stop_token& stop) {
    refuse_sigpipe();
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
        const auto next = std::min_element(mails_.begin(), mails_.end(),
                                           [](const Mail& a, const Mail& b) { return a.not_before < b.not_before; });
        if (next == mails_.end() || address_.empty()) {
            posted_.wait(lock, stop, [this] { return !mails_.empty() && !address_.empty(); });
            continue;
        }
        const auto left = std::chrono::nanoseconds(next->not_before - base::monotonic_nanos());
        if (left.count() > 0) {
            // A new mail may be due before.
            posted_.wait_for(lock, stop, left, [this, count = mails_.size()] { return mails_.size() != count; });
            continue;
        }
        Mail mail = std::move(*next);
        mails_.erase(next);
        lock.unlock();
        attempt_and_note(std::move(mail), stop);
        lock.lock();
    }
}

base::Result<void> Mailer::attempt(const Mail& mail, const Settings& settings, bool quote,
                                   const std::stop_token& stop) {
    const std::string address = this->address();
    const Letter letter =
        write_letter(mail.occasion, mail.language, address + std::string(page_of(mail.occasion)) + mail.token, address);
    net::MailMessage message;
    message.from = settings.from_address;
    message.from_name = settings.from_name;
    message.to = mail.to;
    message.subject = letter.subject;
    message.text = letter.text;
    message.html = letter.html;
    message.id = crypto::to_hex(crypto::random_bytes(kIdBytes));
    message.date = base::now();
    net::SmtpServer server;
    server.host = settings.host;
    server.port = static_cast<std::uint16_t>(settings.port);
    server.security = settings.security;
    server.user = settings.user;
    server.password = settings.password;
    server.hello = host_of(address);
    server.quote = quote;
    server.stop = stop;
    if (quote) {
        server.patience = kTestPatience;
    }
    TIDEMARK_TRY(std::string text, net::compose(message));
    return options_.deliver(server, {settings.from_address, mail.to, std::move(text)});
}

void Mailer::attempt_and_note(Mail mail, const std::stop_token& stop) {
    if (mail.expires_at <= base::now()) {
        give_up(mail, "the link ended before the mail could be sent");
        return;
    }
    const Settings settings = this->settings();
    const auto sent = attempt(mail, settings, false, stop);
    if (sent) {
        const std::lock_guard lock(mutex_);
        ++state_.sent;
        state_.last_sent = base::now();
        return;
    }
    if (stop.stop_requested()) {
        return;
    }
    const std::string reason = without_host(sent.error().message, settings.host);
    if (sent.error().code != base::ErrorCode::kUnavailable || mail.attempts >= options_.pauses.size()) {
        give_up(mail, reason);
        return;
    }
    mail.not_before = base::monotonic_nanos() +
                      std::chrono::duration_cast<std::chrono::nanoseconds>(options_.pauses[mail.attempts]).count();
    ++mail.attempts;
    log::warn("mail_delayed", {{"occasion", to_text(mail.occasion)}, {"reason", reason}, {"attempt", mail.attempts}});
    note_failure(reason);
    post(mail);
}

void Mailer::note_failure(std::string reason) {
    const std::lock_guard lock(mutex_);
    state_.last_failure = MailState::Failure{base::now(), std::move(reason)};
}

void Mailer::give_up(const Mail& mail, const std::string& reason) {
    log::error("mail_failed", {{"occasion", to_text(mail.occasion)}, {"reason", reason}});
    note_failure(reason);
    const auto recorded = accounts_.record({identity::Caller::system(), {}, base::now()}, "mail.failed", "mail", {},
                                           {{"occasion", std::string(to_text(mail.occasion))}, {"reason", reason}});
    if (!recorded) {
        log::error("accounts_failed", {{"reason", recorded.error().message}});
    }
}

}  // namespace tidemark::mail
