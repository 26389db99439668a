#include "foundation/net/mail_message.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "foundation/base/time.hpp"
#include "foundation/net/impl/base64.hpp"

namespace tidemark::net {
namespace {

constexpr std::size_t kEncodedWordBytes =
    39;                                 // 52 letters of Base64: with frame and header name less than 76 (RFC 2047)
constexpr std::size_t kLineBytes = 57;  // 76 letters of Base64
constexpr std::string_view kBoundary = "=_tidemark";  // no line of Base64 begins so

bool is_one_of(char c, std::string_view allowed) { return allowed.find(c) != std::string_view::npos; }
bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }
bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }
bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Words between single dots.
template <class Allowed>
bool is_dotted(std::string_view text, Allowed allowed) {
    return !text.empty() && text.front() != '.' && text.back() != '.' && text.find("..") == std::string_view::npos &&
           std::all_of(text.begin(), text.end(), [&](char c) { return c == '.' || allowed(c); });
}

/// RFC 2047: as many encoded words as it takes, none of which cuts a letter in two; or the text itself.
std::string encoded(std::string_view text) {
    if (is_ascii(text) && text.find("=?") == std::string_view::npos && text.size() <= 60) {
        return std::string(text);
    }
    std::string out;
    while (!text.empty()) {
        std::size_t size = std::min(text.size(), kEncodedWordBytes);
        while (size > 1 && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) {
            --size;
        }
        out += (out.empty() ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?") + impl::to_base64(text.substr(0, size)) + "?=";
        text.remove_prefix(size);
    }
    return out;
}

/// A display-name (RFC 5322, 3.4).
std::string phrase(std::string_view name) {
    std::string shown = encoded(name);
    if (shown != name) {
        return shown;
    }
    std::string quoted = "\"";
    for (const char c : name) {
        if (c == '"' || c == '\\') {
            quoted += '\\';
        }
        quoted += c;
    }
    return quoted + "\"";
}

std::string body(std::string_view text) {
    std::string out;
    for (; !text.empty(); text.remove_prefix(std::min(text.size(), kLineBytes))) {
        out += impl::to_base64(text.substr(0, kLineBytes)) + "\r\n";
    }
    return out;
}

std::string part(std::string_view type, std::string_view text) {
    return "--" + std::string(kBoundary) + "\r\nContent-Type: " + std::string(type) +
           "; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + body(text);
}

/// "Mon, 23 Nov 2026 01:58:34 +0000" (RFC 5322, 3.3).
std::string date_of(base::UnixMillis time) {
    constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::int64_t days = time / base::kDay;
    const base::CivilDate date = base::civil_from_days(days);
    const std::string stamp = base::to_rfc3339(time);
    return std::string(kDays.at(static_cast<std::size_t>(base::weekday_from_days(days)))) + ", " + stamp.substr(8, 2) +
           " " + kMonths.at(static_cast<std::size_t>(date.month - 1)) + " " + stamp.substr(0, 4) + " " +
           stamp.substr(11, 8) + " +0000";
}

base::Result<void> check(const MailMessage& message) {
    const auto wrong = [](const char* field, const char* what) {
        return base::fail(base::ErrorCode::kInvalidArgument, std::string(field) + ": " + what);
    };
    if (!is_mail_address(message.from)) {
        return wrong("from", "is not an address that mail can come from");
    }
    if (!is_mail_address(message.to)) {
        return wrong("to", "is not an address that mail can be sent to");
    }
    for (const auto& [field, text] : {std::pair("from_name", &message.from_name), {"subject", &message.subject}}) {
        if (std::any_of(text->begin(), text->end(), is_control)) {
            return wrong(field, "has a control character");
        }
    }
    if (message.id.empty() || !std::all_of(message.id.begin(), message.id.end(), is_letter_or_digit)) {
        return wrong("id", "is not of letters and digits");
    }
    return {};
}

}  // namespace

bool is_mail_address(std::string_view text) {
    constexpr std::size_t kLongest = 254, kLongestName = 64;  // RFC 5321, 4.5.3.1
    const std::size_t at = text.find('@');
    return text.size() <= kLongest && at != std::string_view::npos && at <= kLongestName &&
           is_dotted(text.substr(0, at),
                     [](char c) { return is_letter_or_digit(c) || is_one_of(c, "!#$%&'*+-/=?^_`{|}~"); }) &&
           is_dotted(text.substr(at + 1), [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

base::Result<std::string> compose(const MailMessage& message) {
    TIDEMARK_CHECK_OK(check(message));
    const std::string host = message.from.substr(message.from.find('@') + 1);
    const std::string from =
        message.from_name.empty() ? message.from : phrase(message.from_name) + " <" + message.from + ">";
    return "Date: " + date_of(message.date) + "\r\nFrom: " + from + "\r\nTo: " + message.to +
           "\r\nSubject: " + encoded(message.subject) + "\r\nMessage-ID: <" + message.id + "@" + host +
           // RFC 3834: nobody's holiday notice answers.
           ">\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n "
           "boundary=\"" +
           std::string(kBoundary) + "\"\r\n\r\n" + part("text/plain", message.text) + part("text/html", message.html) +
           "--" + std::string(kBoundary) + "--\r\n";
}

}  // namespace tidemark::net
