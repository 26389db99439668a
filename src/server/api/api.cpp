#include "server/api/api.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "server/api/access.hpp"
#include "server/api/docs_page.hpp"
#include "server/api/handlers.hpp"
#include "server/api/routes.hpp"

namespace tidemark::api {
namespace {

constexpr std::array<std::pair<std::string_view, Answer>, 96> kAnswers{{
    {"getOverview", get_overview},
    {"getUsageSummary", get_usage_summary},
    {"getUsageSeries", get_usage_series},
    {"getUsageBreakdown", get_usage_breakdown},
    {"getUsageHours", get_usage_hours},
    {"getUsageRecords", get_usage_records},
    {"getSessions", get_sessions},
    {"getActiveSessions", get_active_sessions},
    {"getSession", get_session},
    {"getProjects", get_projects},
    {"getLimits", get_limits},
    {"getFacets", get_facets},
    {"getSources", get_sources},
    {"getPrices", get_prices},
    {"putPriceOverrides", put_price_overrides},
    {"getSettings", get_settings},
    {"putSettings", put_settings},
    {"getVersion", get_version},
    {"getOpenapi", get_openapi},
    {"getHealth", get_health},
    {"getReadiness", get_readiness},
    {"getMetrics", get_metrics},
    {"refreshSession", refresh_session},
    {"getAuthState", get_auth_state},
    {"setUp", set_up},
    {"signInByLink", sign_in_by_link},
    {"signIn", sign_in},
    {"issueTokens", issue_tokens},
    {"signOut", sign_out},
    {"forgotPassword", forgot_password},
    {"resetPassword", reset_password},
    {"registerAccount", register_account},
    {"requestRegistration", request_registration},
    {"getProvider", get_provider},
    {"putProvider", put_provider},
    {"getMail", get_mail},
    {"putMail", put_mail},
    {"testMail", test_mail},
    {"beginProviderSignIn", begin_provider_sign_in},
    {"finishProviderSignIn", finish_provider_sign_in},
    {"joinProvider", join_provider},
    {"leaveProvider", leave_provider},
    {"getMe", get_me},
    {"putMe", put_me},
    {"changePassword", change_password},
    {"confirmMe", confirm_me},
    {"beginSecondFactor", begin_second_factor},
    {"confirmSecondFactor", confirm_second_factor},
    {"renewRecoveryCodes", renew_recovery_codes},
    {"disableSecondFactor", disable_second_factor},
    {"getDevices", get_devices},
    {"revokeDevice", revoke_device},
    {"revokeOtherDevices", revoke_other_devices},
    {"exportMe", export_me},
    {"eraseMe", erase_me},
    {"getKeys", get_keys},
    {"createKey", create_key},
    {"rotateKey", rotate_key},
    {"revokeKey", revoke_key},
    {"getPeople", get_people},
    {"createPerson", create_person},
    {"setRole", set_role},
    {"setActive", set_active},
    {"signPersonOut", sign_person_out},
    {"setBreakGlass", set_break_glass},
    {"makeResetLink", make_reset_link},
    {"transferPerson", transfer_person},
    {"exportPerson", export_person},
    {"erasePerson", erase_person},
    {"getInvitations", get_invitations},
    {"invite", invite},
    {"withdrawInvitation", withdraw_invitation},
    {"getTeams", get_teams},
    {"createTeam", create_team},
    {"changeTeam", change_team},
    {"removeTeam", remove_team},
    {"setTeamMember", set_team_member},
    {"removeTeamMember", remove_team_member},
    {"getIdentities", get_identities},
    {"mapIdentity", map_identity},
    {"unmapIdentity", unmap_identity},
    {"setProjectOwner", set_project_owner},
    {"getPolicy", get_policy},
    {"putPolicy", put_policy},
    {"getAudit", get_audit},
    {"exportAudit", export_audit},
    {"getAuditVerdict", get_audit_verdict},
    {"getSystem", get_system},
    {"reloadTls", reload_tls},
    {"rotateMasterKey", rotate_master_key},
    {"getBackups", get_backups},
    {"makeBackup", make_backup},
    {"restoreBackup", restore_backup},
    {"removeKept", remove_kept},
    {"getBackupSettings", get_backup_settings},
    {"putBackupSettings", put_backup_settings},
}};

constexpr base::UnixMillis kFarthest = 366 * base::kDay;  // ranges may reach into the future: "this month"

Answer answer_of(std::string_view id) {
    for (const auto& [name, answer] : kAnswers) {
        if (name == id) {
            return answer;
        }
    }
    std::abort();  // a bug: a route without a handler; the tests mount all of them
}

}  // namespace

Questions questions_of(const query::Engine& engine) {
    Questions q;
    q.seq = [&engine] { return engine.seq(); };
    q.newest = [&engine] { return engine.newest(); };
    q.summary = [&engine](const query::Scope& scope, bool previous) { return engine.summary(scope, previous); };
    q.totals = [&engine](const query::Scope& scope) { return engine.totals(scope); };
    q.series = [&engine](const query::SeriesQuery& query) { return engine.series(query); };
    q.breakdown = [&engine](const query::BreakdownQuery& query) { return engine.breakdown(query); };
    q.hours = [&engine](const query::Scope& scope, query::Metric metric) { return engine.hours(scope, metric); };
    q.records = [&engine](const query::RecordsQuery& query) { return engine.records(query); };
    q.sessions = [&engine](const query::SessionsQuery& query) { return engine.sessions(query); };
    q.active_sessions = [&engine](base::UnixMillis now, const query::Reach* reach) {
        return engine.active_sessions(now, reach);
    };
    q.session = [&engine](std::string_view id, const query::Reach* reach) { return engine.session(id, reach); };
    q.blocks = [&engine](const query::Scope& scope, base::UnixMillis now) { return engine.blocks(scope, now); };
    q.events = [&engine](const query::Scope& scope, model::EventKind kind, std::size_t limit) {
        return engine.events(scope, kind, limit);
    };
    q.projects = [&engine](const query::Scope& scope) { return engine.projects(scope); };
    q.facets = [&engine](const query::Scope& scope, std::size_t limit) { return engine.facets(scope, limit); };
    q.members = [&engine](const query::Reach* reach) { return engine.members(reach); };
    return q;
}

void mount(net::Router& router, ApiContext& context) {
    for (const Route& route : routes()) {
        net::RouteOptions options{.id = std::string(route.id), .blocking = route.blocking, .deadline = route.deadline};
        // Equal reaches share these answers. What is about a person is made for each.
        if (route.method == net::Method::kGet && route.blocking && route.right == identity::Right::kRead) {
            options.state = [&context] { return (context.changes.load() << 44U) + context.questions.seq(); };
        }
        if (route.media == "text/event-stream") {
            router.add_stream(route.path, stream_handler(context), std::move(options));
            continue;
        }
        router.add(
            route.method, route.path,
            [&context, &route, answer = answer_of(route.id)](const net::Request& request) {
                const auto arguments = Arguments::parse(route, request);
                if (!arguments) {
                    return arguments.error();
                }
                const auto finish = [&context, &route](net::Response& response) {
                    if (response.status < 300 && (route.status == 201 || route.status == 202)) {
                        response.status = route.status;
                    }
                    if (route.changes_access && response.status < 300) {
                        context.people.access_changed();
                    }
                };
                net::Response response = answer(context, *arguments, request);
                if (response.later) {
                    response.later = [make = std::move(response.later), finish](auto take) {
                        make([take = std::move(take), finish](net::Response made) {
                            finish(made);
                            take(std::move(made));
                        });
                    };
                    return response;
                }
                finish(response);
                return response;
            },
            std::move(options));
    }
    mount_docs_page(router);
}

base::UnixMillis holds_until(const Arguments& arguments, const query::Scope& scope, bool whole_quarters) {
    const base::UnixMillis now = base::now();
    base::UnixMillis until = kForever;
    if (arguments.text("to").empty()) {
        until = whole_quarters ? (now / base::kQuarter + 1) * base::kQuarter : now + kMoment;
    }
    if (arguments.text("from").empty()) {
        const std::int64_t today = base::days_from_civil(scope.zone.date_of(now));
        until = std::min(until, scope.zone.start_of(base::civil_from_days(today + 1)));
    }
    return until;
}

query::Scope place_of(const net::Request& request) {
    query::Scope place;
    place.reach = access_of(request).ledger;
    return place;
}

OrProblem<query::Scope> place_of(const ApiContext& context, const Arguments& arguments, const net::Request& request) {
    const Settings settings = context.settings.get();
    std::string name(arguments.text("tz"));
    if (name.empty()) {
        name = settings.time_zone.value_or("local");
    }
    auto zone = base::TimeZone::load(name);
    if (!zone) {
        return tl::unexpected<net::Response>(parameter_problem(request, "tz", "is not a known IANA time zone"));
    }
    query::Scope place = place_of(request);
    place.zone = std::move(*zone);
    place.week_start = static_cast<base::WeekStart>(arguments.integer("week_start").value_or(settings.week_start));
    return place;
}

OrProblem<query::Scope> scope_of(const ApiContext& context, const Arguments& arguments, const net::Request& request,
                                 bool from_the_first) {
    auto place = place_of(context, arguments, request);
    if (!place) {
        return place;
    }
    query::Scope scope = std::move(*place);
    const base::UnixMillis now = base::now();
    scope.to = arguments.time("to").value_or(now);
    const base::UnixMillis today = scope.zone.start_of(scope.zone.date_of(now));
    scope.from = arguments.time("from").value_or(from_the_first ? 0 : today);
    scope.from = std::max<base::UnixMillis>(scope.from, 0);
    if (scope.to > now + kFarthest) {
        return tl::unexpected<net::Response>(parameter_problem(request, "to", "must not be more than a year ahead"));
    }
    if (scope.from >= scope.to) {
        const bool given = arguments.time("from").has_value();
        return tl::unexpected<net::Response>(
            given ? parameter_problem(request, "from", "must be before \"to\"")
                  : parameter_problem(request, "to", "must be after the start of today unless \"from\" is given"));
    }
    for (const query::Dimension dimension : query::all_dimensions()) {
        if (auto keys = arguments.list(query::to_string(dimension)); !keys.empty()) {
            scope.filters.push_back({dimension, std::move(keys)});
        }
    }
    return scope;
}

}  // namespace tidemark::api
