#include "server/api/account_parts.hpp"

#include <algorithm>
#include <utility>

#include "server/api/access.hpp"
#include "server/api/arguments.hpp"
#include "server/api/handlers.hpp"

namespace tidemark::api {

std::string username_of(const identity::Directory& directory, identity::AccountId account) {
    const identity::Person* person = directory.person(account);
    return person == nullptr ? "" : person->username;
}

TeamRef team_ref(const identity::Directory& directory, identity::TeamId team) {
    const auto found = directory.teams().find(team);
    return {team, found == directory.teams().end() ? "" : found->second.name};
}

std::vector<TeamRef> teams_of(const identity::Directory& directory, identity::AccountId account) {
    std::vector<TeamRef> teams;
    for (const auto& [id, team] : directory.teams()) {
        if (std::any_of(team.members.begin(), team.members.end(),
                        [&](const identity::TeamMember& member) { return member.account == account; })) {
            teams.push_back({id, team.name});
        }
    }
    return teams;
}

base::Result<Me> me_of(identity::Accounts& accounts, const identity::Act& act) {
    const identity::Caller& caller = act.caller;
    const auto directory = accounts.directory();
    identity::AccountDetails details;
    if (caller.kind == identity::Caller::Kind::kAccount) {
        TIDEMARK_TRY(details, accounts.account(act, caller.account));
    } else if (const identity::Person* person = directory->person(caller.account); person != nullptr) {
        details.person = *person;  // a key learns whose it is, and not their address
    } else {
        return base::fail(base::ErrorCode::kNotFound, "no such account");
    }
    const identity::Person& person = details.person;
    Me me;
    me.id = person.id;
    me.username = person.username;
    me.display_name = person.display_name;
    if (!details.email.empty()) {
        me.email = details.email;
    }
    me.role = person.role;
    me.must_enrol = caller.must_enrol;
    me.second_factor = person.has_second_factor;
    me.has_password = person.has_password;
    me.by_provider = person.by_provider;
    me.recovery_codes_left = details.recovery_codes_left;
    me.created_at = {person.created_at};
    if (details.last_seen) {
        me.last_seen = Time{*details.last_seen};
    }
    for (const identity::TeamId team : directory->teams_in_reach(caller)) {
        me.managed_teams.push_back(team_ref(*directory, team));
    }
    me.teams = teams_of(*directory, person.id);
    const identity::Policy policy = accounts.policy();
    me.privacy = policy.privacy;
    me.minimum_people = policy.minimum_people;
    for (int right = 0; right < identity::kRightCount; ++right) {
        if (identity::allowed(caller, static_cast<identity::Right>(right))) {
            me.rights.push_back(static_cast<identity::Right>(right));
        }
    }
    return me;
}

net::Response erase(const ApiContext& context, const net::Request& request, identity::AccountId account) {
    TIDEMARK_ANSWER(const ErasureConfirmation body, body_of<ErasureConfirmation>(request));
    identity::Accounts& accounts = *context.people.accounts;
    const auto directory = accounts.directory();
    const identity::Person* person = directory->person(account);
    if (person == nullptr || person->state == identity::AccountState::kErased) {
        return net::problem(request, 404, "not_found", "no such account");
    }
    if (body.username != person->username) {
        return problem_of(request, base::Error{base::ErrorCode::kInvalidArgument,
                                               "username: is not the name of the account that is to be removed"});
    }
    TIDEMARK_ANSWER(const identity::Erasure erasure, accounts.erase_account(act_of(request), account));
    context.people.forget(erasure);
    return done();
}

mail::Language language_of(const std::optional<Language>& chosen, const net::Request& request) {
    if (chosen.value_or(Language::kAuto) == Language::kAuto) {
        return request.header("accept-language").value_or("").starts_with("zh") ? mail::Language::kChinese
                                                                                : mail::Language::kEnglish;
    }
    return *chosen == Language::kZhCn ? mail::Language::kChinese : mail::Language::kEnglish;
}

}  // namespace tidemark::api
