// What an administrator enters about the server that takes mail.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "desk/identity/accounts.hpp"
#include "foundation/base/result.hpp"
#include "foundation/json/describe.hpp"
#include "foundation/net/smtp_client.hpp"

namespace tidemark::json {

template <>
struct EnumNames<net::SmtpSecurity> {
    static constexpr std::string_view kName = "MailSecurity";
    static constexpr std::array<std::string_view, 3> kNames = {"tls", "starttls", "plain"};
};

}  // namespace tidemark::json

namespace tidemark::mail {

/// Stored as JSON, sealed as a whole.
struct Settings {
    bool enabled = false;
    std::string host;
    int port = 465;
    net::SmtpSecurity security = net::SmtpSecurity::kTls;
    std::string user, password;  ///< Both "": the server takes mail without
    std::string from_address;
    std::string from_name = "Tidemark";
    bool operator==(const Settings&) const = default;
};
TIDEMARK_DTO(Settings, "The server that takes mail",
             (enabled, host, port, security, user, password, from_address, from_name))

/// kInvalidArgument, "field: what is wrong". Settings that are not enabled may be unfinished, but never wrong.
[[nodiscard]] base::Result<void> check(const Settings& settings);

/// For the audit log: without the password.
[[nodiscard]] identity::AuditFields audit_fields(const Settings& settings);

/// Would a password kept from `before` be told to somebody else than before, or in the clear?
[[nodiscard]] bool tells_password_elsewhere(const Settings& before, const Settings& after);

}  // namespace tidemark::mail
