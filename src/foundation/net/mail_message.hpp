// A mail as the bytes that SMTP carries (RFC 5322, MIME of RFC 2045 and 2046): text and HTML side by side, both UTF-8.
// Everything on the wire is ASCII in short lines, whatever the texts are. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "foundation/base/clock.hpp"
#include "foundation/base/result.hpp"

namespace tidemark::net {

/// An address that any mail server takes: ASCII, name@host, nothing quoted, no comments (a part of RFC 5321's Mailbox).
[[nodiscard]] bool is_mail_address(std::string_view text);

struct MailMessage {
    std::string from;       ///< is_mail_address()
    std::string from_name;  ///< What people see instead of the address; ""
    std::string to;         ///< is_mail_address()
    std::string subject;    ///< One line
    std::string text, html;
    std::string id;  ///< Random letters and digits: Message-ID is <id@host of `from`>
    base::UnixMillis date = 0;
};

/// Lines end with CRLF and have at most 998 bytes. kInvalidArgument, "field: what is wrong": an address, or a control
/// character in what becomes a header; nothing that is put in can begin a header of its own.
[[nodiscard]] base::Result<std::string> compose(const MailMessage& message);

}  // namespace tidemark::net
