#include "desk/mail/settings.hpp"

#include <algorithm>

#include "foundation/net/https_client.hpp"
#include "foundation/net/mail_message.hpp"

namespace tidemark::mail {
namespace {

constexpr std::size_t kLongestText = 200;

tl::unexpected<base::Error> wrong(std::string_view field, std::string_view what) {
    return base::fail(base::ErrorCode::kInvalidArgument, std::string(field) + ": " + std::string(what));
}

bool is_line(std::string_view text) {
    return text.size() <= kLongestText && std::all_of(text.begin(), text.end(), [](char c) {
               return static_cast<unsigned char>(c) >= ' ' && c != '\x7f';
           });
}

}  // namespace

base::Result<void> check(const Settings& settings) {
    if (!settings.host.empty() && !net::is_host(settings.host)) {
        return wrong("host", "is not a host name or an address");
    }
    if (settings.port < 1 || settings.port > 65535) {
        return wrong("port", "is not in 1 to 65535");
    }
    if (!is_line(settings.user)) {
        return wrong("user", "must be one line of at most 200 bytes");
    }
    if (!is_line(settings.password)) {
        return wrong("password", "must be one line of at most 200 bytes");
    }
    if (!settings.from_address.empty() && !net::is_mail_address(settings.from_address)) {
        return wrong("from_address", "is not a mail address");
    }
    if (!is_line(settings.from_name)) {
        return wrong("from_name", "must be one line of at most 200 bytes");
    }
    if (settings.user.empty() && !settings.password.empty()) {
        return wrong("user", "is needed beside the password");
    }
    if (settings.enabled && settings.host.empty()) {
        return wrong("host", "is needed");
    }
    if (settings.enabled && settings.from_address.empty()) {
        return wrong("from_address", "is needed: it is whom the mails come from");
    }
    return {};
}

identity::AuditFields audit_fields(const Settings& settings) {
    constexpr auto& kSecurity = json::EnumNames<net::SmtpSecurity>::kNames;
    return {{"enabled", settings.enabled ? "true" : "false"},
            {"host", settings.host},
            {"port", std::to_string(settings.port)},
            {"security", std::string(kSecurity.at(static_cast<std::size_t>(settings.security)))},
            {"user", settings.user},
            {"from_address", settings.from_address},
            {"from_name", settings.from_name}};
}

bool tells_password_elsewhere(const Settings& before, const Settings& after) {
    return !before.password.empty() && (before.host != after.host || before.port != after.port ||
                                        before.security != after.security || before.user != after.user);
}

}  // namespace tidemark::mail
