// What an administrator enters about the provider that signs people in.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "desk/identity/accounts.hpp"
#include "foundation/base/result.hpp"
#include "foundation/json/describe.hpp"

namespace tidemark::provider {

struct GroupRole {
    std::string group;
    std::string role;  ///< store::to_text(Role)
    bool operator==(const GroupRole&) const = default;
};
TIDEMARK_DTO(GroupRole, "Members of a group have a role.", (group, role))

struct GroupTeam {
    std::string group;
    identity::TeamId team = 0;
    bool operator==(const GroupTeam&) const = default;
};
TIDEMARK_DTO(GroupTeam, "Members of a group belong to a team.", (group, team))

/// Stored as JSON, sealed as a whole.
struct Settings {
    bool enabled = false;
    std::string name;    ///< On the button: "Continue with …"
    std::string issuer;  ///< Exactly as in the discovery document
    std::string client_id;
    std::string client_secret;  ///< "" for a public client: PKCE alone
    std::vector<std::string> scopes;
    bool create_accounts = true;            ///< Who comes for the first time gets an account
    std::vector<std::string> mail_domains;  ///< Only people with a verified address there; empty: everybody
    std::string groups_claim = "groups";    ///< As crypto::claim_texts() takes it
    /// The highest that fits is set at each sign-in; who is in none is a user. Empty: roles are given here, by hand.
    std::vector<GroupRole> roles;
    std::vector<GroupTeam> teams;  ///< Likewise; empty: teams are given here
    /// How strong a sign-in there must be; unset (as in settings of earlier builds) or "": anything goes.
    std::optional<std::string> required_acr;  ///< The ID token's "acr", which is asked for
    std::optional<std::string> required_amr;  ///< Among its "amr" (RFC 8176): "mfa"
    bool operator==(const Settings&) const = default;
};
TIDEMARK_REQUEST_DTO(Settings, "The provider that signs people in",
                     (enabled, name, issuer, client_id, client_secret, scopes, create_accounts, mail_domains,
                      groups_claim, roles, teams, required_acr, required_amr))

/// kInvalidArgument, "field: what is wrong". Settings that are not enabled may be unfinished, but never wrong.
[[nodiscard]] base::Result<void> check(const Settings& settings, const identity::Directory& directory);

/// For the audit log: without the secret.
[[nodiscard]] identity::AuditFields audit_fields(const Settings& settings);

}  // namespace tidemark::provider
