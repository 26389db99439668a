#include "desk/mail/mailer.hpp"

#include <algorithm>
#include <condition_variable>
#include <future>
#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "desk/identity/test_accounts.hpp"
#include "desk/mail/test_mail.hpp"

namespace tidemark::mail {
namespace {

using namespace std::chrono_literals;  // NOLINT
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kAddress = "https://tidemark.example:8377";
constexpr auto kPatience = 10s;

Settings some_settings() {
    Settings settings;
    settings.enabled = true;
    settings.host = "mail.example.org";
    settings.user = "tide";
    settings.password = "opal-smtp-secret";
    settings.from_address = "tidemark@example.org";
    return settings;
}

store::AuditFilter of_action(const char* action) {
    store::AuditFilter filter;
    filter.action = action;
    return filter;
}

class MailerTest : public identity::AccountsTest {
protected:
    MailerTest() {
        base::set_fixed_now(now_);
        ann_ = caller(set_up());
        EXPECT_TRUE(accounts_->set_profile(as(ann_), "Ann", "ann@example.org"));
        open_mailer(kAddress);
        EXPECT_TRUE(mailer_->set_settings(system(), some_settings()));
    }
    ~MailerTest() override {
        mailer_.reset();
        base::set_fixed_now(0);
    }
    void open_mailer(const std::string& address) {
        mailer_.reset();
        mailer_ =
            Mailer::open(*accounts_, {.deliver = [this](const net::SmtpServer& server,
                                                        const net::Envelope& envelope) -> base::Result<void> {
                                          std::unique_lock lock(mutex_);
                                          server_ = server;
                                          mails_.push_back(envelope);
                                          changed_.notify_all();
                                          changed_.wait(lock, [&] { return !held_ || server.stop.stop_requested(); });
                                          if (!outcomes_.empty()) {
                                              auto outcome = outcomes_.front();
                                              outcomes_.erase(outcomes_.begin());
                                              return outcome;
                                          }
                                          return {};
                                      },
                                      .pauses = {1ms, 1ms},
                                      .capacity = 3})
                .value();
        mailer_->set_address(address);
    }
    /// Waits for the mail that is number `count`.
    net::Envelope mail(std::size_t count) {
        std::unique_lock lock(mutex_);
        EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] { return mails_.size() >= count; }));
        return mails_.size() >= count ? mails_[count - 1] : net::Envelope{};
    }
    template <class Condition>
    void until(Condition condition) {
        const auto end = std::chrono::steady_clock::now() + kPatience;
        while (!condition() && std::chrono::steady_clock::now() < end) {
            std::this_thread::yield();
        }
        EXPECT_TRUE(condition());
    }
    std::int64_t failures() {
        const auto logged = actions();
        return std::count(logged.begin(), logged.end(), "mail.failed");
    }
    void hold(bool on) {
        const std::lock_guard lock(mutex_);
        held_ = on;
        changed_.notify_all();
    }

    identity::Caller ann_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<net::Envelope> mails_;
    std::vector<base::Result<void>> outcomes_;
    net::SmtpServer server_;
    bool held_ = false;
    std::unique_ptr<Mailer> mailer_;
};

const auto kLater = base::Result<void>(base::fail(base::ErrorCode::kUnavailable, "mail.example.org: refused x: 451"));
const auto kNever =
    base::Result<void>(base::fail(base::ErrorCode::kFailedPrecondition, "mail.example.org: refused x: 550"));

TEST_F(MailerTest, AForgottenPasswordIsSetAnewByTheMailedLinkOnce) {
    const identity::Caller before = signed_in("ann");
    mailer_->ask_reset("Ann@example.org", origin(), Language::kEnglish, now_);
    const net::Envelope sent = mail(1);
    EXPECT_EQ(sent.to, "ann@example.org");
    EXPECT_EQ(sent.from, "tidemark@example.org");
    EXPECT_THAT(sent.message, HasSubstr("Subject: Set a new Tidemark password\r\n"));
    EXPECT_THAT(text_of(sent), HasSubstr("https://tidemark.example:8377/reset#"));
    const std::string token = token_of(sent);
    ASSERT_GE(token.size(), 43U);
    // Nobody else's guess comes near: not a part of it, nor another kind's.
    for (const std::string& guess : {token.substr(1), token + "A", std::string(), std::string(43, 'A')}) {
        EXPECT_FALSE(accounts_->reset_password(guess, identity::kOtherPassword, origin(), now_));
    }
    EXPECT_FALSE(
        accounts_->register_account(token, {"eve", "", std::string(identity::kOtherPassword)}, origin(), now_));
    EXPECT_FALSE(accounts_->reset_password(token, identity::kOtherPassword, origin(), now_ + 30 * base::kMinute));
    ASSERT_TRUE(accounts_->reset_password(token, identity::kOtherPassword, origin(), now_ + 29 * base::kMinute));
    EXPECT_FALSE(accounts_->reset_password(token, identity::kPassword, origin(), now_)) << "once";
    EXPECT_TRUE(accounts_->sessions(as(before))->empty()) << "all sessions end";
    {
        const std::lock_guard lock(mutex_);
        EXPECT_EQ(server_.hello, "tidemark.example");
        EXPECT_EQ(server_.password, "opal-smtp-secret");
        EXPECT_FALSE(server_.quote);
    }
    until([this] { return mailer_->state().sent == 1; });
}

