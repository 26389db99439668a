// The API as everybody sees it before there are accounts: documents, parameters, answers, the stream.
#include "server/api/api.hpp"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "server/api/convert.hpp"
#include "server/api/routes.hpp"
#include "server/api/test_server.hpp"

namespace tidemark::api {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// ---- the document
// -----------------------------------------------------------------------------------------------------

TEST(OpenApi, TheFileIsUpToDate) {
    const std::string path = std::string(TIDEMARK_SOURCE_DIR) + "/docs/api/openapi.json";
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    EXPECT_TRUE(text.str() == openapi_document()) << "docs/api/openapi.json differs from the routes and DTOs. Write it "
                                                     "anew:\n  tidemark openapi > docs/api/openapi.json";
}

TEST(OpenApi, RoutesAreWellFormed) {
    std::set<std::string_view> ids;
    for (const Route& one : routes()) {
        EXPECT_TRUE(ids.insert(one.id).second) << one.id;
        EXPECT_EQ(&route(one.id), &one);
        std::set<std::string_view> names;
        for (const Parameter& parameter : one.parameters) {
            EXPECT_TRUE(names.insert(parameter.name).second) << one.id << " " << parameter.name;
            EXPECT_EQ(parameter.type == ParameterType::kEnum, parameter.enumeration != nullptr) << parameter.name;
            if (parameter.enumeration != nullptr && !parameter.default_text.empty()) {
                EXPECT_THAT(parameter.enumeration->names, ::testing::Contains(parameter.default_text))
                    << parameter.name;
            }
            if (parameter.in_path) {
                EXPECT_NE(one.path.find("{" + std::string(parameter.name) + "}"), std::string_view::npos);
            }
        }
    }
}

TEST(OpenApi, NamesAgreeWithTheLedgers) {
    const auto& metrics = json::EnumNames<query::Metric>::kNames;
    for (std::size_t i = 0; i < metrics.size(); ++i) {
        EXPECT_EQ(metrics[i], query::to_string(static_cast<query::Metric>(i)));
        EXPECT_EQ(json::EnumNames<Unit>::kNames[static_cast<std::size_t>(to_unit(static_cast<query::Metric>(i)))],
                  query::unit_of(static_cast<query::Metric>(i)));
    }
    const auto& dimensions = json::EnumNames<query::Dimension>::kNames;
    EXPECT_EQ(dimensions.size(), query::all_dimensions().size() + 1);
    for (std::size_t i = 0; i < dimensions.size(); ++i) {
        EXPECT_EQ(dimensions[i], query::to_string(static_cast<query::Dimension>(i)));
    }
    EXPECT_EQ(json::EnumNames<model::RequestKind>::kNames[2], model::to_string(model::RequestKind::kAuxiliary));
    EXPECT_EQ(json::EnumNames<model::Speed>::kNames[1], model::to_string(model::Speed::kFast));
    const Facets facets;
    // One a dimension, and whether anything is withheld.
    EXPECT_EQ(boost::mp11::mp_size<json::impl::Members<Facets>>::value, query::all_dimensions().size() + 1);
}

TEST_F(ApiTest, WithoutAccountsThisMachineMayReadAndSetUpAndNothingElse) {
    for (const Route& one : routes()) {
        if (one.media == "text/event-stream") {
            continue;
        }
        std::string path(one.path);
        if (const std::size_t at = path.find("{id}"); at != std::string::npos) {
            path.replace(at, 4, one.id == "getSession" ? "s%2F1" : "1");
        }
        if (const std::size_t at = path.find("{account}"); at != std::string::npos) {
            path.replace(at, 9, "1");
        }
        if (const std::size_t at = path.find("{name}"); at != std::string::npos) {
            path.replace(at, 6, "b.tmbk");
        }
        std::string body;
        if (one.id == "putSettings") {
            body = json::to_text(Settings{});
        } else if (one.id == "putPriceOverrides") {
            body = R"({"overrides":[]})";
        } else if (one.id == "putBackupSettings") {
            body = json::to_text(BackupSettings{});
        }
        const Answer answer = call(std::string(net::to_string(one.method)), path, body);
        const bool open = one.open || one.right == identity::Right::kRead ||
                          (one.right == identity::Right::kPublic && one.method == net::Method::kGet);
        if (open) {
            EXPECT_EQ(answer.status, one.id == "getReadiness" ? 503 : one.status) << one.id << answer.body;
            if (one.response != nullptr) {
                EXPECT_THAT(answer.head, HasSubstr("Content-Type: application/json\r\n"));
            }
        } else if (one.right != identity::Right::kPublic) {
            EXPECT_EQ(answer.status, 401) << one.id << answer.body;
        }
    }
}

// ---- parameters
// -------------------------------------------------------------------------------------------------------

TEST_F(ApiTest, UnknownParametersAreNamedWithASuggestion) {
    const Answer answer = get("/api/v1/usage/series?groupby=model&colour=red");
    EXPECT_EQ(answer.status, 400);
    EXPECT_THAT(answer.head, HasSubstr("application/problem+json"));
    const auto problem = json::read<Problem>(answer.body);
    ASSERT_TRUE(problem);
    EXPECT_EQ(problem->code, "unknown_parameter");
    EXPECT_EQ(problem->detail, "\"groupby\" is not a parameter of this route (did you mean \"group_by\"?)");
    ASSERT_EQ(problem->errors.size(), 2U);
    EXPECT_EQ(problem->errors[1].path, "colour");
    EXPECT_EQ(problem->request_id.size(), 16U);
    EXPECT_EQ(get("/api/v1/version?x=1").status, 400);
}

TEST_F(ApiTest, WrongValuesAreRefused) {
    for (const std::string query : {"metric=costs",
                                    "bucket=2h",
                                    "limit=0",
                                    "limit=101",
                                    "limit=x",
                                    "limit=",
                                    "from=yesterday",
                                    "from=2026-11-23",
                                    "tz=Mars/Olympus",
                                    "week_start=7",
                                    "kind=robot",
                                    "speed=slow",
                                    "compare=yes",
                                    "metric=cost&metric=cost",
                                    "from=2026-11-23T00:00:00Z&to=2026-11-22T00:00:00Z",
                                    "to=2020-01-01T00:00:00Z",
                                    "to=2028-01-01T00:00:00Z",
                                    "from=1960-01-01T00:00:00Z&to=1969-01-01T00:00:00Z",
                                    "from=2020-01-01T00:00:00Z&bucket=5m",
                                    "from=2026-11-23T00:00:00+08:00"}) {
        const Answer answer = get("/api/v1/usage/series?" + query);
        EXPECT_EQ(answer.status, 400) << query;
        EXPECT_THAT(answer.body, HasSubstr(R"("code":"invalid_parameter")")) << query;
    }
    EXPECT_THAT(get("/api/v1/usage/series?metric=costs").body, HasSubstr("did you mean \\\"cost\\\"?"));
    EXPECT_EQ(get("/api/v1/usage/breakdown?group_by=none").status, 400);
}

TEST_F(ApiTest, ParametersReachTheLedger) {
    get("/api/v1/usage/series?metric=cache_hit_ratio&bucket=1mo&group_by=mcp_server&limit=3&compare=previous&tz=Asia/"
        "Shanghai"
        "&week_start=0&from=2026-01-01T00:00:00%2B08:00&to=2026-11-01T00:00:00Z&project=/"
        "a%20b&project=&kind=main&speed=fast&tool=Bash");
    const query::SeriesQuery& query = ledger_.series_query;
    EXPECT_EQ(query.metric, query::Metric::kCacheHitRatio);
    EXPECT_EQ(query.bucket, base::Bucket::k1mo);
    EXPECT_EQ(query.group_by, query::Dimension::kMcpServer);
    EXPECT_EQ(query.limit, 3U);
    EXPECT_TRUE(query.compare_previous);
    EXPECT_EQ(query.scope.zone.name(), "Asia/Shanghai");
    EXPECT_EQ(query.scope.week_start, 0);
    EXPECT_EQ(query.scope.from, base::parse_rfc3339("2025-12-31T16:00:00Z"));
    EXPECT_EQ(query.scope.to, base::parse_rfc3339("2026-11-01T00:00:00Z"));
    ASSERT_EQ(query.scope.filters.size(), 4U);
    EXPECT_EQ(query.scope.filters[0].dimension, query::Dimension::kProject);
    EXPECT_EQ(query.scope.filters[0].keys, (std::vector<std::string>{"/a b", ""}));
    EXPECT_EQ(query.scope.filters[1].dimension, query::Dimension::kKind);
    EXPECT_EQ(query.scope.filters[2].dimension, query::Dimension::kTool);
    EXPECT_EQ(query.scope.filters[3].keys, (std::vector<std::string>{"fast"}));
}

TEST_F(ApiTest, TheRangeDefaultsToTodayInTheSettingsZone) {
    settings_.time_zone = "Asia/Shanghai";
    settings_.week_start = 6;
    get("/api/v1/usage/breakdown?sort=requests&order=asc&limit=5&offset=10&trend=12");
    const query::BreakdownQuery& query = ledger_.breakdown_query;
    EXPECT_EQ(query.scope.from, base::parse_rfc3339("2026-11-22T16:00:00Z"));
    EXPECT_EQ(query.scope.to, kNow);
    EXPECT_EQ(query.scope.week_start, 6);
    EXPECT_EQ(query.sort, query::Metric::kRequests);
    EXPECT_FALSE(query.descending);
    EXPECT_EQ(query.limit, 5U);
    EXPECT_EQ(query.offset, 10U);
    EXPECT_EQ(query.trend_points, 12U);
}

TEST_F(ApiTest, AutoBucketsFitTheRange) {
    const auto bucket = [&](const std::string& from) {
        return get_as<UsageSeries>("/api/v1/usage/series?from=" + from).bucket;
    };
    EXPECT_EQ(bucket("2026-11-23T00:00:00Z"), base::Bucket::k5m);
    EXPECT_EQ(bucket("2026-11-22T16:00:00Z"), base::Bucket::k15m);
    EXPECT_EQ(bucket("2026-11-22T00:00:00Z"), base::Bucket::k1h);
    EXPECT_EQ(bucket("2026-10-24T00:00:00Z"), base::Bucket::k1d);
    EXPECT_EQ(bucket("2026-01-01T00:00:00Z"), base::Bucket::k1w);
    EXPECT_EQ(bucket("2022-01-01T00:00:00Z"), base::Bucket::k1mo);
    EXPECT_EQ(bucket("2000-01-01T00:00:00Z"), base::Bucket::k1y);
}

// ---- answers
// ----------------------------------------------------------------------------------------------------------

TEST_F(ApiTest, SummaryHasTheNamesOfTheContract) {
    const auto summary = get_as<UsageSummary>("/api/v1/usage/summary");
    EXPECT_EQ(summary.seq, 42U);
    EXPECT_EQ(summary.total_cost.value, 12'000'000'000);
    EXPECT_EQ(summary.total_tokens, 100);
    EXPECT_EQ(summary.request_count, 4);
    EXPECT_EQ(summary.average_duration, 300);
    EXPECT_DOUBLE_EQ(summary.cache_hit_ratio.value(), 70.0 / 80);
    EXPECT_FALSE(summary.previous || summary.monthly_trend || summary.previous_from);
    EXPECT_EQ(summary.by_project.at(0).label, "p");
    const auto compared = get_as<UsageSummary>("/api/v1/usage/summary?compare=previous");
    EXPECT_EQ(compared.previous.value().cost.value, 6'000'000'000);
    EXPECT_THAT(get("/api/v1/usage/summary").body, HasSubstr("\"total_cost\":12,"));
}

TEST_F(ApiTest, AnAnswerIsKeptUntilTheLedgerChanges) {
    const std::string past = "/api/v1/usage/summary?from=2026-11-01T00:00:00Z&to=2026-11-20T00:00:00Z";
    const Answer first = get(past);
    EXPECT_THAT(first.head, HasSubstr("ETag: \""));
    EXPECT_THAT(first.head, HasSubstr("Cache-Control: no-cache"));
    EXPECT_EQ(get(past).body, first.body);
    EXPECT_EQ(ledger_.summaries, 1);
    EXPECT_EQ(get(past + "&compare=previous").status, 200);
    EXPECT_EQ(ledger_.summaries, 2);
    ledger_.seq = 43;
    EXPECT_THAT(get(past).body, HasSubstr("\"seq\":43"));
    EXPECT_EQ(ledger_.summaries, 3);
    at(kNow + 4 * base::kMinute);  // what lies between two given times does not age
    EXPECT_EQ(get(past).status, 200);
    EXPECT_EQ(ledger_.summaries, 3);
}

TEST_F(ApiTest, AnAnswerUpToNowIsKeptForAMoment) {
    const Answer first = get("/api/v1/usage/summary");
    EXPECT_EQ(get("/api/v1/usage/summary").body, first.body);
    EXPECT_EQ(ledger_.summaries, 1);
    at(kNow + base::kSecond);
    EXPECT_THAT(get("/api/v1/usage/summary").body, HasSubstr("\"to\":\"2026-11-23T01:58:35.828Z\""));
    EXPECT_EQ(ledger_.summaries, 2);
}

TEST_F(ApiTest, ChangedSettingsAndPricesMakeAnswersAnew) {
    const std::string past = "/api/v1/usage/summary?from=2026-11-01T00:00:00Z&to=2026-11-20T00:00:00Z";
    EXPECT_THAT(get(past).body, HasSubstr("\"tz\":\"UTC\""));
    EXPECT_EQ(
        call(
            "PUT", "/api/v1/settings",
            R"({"time_zone":"Asia/Tokyo","week_start":1,"currency":"USD","exchange_rate":null,"language":"auto","theme":"auto"})")
            .status,
        200);
    EXPECT_THAT(get(past).body, HasSubstr("\"tz\":\"Asia/Tokyo\""));
    EXPECT_EQ(ledger_.summaries, 2);
    EXPECT_EQ(call("PUT", "/api/v1/prices/overrides", R"({"overrides":[]})").status, 200);
    EXPECT_EQ(get(past).status, 200);
    EXPECT_EQ(ledger_.summaries, 3);
}

TEST_F(ApiTest, AnActiveSessionIsKeptUntilItFallsQuiet) {
    ledger_.last_activity = kNow - base::kMinute;
    EXPECT_THAT(get("/api/v1/sessions/s%2F1").body, HasSubstr("\"active\":true"));
    at(kNow + 4 * base::kMinute - 1);
    EXPECT_EQ(get("/api/v1/sessions/s%2F1").status, 200);
    EXPECT_EQ(ledger_.details, 1);
    at(kNow + 4 * base::kMinute);
    EXPECT_EQ(get("/api/v1/sessions/s%2F1").status, 200);
    EXPECT_EQ(ledger_.details, 2);
}

TEST_F(ApiTest, SeriesBreakdownHoursRecords) {
    const auto series = get_as<UsageSeries>("/api/v1/usage/series");
    EXPECT_EQ(series.unit, Unit::kUsd);
    EXPECT_EQ(series.series.at(0).values, (std::vector<std::optional<double>>{1.5, std::nullopt}));
    EXPECT_FALSE(get_as<UsageBreakdown>("/api/v1/usage/breakdown").rows.at(0).trend);
    EXPECT_EQ(get_as<UsageBreakdown>("/api/v1/usage/breakdown?trend=3").rows.at(0).trend->size(), 3U);
    const auto hours = get_as<UsageHours>("/api/v1/usage/hours?metric=total_tokens");
    EXPECT_EQ(hours.unit, Unit::kTokens);
    ASSERT_EQ(hours.values.size(), 7U);
    ASSERT_EQ(hours.values[0].size(), 24U);
    EXPECT_EQ(hours.values[0][23], 2.5);
    EXPECT_FALSE(hours.values[0][22]);
    const auto records = get_as<UsageRecords>("/api/v1/usage/records?limit=1000&cursor=abc&order=asc");
    EXPECT_EQ(records.next_cursor, "next");
    EXPECT_EQ(records.records.at(0).source->line, 3);
    EXPECT_FALSE(records.records.at(0).cost || records.records.at(0).service_tier);
    EXPECT_EQ(ledger_.records_query.cursor, "abc");
    EXPECT_FALSE(ledger_.records_query.descending);
}

TEST_F(ApiTest, SessionsAndTheirDetail) {
    EXPECT_EQ(get_as<Sessions>("/api/v1/sessions?q=main&sort=cost").sessions.at(0).id, "s1");
    EXPECT_EQ(ledger_.sessions_query.search, "main");
    EXPECT_EQ(ledger_.sessions_query.sort, query::SessionSort::kCost);
    const auto detail = get_as<SessionDetail>("/api/v1/sessions/s%2F1");
    EXPECT_EQ(detail.session.id, "s/1");
    ASSERT_EQ(detail.events.size(), 1U) << "line counts are no events of the timeline";
    EXPECT_EQ(detail.events[0].detail.tokens_before, 1000);
    EXPECT_FALSE(detail.events[0].detail.tokens_after);
    const Answer missing = get("/api/v1/sessions/none");
    EXPECT_EQ(missing.status, 404);
    EXPECT_THAT(missing.body, HasSubstr(R"("code":"not_found")"));
    EXPECT_EQ(get("/api/v1/facets").status, 200);
    EXPECT_EQ(get_as<Facets>("/api/v1/facets").mcp_server.at(0).key, "github");
}

TEST_F(ApiTest, LedgerErrorsBecomeProblems) {
    testing::internal::CaptureStderr();
    ledger_.fail_all = true;
    const Answer answer = get("/api/v1/usage/summary");
    testing::internal::GetCapturedStderr();
    EXPECT_EQ(answer.status, 503);
    EXPECT_THAT(answer.body, HasSubstr(R"("code":"deadline_exceeded","detail":"the query took too long")"));
}

TEST_F(ApiTest, OverviewOfAMoment) {
    query::Block past;
    past.measures.tokens.input = 1000;
    query::Block gap;
    gap.gap = true;
    gap.measures.tokens.input = 9999;
    query::Block present;
    present.active = true;
    present.start = kNow - base::kHour;
    present.end = kNow + 4 * base::kHour;
    present.measures.tokens.input = 900;
    present.projected_tokens = 4500;
    ledger_.blocks = {past, gap, present};
    ledger_.active.emplace_back().cost_per_hour = 3;
    sources_.bad_lines = 2;
    const auto overview = get_as<Overview>("/api/v1/overview");
    EXPECT_EQ(overview.seq, 42U);
    EXPECT_EQ(overview.newest_event->value, kNow - 1000);
    EXPECT_EQ(overview.today.cost.value, 7'000'000'000);
    EXPECT_EQ(overview.week_average_same_time->cost.value, 7'000'000'000);
    EXPECT_EQ(overview.sessions_today, 2);
    EXPECT_EQ(overview.block->yardstick_tokens, 1000);
    EXPECT_EQ(overview.state.block, Alarm::kWarning);
    EXPECT_FALSE(overview.state.today);
    EXPECT_EQ(overview.active_sessions, 1);
    EXPECT_DOUBLE_EQ(overview.sessions.at(0).cost_per_hour, 3);
    EXPECT_EQ(overview.top_projects.at(0).previous_cost->value, 10'000'000'000);
    // 22 days and 1:58:34 of 30 days have passed at 7 USD.
    EXPECT_NEAR(overview.month.projected_cost->dollars(), 7 * 30 / (22 + 7114.828 / 86400), 1e-6);
    // The first scope is today's, the next ones the same span of the seven days before.
    const base::UnixMillis midnight = *base::parse_rfc3339("2026-11-23T00:00:00Z");
    EXPECT_EQ(ledger_.totals_scopes.at(0).from, midnight);
    EXPECT_EQ(ledger_.totals_scopes.at(1).from, midnight - base::kDay);
    EXPECT_EQ(ledger_.totals_scopes.at(1).to, kNow - base::kDay);
    EXPECT_EQ(ledger_.totals_scopes.at(7).from, midnight - 7 * base::kDay);
    std::vector<NoticeCode> codes;
    for (const Notice& one : overview.notices) {
        codes.push_back(one.code);
    }
    EXPECT_THAT(codes,
                ::testing::UnorderedElementsAre(NoticeCode::kLimitHit, NoticeCode::kBadLines, NoticeCode::kCostSpike));
    EXPECT_EQ(overview.notices.front().code, NoticeCode::kLimitHit)
        << "the limit is still in force: the worst comes first";
}

TEST_F(ApiTest, TheOverviewTellsOfABackupThatFailed) {
    const auto told = [this] {
        const auto overview = get_as<Overview>("/api/v1/overview");
        const auto found = std::find_if(overview.notices.begin(), overview.notices.end(),
                                        [](const Notice& one) { return one.code == NoticeCode::kBackupFailed; });
        return found == overview.notices.end() ? std::string() : found->params.reason.value_or("?");
    };
    EXPECT_EQ(told(), "");
    backup_problem_ = "no space left on the disk";
    ++context_.changes;
    EXPECT_EQ(told(), "no space left on the disk");
}

TEST_F(ApiTest, LimitsShowBlockAndHits) {
    const auto limits = get_as<Limits>("/api/v1/limits");
    EXPECT_FALSE(limits.block);
    EXPECT_EQ(limits.hits.at(0).kind, "five_hour");
    EXPECT_EQ(limits.hits.at(0).resets_at->value, kNow + base::kHour);
}

TEST_F(ApiTest, PricesComeFromTheBook) {
    const auto prices = get_as<Prices>("/api/v1/prices");
    ASSERT_FALSE(prices.models.empty());
    const auto opus = std::find_if(prices.models.begin(), prices.models.end(),
                                   [](const ModelPrices& model) { return model.id == "claude-opus-4-5-20251101"; });
    ASSERT_NE(opus, prices.models.end());
    EXPECT_DOUBLE_EQ(opus->rows.at(0).input, 5);
    EXPECT_DOUBLE_EQ(opus->rows.at(0).output, 25);
    EXPECT_DOUBLE_EQ(opus->rows.at(0).web_search_per_1000, 10);
    EXPECT_DOUBLE_EQ(opus->rows.at(0).batch_multiplier, 0.5);
}

// ---- changes
// ----------------------------------------------------------------------------------------------------------

TEST_F(ApiTest, SettingsAreCheckedAndKept) {
    Settings wanted;
    wanted.time_zone = "Asia/Shanghai";
    wanted.currency = "CNY";
    wanted.exchange_rate = ExchangeRate{7.1, "2026-11-20"};
    wanted.language = Language::kZhCn;
    EXPECT_EQ(call("PUT", "/api/v1/settings", json::to_text(wanted)).status, 200);
    EXPECT_EQ(get_as<Settings>("/api/v1/settings").time_zone, "Asia/Shanghai");
    for (const auto& [from, to, path] : std::vector<std::array<std::string, 3>>{
             {"Asia/Shanghai", "Mars/Olympus", "time_zone"},
             {R"("week_start":1)", R"("week_start":9)", "week_start"},
             {"CNY", "yuan", "currency"},
             {"7.1", "0", "exchange_rate.rate"},
             {"2026-11-20", "2026-13-20", "exchange_rate.as_of"},
             {R"({"rate":7.1,"as_of":"2026-11-20"})", "null", "exchange_rate"},
             {R"("theme":"auto")", R"("theme":"pink")", "theme"},
             {R"("theme":)", R"("teme":)", "teme"},
         }) {
        std::string body = json::to_text(wanted);
        body.replace(body.find(from), from.size(), to);
        const Answer answer = call("PUT", "/api/v1/settings", body);
        EXPECT_EQ(answer.status, 400) << body;
        EXPECT_THAT(answer.body, HasSubstr(R"("code":"invalid_body")"));
        EXPECT_THAT(answer.body, HasSubstr(R"({"path":")" + path + "\"")) << answer.body;
    }
    EXPECT_EQ(call("PUT", "/api/v1/settings", json::to_text(wanted), "Content-Type: text/plain\r\n").status, 415);
    EXPECT_EQ(call("PUT", "/api/v1/settings", json::to_text(wanted), "").status, 415);
}

TEST_F(ApiTest, PriceOverridesAreChecked) {
    EXPECT_THAT(call("PUT", "/api/v1/prices/overrides",
                     R"({"overrides":[{"model":"x","input":1,"output":5},{"model":"y","like":"x"}]})")
                    .body,
                HasSubstr(R"("repriced_requests":2)"));
    for (const std::string override :
         {R"({"model":"","input":1,"output":1})", R"({"model":"x"})", R"({"model":"x","input":1})",
          R"({"model":"x","input":-1,"output":1})", R"({"model":"x","like":"y","multiplier":-2})"}) {
        const Answer answer = call("PUT", "/api/v1/prices/overrides", R"({"overrides":[)" + override + "]}");
        EXPECT_EQ(answer.status, 400) << override;
        EXPECT_THAT(answer.body, HasSubstr("overrides[0].")) << override;
    }
}

// ---- system
// -----------------------------------------------------------------------------------------------------------

TEST_F(ApiTest, ReadinessFollowsTheFirstScan) {
    readiness_.progress = {Phase::kImport, 1, 10, 100, 1000};
    const Answer answer = get("/readyz");
    EXPECT_EQ(answer.status, 503);
    EXPECT_THAT(answer.body, HasSubstr(R"("phase":"import","files_done":1,"files_total":10)"));
    readiness_.ready = true;
    EXPECT_EQ(get("/readyz").status, 200);
}

TEST_F(ApiTest, MetricsCountRequests) {
    get("/api/v1/version");
    get("/api/v1/version");
    get("/api/v1/nothing");
    const Answer answer = get("/metrics");
    EXPECT_THAT(answer.head, HasSubstr("Content-Type: text/plain; version=0.0.4"));
    for (const std::string_view line :
         {"tidemark_http_requests_total{route=\"getVersion\",status=\"200\"} 2\n",
          "tidemark_http_requests_total{route=\"none\",status=\"404\"} 1\n",
          "tidemark_http_request_duration_seconds_bucket{route=\"getVersion\",le=\"+Inf\"} 2\n",
          "tidemark_http_request_duration_seconds_count{route=\"getVersion\"} 2\n",
          "# TYPE tidemark_streams gauge\ntidemark_streams 0\n",
          "# TYPE tidemark_stream_frames_dropped_total counter\n", "tidemark_source_files 3\n",
          "tidemark_build_info{version=\"0.1.0\",commit=\"abc\"} 1\n"}) {
        EXPECT_THAT(answer.body, HasSubstr(line));
    }
}

TEST_F(ApiTest, DocsPageNeedsNoInlineScript) {
    const Answer page = get("/api/docs");
    EXPECT_EQ(page.status, 200);
    EXPECT_THAT(page.head, HasSubstr("Content-Type: text/html; charset=utf-8"));
    EXPECT_THAT(page.body, HasSubstr(R"(<script src="/api/docs/docs.js"></script>)"));
    EXPECT_THAT(page.body, Not(HasSubstr("style=")));
    EXPECT_THAT(get("/api/docs/docs.js").head, HasSubstr("text/javascript"));
    EXPECT_THAT(get("/api/docs/docs.css").head, HasSubstr("text/css"));
    EXPECT_EQ(get("/api/docs/none.js").status, 404);
    EXPECT_EQ(get("/api/v1/openapi.json").body, openapi_document());
}

// ---- the stream
// -------------------------------------------------------------------------------------------------------

model::UsageChange change(std::uint64_t seq) {
    model::UsageChange out;
    out.seq = seq;
    out.time = kNow;
    out.deltas.emplace_back().session = "s1";
    out.deltas.back().change = some_totals(1).measures;
    return out;
}

class ApiStreamTest : public ApiTest {
protected:
    std::string stream(const std::string& target, const std::string& headers, std::string_view last) {
        const int fd = send_bytes("GET " + target + " HTTP/1.1\r\nHost: localhost:" + std::to_string(server_->port()) +
                                  "\r\n" + headers + "\r\n");
        const std::string text = read_until(fd, last);
        close(fd);
        return text;
    }
};

TEST_F(ApiStreamTest, BeginsWithHelloAndTellsWhatHappens) {
    const int fd =
        send_bytes("GET /api/v1/stream HTTP/1.1\r\nHost: localhost:" + std::to_string(server_->port()) + "\r\n\r\n");
    EXPECT_THAT(read_until(fd, "\"}\n\n"),
                HasSubstr("event: hello\ndata: {\"seq\":40,\"now\":\"2026-11-23T01:58:34.828Z\"}\n\n"));
    feed_.publish(change(41));
    feed_.announce(live::PricesChanged{});
    feed_.announce(live::ImportProgress{1, 2, 3, 4, false});
    const std::string text =
        read_until(fd,
                   "event: progress\ndata: {\"phase\":\"import\",\"files_done\":1,\"files_total\":2,"
                   "\"bytes_done\":3,\"bytes_total\":4}\n\n");
    EXPECT_THAT(
        text,
        StartsWith("event: usage\nid: 41\ndata: {\"seq\":41,\"time\":\"2026-11-23T01:58:34.828Z\",\"changes\":[{"));
    EXPECT_THAT(text, HasSubstr(R"("session_id":"s1")"));
    EXPECT_THAT(text, HasSubstr(R"("measures":{"cost":1,"input_tokens":10,"output_tokens":20)"));
    EXPECT_THAT(text, HasSubstr("event: prices\ndata: {\"seq\":41}\n\n"));
    close(fd);
}

TEST_F(ApiStreamTest, ResumesFromTheRing) {
    feed_.publish(change(41));
    feed_.publish(change(42));
    const std::string text = stream("/api/v1/stream", "Last-Event-ID: 41\r\n", "id: 42\n");
    EXPECT_THAT(text, HasSubstr("id: 42\n"));
    EXPECT_THAT(text, Not(HasSubstr("id: 41\n")));
    EXPECT_THAT(stream("/api/v1/stream?last_event_id=40", "", "id: 42\n"), HasSubstr("id: 41\n"));
}

TEST_F(ApiStreamTest, SaysResyncWhenItCannotResume) {
    feed_.publish(change(41));
    for (const std::string id : {"39", "42", "abc", "99999999999999999999999"}) {
        EXPECT_THAT(stream("/api/v1/stream", "Last-Event-ID: " + id + "\r\n", "event: resync\ndata: {\"seq\":41}\n\n"),
                    HasSubstr("event: resync\n"))
            << id;
    }
    EXPECT_EQ(get("/api/v1/stream?since=3").status, 400);
}

TEST_F(ApiStreamTest, ChangedSettingsAreTold) {
    const int fd =
        send_bytes("GET /api/v1/stream HTTP/1.1\r\nHost: localhost:" + std::to_string(server_->port()) + "\r\n\r\n");
    read_until(fd, "\"}\n\n");
    EXPECT_EQ(call("PUT", "/api/v1/settings", json::to_text(Settings{})).status, 200);
    EXPECT_THAT(read_until(fd, "\n\n"), HasSubstr("event: settings\ndata: {\"seq\":40}\n\n"));
    close(fd);
}

}  // namespace
}  // namespace tidemark::api
