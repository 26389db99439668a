// The documents about sending mail.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "desk/mail/settings.hpp"
#include "server/api/dto.hpp"

namespace tidemark::api {

struct MailFailure {
    Time time;
    std::string reason;
};
TIDEMARK_DTO(MailFailure, "Why a mail could not be sent.", (time, reason))

struct MailSettings {
    bool enabled = false;
    std::string host;
    int port = 465;
    net::SmtpSecurity security = net::SmtpSecurity::kTls;
    std::string user;
    bool has_password = false;
    std::string from_address, from_name, address;
    std::int64_t waiting = 0, sent = 0;
    std::optional<Time> last_sent;
    std::optional<MailFailure> last_failure;
};
TIDEMARK_DTO(MailSettings,
             "The server that takes mail. Its password is never shown. address: what the links in mails begin with. "
             "waiting, sent, last_sent, last_failure: since the start.",
             (enabled, host, port, security, user, has_password, from_address, from_name, address, waiting, sent,
              last_sent, last_failure))

struct MailChange {
    bool enabled = false;
    std::string host;
    int port = 465;
    net::SmtpSecurity security = net::SmtpSecurity::kTls;
    std::string user;
    std::optional<std::string> password;
    std::string from_address, from_name;
};
TIDEMARK_REQUEST_DTO(MailChange,
                     "The server that is to take mail. password: left out: the one that is there, for the same host, "
                     "port, security and user; empty: none.",
                     (enabled, host, port, security, user, password, from_address, from_name))

struct MailTest {
    std::string to;
    std::optional<Language> language;
};
TIDEMARK_REQUEST_DTO(MailTest, "Where to send a test mail. language: see Forgot.", (to, language))

}  // namespace tidemark::api