TEST_F(MailerTest, OnlyAccountsWithAPasswordAndAnAddressGetALink) {
    add("bob");  // no address
    identity::NewAccount carl{"carl", "", ""};
    const auto id = accounts_->create_account(system(), carl, identity::Role::kUser);
    ASSERT_TRUE(id);
    for (const char* name : {"bob", "carl", "nobody", "nobody@example.org", "", "' OR 1=1 --"}) {
        EXPECT_FALSE(*accounts_->forgot_password(name, origin("192.0.2." + std::to_string(20 + *name)), now_)) << name;
    }
    mailer_->ask_reset("nobody@example.org", origin("192.0.2.50"), Language::kEnglish, now_);
    mailer_->ask_reset("ann", origin("192.0.2.51"), Language::kChinese, now_);
    EXPECT_EQ(mail(1).to, "ann@example.org");
    EXPECT_THAT(text_of(mail(1)), HasSubstr("重设这台服务器上的密码"));
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(mails_.size(), 1U);
}

TEST_F(MailerTest, WhereOnlyTheProviderLetsPeopleInNoLinkIsMade) {
    identity::Policy policy = accounts_->policy();
    ASSERT_TRUE(accounts_->set_break_glass(as(ann_), ann_.account, true));
    policy.provider_only = true;
    ASSERT_TRUE(accounts_->set_policy(system(), policy));
    const auto link = accounts_->forgot_password("ann", origin(), now_);
    EXPECT_TRUE(link && !*link);
}

TEST_F(MailerTest, RegistrationByDomainProvesTheAddress) {
    identity::Policy policy = accounts_->policy();
    policy.registration = identity::Registration::kDomains;
    policy.domains = {"example.org"};
    ASSERT_TRUE(accounts_->set_policy(system(), policy));
    for (const char* refused :
         {"x@evil.example", "x@sub.example.org", "x@example.org@evil.example", "x\r\nBcc:y@example.org", ""}) {
        const auto link = accounts_->request_registration(refused, origin("198.51.100.9"), now_);
        EXPECT_FALSE(link && *link) << refused;
    }
    mailer_->ask_registration("New.Person@Example.org", origin(), Language::kEnglish, now_);
    const net::Envelope sent = mail(1);
    EXPECT_EQ(sent.to, "new.person@example.org");
    EXPECT_THAT(text_of(sent), HasSubstr("https://tidemark.example:8377/register#"));
    const std::string token = token_of(sent);
    policy.domains = {"other.example"};
    ASSERT_TRUE(accounts_->set_policy(system(), policy));
    const identity::NewAccount account{"new", "", std::string(identity::kOtherPassword)};
    EXPECT_FALSE(accounts_->register_account(token, account, origin(), now_)) << "the domain was closed meanwhile";
    policy.domains = {"example.org"};
    ASSERT_TRUE(accounts_->set_policy(system(), policy));
    const auto in = accounts_->register_account(token, account, origin(), now_);
    ASSERT_TRUE(in) << in.error().message;
    EXPECT_EQ(accounts_->account(as(caller(*in)), in->account)->email, "new.person@example.org");
    EXPECT_EQ(accounts_->directory()->person(in->account)->role, identity::Role::kUser);
    EXPECT_FALSE(accounts_->register_account(token, {"again", "", account.password}, origin(), now_));

    // Who has an account already is told so, there where nobody else reads it, and gets nothing that works once.
    mailer_->ask_registration("ann@example.org", origin(), Language::kEnglish, now_);
    const net::Envelope known = mail(2);
    EXPECT_EQ(known.to, "ann@example.org");
    EXPECT_THAT(text_of(known), HasSubstr("https://tidemark.example:8377/sign-in\r\n"));
    EXPECT_THAT(text_of(known), Not(HasSubstr("#")));
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(mails_.size(), 2U);
}

