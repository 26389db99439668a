#include "foundation/net/mail_message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/net/impl/base64.hpp"

namespace tidemark::net {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

MailMessage some_message() {
    return {.from = "tidemark@example.org",
            .from_name = "Tidemark",
            .to = "ann@example.org",
            .subject = "Set a new password",
            .text = "Hello\r\n",
            .html = "<p>Hello</p>",
            .id = "a1b2",
            .date = 1'795'399'114'828};
}

TEST(MailAddress, IsWhatEveryServerTakes) {
    for (const char* good : {"a@b", "ann.lee+x@mail.example.org", "o'neil@example.org", "a_b-c=d@xn--fsq.example"}) {
        EXPECT_TRUE(is_mail_address(good)) << good;
    }
    for (const std::string& bad : {std::string(),
                                   std::string("ann"),
                                   std::string("@b"),
                                   std::string("a@"),
                                   std::string("a@b@c"),
                                   std::string("a b@c"),
                                   std::string("a@b c"),
                                   std::string("a@b>"),
                                   std::string("<a@b"),
                                   std::string("a@b\r\nRCPT"),
                                   std::string("a\0@b", 4),
                                   std::string(".a@b"),
                                   std::string("a.@b"),
                                   std::string("a..b@c"),
                                   std::string("a@b."),
                                   std::string("a@.b"),
                                   std::string("a@b..c"),
                                   std::string("\"a b\"@c"),
                                   std::string("a(x)@b"),
                                   std::string("a@[127.0.0.1]"),
                                   std::string("\xC3\xA9@b"),
                                   std::string("a@\xC3\xA9"),
                                   std::string("a,b@c"),
                                   std::string("a;b@c"),
                                   std::string("a:b@c"),
                                   std::string(65, 'a') + "@b",
                                   "a@" + std::string(260, 'b')}) {
        EXPECT_FALSE(is_mail_address(bad)) << bad;
    }
}

TEST(MailMessage, HasItsHeadersAndBothTexts) {
    const std::string text = compose(some_message()).value();
    EXPECT_THAT(text, HasSubstr("Date: Mon, 23 Nov 2026 01:58:34 +0000\r\n"));
    EXPECT_THAT(text, HasSubstr("From: \"Tidemark\" <tidemark@example.org>\r\n"));
    EXPECT_THAT(text, HasSubstr("To: ann@example.org\r\nSubject: Set a new password\r\n"));
    EXPECT_THAT(text, HasSubstr("Message-ID: <a1b2@example.org>\r\n"));
    EXPECT_THAT(text, HasSubstr("Content-Type: text/plain; charset=utf-8\r\n"));
    EXPECT_THAT(text, HasSubstr("\r\n\r\n" + impl::to_base64("Hello\r\n") + "\r\n--"));
    EXPECT_THAT(text, HasSubstr(impl::to_base64("<p>Hello</p>")));
    EXPECT_TRUE(text.ends_with("--\r\n"));
    MailMessage nameless = some_message();
    nameless.from_name = "";
    EXPECT_THAT(compose(nameless).value(), HasSubstr("\r\nFrom: tidemark@example.org\r\n"));
}

TEST(MailMessage, KeepsLinesShortAndAscii) {
    MailMessage message = some_message();
    message.subject.clear();
    for (int i = 0; i < 60; ++i) {
        message.subject += "\xE6\xB0\xB4";  // 水
    }
    message.from_name = "\xE8\xAE\xB0\xE5\xBD\x95\"x\" <a@b>";
    message.text = std::string(5000, '.') + "\n.\n";
    const std::string text = compose(message).value();
    std::size_t begin = 0;
    for (std::size_t end = text.find("\r\n"); end != std::string::npos; end = text.find("\r\n", begin)) {
        EXPECT_LE(end - begin, 78U) << text.substr(begin, end - begin);
        begin = end + 2;
    }
    EXPECT_EQ(begin, text.size());
    for (const char c : text) {
        ASSERT_TRUE((c >= ' ' && c <= '~') || c == '\r' || c == '\n') << static_cast<int>(c);
    }
    // 39 bytes are 13 letters: no encoded word cuts one in two.
    std::string thirteen;
    for (int i = 0; i < 13; ++i) {
        thirteen += "\xE6\xB0\xB4";
    }
    const std::string word = "=?UTF-8?B?" + impl::to_base64(thirteen) + "?=";
    EXPECT_THAT(text, HasSubstr("Subject: " + word + "\r\n " + word + "\r\n " + word + "\r\n " + word + "\r\n =?"));
}

TEST(MailMessage, LettersOfUnevenSizeAreNotCut) {
    MailMessage message = some_message();
    message.subject = "a" + std::string(60, 'b');
    message.subject.replace(38, 2, "\xC3\xA9");  // its two bytes are the 39th and the 40th
    EXPECT_THAT(compose(message).value(),
                HasSubstr("=?UTF-8?B?" + impl::to_base64(message.subject.substr(0, 38)) + "?=\r\n =?"));
    message.subject = std::string(100, '\x80');  // no UTF-8 at all: it still ends
    EXPECT_TRUE(compose(message));
}

TEST(MailMessage, NothingBeginsAHeaderOfItsOwn) {
    for (const std::string& evil : {std::string("x\r\nBcc: eve@example.org"), std::string("x\nBcc: eve@example.org"),
                                    std::string("x\rBcc: e"), std::string("x\0y", 3), std::string("x\x7f")}) {
        MailMessage message = some_message();
        message.subject = evil;
        EXPECT_EQ(compose(message).error().code, base::ErrorCode::kInvalidArgument);
        message = some_message();
        message.from_name = evil;
        EXPECT_THAT(compose(message).error().message, HasSubstr("from_name: "));
        message = some_message();
        message.to = evil + "@example.org";
        EXPECT_THAT(compose(message).error().message, HasSubstr("to: "));
        message = some_message();
        message.from = "a@" + evil;
        EXPECT_THAT(compose(message).error().message, HasSubstr("from: "));
        message = some_message();
        message.id = evil;
        EXPECT_FALSE(compose(message));
        // In the texts it is text.
        message = some_message();
        message.text = message.html = evil + "\r\n.\r\nMAIL FROM:<eve@example.org>\r\n--=_tidemark--\r\n";
        EXPECT_THAT(compose(message).value(), Not(HasSubstr("eve@")));
    }
    MailMessage quoted = some_message();
    quoted.from_name = "Tide\" <eve@example.org>, \"mark\\";
    EXPECT_THAT(compose(quoted).value(),
                HasSubstr("From: \"Tide\\\" <eve@example.org>, \\\"mark\\\\\" <tidemark@example.org>\r\n"));
    quoted.from_name = "=?UTF-8?Q?x?=";
    EXPECT_THAT(compose(quoted).value(), HasSubstr("From: =?UTF-8?B?" + impl::to_base64("=?UTF-8?Q?x?=") + "?= <"));
}

}  // namespace
}  // namespace tidemark::net
