#include "desk/identity/directory.hpp"

#include <algorithm>
#include <utility>

namespace tidemark::identity {

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') {
            c = static_cast<char>(c - 'A' + 'a');
        }
    }
    return out;
}

bool Reach::contains(std::string_view member, std::string_view project) const {
    const std::string project_key(project);
    if (only_projects && !only_projects->contains(project_key)) {
        return false;
    }
    return everything || members.contains(std::string(member)) || owned_projects.contains(project_key);
}

Directory::Directory(std::vector<Person> people, std::vector<store::TeamRow> teams,
                     const std::vector<store::TeamMemberRow>& members, std::vector<Identity> identities,
                     std::vector<std::pair<std::string, AccountId>> project_owners)
    : identities_(std::move(identities)),
      project_owners_(std::make_move_iterator(project_owners.begin()), std::make_move_iterator(project_owners.end())) {
    for (Person& person : people) {
        by_username_[lower(person.username)] = person.id;
        if (person.email_hash) {
            by_email_hash_[*person.email_hash] = person.id;
        }
        people_.emplace(person.id, std::move(person));
    }
    for (store::TeamRow& team : teams) {
        teams_[team.id] = {team.id, team.parent, std::move(team.name), {}, {}};
    }
    for (const auto& [id, team] : teams_) {
        if (team.parent && teams_.contains(*team.parent)) {
            teams_[*team.parent].children.push_back(id);
        }
    }
    for (const store::TeamMemberRow& member : members) {
        if (const auto team = teams_.find(member.team); team != teams_.end()) {
            team->second.members.push_back({member.account, member.manages});
        }
    }
    for (const Identity& identity : identities_) {
        by_member_[identity.value] = identity.account;
    }
}

const Person* Directory::person(AccountId id) const {
    const auto found = people_.find(id);
    return found == people_.end() ? nullptr : &found->second;
}

const Person* Directory::by_username(std::string_view username) const {
    const auto found = by_username_.find(lower(username));
    return found == by_username_.end() ? nullptr : person(found->second);
}

const Person* Directory::by_email_hash(std::string_view hash) const {
    const auto found = by_email_hash_.find(std::string(hash));
    return found == by_email_hash_.end() ? nullptr : person(found->second);
}

std::vector<Identity> Directory::identities_of(AccountId account) const {
    std::vector<Identity> own;
    std::copy_if(identities_.begin(), identities_.end(), std::back_inserter(own),
                 [&](const Identity& identity) { return identity.account == account; });
    return own;
}

std::optional<AccountId> Directory::owner_of(std::string_view member) const {
    auto found = by_member_.find(std::string(member));
    if (found == by_member_.end()) {
        found = by_member_.find(lower(member));  // mail addresses are kept in lower case
    }
    return found == by_member_.end() ? std::nullopt : std::optional(found->second);
}

std::set<TeamId> Directory::with_nested(const std::vector<TeamId>& teams) const {
    std::set<TeamId> all;
    std::vector<TeamId> left = teams;
    while (!left.empty()) {
        const TeamId id = left.back();
        left.pop_back();
        const auto team = teams_.find(id);
        if (team != teams_.end() && all.insert(id).second) {
            left.insert(left.end(), team->second.children.begin(), team->second.children.end());
        }
    }
    return all;
}

std::set<TeamId> Directory::managed_teams(AccountId account) const {
    std::vector<TeamId> managed;
    for (const auto& [id, team] : teams_) {
        if (std::any_of(team.members.begin(), team.members.end(),
                        [&](const TeamMember& m) { return m.account == account && m.manages; })) {
            managed.push_back(id);
        }
    }
    return with_nested(managed);
}

