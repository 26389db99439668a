// Who asks, and what that one may do. The table in rights.cpp is the only place that says so; whose data it is about is
// said by Reach (directory.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "desk/store/rows.hpp"

namespace tidemark::identity {

using store::AccountId;
using store::Role;
using store::TeamId;

/// What an API key may be used for.
struct Scopes {
    bool ingest = false, read = false, manage = false;
    bool operator==(const Scopes&) const = default;
};

/// Who makes a request.
struct Caller {
    enum class Kind {
        kAnonymous,
        kAccount,  ///< A person, signed in
        kApiKey,   ///< A program, for the account that made the key
        kSystem,   ///< The process itself and its command line: whoever may read the data folder
    };
    Kind kind = Kind::kAnonymous;
    AccountId account = 0;
    Role role = Role::kUser;
    std::string username;
    std::string session;                ///< kAccount: the session's id
    bool must_enrol = false;            ///< kAccount: a second factor is required and not there yet
    std::int64_t key = 0;               ///< kApiKey
    Scopes scopes;                      ///< kApiKey
    std::vector<TeamId> teams;          ///< kApiKey: only these teams, and those below; empty: no limit
    std::vector<std::string> projects;  ///< kApiKey: only these projects; empty: no limit

    static Caller system();
    /// "account:7", "key:3", "system", "anonymous": how the audit log names the caller.
    [[nodiscard]] std::string actor() const;
};

/// What a route needs. Each one names exactly one; there is no "and".
enum class Right {
    kPublic,         ///< Health, sign-in, the application's files
    kSignedIn,       ///< Who am I
    kOwnSecurity,    ///< Own password, second factor, devices: also while a second factor is still to be set up
    kOwnAccount,     ///< Own profile and API keys, download and erasure of own data
    kRead,           ///< Usage within reach
    kIngest,         ///< Hand in usage
    kManageTeam,     ///< People of own teams: invite, deactivate, make reset links
    kManageAll,      ///< Roles, teams, identities, policy, prices, settings, audit, backups
    kManageSecrets,  ///< The master key, going back to a backup: a person's business, never a key's
};
constexpr int kRightCount = static_cast<int>(Right::kManageSecrets) + 1;

[[nodiscard]] std::string_view to_text(Right right);
[[nodiscard]] bool allowed(const Caller& caller, Right right);

/// "ingest,read"; unknown words are an error of the caller (nothing is given).
[[nodiscard]] std::string to_text(Scopes scopes);
[[nodiscard]] Scopes scopes_of(std::string_view text);

}  // namespace tidemark::identity