TEST_F(MailerTest, TriesAgainAndGivesUpWhereItIsSeen) {
    {
        const std::lock_guard lock(mutex_);
        outcomes_ = {kLater, kLater};
    }
    mailer_->ask_reset("ann", origin(), Language::kEnglish, now_);
    EXPECT_EQ(mail(3).message.substr(0, 5), "Date:");
    until([this] { return mailer_->state().sent == 1; });
    EXPECT_EQ(mailer_->state().last_failure->reason, "refused x: 451");
    EXPECT_EQ(failures(), 0);
    {
        const std::lock_guard lock(mutex_);
        outcomes_ = {kLater, kLater, kLater};
    }
    mailer_->send_invitation({"token-1", store::LinkPurpose::kInvite, now_ + base::kDay, ""}, "bea@example.org",
                             Language::kChinese);
    until([this] { return failures() == 1; });
    {
        const std::lock_guard lock(mutex_);
        EXPECT_EQ(mails_.size(), 6U);
        outcomes_ = {kNever};
    }
    mailer_->send_invitation({"token-2", store::LinkPurpose::kInvite, now_ + base::kDay, ""}, "bea@example.org",
                             Language::kEnglish);
    until([this] { return failures() == 2; });
    {
        const std::lock_guard lock(mutex_);
        EXPECT_EQ(mails_.size(), 7U) << "what is refused for good is not tried again";
    }
    // A link that has ended is not sent any more.
    mailer_->send_invitation({"token-3", store::LinkPurpose::kInvite, now_, ""}, "bea@example.org", Language::kEnglish);
    until([this] { return failures() == 3; });
    const auto rows = accounts_->audit(of_action("mail.failed"), 10);
    for (const auto& row : *rows) {
        EXPECT_THAT(row.after, Not(HasSubstr("bea@")));
        EXPECT_EQ(row.actor, "system");
    }
    EXPECT_THAT(rows->front().after, HasSubstr("the link ended"));
    EXPECT_EQ(mailer_->state().waiting, 0);
}

TEST_F(MailerTest, TheQueueIsBoundedAndNobodyWaits) {
    hold(true);
    const identity::OneTimeLink link{"token", store::LinkPurpose::kInvite, now_ + base::kDay, ""};
    mailer_->send_invitation(link, "a@example.org", Language::kEnglish);
    (void)mail(1);  // held by the mail server
    for (int i = 0; i < 5; ++i) {
        mailer_->send_invitation(link, "b@example.org", Language::kEnglish);
    }
    EXPECT_EQ(mailer_->state().waiting, 3);
    EXPECT_EQ(failures(), 2);
    EXPECT_EQ(mailer_->state().last_failure->reason, "too many mails wait");
    hold(false);
    until([this] { return mailer_->state().sent == 4; });
}

TEST_F(MailerTest, MailsWaitForTheAddressAndStopWithTheServer) {
    open_mailer("");
    mailer_->ask_reset("ann", origin(), Language::kEnglish, now_);
    until([this] { return mailer_->state().waiting == 1; });
    mailer_->set_address("https://[fd00::5]");
    EXPECT_THAT(text_of(mail(1)), HasSubstr("https://[fd00::5]/reset#"));
    {
        const std::lock_guard lock(mutex_);
        EXPECT_EQ(server_.hello, "[IPv6:fd00::5]");
    }
    mailer_.reset();
}

TEST_F(MailerTest, SettingsAreKeptSealedAndAuditedWithoutThePassword) {
    Settings changed = some_settings();
    changed.password = "another-smtp-secret";
    ASSERT_TRUE(mailer_->set_settings(as(ann_), changed));
    open_mailer(kAddress);
    EXPECT_EQ(mailer_->settings(), changed);
    const auto rows = accounts_->audit(of_action("setting.change"), 10);
    ASSERT_EQ(rows->size(), 2U);
    EXPECT_THAT(rows->front().after, HasSubstr("mail.example.org"));
    EXPECT_THAT(rows->front().after, HasSubstr("\"password\":\"\xE2\x80\xA2"));
    for (const auto& row : *rows) {
        EXPECT_THAT(row.before + row.after, Not(HasSubstr("secret")));
    }
    add("bob", identity::Role::kAdmin);
    EXPECT_FALSE(mailer_->set_settings(as(signed_in("bob")), changed));
    changed.enabled = false;
    ASSERT_TRUE(mailer_->set_settings(as(ann_), changed));
    EXPECT_FALSE(mailer_->ready());
    EXPECT_EQ(mailer_->send_test(as(ann_), "ann@example.org", Language::kEnglish).error().code,
              base::ErrorCode::kFailedPrecondition);
    mailer_->ask_reset("ann", origin(), Language::kEnglish, now_);
    EXPECT_EQ(mailer_->state().waiting, 0);
}

