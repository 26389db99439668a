#include "server/api/routes.hpp"

#include <cstdlib>

#include "server/api/dto.hpp"
#include "server/api/parameters.hpp"

namespace tidemark::api {
namespace {

using identity::Right;
using net::Method;
using namespace parameters;  // NOLINT(google-build-using-namespace): the table reads like a form

Parameters zone() {
    return {
        text("tz", "IANA time zone of days, weeks and months. Default: the setting, else the machine's."),
        number("week_start", "First day of the week, 0 Sunday to 6 Saturday. Default: the setting.", "", 0, 6),
    };
}

Parameters filters() {
    return {
        repeated("project", "Only these projects (keys). Repeat for more; \"\" is none."),
        repeated("model", "Only these models."),
        repeated("branch", "Only these git branches."),
        repeated("session", "Only these sessions."),
        choices<model::RequestKind>("kind", "Only these kinds of request."),
        repeated("tool", "Only requests that used one of these tools."),
        repeated("version", "Only these client versions."),
        repeated("entrypoint", "Only these entry points (cli, sdk, …)."),
        repeated("agent", "Only these agents."),
        repeated("skill", "Only these skills."),
        repeated("plugin", "Only these plugins."),
        repeated("mcp_server", "Only these MCP servers."),
        repeated("effort", "Only these effort levels."),
        choices<model::Speed>("speed", "Only this speed."),
        repeated("service_tier", "Only these service tiers."),
        repeated("geo", "Only these inference regions."),
        repeated("member", "Only these members."),
    };
}

/// What every question about a range takes, with the question's own parameters before it.
Parameters scoped(Parameters own, std::string_view default_from = "today in tz") {
    own.push_back(time("from", default_from == "today in tz" ? "Start of the range. Default: the start of today in tz."
                                                             : "Start of the range. Default: the first request."));
    own.push_back(time("to", "End of the range, exclusive. Default: now."));
    for (Parameters part : {zone(), filters()}) {
        own.insert(own.end(), part.begin(), part.end());
    }
    return own;
}

std::vector<Route> ledger_routes() {
    const Parameter metric = choice<query::Metric>("metric", "What to measure.", "cost");
    const Parameter compare = choice<Compare>("compare", "Also answer for the span right before.", "none");
    const Parameter order = choice<Order>("order", "Direction.", "desc");
    const Parameter cursor = text("cursor", "next_cursor of the page before.");
    return {
        {.path = "/api/v1/overview",
         .id = "getOverview",
         .tag = "usage",
         .summary = "Everything the overview page shows",
         .parameters = zone(),
         .response = dto<Overview>(),
         .blocking = true,
         .right = Right::kRead},
        {.path = "/api/v1/usage/summary",
         .id = "getUsageSummary",
         .tag = "usage",
         .summary = "Totals of a range",
         .parameters = scoped({compare}),
         .response = dto<UsageSummary>(),
         .blocking = true,
         .right = Right::kRead},
        {.path = "/api/v1/usage/series",
         .id = "getUsageSeries",
         .tag = "usage",
         .summary = "A metric over time",
         .parameters =
             scoped({metric, choice<BucketChoice>("bucket", "Width of a bucket; auto fits the range.", "auto"),
                     choice<query::Dimension>("group_by", "One line per value of this dimension.", "none"),
                     number("limit", "Most lines; the rest is summed as \"__other__\".", "7", 1, 100), compare}),
         .response = dto<UsageSeries>(),
         .blocking = true,
         .right = Right::kRead},
        {.path = "/api/v1/usage/breakdown",
         .id = "getUsageBreakdown",
         .tag = "usage",
         .summary = "A range cut by one dimension",
         .parameters =
             scoped({choice<query::Dimension>("group_by", "What to cut by.", "project"),
                     number("limit", "Most rows.", "50", 1, 1000), number("offset", "Rows to skip.", "0", 0, 1'000'000),
                     choice<query::Metric>("sort", "What to sort by.", "cost"), order, compare,
                     number("trend", "Points of each row's cost over the range; 0 = none.", "0", 0, 100)}),
         .response = dto<UsageBreakdown>(),
         .blocking = true,
         .right = Right::kRead},
        {.path = "/api/v1/usage/hours",
         .id = "getUsageHours",
         .tag = "usage",
         .summary = "A metric by weekday and hour",
         .parameters = scoped({metric}),
         .response = dto<UsageHours>(),
         .blocking = true,
         .right = Right::kRead},
        {.path = "/api/v1/usage/records",
         .id = "getUsageRecords",
         .tag = "usage",
         .summary = "The single requests",
         .parameters = scoped({number("limit", "Most records of a page.", "100", 1, 1000), cursor, order}),
         .response = dto<UsageRecords>(),
         .blocking = true,
         .right = Right::kRead},
        {.path = "/api/v1/sessions",
         .id = "getSessions",
         .tag = "sessions",
         .summary = "Sessions with activity in a range",
         .parameters = scoped({text("q", "Part of a project's path, a branch or a session id."),
                               choice<query::SessionSort>("sort", "What to sort by.", "last_activity"), order,
                               number("limit", "Most sessions of a page.", "50", 1, 500), cursor}),
         .response = dto<Sessions>(),
         .blocking = true,
         .right = Right::kRead},
        {.path = "/api/v1/sessions/active",
         .id = "getActiveSessions",
         .tag = "sessions",
         .summary = "The sessions in progress",
         .response = dto<ActiveSessions>(),
         .blocking = true,
         .right = Right::kRead},
        {.path = "/api/v1/sessions/{id}",
         .id = "getSession",
         .tag = "sessions",
         .summary = "One session in full",
         .parameters = {in_path("id", "The session's id.")},
         .response = dto<SessionDetail>(),
         .blocking = true,
         .right = Right::kRead},
        {.path = "/api/v1/projects",
         .id = "getProjects",
         .tag = "usage",
         .summary = "Projects and what they used",
         .parameters = scoped({}, "the first request"),
         .response = dto<Projects>(),
         .blocking = true,
         .right = Right::kRead},
        {.path = "/api/v1/limits",
         .id = "getLimits",
         .tag = "usage",
         .summary = "The present 5-hour block and limit hits",
         .response = dto<Limits>(),
         .blocking = true,
         .right = Right::kRead},
        {.path = "/api/v1/facets",
         .id = "getFacets",
         .tag = "usage",
         .summary = "Values for filter pickers",
         .parameters = scoped({number("limit", "Most values of each filter.", "200", 1, 1000)}),
         .response = dto<Facets>(),
         .blocking = true,
         .right = Right::kRead},
        {.path = "/api/v1/stream",
         .id = "getStream",
         .tag = "live",
         .summary = "Server-Sent Events: what changes, as it changes",
         .parameters = {{.name = "last_event_id",
                         .type = ParameterType::kInteger,
                         .description = "Resume after this event (as the Last-Event-ID header does)."}},
         .media = "text/event-stream",
         .right = Right::kRead},
        {.path = "/api/v1/sources",
         .id = "getSources",
         .tag = "system",
         .summary = "Where usage is read from, and how well",
         .response = dto<Sources>(),
         .blocking = true,
         .right = Right::kRead},
        {.path = "/api/v1/prices",
         .id = "getPrices",
         .tag = "prices",
         .summary = "The price book in force",
         .response = dto<Prices>(),
         .blocking = true,
         .right = Right::kRead},
        {.method = Method::kPut,
         .path = "/api/v1/prices/overrides",
         .id = "putPriceOverrides",
         .tag = "prices",
         .summary = "Replace all own prices and reprice everything",
         .request = dto<PriceOverrides>(),
         .response = dto<Repricing>(),
         .blocking = true,
         .deadline = std::chrono::minutes(2),
         .right = Right::kManageAll,
         .open = true},  // every recorded request gets its cost anew
        {.path = "/api/v1/settings",
         .id = "getSettings",
         .tag = "system",
         .summary = "The settings",
         .response = dto<Settings>(),
         .right = Right::kRead},
        {.method = Method::kPut,
         .path = "/api/v1/settings",
         .id = "putSettings",
         .tag = "system",
         .summary = "Replace the settings",
         .request = dto<Settings>(),
         .response = dto<Settings>(),
         .blocking = true,
         .right = Right::kManageAll,
         .open = true},
        {.path = "/api/v1/version",
         .id = "getVersion",
         .tag = "system",
         .summary = "What is running",
         .response = dto<Version>(),
         .right = Right::kRead},
        {.path = "/api/v1/openapi.json",
         .id = "getOpenapi",
         .tag = "system",
         .summary = "This document",
         .right = Right::kPublic},
        {.path = "/healthz",
         .id = "getHealth",
         .tag = "system",
         .summary = "Alive",
         .response = dto<Health>(),
         .right = Right::kPublic},
        {.path = "/readyz",
         .id = "getReadiness",
         .tag = "system",
         .summary = "Store open and first scan done (200), or its progress (503)",
         .response = dto<Readiness>(),
         .right = Right::kPublic},
        {.path = "/metrics",
         .id = "getMetrics",
         .tag = "system",
         .summary = "Metrics in Prometheus' text format",
         .media = "text/plain",
         .right = Right::kRead,
         .local = true},
    };
}

}  // namespace

const std::vector<Route>& routes() {
    static const std::vector<Route> table = [] {
        std::vector<Route> all = ledger_routes();
        for (Route& route : account_routes()) {
            all.push_back(std::move(route));
        }
        return all;
    }();
    return table;
}

const Route& route(std::string_view id) {
    for (const Route& candidate : routes()) {
        if (candidate.id == id) {
            return candidate;
        }
    }
    std::abort();  // a bug: ids are written in the program, and a test looks up each of them
}

}  // namespace tidemark::api
