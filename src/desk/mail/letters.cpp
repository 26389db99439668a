#include "desk/mail/letters.hpp"

#include <array>

namespace tidemark::mail {
namespace {

struct Words {
    std::string_view subject;
    std::string_view why;     ///< Ends before the server's address
    std::string_view button;  ///< "" for a test
    std::string_view note;
};

/// By occasion, then language.
constexpr std::array<std::array<Words, 2>, 5> kWords{{
    {{{"重设 Tidemark 密码", "有人（应该是您）要重设这台服务器上的密码：", "设置新密码",
       "链接 30 分钟内有效，只能用一次。不是您要求的？不用理会，密码不变。"},
      {"Set a new Tidemark password", "Somebody, probably you, asked for a new password at", "Set a new password",
       "The link works once, within 30 minutes. Was it not you? Then do nothing: your password stays."}}},
    {{{"确认邮箱，创建 Tidemark 账号", "有人（应该是您）要用这个邮箱创建账号：", "创建账号",
       "链接 24 小时内有效，只能用一次。不是您要求的？不用理会，不会创建账号。"},
      {"Confirm your address for Tidemark", "Somebody, probably you, asked for an account with this address at",
       "Create account",
       "The link works once, within 24 hours. Was it not you? Then do nothing: no account is made."}}},
    {{{"邀请您使用 Tidemark", "管理员邀请您使用：", "接受邀请",
       "链接 7 天内有效，只能用一次。请勿转发：谁打开它，账号就归谁。"},
      {"Your invitation to Tidemark", "An administrator invites you to", "Accept",
       "The link works once, within 7 days. Do not pass it on: the account is for whoever opens it."}}},
    {{{"Tidemark 测试邮件", "能看到这封邮件，说明邮件已设置好：", "", "重置密码、注册和邀请会用它发送链接。"},
      {"Tidemark test mail", "You can read this, so mail works for", "",
       "Links to reset passwords, to register and invitations go this way."}}},
    {{{"您已有 Tidemark 账号", "有人（应该是您）要用这个邮箱创建账号，而它已经有一个：", "登录",
       "忘了密码？登录页可以重设。不是您要求的？不用理会，什么都没有改变。"},
      {"You have a Tidemark account already",
       "Somebody, probably you, asked for an account with this address, which has one already at", "Sign in",
       "Is the password forgotten? The sign-in page helps. Was it not you? Then do nothing: nothing has changed."}}},
}};

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    }
    return out;
}

}  // namespace

std::string_view to_text(Occasion occasion) {
    constexpr std::array<std::string_view, 5> kNames{"reset", "registration", "invitation", "test", "known_address"};
    return kNames.at(static_cast<std::size_t>(occasion));
}

Letter write_letter(Occasion occasion, Language language, std::string_view link, std::string_view server) {
    const Words& words = kWords.at(static_cast<std::size_t>(occasion)).at(static_cast<std::size_t>(language));
    Letter letter;
    letter.subject = words.subject;
    letter.text = std::string(words.why) + "\r\n" + std::string(server) + "\r\n\r\n";
    letter.html = std::string(language == Language::kChinese ? R"(<!doctype html><html lang="zh-CN">)"
                                                             : R"(<!doctype html><html lang="en">)") +
                  R"(<body style="font-family:sans-serif;font-size:15px;line-height:1.6;color:#1c2024">)"
                  R"(<p>)" +
                  escaped(words.why) + "<br>" + escaped(server) + "</p>";
    if (!words.button.empty()) {
        const std::string address = escaped(link);
        letter.text += std::string(words.button) + ":\r\n" + std::string(link) + "\r\n\r\n";
        letter.html += R"(<p><a href=")" + address +
                       R"(" style="display:inline-block;padding:9px 18px;border-radius:8px;background:#1f5fd1;)"
                       R"(color:#ffffff;text-decoration:none">)" +
                       escaped(words.button) + R"(</a></p><p style="font-size:13px;color:#5b6470">)" + address + "</p>";
    }
    letter.text += std::string(words.note) + "\r\n";
    letter.html += R"(<p style="font-size:13px;color:#5b6470">)" + escaped(words.note) + "</p></body></html>";
    return letter;
}

}  // namespace tidemark::mail