TEST_F(MailerTest, WhileADomainMayRegisterMailStaysOn) {
    identity::Policy policy = accounts_->policy();
    policy.registration = identity::Registration::kDomains;
    policy.domains = {"example.org"};
    ASSERT_TRUE(accounts_->set_policy(system(), policy));
    Settings off = some_settings();
    off.enabled = false;
    EXPECT_EQ(mailer_->set_settings(as(ann_), off).error().code, base::ErrorCode::kFailedPrecondition);
}

TEST_F(MailerTest, ATestIsSentAtOnceAndSaysWhatTheServerSaid) {
    ASSERT_TRUE(mailer_->send_test(as(ann_), "x@example.org", Language::kChinese));
    EXPECT_EQ(mail(1).to, "x@example.org");
    EXPECT_THAT(text_of(mail(1)), Not(HasSubstr("#")));
    {
        const std::lock_guard lock(mutex_);
        EXPECT_TRUE(server_.quote);
        outcomes_ = {kNever};
    }
    EXPECT_EQ(mailer_->send_test(as(ann_), "x@example.org", Language::kEnglish).error().message,
              "mail.example.org: refused x: 550");
    EXPECT_FALSE(mailer_->send_test(as(ann_), "x@example.org\r\nBcc: y@example.org", Language::kEnglish));
    const auto logged = actions();
    EXPECT_EQ(std::count(logged.begin(), logged.end(), "mail.test"), 2);
}

TEST(MailSettings, AreChecked) {
    const auto field = [](auto change) {
        Settings settings = some_settings();
        change(settings);
        const auto checked = check(settings);
        return checked ? std::string("ok") : checked.error().message.substr(0, checked.error().message.find(':'));
    };
    EXPECT_EQ(field([](Settings&) {}), "ok");
    EXPECT_EQ(field([](Settings& s) { s.host = "fd00::5"; }), "ok");
    EXPECT_EQ(field([](Settings& s) { s.host = ""; }), "host");
    EXPECT_EQ(field([](Settings& s) { s = Settings{}; }), "ok") << "off and empty";
    EXPECT_EQ(field([](Settings& s) { s.host = "mail.example.org:25"; }), "host");
    EXPECT_EQ(field([](Settings& s) { s.host = "mail\r\n"; }), "host");
    EXPECT_EQ(field([](Settings& s) { s.port = 0; }), "port");
    EXPECT_EQ(field([](Settings& s) { s.port = 65536; }), "port");
    EXPECT_EQ(field([](Settings& s) { s.user = "a\nb"; }), "user");
    EXPECT_EQ(field([](Settings& s) { s.user = ""; }), "user");
    EXPECT_EQ(field([](Settings& s) { s.password = std::string(201, 'x'); }), "password");
    EXPECT_EQ(field([](Settings& s) { s.from_address = ""; }), "from_address");
    EXPECT_EQ(field([](Settings& s) { s.from_address = "a@b\r\nTo: c@d"; }), "from_address");
    EXPECT_EQ(field([](Settings& s) { s.from_name = "x\r\nBcc: eve@example.org"; }), "from_name");
    const Settings before = some_settings();
    EXPECT_FALSE(tells_password_elsewhere(before, before));
    for (auto change :
         {+[](Settings& s) { s.host = "evil.example"; }, +[](Settings& s) { s.port = 25; },
          +[](Settings& s) { s.security = net::SmtpSecurity::kPlain; }, +[](Settings& s) { s.user = "eve"; }}) {
        Settings after = before;
        change(after);
        EXPECT_TRUE(tells_password_elsewhere(before, after));
    }
}

TEST(Letters, AreOfTheServerAloneInBothLanguages) {
    for (const Language language : {Language::kChinese, Language::kEnglish}) {
        for (const Occasion occasion : {Occasion::kReset, Occasion::kRegistration, Occasion::kInvitation,
                                        Occasion::kTest, Occasion::kKnownAddress}) {
            const Letter letter = write_letter(occasion, language, "https://t.example/x#tok<&\">", "https://t.example");
            const bool link = occasion != Occasion::kTest;
            EXPECT_EQ(letter.text.find("https://t.example/x#tok<&\">") != std::string::npos, link);
            EXPECT_EQ(letter.html.find("href=\"https://t.example/x#tok&lt;&amp;&quot;&gt;\"") != std::string::npos,
                      link);
            EXPECT_THAT(letter.text, HasSubstr("https://t.example\r\n"));
            EXPECT_THAT(letter.html, Not(HasSubstr("<script")));
            EXPECT_FALSE(letter.subject.empty());
        }
    }
}

}  // namespace
}  // namespace tidemark::mail