std::set<TeamId> Directory::teams_in_reach(const Caller& caller) const {
    std::set<TeamId> teams;
    if (caller.role == Role::kEnterprise) {
        for (const auto& [id, team] : teams_) {
            teams.insert(id);
        }
    } else if (caller.role == Role::kAdmin) {
        teams = managed_teams(caller.account);
    }
    if (!caller.teams.empty()) {
        const std::set<TeamId> limit = with_nested(caller.teams);
        std::erase_if(teams, [&](TeamId id) { return !limit.contains(id); });
    }
    return teams;
}

std::set<AccountId> Directory::members_of(const std::set<TeamId>& teams) const {
    std::set<AccountId> accounts;
    for (const TeamId id : teams) {
        if (const auto team = teams_.find(id); team != teams_.end()) {
            for (const TeamMember& member : team->second.members) {
                accounts.insert(member.account);
            }
        }
    }
    return accounts;
}

std::optional<std::set<AccountId>> Directory::people_in_reach(const Caller& caller) const {
    if (caller.kind == Caller::Kind::kAnonymous) {
        return std::set<AccountId>{};
    }
    if (caller.role == Role::kEnterprise && caller.teams.empty()) {
        return std::nullopt;
    }
    std::set<AccountId> accounts = members_of(teams_in_reach(caller));
    const bool limited = !caller.teams.empty();
    // A key that is limited to teams sees its own account's usage as a member of one of them only.
    if (!limited || members_of(with_nested(caller.teams)).contains(caller.account)) {
        accounts.insert(caller.account);
    }
    return accounts;
}

bool Directory::may_manage(const Caller& caller, AccountId account) const {
    const Person* target = person(account);
    if (target == nullptr || caller.kind == Caller::Kind::kAnonymous || caller.role == Role::kUser) {
        return false;
    }
    if (caller.role == Role::kEnterprise && caller.teams.empty()) {
        return true;
    }
    return (caller.role == Role::kEnterprise || target->role == Role::kUser) &&
           members_of(teams_in_reach(caller)).contains(account);
}

Reach Directory::reach_of(const Caller& caller, PrivacyMode privacy, int minimum_people) const {
    Reach reach;
    if (caller.kind == Caller::Kind::kAnonymous) {
        reach.only_projects.emplace();
        return reach;
    }
    reach.privacy = privacy;
    reach.minimum_people = privacy == PrivacyMode::kTotals ? minimum_people : 1;
    const auto people = people_in_reach(caller);
    reach.everything = !people.has_value();
    if (people) {
        for (const Identity& identity : identities_) {
            if (people->contains(identity.account)) {
                reach.members.insert(identity.value);
            }
        }
        // What others did in one's project is no business of a key that is limited to some teams.
        if (caller.teams.empty()) {
            for (const auto& [project, owner] : project_owners_) {
                if (owner == caller.account) {
                    reach.owned_projects.insert(project);
                }
            }
        }
    }
    if (!caller.projects.empty()) {
        reach.only_projects.emplace(caller.projects.begin(), caller.projects.end());
    }
    return reach;
}

bool Directory::is_break_glass(const Person& person) {
    return person.break_glass && person.has_password && person.role == Role::kEnterprise &&
           person.state == AccountState::kActive;
}

bool Directory::is_last_break_glass(AccountId account) const {
    const Person* self = person(account);
    return self != nullptr && is_break_glass(*self) &&
           std::none_of(people_.begin(), people_.end(),
                        [&](const auto& entry) { return entry.first != account && is_break_glass(entry.second); });
}

bool Directory::is_last_enterprise(AccountId account) const {
    const Person* self = person(account);
    if (self == nullptr || self->role != Role::kEnterprise || self->state != AccountState::kActive) {
        return false;
    }
    return std::none_of(people_.begin(), people_.end(), [&](const auto& entry) {
        const Person& other = entry.second;
        return other.id != account && other.role == Role::kEnterprise && other.state == AccountState::kActive;
    });
}

std::size_t Directory::active_accounts() const {
    return static_cast<std::size_t>(std::count_if(
        people_.begin(), people_.end(), [](const auto& entry) { return entry.second.state == AccountState::kActive; }));
}

}  // namespace tidemark::identity
