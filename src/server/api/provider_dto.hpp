// The documents about the provider that signs people in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/api/account_dto.hpp"

namespace tidemark::api {

struct ProviderGroupRole {
    std::string group;
    identity::Role role = identity::Role::kUser;
};
TIDEMARK_DTO(ProviderGroupRole, "Members of the provider's group have this role.", (group, role))

struct ProviderGroupTeam {
    std::string group;
    std::int64_t team = 0;
};
TIDEMARK_DTO(ProviderGroupTeam, "Members of the provider's group belong to this team.", (group, team))

struct ProviderSettings {
    bool enabled = false;
    std::string name, issuer, client_id;
    bool has_client_secret = false;
    std::vector<std::string> scopes;
    bool create_accounts = false;
    std::vector<std::string> mail_domains;
    std::string groups_claim;
    std::vector<ProviderGroupRole> roles;
    std::vector<ProviderGroupTeam> teams;
    std::string required_acr, required_amr;
    std::string redirect_uri;
};
TIDEMARK_DTO(
    ProviderSettings,
    "The OpenID Connect provider that signs people in. The client's secret is never shown. redirect_uri: to be "
    "entered at the provider. roles, teams: empty: given by hand. required_acr, required_amr: what the ID token must "
    "say of the sign-in; empty: anything.",
    (enabled, name, issuer, client_id, has_client_secret, scopes, create_accounts, mail_domains, groups_claim, roles,
     teams, required_acr, required_amr, redirect_uri))

struct ProviderChange {
    bool enabled = false;
    std::string name, issuer, client_id;
    std::optional<std::string> client_secret;
    std::vector<std::string> scopes;
    bool create_accounts = false;
    std::vector<std::string> mail_domains;
    std::string groups_claim;
    std::vector<ProviderGroupRole> roles;
    std::vector<ProviderGroupTeam> teams;
    std::optional<std::string> required_acr, required_amr;
};
TIDEMARK_REQUEST_DTO(ProviderChange,
                     "The provider that is to sign people in. client_secret: left out: the one that is there, for the "
                     "same issuer; empty: none. required_acr, required_amr: left out: as they are; empty: anything.",
                     (enabled, name, issuer, client_id, client_secret, scopes, create_accounts, mail_domains,
                      groups_claim, roles, teams, required_acr, required_amr))

struct ProviderDeparture {
    std::string url;
};
TIDEMARK_DTO(ProviderDeparture, "The page at the provider that the browser goes to, within ten minutes back.", (url))

}  // namespace tidemark::api
