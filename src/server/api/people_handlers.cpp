// People, invitations, teams, and whose usage is whose.
#include <algorithm>
#include <set>
#include <utility>

#include "foundation/net/mail_message.hpp"
#include "server/api/access.hpp"
#include "server/api/account_parts.hpp"
#include "server/api/handlers.hpp"

namespace tidemark::api {
namespace {

constexpr std::size_t kMostUnassigned = 200;

std::int64_t id_of(const Arguments& arguments) { return arguments.integer("id").value_or(0); }

/// A link as a page of the application takes it: behind the '#', which browsers keep to themselves.
Link to_link(const identity::OneTimeLink& link) {
    const std::string_view page = link.purpose == store::LinkPurpose::kReset ? "/reset#" : "/register#";
    return {std::string(page) + link.token, {link.expires_at}};
}

/// Are people with that id in the reach of a caller? Nothing: all are.
bool in_reach(const std::optional<std::set<identity::AccountId>>& reach, identity::AccountId account) {
    return !reach || reach->contains(account);
}

base::Result<Person> person_of(identity::Accounts& accounts, const identity::Act& act,
                               const identity::Directory& directory, const identity::Person& person) {
    Person out;
    out.id = person.id;
    out.username = person.username;
    out.display_name = person.display_name;
    out.role = person.role;
    out.state = person.state;
    out.second_factor = person.has_second_factor;
    out.by_provider = person.by_provider;
    out.break_glass = person.break_glass;
    out.created_at = {person.created_at};
    out.teams = teams_of(directory, person.id);
    for (const identity::Identity& identity : directory.identities_of(person.id)) {
        out.identities.push_back({identity.id, identity.kind, identity.value});
    }
    out.manageable = directory.may_manage(act.caller, person.id);
    if (out.manageable) {
        TIDEMARK_TRY(const identity::AccountDetails details, accounts.account(act, person.id));
        if (!details.email.empty()) {
            out.email = details.email;
        }
        if (details.last_seen) {
            out.last_seen = Time{*details.last_seen};
        }
    }
    return out;
}

Team team_of(const identity::Directory& directory, const identity::Team& team) {
    Team out{team.id, team.parent, team.name, {}};
    for (const identity::TeamMember& member : team.members) {
        const identity::Person* person = directory.person(member.account);
        if (person != nullptr) {
            out.members.push_back({member.account, person->username, person->display_name, member.manages});
        }
    }
    return out;
}

/// What is recorded under names that are nobody's, as far as the caller reaches.
base::Result<std::vector<UnassignedMember>> unassigned(const ApiContext& context, const net::Request& request,
                                                       const identity::Directory& directory) {
    std::vector<UnassignedMember> out;
    const query::Reach* reach = access_of(request).ledger.get();
    if (reach != nullptr && reach->privacy() != nullptr) {  // a name, or usage: never one beside the other
        for (const std::string& member : context.questions.members(reach)) {
            if (!directory.owner_of(member) && out.size() < kMostUnassigned) {
                out.push_back({member, {}, {}, {}, {}});
            }
        }
        return out;
    }
    query::BreakdownQuery query;
    query.scope = place_of(request);
    query.scope.to = base::now() + base::kDay;
    query.group_by = query::Dimension::kMember;
    query.limit = 1000;
    TIDEMARK_TRY(const query::Breakdown members, context.questions.breakdown(query));
    for (const query::BreakdownRow& row : members.rows) {
        if (row.group.key.empty() || directory.owner_of(row.group.key) || out.size() == kMostUnassigned) {
            continue;
        }
        query::RecordsQuery last;
        last.scope = query.scope;
        last.scope.filters = {{query::Dimension::kMember, {row.group.key}}};
        last.limit = 1;
        TIDEMARK_TRY(const query::RecordsPage page, context.questions.records(last));
        const model::Measures& sums = row.totals.measures;
        out.push_back({row.group.key, sums.requests, sums.tokens.total(), sums.cost,
                       page.records.empty() ? std::nullopt : std::optional(Time{page.records.front().time})});
    }
    return out;
}

}  // namespace

// ---- people
// -----------------------------------------------------------------------------------------------------------

net::Response get_people(ApiContext& context, const Arguments&, const net::Request& request) {
    identity::Accounts& accounts = *context.people.accounts;
    const identity::Act act = act_of(request);
    const auto directory = accounts.directory();
    const auto reach = directory->people_in_reach(act.caller);
    People people;
    for (const auto& [id, person] : directory->people()) {
        if (in_reach(reach, id) && person.state != identity::AccountState::kErased) {
            TIDEMARK_ANSWER(Person shown, person_of(accounts, act, *directory, person));
            people.people.push_back(std::move(shown));
        }
    }
    return answer(people);
}

net::Response create_person(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(const NewPerson body, body_of<NewPerson>(request));
    identity::Accounts& accounts = *context.people.accounts;
    const identity::Act act = act_of(request);
    TIDEMARK_ANSWER(
        const identity::AccountId id,
        accounts.create_account(act, {body.username, body.display_name, body.password.value_or("")}, body.role));
    const auto directory = accounts.directory();
    const identity::Person* person = directory->person(id);
    if (person == nullptr) {
        return net::problem(request, 404, "not_found", "the account was removed meanwhile");
    }
    TIDEMARK_ANSWER(const Person shown, person_of(accounts, act, *directory, *person));
    return answer(shown);
}

net::Response set_role(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    TIDEMARK_ANSWER(const RoleChange body, body_of<RoleChange>(request));
    TIDEMARK_DONE(context.people.accounts->set_role(act_of(request), id_of(arguments), body.role));
}

net::Response set_active(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    TIDEMARK_ANSWER(const ActiveChange body, body_of<ActiveChange>(request));
    TIDEMARK_DONE(context.people.accounts->set_active(act_of(request), id_of(arguments), body.active));
}

net::Response sign_person_out(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    TIDEMARK_DONE(context.people.accounts->sign_person_out(act_of(request), id_of(arguments)));
}

net::Response set_break_glass(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    TIDEMARK_ANSWER(const BreakGlassChange body, body_of<BreakGlassChange>(request));
    TIDEMARK_DONE(context.people.accounts->set_break_glass(act_of(request), id_of(arguments), body.on));
}

net::Response make_reset_link(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    TIDEMARK_ANSWER(const ResetLinkRequest body, body_of<ResetLinkRequest>(request));
    TIDEMARK_ANSWER(
        const identity::OneTimeLink link,
        context.people.accounts->make_reset_link(act_of(request), id_of(arguments), body.remove_second_factor));
    return answer(to_link(link));
}

net::Response transfer_person(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    TIDEMARK_ANSWER(const Transfer body, body_of<Transfer>(request));
    TIDEMARK_DONE(context.people.accounts->transfer(act_of(request), id_of(arguments), body.to));
}

net::Response get_invitations(ApiContext& context, const Arguments&, const net::Request& request) {
    const identity::Act act = act_of(request);
    TIDEMARK_ANSWER(const auto links, context.people.accounts->invitations(act));
    const auto directory = context.people.accounts->directory();
    Invitations out;
    for (const store::LinkRow& link : links) {
        if (link.used_at || link.expires_at <= act.now) {
            continue;
        }
        out.invitations.push_back({link.id,
                                   link.role.value_or(identity::Role::kUser),
                                   link.team ? std::optional(team_ref(*directory, *link.team)) : std::nullopt,
                                   {link.created_at},
                                   {link.expires_at}});
    }
    return answer(out);
}

net::Response invite(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(const NewInvitation body, body_of<NewInvitation>(request));
    const std::string to = body.email.value_or("");
    if (!to.empty() && !context.people.mail->ready()) {
        return problem_of(request,
                          base::Error{base::ErrorCode::kFailedPrecondition, "email: this server sends no mail"});
    }
    if (!to.empty() && !net::is_mail_address(to)) {
        return problem_of(request, base::Error{base::ErrorCode::kInvalidArgument,
                                               "email: is not an address that mail can be sent to"});
    }
    TIDEMARK_ANSWER(const identity::OneTimeLink link,
                    context.people.accounts->invite(act_of(request), body.role, body.team));
    if (!to.empty()) {
        context.people.mail->send_invitation(link, to, language_of(body.language, request));
    }
    return answer(to_link(link));
}

net::Response withdraw_invitation(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    TIDEMARK_DONE(context.people.accounts->withdraw_invitation(act_of(request), id_of(arguments)));
}

// ---- teams
// ------------------------------------------------------------------------------------------------------------

net::Response get_teams(ApiContext& context, const Arguments&, const net::Request& request) {
    const auto directory = context.people.accounts->directory();
    const auto reach = directory->teams_in_reach(access_of(request).caller);
    Teams out;
    for (const auto& [id, team] : directory->teams()) {
        if (reach.contains(id)) {
            out.teams.push_back(team_of(*directory, team));
        }
    }
    return answer(out);
}

net::Response create_team(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(const TeamChange body, body_of<TeamChange>(request));
    TIDEMARK_ANSWER(const identity::TeamId id,
                    context.people.accounts->create_team(act_of(request), body.name, body.parent));
    return answer(Team{id, body.parent, body.name, {}});
}

net::Response change_team(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    TIDEMARK_ANSWER(const TeamChange body, body_of<TeamChange>(request));
    TIDEMARK_DONE(context.people.accounts->change_team(act_of(request), id_of(arguments), body.name, body.parent));
}

net::Response remove_team(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    TIDEMARK_DONE(context.people.accounts->remove_team(act_of(request), id_of(arguments)));
}

net::Response set_team_member(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    TIDEMARK_ANSWER(const Membership body, body_of<Membership>(request));
    TIDEMARK_DONE(context.people.accounts->set_team_member(act_of(request), id_of(arguments),
                                                           arguments.integer("account").value_or(0), body.manages));
}

net::Response remove_team_member(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    TIDEMARK_DONE(context.people.accounts->remove_team_member(act_of(request), id_of(arguments),
                                                              arguments.integer("account").value_or(0)));
}

// ---- whose usage is whose
// ---------------------------------------------------------------------------------------------

net::Response get_identities(ApiContext& context, const Arguments&, const net::Request& request) {
    const auto directory = context.people.accounts->directory();
    const auto reach = directory->people_in_reach(access_of(request).caller);
    Identities out;
    for (const identity::Identity& one : directory->identities()) {
        if (in_reach(reach, one.account)) {
            out.identities.push_back({one.id, one.kind, one.value, one.account, username_of(*directory, one.account)});
        }
    }
    TIDEMARK_ANSWER(out.unassigned, unassigned(context, request, *directory));
    return answer(out);
}

net::Response map_identity(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(const NewIdentity body, body_of<NewIdentity>(request));
    identity::Accounts& accounts = *context.people.accounts;
    TIDEMARK_ANSWER(const std::int64_t id, accounts.map_identity(act_of(request), body.kind, body.value, body.account));
    // A mail address is stored in lower case.
    const std::string value = body.kind == identity::IdentityKind::kMail ? identity::lower(body.value) : body.value;
    return answer(MappedIdentity{id, body.kind, value, body.account, username_of(*accounts.directory(), body.account)});
}

net::Response unmap_identity(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    TIDEMARK_DONE(context.people.accounts->unmap_identity(act_of(request), id_of(arguments)));
}

net::Response set_project_owner(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(const ProjectOwner body, body_of<ProjectOwner>(request));
    TIDEMARK_DONE(context.people.accounts->set_project_owner(act_of(request), body.project, body.account));
}

}  // namespace tidemark::api
