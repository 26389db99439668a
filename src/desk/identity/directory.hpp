// People, teams and whose usage is whose, as of one change: an immutable picture in memory, so that reach is decided
// without asking the database.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "desk/identity/rights.hpp"
#include "desk/store/rows.hpp"
#include "foundation/base/clock.hpp"

namespace tidemark::identity {

using store::AccountState;
using store::IdentityKind;

enum class PrivacyMode {
    kNames,       ///< Members are shown by name
    kPseudonyms,  ///< Others are shown as "Member-K7QF2A"
    kTotals,      ///< Only sums over at least Policy::minimum_people others
};

struct Person {
    AccountId id = 0;
    std::string username, display_name;
    Role role = Role::kUser;
    AccountState state = AccountState::kActive;
    bool has_password = false, has_second_factor = false, require_2fa = false, break_glass = false, by_provider = false;
    base::UnixMillis created_at = 0;
    std::optional<std::string> email_hash;
};

struct Identity {
    std::int64_t id = 0;
    IdentityKind kind = IdentityKind::kOsUser;
    std::string value;  ///< The member name in the ledger; a mail address in clear, in lower case
    AccountId account = 0;
};

struct TeamMember {
    AccountId account = 0;
    bool manages = false;
};
struct Team {
    TeamId id = 0;
    std::optional<TeamId> parent;
    std::string name;
    std::vector<TeamId> children;
    std::vector<TeamMember> members;
};

/// Whose usage a caller sees. A request of the ledger is in reach when its project passes only_projects, and
/// `everything` holds, or its member is in `members`, or its project is in `owned_projects`.
struct Reach {
    bool everything = false;
    std::set<std::string> members;
    std::set<std::string> owned_projects;
    std::optional<std::set<std::string>> only_projects;
    PrivacyMode privacy = PrivacyMode::kNames;  ///< For the usage of people other than the caller
    int minimum_people = 1;                     ///< kTotals: show sums over at least so many

    [[nodiscard]] bool contains(std::string_view member, std::string_view project) const;
    bool operator==(const Reach&) const = default;
};

class Directory {
public:
    Directory() = default;
    Directory(std::vector<Person> people, std::vector<store::TeamRow> teams,
              const std::vector<store::TeamMemberRow>& members, std::vector<Identity> identities,
              std::vector<std::pair<std::string, AccountId>> project_owners);

    [[nodiscard]] const Person* person(AccountId id) const;
    [[nodiscard]] const Person* by_username(std::string_view username) const;  ///< Any case
    [[nodiscard]] const Person* by_email_hash(std::string_view hash) const;
    [[nodiscard]] const std::map<AccountId, Person>& people() const { return people_; }
    [[nodiscard]] const std::map<TeamId, Team>& teams() const { return teams_; }
    [[nodiscard]] const std::vector<Identity>& identities() const { return identities_; }
    [[nodiscard]] std::vector<Identity> identities_of(AccountId account) const;
    /// The account a member name of the ledger belongs to; nothing: unassigned.
    [[nodiscard]] std::optional<AccountId> owner_of(std::string_view member) const;
    [[nodiscard]] const std::map<std::string, AccountId>& project_owners() const { return project_owners_; }

    /// The teams and all below them.
    [[nodiscard]] std::set<TeamId> with_nested(const std::vector<TeamId>& teams) const;
    /// The teams an account manages, with all below them.
    [[nodiscard]] std::set<TeamId> managed_teams(AccountId account) const;
    /// The teams a caller may manage: an admin's own, all of an enterprise account; within a key's limits.
    [[nodiscard]] std::set<TeamId> teams_in_reach(const Caller& caller) const;
    [[nodiscard]] std::set<AccountId> members_of(const std::set<TeamId>& teams) const;
    /// The accounts a caller sees the usage of; nothing: all, known to the directory or not.
    [[nodiscard]] std::optional<std::set<AccountId>> people_in_reach(const Caller& caller) const;
    /// May the caller change that account (deactivate, reset)? An admin only people of role user in own teams.
    [[nodiscard]] bool may_manage(const Caller& caller, AccountId account) const;
    [[nodiscard]] Reach reach_of(const Caller& caller, PrivacyMode privacy, int minimum_people) const;

    /// An enterprise account that comes in by password when the others must use the provider.
    [[nodiscard]] static bool is_break_glass(const Person& person);
    [[nodiscard]] bool is_last_break_glass(AccountId account) const;
    /// True when there is no other active enterprise account.
    [[nodiscard]] bool is_last_enterprise(AccountId account) const;
    [[nodiscard]] std::size_t active_accounts() const;

private:
    std::map<AccountId, Person> people_;
    std::unordered_map<std::string, AccountId> by_username_, by_email_hash_;
    std::map<TeamId, Team> teams_;
    std::vector<Identity> identities_;
    std::unordered_map<std::string, AccountId> by_member_;
    std::map<std::string, AccountId> project_owners_;
};

/// ASCII lower case: what user names and mail addresses are compared in.
[[nodiscard]] std::string lower(std::string_view text);

}  // namespace tidemark::identity
