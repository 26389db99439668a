#include "desk/provider/settings.hpp"

#include <algorithm>
#include <string_view>

#include "foundation/json/write.hpp"
#include "foundation/net/https_client.hpp"

namespace tidemark::provider {
namespace {

constexpr std::size_t kLongestName = 60;
constexpr std::size_t kLongestText = 500;
constexpr std::size_t kMostEntries = 200;

tl::unexpected<base::Error> wrong(std::string_view field, std::string_view what) {
    return base::fail(base::ErrorCode::kInvalidArgument, std::string(field) + ": " + std::string(what));
}

bool is_line(std::string_view text, std::size_t longest) {
    return text.size() <= longest && std::all_of(text.begin(), text.end(), [](char c) {
               return static_cast<unsigned char>(c) >= ' ' && c != '\x7f';
           });
}

/// A scope-token (RFC 6749, 3.3).
bool is_scope(std::string_view text) {
    return !text.empty() && text.size() <= kLongestName &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f' && c != '"' && c != '\\'; });
}

bool is_domain(std::string_view text) {
    return text.size() <= 253 && text.find('.') != std::string_view::npos && text.front() != '.' &&
           text.back() != '.' && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
           });
}

template <class T>
bool has_group(const std::vector<T>& entries) {
    return entries.size() <= kMostEntries && std::all_of(entries.begin(), entries.end(), [](const T& one) {
               return !one.group.empty() && is_line(one.group, kLongestText);
           });
}

base::Result<void> check_complete(const Settings& settings) {
    if (settings.name.empty()) {
        return wrong("name", "is needed: it stands on the button");
    }
    if (settings.issuer.empty()) {
        return wrong("issuer", "is needed");
    }
    if (settings.client_id.empty()) {
        return wrong("client_id", "is needed: the provider gives it when this server is registered there");
    }
    return {};
}

}  // namespace

base::Result<void> check(const Settings& settings, const identity::Directory& directory) {
    if (!is_line(settings.name, kLongestName)) {
        return wrong("name", "must be one line of at most 60 bytes");
    }
    // OpenID Connect Discovery 1.0, section 3: https, without query and fragment.
    if (!settings.issuer.empty() &&
        (!net::parse_https_url(settings.issuer) || settings.issuer.find('?') != std::string::npos)) {
        return wrong("issuer", "must be an https:// address without a query, as the provider writes it");
    }
    if (!is_line(settings.client_id, kLongestText)) {
        return wrong("client_id", "must be one line");
    }
    if (!is_line(settings.client_secret, kLongestText)) {
        return wrong("client_secret", "must be one line");
    }
    if (settings.scopes.size() > kMostEntries ||
        !std::all_of(settings.scopes.begin(), settings.scopes.end(), [](const auto& one) { return is_scope(one); })) {
        return wrong("scopes", "are words without spaces");
    }
    if (std::find(settings.scopes.begin(), settings.scopes.end(), "openid") == settings.scopes.end()) {
        return wrong("scopes", "must contain openid");
    }
    if (settings.mail_domains.size() > kMostEntries ||
        !std::all_of(settings.mail_domains.begin(), settings.mail_domains.end(),
                     [](const auto& one) { return is_domain(one); })) {
        return wrong("mail_domains", "are names such as example.org, in lower case");
    }
    if (!is_line(settings.required_acr.value_or(""), kLongestText)) {
        return wrong("required_acr", "must be one line");
    }
    if (!is_line(settings.required_amr.value_or(""), kLongestText)) {
        return wrong("required_amr", "must be one line");
    }
    const bool mapped = !settings.roles.empty() || !settings.teams.empty();
    if (!is_line(settings.groups_claim, kLongestText) || (mapped && settings.groups_claim.empty())) {
        return wrong("groups_claim", "must be the name of the claim that holds the groups");
    }
    if (!has_group(settings.roles) || !std::all_of(settings.roles.begin(), settings.roles.end(), [](const auto& one) {
            return store::role_of(one.role).has_value();
        })) {
        return wrong("roles", "each needs a group and a role");
    }
    if (!has_group(settings.teams) || !std::all_of(settings.teams.begin(), settings.teams.end(), [&](const auto& one) {
            return directory.teams().contains(one.team);
        })) {
        return wrong("teams", "each needs a group and a team that there is");
    }
    return settings.enabled ? check_complete(settings) : base::Result<void>();
}

identity::AuditFields audit_fields(const Settings& settings) {
    return {{"enabled", settings.enabled ? "true" : "false"},
            {"name", settings.name},
            {"issuer", settings.issuer},
            {"client_id", settings.client_id},
            {"scopes", json::to_text(settings.scopes)},
            {"create_accounts", settings.create_accounts ? "true" : "false"},
            {"mail_domains", json::to_text(settings.mail_domains)},
            {"groups_claim", settings.groups_claim},
            {"roles", json::to_text(settings.roles)},
            {"teams", json::to_text(settings.teams)},
            {"required_acr", settings.required_acr.value_or("")},
            {"required_amr", settings.required_amr.value_or("")}};
}

}  // namespace tidemark::provider
