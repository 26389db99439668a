// The rows of accounts.db as values. What is sealed stays sealed here: keys are the business of desk/identity.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foundation/base/clock.hpp"

namespace tidemark::store {

using AccountId = std::int64_t;
using TeamId = std::int64_t;

/// Stored by name, see to_text().
enum class Role { kUser, kAdmin, kEnterprise };
enum class AccountState { kActive, kDeactivated, kErased };
enum class LinkPurpose { kSetup, kSignIn, kInvite, kRegister, kReset };
enum class IdentityKind { kOsUser, kMail, kMachine, kAccountId, kOtelAttribute };

[[nodiscard]] std::string_view to_text(Role role);
[[nodiscard]] std::string_view to_text(AccountState state);
[[nodiscard]] std::string_view to_text(LinkPurpose purpose);
[[nodiscard]] std::string_view to_text(IdentityKind kind);
[[nodiscard]] std::optional<Role> role_of(std::string_view text);
[[nodiscard]] std::optional<IdentityKind> identity_kind_of(std::string_view text);

struct AccountRow {
    AccountId id = 0;
    std::string username, display_name;
    std::optional<std::string> email_sealed, email_hash, password, totp_sealed, totp_pending;
    Role role = Role::kUser;
    AccountState state = AccountState::kActive;
    std::int64_t totp_step = 0;
    bool require_2fa = false;
    std::optional<std::string> oidc_issuer, oidc_subject;
    bool break_glass = false;
    base::UnixMillis created_at = 0, updated_at = 0;
    std::optional<base::UnixMillis> last_seen;
};

struct TeamRow {
    TeamId id = 0;
    std::optional<TeamId> parent;
    std::string name;
};

struct TeamMemberRow {
    TeamId team = 0;
    AccountId account = 0;
    bool manages = false;
};

struct IdentityRow {
    std::int64_t id = 0;
    IdentityKind kind = IdentityKind::kOsUser;
    std::string value;  ///< Sealed when kind is kMail
    std::string value_hash;
    AccountId account = 0;
};

struct LinkRow {
    std::int64_t id = 0;
    std::string hash;
    LinkPurpose purpose = LinkPurpose::kSetup;
    std::optional<AccountId> account;
    std::optional<Role> role;
    std::optional<TeamId> team;
    std::optional<std::string> email_sealed;
    bool removes_2fa = false;
    std::optional<AccountId> created_by;
    base::UnixMillis created_at = 0, expires_at = 0;
    std::optional<base::UnixMillis> used_at;
};

struct SessionRow {
    std::string id;
    AccountId account = 0;
    std::string family_hash, current_hash;
    std::optional<std::string> previous_hash;
    base::UnixMillis rotated_at = 0, created_at = 0, last_used = 0, expires_at = 0;
    std::optional<base::UnixMillis> revoked_at;
    std::string address, agent;
    bool trusted = false;
};

struct SigningKeyRow {
    std::string kid, secret_sealed;
    base::UnixMillis created_at = 0;
    std::optional<base::UnixMillis> retired_at;
};

struct ApiKeyRow {
    std::int64_t id = 0;
    std::string name, hash, hint;
    AccountId account = 0;
    std::string scopes;
    base::UnixMillis created_at = 0;
    std::optional<base::UnixMillis> expires_at, last_used;
    std::optional<std::int64_t> rotated_from;
    std::optional<base::UnixMillis> revoked_at;
    std::vector<TeamId> teams;          ///< Empty: not limited
    std::vector<std::string> projects;  ///< Empty: not limited
};

struct AuditRow {
    std::int64_t seq = 0;
    base::UnixMillis time = 0;
    std::string actor, action, object, before, after, remote, request_id, prev, hash;
};

/// Which rows of the audit log. Absent: any.
struct AuditFilter {
    std::optional<base::UnixMillis> from, to;  ///< `to` exclusive
    std::optional<std::string> actor, object;
    std::optional<std::string> action;  ///< "session." gives all actions that begin so
    std::optional<std::int64_t> before_seq;
};

/// A value that is sealed, with the place it is bound to.
struct SealedCell {
    std::string column;  ///< "accounts.email_sealed"
    std::string row;     ///< Key of the row as text
    std::string value;
};

}  // namespace tidemark::store
