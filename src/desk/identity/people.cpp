// Accounts as others see them: invitations, roles, teams, identities, and a person's rights to what is stored.
#include <algorithm>
#include <map>
#include <utility>

#include "desk/identity/accounts.hpp"
#include "desk/identity/impl/state.hpp"
#include "foundation/json/read.hpp"
#include "foundation/json/write.hpp"

namespace tidemark::identity {

using store::AccountRow;
using store::LinkPurpose;
using store::LinkRow;

namespace {

constexpr base::UnixMillis kInvitationLife = 7 * base::kDay;
constexpr base::UnixMillis kRegistrationLife = base::kDay;
constexpr std::size_t kLabelBytes = 200;
constexpr std::size_t kValueBytes = 1024;
constexpr std::size_t kDeepestTeam = 16;
constexpr std::int64_t kMostExportedLines = 100000;

std::string team_object(TeamId id) { return "team:" + std::to_string(id); }

base::Result<void> check_name(std::string_view field, std::string_view text) {
    if (text.empty()) {
        return base::fail(base::ErrorCode::kInvalidArgument, std::string(field) + ": is needed");
    }
    return check_label(field, text, kLabelBytes);
}

/// Who registers gets a password, and is signed in with it.
base::Result<void> passwords_allowed(const Policy& policy) {
    return policy.provider_only ? base::fail(base::ErrorCode::kFailedPrecondition,
                                             "registration is off: people come in through the sign-in provider only")
                                : base::Result<void>();
}

/// `address` as check_email() gives it.
base::Result<void> domain_allowed(const Policy& policy, const std::string& address) {
    if (policy.registration != Registration::kDomains) {
        return base::fail(base::ErrorCode::kFailedPrecondition, "registration is not open: ask for an invitation");
    }
    // The last '@' is the only one: check_email() saw to it. No subdomains: those may belong to others.
    const std::string domain = address.substr(address.find('@') + 1);
    if (std::find(policy.domains.begin(), policy.domains.end(), domain) == policy.domains.end()) {
        return base::fail(base::ErrorCode::kFailedPrecondition, "email: registration is not open to this mail domain");
    }
    return {};
}

}  // namespace

/// What is stored about a person, as they get it.
struct ExportedIdentity {
    std::string kind, value;
};
TIDEMARK_DTO(ExportedIdentity, "A name under which usage was recorded", (kind, value))
struct ExportedSession {
    std::string id, address, agent;
    json::Time created_at, last_used;
};
TIDEMARK_DTO(ExportedSession, "A device that is signed in", (id, address, agent, created_at, last_used))
struct ExportedKey {
    std::string name, scopes, hint;
    json::Time created_at;
};
TIDEMARK_DTO(ExportedKey, "An API key", (name, scopes, hint, created_at))
struct ExportedAct {
    json::Time time;
    std::string action, object, before, after, address;
};
TIDEMARK_DTO(ExportedAct, "A line of the audit log by or about the account",
             (time, action, object, before, after, address))
struct ExportedAccount {
    std::int64_t id = 0;
    std::string username, display_name, email, role, state;
    bool second_factor = false, provider = false;
    json::Time created_at, updated_at;
    std::vector<std::string> teams, projects_owned;
    std::vector<ExportedIdentity> identities;
    std::vector<ExportedSession> sessions;
    std::vector<ExportedKey> api_keys;
    std::vector<ExportedAct> audit;
};
TIDEMARK_DTO(ExportedAccount, "Everything stored about an account",
             (id, username, display_name, email, role, state, second_factor, provider, created_at, updated_at, teams,
              projects_owned, identities, sessions, api_keys, audit))

// --- State -----------------------------------------------------------------------------------------------------------

base::Result<void> Accounts::State::check_not_needed(AccountId id) const {
    const auto picture = directory();
    if (picture->is_last_enterprise(id)) {
        return base::fail(base::ErrorCode::kFailedPrecondition,
                          "this is the last active enterprise account: give another account that role first");
    }
    if (policy().provider_only && picture->is_last_break_glass(id)) {
        return base::fail(
            base::ErrorCode::kFailedPrecondition,
            "this is the last account that can sign in when the provider is down: let another one keep its "
            "password first");
    }
    return {};
}

base::Result<void> Accounts::State::set_email(AccountRow& row, std::string_view email) {
    if (email.empty()) {
        row.email_sealed.reset();
        row.email_hash.reset();
        return {};
    }
    const std::string hash = lookup_hash("email", email);
    TIDEMARK_TRY(const auto other, store->account_by_email_hash(hash));
    if (other && other->id != row.id) {
        return base::fail(base::ErrorCode::kFailedPrecondition, "email: another account has this address");
    }
    row.email_hash = hash;
    row.email_sealed = seal(email, kEmailColumn, std::to_string(row.id));
    return {};
}

base::Result<AccountRow> Accounts::State::add_account(AccountRow row, std::string_view email) {
    TIDEMARK_TRY(row.id, store->add_account(row));
    if (!email.empty()) {
        TIDEMARK_CHECK_OK(set_email(row, email));
        TIDEMARK_CHECK_OK(store->put_account(row));
    }
    return row;
}

base::Result<void> Accounts::State::map_verified_mail(AccountId account, std::string_view email) {
    if (directory()->owner_of(email)) {
        return {};  // an administrator decided otherwise
    }
    store::IdentityRow identity;
    identity.kind = IdentityKind::kMail;
    identity.value_hash = lookup_hash("identity", email);
    identity.value = seal(email, kIdentityColumn, identity.value_hash);
    identity.account = account;
    TIDEMARK_CHECK_OK(store->put_identity(identity));
    return {};
}

// --- Coming in -------------------------------------------------------------------------------------------------------

base::Result<OneTimeLink> Accounts::invite(const Act& act, Role role, std::optional<TeamId> team) {
    TIDEMARK_CHECK_OK(require(act, Right::kManageTeam));
    State& state = *state_;
    if (state.policy().registration == Registration::kOff) {
        return base::fail(base::ErrorCode::kFailedPrecondition,
                          "registration is off: the sign-in policy forbids invitations");
    }
    TIDEMARK_CHECK_OK(passwords_allowed(state.policy()));
    if (!allowed(act.caller, Right::kManageAll) && (role != Role::kUser || !team)) {
        return base::fail(base::ErrorCode::kInvalidArgument, "team: administrators invite users into own teams");
    }
    if (team && !state.directory()->teams_in_reach(act.caller).contains(*team)) {
        return no_such("team");
    }
    return state.change([&]() -> base::Result<OneTimeLink> {
        LinkRow link;
        link.purpose = LinkPurpose::kInvite;
        link.role = role;
        link.team = team;
        link.created_by = act.caller.account != 0 ? std::optional(act.caller.account) : std::nullopt;
        TIDEMARK_CHECK_OK(state.write_audit(act, "invitation.create", team ? team_object(*team) : "invitation", {},
                                            {{"role", std::string(to_text(role))}}));
        return state.make_link(link, "", kInvitationLife, act.now);
    });
}

base::Result<std::vector<LinkRow>> Accounts::invitations(const Act& act) {
    TIDEMARK_CHECK_OK(require(act, Right::kManageTeam));
    State& state = *state_;
    const std::lock_guard lock(state.store_mutex);
    TIDEMARK_TRY(auto rows, state.store->links(LinkPurpose::kInvite));
    const bool all = allowed(act.caller, Right::kManageAll);
    const auto teams = state.directory()->teams_in_reach(act.caller);
    std::erase_if(rows, [&](const LinkRow& row) { return !all && (!row.team || !teams.contains(*row.team)); });
    for (LinkRow& row : rows) {
        row.hash.clear();
    }
    return rows;
}

base::Result<void> Accounts::withdraw_invitation(const Act& act, std::int64_t id) {
    TIDEMARK_TRY(const auto rows, invitations(act));
    if (std::none_of(rows.begin(), rows.end(), [&](const LinkRow& row) { return row.id == id; })) {
        return no_such("invitation");
    }
    State& state = *state_;
    return state.change([&]() -> base::Result<void> {
        TIDEMARK_CHECK_OK(state.store->remove_link(id));
        return state.write_audit(act, "invitation.withdraw", "invitation:" + std::to_string(id));
    });
}

base::Result<std::optional<OneTimeLink>> Accounts::request_registration(std::string_view email, const Origin& origin,
                                                                        base::UnixMillis now) {
    State& state = *state_;
    TIDEMARK_TRY(const std::string address, check_email(email));
    TIDEMARK_CHECK_OK(domain_allowed(state.policy(), address));
    TIDEMARK_CHECK_OK(passwords_allowed(state.policy()));
    const std::string hash = state.lookup_hash("email", address);
    const std::vector<Lane> lanes = {{LaneKind::kMailbox, "register|" + hash},
                                     {LaneKind::kHost, "register|" + host_of(origin.address)}};
    if (state.back_off.admit(lanes, now) > 0) {
        return std::nullopt;
    }
    return state.change([&]() -> base::Result<std::optional<OneTimeLink>> {
        const Act act{{}, origin, now};
        TIDEMARK_CHECK_OK(state.write_audit(act, "registration.request", "unknown"));
        TIDEMARK_TRY(const auto taken, state.store->account_by_email_hash(hash));
        if (taken) {
            // Told to who reads that mailbox, and to nobody else.
            return taken->state == AccountState::kActive
                       ? std::optional(OneTimeLink{"", LinkPurpose::kRegister, now + kRegistrationLife, address})
                       : std::nullopt;
        }
        LinkRow link;
        link.purpose = LinkPurpose::kRegister;
        link.role = Role::kUser;
        TIDEMARK_TRY(OneTimeLink made, state.make_link(link, address, kRegistrationLife, now));
        return made;
    });
}

base::Result<SignedIn> Accounts::register_account(std::string_view token, const NewAccount& account,
                                                  const Origin& origin, base::UnixMillis now) {
    State& state = *state_;
    TIDEMARK_CHECK_OK(check_username(account.username));
    TIDEMARK_CHECK_OK(check_label("display_name", account.display_name, kLabelBytes));
    const auto find_link = [&]() -> base::Result<LinkRow> {
        auto link = state.valid_link(token, LinkPurpose::kInvite, now);
        if (!link) {
            link = state.valid_link(token, LinkPurpose::kRegister, now);
        }
        const Registration open = state.policy().registration;
        if (link && (open == Registration::kOff ||
                     (open == Registration::kInvite && link->purpose == LinkPurpose::kRegister))) {
            return base::fail(base::ErrorCode::kFailedPrecondition,
                              "registration is off: this link works again if it is switched on before the link ends");
        }
        return link;
    };
    {
        const std::lock_guard lock(state.store_mutex);
        TIDEMARK_CHECK_OK(find_link());
    }
    TIDEMARK_CHECK_OK(passwords_allowed(state.policy()));
    AccountRow fresh;
    TIDEMARK_TRY(fresh.password, state.hash_new(account.password, {account.username, account.display_name}));
    fresh.username = account.username;
    fresh.display_name = account.display_name;
    fresh.created_at = fresh.updated_at = now;
    return state.change([&]() -> base::Result<SignedIn> {
        TIDEMARK_TRY(const LinkRow link, find_link());
        TIDEMARK_TRY(const bool won, state.store->use_link(link.id, now));
        if (!won) {
            return no_such("link");
        }
        fresh.role = link.role.value_or(Role::kUser);
        std::string email;
        if (link.email_sealed) {
            TIDEMARK_TRY(email, state.unseal(*link.email_sealed, kLinkEmailColumn, std::to_string(link.id)));
        }
        if (link.purpose == LinkPurpose::kRegister) {
            TIDEMARK_CHECK_OK(domain_allowed(state.policy(), email));
        }
        TIDEMARK_TRY(const AccountRow row, state.add_account(fresh, email));
        if (!email.empty()) {
            TIDEMARK_CHECK_OK(state.map_verified_mail(row.id, email));
        }
        if (link.team && state.directory()->teams().contains(*link.team)) {
            TIDEMARK_CHECK_OK(state.store->put_team_member({*link.team, row.id, row.role == Role::kAdmin}));
        }
        TIDEMARK_CHECK_OK(state.reload_directory());
        Act act{{}, origin, now};
        act.caller.kind = Caller::Kind::kAccount;
        act.caller.account = row.id;
        TIDEMARK_CHECK_OK(
            state.write_audit(act, "account.create", account_object(row.id), {},
                              {{"role", std::string(to_text(row.role))}, {"by", std::string(to_text(link.purpose))}}));
        return state.start_session(row, origin, true, now);
    });
}

base::Result<AccountId> Accounts::create_account(const Act& act, const NewAccount& account, Role role) {
    TIDEMARK_CHECK_OK(require(act, Right::kManageAll));
    State& state = *state_;
    TIDEMARK_CHECK_OK(check_username(account.username));
    TIDEMARK_CHECK_OK(check_label("display_name", account.display_name, kLabelBytes));
    AccountRow fresh;
    if (!account.password.empty()) {
        TIDEMARK_TRY(fresh.password, state.hash_new(account.password, {account.username, account.display_name}));
    }
    fresh.username = account.username;
    fresh.display_name = account.display_name;
    fresh.role = role;
    fresh.created_at = fresh.updated_at = act.now;
    return state.change([&]() -> base::Result<AccountId> {
        TIDEMARK_TRY(const AccountRow row, state.add_account(fresh, ""));
        TIDEMARK_CHECK_OK(state.reload_directory());
        TIDEMARK_CHECK_OK(state.write_audit(act, "account.create", account_object(row.id), {},
                                            {{"role", std::string(to_text(role))}}));
        return row.id;
    });
}

// --- One account -----------------------------------------------------------------------------------------------------

base::Result<AccountDetails> Accounts::account(const Act& act, AccountId id) {
    State& state = *state_;
    const auto picture = state.directory();
    const bool own = act.caller.kind == Caller::Kind::kAccount && act.caller.account == id;
    if (!own && !(allowed(act.caller, Right::kManageTeam) && picture->may_manage(act.caller, id))) {
        return no_such("account");
    }
    const std::lock_guard lock(state.store_mutex);
    TIDEMARK_TRY(const auto row, state.store->account(id));
    const Person* person = picture->person(id);
    if (!row || person == nullptr) {
        return no_such("account");
    }
    AccountDetails details;
    details.person = *person;
    details.last_seen = row->last_seen;
    if (row->email_sealed) {
        TIDEMARK_TRY(details.email, state.unseal(*row->email_sealed, kEmailColumn, std::to_string(id)));
    }
    TIDEMARK_TRY(details.recovery_codes_left, state.store->recovery_codes_left(id));
    return details;
}

base::Result<void> Accounts::set_profile(const Act& act, std::string_view display_name, std::string_view email) {
    TIDEMARK_CHECK_OK(require(act, Right::kOwnAccount));
    State& state = *state_;
    TIDEMARK_CHECK_OK(check_label("display_name", display_name, kLabelBytes));
    std::string address;
    if (!email.empty()) {
        TIDEMARK_TRY(address, check_email(email));
    }
    return state.change([&]() -> base::Result<void> {
        TIDEMARK_TRY(AccountRow row, state.active_account(act.caller.account));
        row.display_name = display_name;
        row.updated_at = act.now;
        const auto before = row.email_hash;
        TIDEMARK_CHECK_OK(state.set_email(row, address));
        TIDEMARK_CHECK_OK(state.store->put_account(row));
        if (row.email_hash != before) {
            TIDEMARK_CHECK_OK(state.require_proof(act));
            // Links went to the old address.
            TIDEMARK_CHECK_OK(state.store->remove_links(LinkPurpose::kReset, row.id));
        }
        TIDEMARK_CHECK_OK(state.reload_directory());
        // Names and addresses stay out of the log, which nobody can erase from.
        return state.write_audit(act, "account.profile", account_object(row.id), {},
                                 {{"address", row.email_hash == before ? "same" : "changed"}});
    });
}

base::Result<void> Accounts::set_role(const Act& act, AccountId account, Role role) {
    TIDEMARK_CHECK_OK(require(act, Right::kManageAll));
    State& state = *state_;
    return state.change([&]() -> base::Result<void> {
        TIDEMARK_TRY(AccountRow row, state.kept_account(account));
        if (role != Role::kEnterprise) {
            TIDEMARK_CHECK_OK(state.check_not_needed(account));
        }
        const AuditFields before = {{"role", std::string(to_text(row.role))}};
        row.role = role;
        row.updated_at = act.now;
        TIDEMARK_CHECK_OK(state.store->put_account(row));
        TIDEMARK_CHECK_OK(state.reload_directory());
        return state.write_audit(act, "account.role", account_object(account), before,
                                 {{"role", std::string(to_text(role))}});
    });
}

base::Result<void> Accounts::set_break_glass(const Act& act, AccountId account, bool on) {
    TIDEMARK_CHECK_OK(require(act, Right::kManageAll));
    State& state = *state_;
    return state.change([&]() -> base::Result<void> {
        TIDEMARK_TRY(AccountRow row, state.kept_account(account));
        if (!on && state.policy().provider_only) {
            TIDEMARK_CHECK_OK(state.check_not_needed(account));
        }
        row.break_glass = on;
        row.updated_at = act.now;
        TIDEMARK_CHECK_OK(state.store->put_account(row));
        TIDEMARK_CHECK_OK(state.reload_directory());
        return state.write_audit(act, "account.break_glass", account_object(account), {}, {{"on", on ? "yes" : "no"}});
    });
}

base::Result<void> Accounts::set_active(const Act& act, AccountId account, bool active) {
    TIDEMARK_CHECK_OK(require(act, Right::kManageTeam));
    State& state = *state_;
    return state.change([&]() -> base::Result<void> {
        // Inside, where nobody else changes anything: of two who deactivate each other, one does.
        const auto picture = state.directory();
        if (!picture->may_manage(act.caller, account)) {
            return no_such("account");
        }
        TIDEMARK_TRY(AccountRow row, state.kept_account(account));
        if (!active) {
            TIDEMARK_CHECK_OK(state.check_not_needed(account));
        }
        row.state = active ? AccountState::kActive : AccountState::kDeactivated;
        row.updated_at = act.now;
        TIDEMARK_CHECK_OK(state.store->put_account(row));
        if (!active) {
            TIDEMARK_CHECK_OK(state.end_sessions(account, "", act.now));
            TIDEMARK_CHECK_OK(state.store->remove_links(LinkPurpose::kReset, account));
        }
        TIDEMARK_CHECK_OK(state.reload_directory());
        return state.write_audit(act, active ? "account.activate" : "account.deactivate", account_object(account));
    });
}

base::Result<void> Accounts::sign_person_out(const Act& act, AccountId account) {
    TIDEMARK_CHECK_OK(require(act, Right::kManageTeam));
    State& state = *state_;
    return state.change([&]() -> base::Result<void> {
        if (!state.directory()->may_manage(act.caller, account)) {
            return no_such("account");
        }
        TIDEMARK_CHECK_OK(state.kept_account(account));
        TIDEMARK_CHECK_OK(state.end_sessions(account, "", act.now));
        return state.write_audit(act, "session.revoke_all", account_object(account));
    });
}

base::Result<void> Accounts::transfer(const Act& act, AccountId from, AccountId to) {
    TIDEMARK_CHECK_OK(require(act, Right::kManageAll));
    State& state = *state_;
    return state.change([&]() -> base::Result<void> {
        const auto picture = state.directory();
        if (picture->person(from) == nullptr || from == to) {
            return no_such("account");
        }
        TIDEMARK_CHECK_OK(state.active_account(to));
        std::int64_t teams = 0, projects = 0;
        for (const auto& [id, team] : picture->teams()) {
            for (const TeamMember& member : team.members) {
                if (member.account == from && member.manages) {
                    TIDEMARK_CHECK_OK(state.store->put_team_member({id, from, false}));
                    TIDEMARK_CHECK_OK(state.store->put_team_member({id, to, true}));
                    ++teams;
                }
            }
        }
        for (const auto& [project, owner] : picture->project_owners()) {
            if (owner == from) {
                TIDEMARK_CHECK_OK(state.store->put_project_owner(project, to));
                ++projects;
            }
        }
        TIDEMARK_CHECK_OK(state.reload_directory());
        return state.write_audit(
            act, "account.transfer", account_object(from), {},
            {{"to", account_object(to)}, {"teams", std::to_string(teams)}, {"projects", std::to_string(projects)}});
    });
}

// --- Teams and identities --------------------------------------------------------------------------------------------

base::Result<TeamId> Accounts::create_team(const Act& act, std::string_view name, std::optional<TeamId> parent) {
    TIDEMARK_CHECK_OK(require(act, Right::kManageAll));
    TIDEMARK_CHECK_OK(check_name("name", name));
    State& state = *state_;
    return state.change([&]() -> base::Result<TeamId> {
        const auto picture = state.directory();
        std::size_t depth = 0;
        for (auto above = parent; above; ++depth) {
            const auto team = picture->teams().find(*above);
            if (team == picture->teams().end()) {
                return no_such("team");
            }
            above = team->second.parent;
        }
        if (depth >= kDeepestTeam) {
            return base::fail(base::ErrorCode::kInvalidArgument, "parent: teams are nested too deep");
        }
        TIDEMARK_TRY(const TeamId id, state.store->add_team({0, parent, std::string(name)}));
        TIDEMARK_CHECK_OK(state.reload_directory());
        TIDEMARK_CHECK_OK(
            state.write_audit(act, "team.create", team_object(id), {},
                              {{"name", std::string(name)}, {"parent", parent ? team_object(*parent) : ""}}));
        return id;
    });
}

base::Result<void> Accounts::change_team(const Act& act, TeamId team, std::string_view name,
                                         std::optional<TeamId> parent) {
    TIDEMARK_CHECK_OK(require(act, Right::kManageAll));
    TIDEMARK_CHECK_OK(check_name("name", name));
    State& state = *state_;
    return state.change([&]() -> base::Result<void> {
        const auto picture = state.directory();
        const auto found = picture->teams().find(team);
        if (found == picture->teams().end() || (parent && !picture->teams().contains(*parent))) {
            return no_such("team");
        }
        if (parent && picture->with_nested({team}).contains(*parent)) {
            return base::fail(base::ErrorCode::kInvalidArgument, "parent: a team cannot be below itself");
        }
        TIDEMARK_CHECK_OK(state.store->put_team({team, parent, std::string(name)}));
        TIDEMARK_CHECK_OK(state.reload_directory());
        const auto parent_of = [](std::optional<TeamId> id) { return id ? team_object(*id) : std::string(); };
        return state.write_audit(act, "team.change", team_object(team),
                                 {{"name", found->second.name}, {"parent", parent_of(found->second.parent)}},
                                 {{"name", std::string(name)}, {"parent", parent_of(parent)}});
    });
}

base::Result<void> Accounts::remove_team(const Act& act, TeamId team) {
    TIDEMARK_CHECK_OK(require(act, Right::kManageAll));
    State& state = *state_;
    return state.change([&]() -> base::Result<void> {
        const auto picture = state.directory();
        const auto found = picture->teams().find(team);
        if (found == picture->teams().end()) {
            return no_such("team");
        }
        if (!found->second.children.empty()) {
            return base::fail(base::ErrorCode::kFailedPrecondition,
                              "there are teams below this one: move or remove them first");
        }
        TIDEMARK_CHECK_OK(state.store->remove_team(team));
        TIDEMARK_CHECK_OK(state.reload_directory());
        return state.write_audit(act, "team.remove", team_object(team), {{"name", found->second.name}}, {});
    });
}

base::Result<void> Accounts::set_team_member(const Act& act, TeamId team, AccountId account, bool manages) {
    TIDEMARK_CHECK_OK(require(act, Right::kManageTeam));
    State& state = *state_;
    return state.change([&]() -> base::Result<void> {
        const auto picture = state.directory();
        // An administrator moves people among own teams: to add others would widen the own reach. Who manages a team is
        // said from above it.
        const bool all = allowed(act.caller, Right::kManageAll);
        const Person* person = picture->person(account);
        if (!picture->teams_in_reach(act.caller).contains(team) || person == nullptr ||
            person->state == AccountState::kErased || (!all && !picture->may_manage(act.caller, account))) {
            return no_such("team or account");
        }
        if (!all && manages) {
            return base::fail(base::ErrorCode::kInvalidArgument, "manages: is for enterprise accounts to say");
        }
        TIDEMARK_CHECK_OK(state.store->put_team_member({team, account, manages}));
        TIDEMARK_CHECK_OK(state.reload_directory());
        return state.write_audit(act, "team.member_set", team_object(team), {},
                                 {{"account", account_object(account)}, {"manages", manages ? "yes" : "no"}});
    });
}

base::Result<void> Accounts::remove_team_member(const Act& act, TeamId team, AccountId account) {
    TIDEMARK_CHECK_OK(require(act, Right::kManageTeam));
    State& state = *state_;
    return state.change([&]() -> base::Result<void> {
        const auto picture = state.directory();
        const bool all = allowed(act.caller, Right::kManageAll);
        if (!picture->teams_in_reach(act.caller).contains(team) || !picture->members_of({team}).contains(account) ||
            (!all && !picture->may_manage(act.caller, account))) {
            return no_such("team or account");
        }
        TIDEMARK_CHECK_OK(state.store->remove_team_member(team, account));
        TIDEMARK_CHECK_OK(state.reload_directory());
        return state.write_audit(act, "team.member_remove", team_object(team), {{"account", account_object(account)}},
                                 {});
    });
}

base::Result<std::int64_t> Accounts::map_identity(const Act& act, IdentityKind kind, std::string_view value,
                                                  AccountId account) {
    // Only from above: a name that is mapped to one of the own people widens an administrator's reach.
    TIDEMARK_CHECK_OK(require(act, Right::kManageAll));
    std::string plain(value);
    if (kind == IdentityKind::kMail) {
        TIDEMARK_TRY(plain, check_email(value));
    } else if (plain.empty() || !check_label("value", plain, kValueBytes)) {
        return base::fail(base::ErrorCode::kInvalidArgument, "value: is needed, without control characters, at most " +
                                                                 std::to_string(kValueBytes) + " bytes");
    }
    State& state = *state_;
    return state.change([&]() -> base::Result<std::int64_t> {
        const auto picture = state.directory();
        const Person* person = picture->person(account);
        if (person == nullptr || person->state == AccountState::kErased) {
            return no_such("account");
        }
        for (const Identity& other : picture->identities()) {
            if (other.value == plain && other.kind != kind && other.account != account) {
                return base::fail(base::ErrorCode::kFailedPrecondition,
                                  "value: is another account's as " + std::string(to_text(other.kind)));
            }
        }
        store::IdentityRow row;
        row.kind = kind;
        row.value_hash = state.lookup_hash("identity", plain);
        row.value = kind == IdentityKind::kMail ? state.seal(plain, kIdentityColumn, row.value_hash) : plain;
        row.account = account;
        TIDEMARK_TRY(const std::int64_t id, state.store->put_identity(row));
        TIDEMARK_CHECK_OK(state.reload_directory());
        TIDEMARK_CHECK_OK(state.write_audit(act, "identity.map", account_object(account), {},
                                            {{"identity", std::to_string(id)}, {"kind", std::string(to_text(kind))}}));
        return id;
    });
}

base::Result<void> Accounts::unmap_identity(const Act& act, std::int64_t id) {
    TIDEMARK_CHECK_OK(require(act, Right::kManageAll));
    State& state = *state_;
    return state.change([&]() -> base::Result<void> {
        const auto picture = state.directory();
        const auto found = std::find_if(picture->identities().begin(), picture->identities().end(),
                                        [&](const Identity& identity) { return identity.id == id; });
        if (found == picture->identities().end()) {
            return no_such("identity");
        }
        TIDEMARK_CHECK_OK(state.store->remove_identity(id));
        TIDEMARK_CHECK_OK(state.reload_directory());
        return state.write_audit(act, "identity.unmap", account_object(found->account),
                                 {{"identity", std::to_string(id)}, {"kind", std::string(to_text(found->kind))}}, {});
    });
}

base::Result<void> Accounts::set_project_owner(const Act& act, std::string_view project,
                                               std::optional<AccountId> account) {
    TIDEMARK_CHECK_OK(require(act, Right::kManageAll));
    if (project.empty() || !check_label("project", project, 4096)) {
        return base::fail(base::ErrorCode::kInvalidArgument, "project: is needed");
    }
    State& state = *state_;
    return state.change([&]() -> base::Result<void> {
        const auto picture = state.directory();
        const auto before = picture->project_owners().find(std::string(project));
        if (account) {
            TIDEMARK_CHECK_OK(state.active_account(*account));
            TIDEMARK_CHECK_OK(state.store->put_project_owner(project, *account));
        } else {
            TIDEMARK_CHECK_OK(state.store->remove_project_owner(project));
        }
        TIDEMARK_CHECK_OK(state.reload_directory());
        return state.write_audit(
            act, "project.owner", "project:" + std::string(project),
            {{"owner", before == picture->project_owners().end() ? "" : account_object(before->second)}},
            {{"owner", account ? account_object(*account) : ""}});
    });
}

// --- A person's rights -----------------------------------------------------------------------------------------------

base::Result<std::string> Accounts::export_account(const Act& act, AccountId account) {
    State& state = *state_;
    const bool own = act.caller.kind == Caller::Kind::kAccount && act.caller.account == account;
    TIDEMARK_CHECK_OK(require(act, own ? Right::kOwnAccount : Right::kManageAll));
    return state.change([&]() -> base::Result<std::string> {
        TIDEMARK_TRY(const auto row, state.store->account(account));
        if (!row) {
            return no_such("account");
        }
        const auto picture = state.directory();
        ExportedAccount out;
        out.id = row->id;
        out.username = row->username;
        out.display_name = row->display_name;
        out.role = to_text(row->role);
        out.state = to_text(row->state);
        out.second_factor = row->totp_sealed.has_value();
        out.provider = row->oidc_subject.has_value();
        out.created_at = {row->created_at};
        out.updated_at = {row->updated_at};
        if (row->email_sealed) {
            TIDEMARK_TRY(out.email, state.unseal(*row->email_sealed, kEmailColumn, std::to_string(account)));
        }
        for (const auto& [id, team] : picture->teams()) {
            if (picture->members_of({id}).contains(account)) {
                out.teams.push_back(team.name);
            }
        }
        for (const auto& [project, owner] : picture->project_owners()) {
            if (owner == account) {
                out.projects_owned.push_back(project);
            }
        }
        for (const Identity& identity : picture->identities_of(account)) {
            out.identities.push_back({std::string(to_text(identity.kind)), identity.value});
        }
        TIDEMARK_TRY(const auto sessions, state.store->sessions(account, act.now));
        for (const store::SessionRow& session : sessions) {
            out.sessions.push_back(
                {session.id, session.address, session.agent, {session.created_at}, {session.last_used}});
        }
        TIDEMARK_TRY(const auto keys, state.store->api_keys());
        for (const store::ApiKeyRow& key : keys) {
            if (key.account == account) {
                out.api_keys.push_back({key.name, key.scopes, key.hint, {key.created_at}});
            }
        }
        // Before the line about this export.
        std::map<std::int64_t, ExportedAct> lines;
        for (const bool by : {true, false}) {
            store::AuditFilter filter;
            (by ? filter.actor : filter.object) = account_object(account);
            TIDEMARK_TRY(const auto rows, state.store->audit(filter, kMostExportedLines));
            for (const store::AuditRow& line : rows) {
                // Where somebody else acted from is theirs.
                lines.try_emplace(
                    line.seq,
                    ExportedAct{{line.time}, line.action, line.object, line.before, line.after, by ? line.remote : ""});
            }
        }
        for (auto& [seq, line] : lines) {
            out.audit.push_back(std::move(line));
        }
        TIDEMARK_CHECK_OK(state.write_audit(act, "account.export", account_object(account)));
        return json::indent(json::to_text(out));
    });
}

base::Result<Erasure> Accounts::erase_account(const Act& act, AccountId account) {
    State& state = *state_;
    const bool own = act.caller.kind == Caller::Kind::kAccount && act.caller.account == account;
    TIDEMARK_CHECK_OK(require(act, own ? Right::kOwnAccount : Right::kManageAll));
    auto erased = state.change([&]() -> base::Result<Erasure> {
        const auto picture = state.directory();
        TIDEMARK_TRY(const auto row, state.store->account(account));
        if (!row || row->state == AccountState::kErased) {
            return no_such("account");
        }
        TIDEMARK_CHECK_OK(state.check_not_needed(account));
        Erasure erasure{{}, "erased-" + std::to_string(account), account};
        for (const Identity& identity : picture->identities_of(account)) {
            erasure.members.push_back(identity.value);
        }
        AccountRow empty;
        empty.id = account;
        empty.username = erasure.pseudonym;
        empty.state = AccountState::kErased;
        empty.created_at = row->created_at;
        empty.updated_at = act.now;
        TIDEMARK_CHECK_OK(state.store->put_account(empty));
        TIDEMARK_CHECK_OK(state.end_sessions(account, "", act.now));
        TIDEMARK_CHECK_OK(state.store->erase_traces(account));
        state.staged.emplace_back([account](Memory& m) {
            std::erase_if(m.devices, [&](const auto& entry) { return entry.second == account; });
            std::erase_if(m.known_addresses, [prefix = std::to_string(account) + "|"](const std::string& known) {
                return known.starts_with(prefix);
            });
        });
        // Until the ledger has followed, the names are needed; sealed, and gone after that.
        const std::string key = std::string(kErasurePrefix) + std::to_string(account);
        TIDEMARK_CHECK_OK(
            state.store->put_setting(key, state.seal(json::to_text(erasure.members), kSettingColumn, key), true));
        TIDEMARK_CHECK_OK(state.reload_directory());
        TIDEMARK_CHECK_OK(state.reload_api_keys());
        TIDEMARK_CHECK_OK(state.write_audit(act, "account.erase", account_object(account)));
        return erasure;
    });
    if (erased) {
        const std::lock_guard lock(state.store_mutex);
        // While a backup reads, what was erased stays in the log until the log begins anew.
        if (auto moved = state.store->checkpoint(); !moved && moved.error().code != base::ErrorCode::kUnavailable) {
            return tl::unexpected<base::Error>(std::move(moved).error());
        }
    }
    return erased;
}

base::Result<std::vector<Erasure>> Accounts::pending_erasures() {
    State& state = *state_;
    const std::lock_guard lock(state.store_mutex);
    TIDEMARK_TRY(const auto rows, state.store->settings(kErasurePrefix));
    std::vector<Erasure> pending;
    for (const auto& [key, sealed] : rows) {
        TIDEMARK_TRY(const std::string text, state.unseal(sealed, kSettingColumn, key));
        auto members = json::read<std::vector<std::string>>(text);
        const std::string id = key.substr(kErasurePrefix.size());
        if (!members) {
            return base::fail(base::ErrorCode::kDataLoss, "the erasure of account " + id + " cannot be read");
        }
        pending.push_back({std::move(*members), "erased-" + id, std::stoll(id)});
    }
    return pending;
}

base::Result<void> Accounts::finish_erasure(AccountId account) {
    State& state = *state_;
    return state.change(
        [&] { return state.store->remove_setting(std::string(kErasurePrefix) + std::to_string(account)); });
}

}  // namespace tidemark::identity
