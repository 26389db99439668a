// What the API sends and takes, field by field: the description below is at once the JSON, the OpenAPI schema and, for
// request bodies, the reader. Names are part of the public contract. Money is in USD; a value that is unknown is null,
// never 0. `withheld`: the organisation tells totals over many people only, and not all that was asked for is in the
// answer; whether it is says nothing of who is not.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "foundation/base/time.hpp"
#include "foundation/json/describe.hpp"
#include "ledger/model/usage.hpp"
#include "ledger/query/query.hpp"

namespace tidemark::api {

enum class Unit { kUsd, kTokens, kCount, kRatio, kMs };
enum class BucketChoice { kAuto, k5m, k15m, k1h, k1d, k1w, k1mo, k1y };
enum class Compare { kNone, kPrevious };
enum class Order { kDesc, kAsc };
enum class SessionEventType { kTurn, kCompaction, kApiError, kLimitHit, kPullRequest };
enum class Alarm { kNormal, kWarning, kOver };
enum class Severity { kInfo, kWarning, kError };
enum class NoticeCode {
    kUnpricedModel,
    kBadLines,
    kLimitHit,
    kCleanupSoon,
    kNewModel,
    kIncompleteOutput,
    kUnreadableSource,
    kCostSpike,
    kBackupFailed,
};
enum class WatchMode { kInotify, kPolling };
enum class Language { kAuto, kZhCn, kEn };
enum class Theme { kAuto, kLight, kDark };
enum class Phase { kStarting, kImport, kReady };

}  // namespace tidemark::api

namespace tidemark::json {

// clang-format off
template <> struct EnumNames<base::Bucket> {
    static constexpr std::string_view kName = "Bucket";
    static constexpr std::array<std::string_view, 7> kNames{"5m", "15m", "1h", "1d", "1w", "1mo", "1y"};
};
template <> struct EnumNames<query::Dimension> {
    static constexpr std::string_view kName = "Dimension";
    static constexpr std::array<std::string_view, 18> kNames{
        "none", "project", "model", "branch", "session", "kind", "tool", "version", "entrypoint", "agent", "skill", "plugin",
        "mcp_server", "effort", "speed", "service_tier", "geo", "member"};
};
template <> struct EnumNames<query::Metric> {
    static constexpr std::string_view kName = "Metric";
    static constexpr std::array<std::string_view, 15> kNames{
        "cost", "total_tokens", "input_tokens", "output_tokens", "thinking_tokens", "cache_write_tokens", "cache_read_tokens",
        "requests", "sessions", "cache_hit_ratio", "average_duration", "cost_per_request", "web_searches", "tool_calls",
        "tool_errors"};
};
template <> struct EnumNames<query::SessionSort> {
    static constexpr std::string_view kName = "SessionSort";
    static constexpr std::array<std::string_view, 6> kNames{"last_activity", "started", "cost", "total_tokens", "requests",
                                                            "duration"};
};
template <> struct EnumNames<model::RequestKind> {
    static constexpr std::string_view kName = "RequestKind";
    static constexpr std::array<std::string_view, 3> kNames{"main", "subagent", "auxiliary"};
};
template <> struct EnumNames<model::Speed> {
    static constexpr std::string_view kName = "Speed";
    static constexpr std::array<std::string_view, 2> kNames{"standard", "fast"};
};
template <> struct EnumNames<api::Unit> {
    static constexpr std::string_view kName = "Unit";
    static constexpr std::array<std::string_view, 5> kNames{"usd", "tokens", "count", "ratio", "ms"};
};
template <> struct EnumNames<api::BucketChoice> {
    static constexpr std::string_view kName = "BucketChoice";
    static constexpr std::array<std::string_view, 8> kNames{"auto", "5m", "15m", "1h", "1d", "1w", "1mo", "1y"};
};
template <> struct EnumNames<api::Compare> {
    static constexpr std::string_view kName = "Compare";
    static constexpr std::array<std::string_view, 2> kNames{"none", "previous"};
};
template <> struct EnumNames<api::Order> {
    static constexpr std::string_view kName = "Order";
    static constexpr std::array<std::string_view, 2> kNames{"desc", "asc"};
};
template <> struct EnumNames<api::SessionEventType> {
    static constexpr std::string_view kName = "SessionEventType";
    static constexpr std::array<std::string_view, 5> kNames{"turn", "compaction", "api_error", "limit_hit", "pull_request"};
};
template <> struct EnumNames<api::Alarm> {
    static constexpr std::string_view kName = "Alarm";
    static constexpr std::array<std::string_view, 3> kNames{"normal", "warning", "over"};
};
template <> struct EnumNames<api::Severity> {
    static constexpr std::string_view kName = "Severity";
    static constexpr std::array<std::string_view, 3> kNames{"info", "warning", "error"};
};
template <> struct EnumNames<api::NoticeCode> {
    static constexpr std::string_view kName = "NoticeCode";
    static constexpr std::array<std::string_view, 9> kNames{"unpriced_model", "bad_lines", "limit_hit", "cleanup_soon", "new_model",
                                                            "incomplete_output", "unreadable_source", "cost_spike",
                                                            "backup_failed"};
};
template <> struct EnumNames<api::WatchMode> {
    static constexpr std::string_view kName = "WatchMode";
    static constexpr std::array<std::string_view, 2> kNames{"inotify", "polling"};
};
template <> struct EnumNames<api::Language> {
    static constexpr std::string_view kName = "Language";
    static constexpr std::array<std::string_view, 3> kNames{"auto", "zh-CN", "en"};
};
template <> struct EnumNames<api::Theme> {
    static constexpr std::string_view kName = "Theme";
    static constexpr std::array<std::string_view, 3> kNames{"auto", "light", "dark"};
};
template <> struct EnumNames<api::Phase> {
    static constexpr std::string_view kName = "Phase";
    static constexpr std::array<std::string_view, 3> kNames{"starting", "import", "ready"};
};
// clang-format on

}  // namespace tidemark::json

namespace tidemark::api {

using json::Time;

// ---- shared
// -----------------------------------------------------------------------------------------------------------

struct Measures {
    base::NanoUsd cost;
    std::int64_t input_tokens = 0, output_tokens = 0, thinking_tokens = 0;
    std::int64_t cache_write_tokens = 0, cache_write_5m_tokens = 0, cache_write_1h_tokens = 0, cache_read_tokens = 0;
    std::int64_t total_tokens = 0;
    std::int64_t requests = 0, sessions = 0, web_searches = 0;
    std::int64_t incomplete_requests = 0, unpriced_requests = 0, unpriced_tokens = 0;
    std::optional<double> cache_hit_ratio;
    std::int64_t duration_ms = 0;
    std::optional<double> average_duration;
};
TIDEMARK_DTO(
    Measures,
    "Sums over requests. total_tokens = input + output + cache_write + cache_read; thinking is part of output. cost "
    "(USD) counts priced requests only: unpriced_requests > 0 means the cost is a lower bound. cache_hit_ratio = "
    "cache_read / (input + cache_write + cache_read). average_duration is in milliseconds a request.",
    (cost, input_tokens, output_tokens, thinking_tokens, cache_write_tokens, cache_write_5m_tokens,
     cache_write_1h_tokens, cache_read_tokens, total_tokens, requests, sessions, web_searches, incomplete_requests,
     unpriced_requests, unpriced_tokens, cache_hit_ratio, duration_ms, average_duration))

struct GroupKey {
    std::string key, label;
};
TIDEMARK_DTO(GroupKey, "A value of a dimension: key goes into filters, label is for people. Key \"\" is \"none\".",
             (key, label))

struct GroupMeasures {
    std::string key, label;
    Measures measures;
};
TIDEMARK_DTO(GroupMeasures, "The measures of one value of a dimension.", (key, label, measures))

struct ProblemItem {
    std::string path, message;
};
TIDEMARK_DTO(ProblemItem, "One thing that is wrong: where, and what.", (path, message))

struct Problem {
    std::string type, title;
    std::int32_t status = 0;
    std::string code, detail;
    std::vector<ProblemItem> errors;
    std::string request_id;
};
TIDEMARK_DTO(Problem, "An error (RFC 9457). code is stable; detail is for people.",
             (type, title, status, code, detail, errors, request_id))

// ---- usage
// ------------------------------------------------------------------------------------------------------------

struct UsageSummary {
    std::uint64_t seq = 0;
    Time from, to;
    std::string tz;
    std::int64_t total_input_tokens = 0, total_output_tokens = 0, total_thinking_tokens = 0;
    std::int64_t total_cache_write_tokens = 0, total_cache_write_5m_tokens = 0, total_cache_write_1h_tokens = 0;
    std::int64_t total_cache_read_tokens = 0, total_tokens = 0;
    base::NanoUsd total_cost;
    std::int64_t request_count = 0, session_count = 0, web_search_count = 0, incomplete_count = 0;
    std::int64_t unpriced_count = 0, unpriced_tokens = 0;
    std::vector<std::string> unpriced_models;
    std::optional<double> cache_hit_ratio, average_duration;
    double daily_average = 0;
    std::optional<double> weekly_trend, monthly_trend;
    std::vector<GroupMeasures> by_project, by_model;
    std::optional<Measures> previous;
    std::optional<Time> previous_from, previous_to;
    bool withheld = false;
};
TIDEMARK_DTO(
    UsageSummary,
    "Totals of a range. daily_average is USD a day. weekly_trend and monthly_trend compare the last 7 and 30 days with "
    "those before (0.25 = a quarter more), null when the earlier span is empty. by_project and by_model hold the 50 "
    "dearest.",
    (seq, from, to, tz, total_input_tokens, total_output_tokens, total_thinking_tokens, total_cache_write_tokens,
     total_cache_write_5m_tokens, total_cache_write_1h_tokens, total_cache_read_tokens, total_tokens, total_cost,
     request_count, session_count, web_search_count, incomplete_count, unpriced_count, unpriced_tokens, unpriced_models,
     cache_hit_ratio, average_duration, daily_average, weekly_trend, monthly_trend, by_project, by_model, previous,
     previous_from, previous_to, withheld))

struct SeriesLine {
    std::string key, label;
    std::vector<std::optional<double>> values;
    std::optional<double> total;
};
TIDEMARK_DTO(SeriesLine,
             "One line of a chart; values[i] belongs to buckets[i]. Key \"__other__\" sums what is beyond the limit.",
             (key, label, values, total))

struct PreviousLine {
    std::vector<std::optional<double>> values;
    std::optional<double> total;
};
TIDEMARK_DTO(PreviousLine, "The span before, aligned bucket by bucket.", (values, total))

struct UsageSeries {
    std::uint64_t seq = 0;
    query::Metric metric = query::Metric::kCost;
    Unit unit = Unit::kUsd;
    base::Bucket bucket = base::Bucket::k1d;
    std::string tz;
    std::vector<Time> buckets;
    Time ends_at;
    std::vector<SeriesLine> series;
    std::int64_t other_count = 0;
    std::optional<PreviousLine> previous;
    Time complete_until;
    bool withheld = false;
};
TIDEMARK_DTO(
    UsageSeries,
    "A metric over time. Sum metrics are 0 in an empty bucket, ratio metrics null. Buckets after complete_until are "
    "unfinished. Grouped by tool, a request's figure is shared over its tool calls.",
    (seq, metric, unit, bucket, tz, buckets, ends_at, series, other_count, previous, complete_until, withheld))

struct BreakdownRow {
    std::string key, label;
    Measures measures;
    double share = 0;
    std::optional<base::NanoUsd> previous_cost;
    std::optional<double> change;
    std::optional<std::vector<double>> trend;
};
TIDEMARK_DTO(BreakdownRow,
             "One row: share is of the cost in range; change = cost / previous_cost - 1; trend is cost in USD.",
             (key, label, measures, share, previous_cost, change, trend))

struct UsageBreakdown {
    std::uint64_t seq = 0;
    std::vector<BreakdownRow> rows;
    Measures totals;
    std::int64_t total_rows = 0;
    bool withheld = false;
};
TIDEMARK_DTO(UsageBreakdown, "A range cut by one dimension, with the totals of everything in range.",
             (seq, rows, totals, total_rows, withheld))

struct UsageHours {
    std::uint64_t seq = 0;
    query::Metric metric = query::Metric::kCost;
    Unit unit = Unit::kUsd;
    std::vector<std::vector<std::optional<double>>> values;
    bool withheld = false;
};
TIDEMARK_DTO(
    UsageHours,
    "values[weekday][hour]: 7 rows from Monday, 24 local hours; the mean over the hours of that name in range, null "
    "when there was none.",
    (seq, metric, unit, values, withheld))

struct ToolCalls {
    std::string name;
    std::int64_t calls = 0;
};
TIDEMARK_DTO(ToolCalls, "How often a request used a tool.", (name, calls))

struct SourceLine {
    std::string file;
    std::int64_t line = 0;
};
TIDEMARK_DTO(SourceLine, "Where a record was read.", (file, line))

struct UsageRecord {
    std::string id;
    Time time;
    std::string session_id, project, branch, model, model_given;
    model::RequestKind kind = model::RequestKind::kMain;
    std::optional<std::string> agent;
    std::int64_t input_tokens = 0, output_tokens = 0, thinking_tokens = 0;
    std::int64_t cache_write_5m_tokens = 0, cache_write_1h_tokens = 0, cache_read_tokens = 0, web_searches = 0;
    std::optional<base::NanoUsd> cost;
    std::optional<std::int64_t> duration_ms;
    std::optional<std::string> stop_reason;
    model::Speed speed = model::Speed::kStandard;
    std::optional<std::string> service_tier, geo, effort;
    bool incomplete = false;
    std::string message_id;
    std::optional<std::string> request_id;
    std::vector<ToolCalls> tools;
    std::string version, entrypoint;
    std::optional<SourceLine> source;
};
TIDEMARK_DTO(UsageRecord, "One billed model request.",
             (id, time, session_id, project, branch, model, model_given, kind, agent, input_tokens, output_tokens,
              thinking_tokens, cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, web_searches, cost,
              duration_ms, stop_reason, speed, service_tier, geo, effort, incomplete, message_id, request_id, tools,
              version, entrypoint, source))

struct UsageRecords {
    std::vector<UsageRecord> records;
    std::optional<std::string> next_cursor;
    bool withheld = false;
};
TIDEMARK_DTO(UsageRecords, "A page of requests.", (records, next_cursor, withheld))

// ---- sessions
// ---------------------------------------------------------------------------------------------------------

struct Session {
    std::string id;
    GroupKey project;
    std::string branch;
    std::vector<std::string> models;
    Time started, last_activity;
    bool active = false;
    std::optional<std::string> parent_session;
    std::string version, entrypoint;
    Measures measures;
    std::int64_t duration_ms = 0;
    std::optional<std::int64_t> context_tokens, context_window;
    std::int64_t subagents = 0, compactions = 0, api_errors = 0, limit_hits = 0;
    std::optional<std::int64_t> lines_added, lines_removed;
    std::int64_t pull_requests = 0;
};
TIDEMARK_DTO(
    Session,
    "A session over its whole life. active: something happened in the last 5 minutes. duration_ms is wall time. "
    "context_tokens is the prompt of the newest main request.",
    (id, project, branch, models, started, last_activity, active, parent_session, version, entrypoint, measures,
     duration_ms, context_tokens, context_window, subagents, compactions, api_errors, limit_hits, lines_added,
     lines_removed, pull_requests))

struct ActiveSession : Session {
    double tokens_per_minute = 0, cost_per_hour = 0;
};
TIDEMARK_DTO_DERIVED(ActiveSession, (Session), "A session in progress, with its present pace.",
                     (tokens_per_minute, cost_per_hour))

struct Sessions {
    std::uint64_t seq = 0;
    std::vector<Session> sessions;
    std::optional<std::string> next_cursor;
    std::int64_t total = 0;
    bool withheld = false;
};
TIDEMARK_DTO(Sessions, "A page of sessions; total counts all that match.",
             (seq, sessions, next_cursor, total, withheld))

struct ActiveSessions {
    std::uint64_t seq = 0;
    std::vector<ActiveSession> sessions;
    bool withheld = false;
};
TIDEMARK_DTO(ActiveSessions, "The sessions in progress.", (seq, sessions, withheld))

struct SessionRequest : UsageRecord {
    std::int64_t context_tokens = 0;
    bool cache_miss = false;
};
TIDEMARK_DTO_DERIVED(SessionRequest, (UsageRecord),
                     "A request inside its session. cache_miss: it wrote anew what an earlier request had cached.",
                     (context_tokens, cache_miss))

struct SessionEventDetail {
    std::optional<std::int64_t> duration_ms, tokens_before, tokens_after;
    std::optional<std::string> trigger;
    std::optional<std::int64_t> status, attempt;
    std::optional<std::string> error, limit;
    std::optional<Time> resets_at;
    std::optional<std::int64_t> number;
    std::optional<std::string> repository;
};
TIDEMARK_DTO(
    SessionEventDetail,
    "What is known of an event: turn has duration_ms; compaction trigger, tokens_before, tokens_after; api_error "
    "status, attempt, error; limit_hit limit, resets_at; pull_request number, repository.",
    (duration_ms, tokens_before, tokens_after, trigger, status, attempt, error, limit, resets_at, number, repository))

struct SessionEvent {
    Time time;
    SessionEventType type = SessionEventType::kTurn;
    SessionEventDetail detail;
};
TIDEMARK_DTO(SessionEvent, "Something that happened in a session beside requests.", (time, type, detail))

struct ToolUsage {
    std::string name;
    std::int64_t calls = 0, errors = 0;
};
TIDEMARK_DTO(ToolUsage, "A tool's calls in a session.", (name, calls, errors))

struct Span {
    Time from, to;
};
TIDEMARK_DTO(Span, "A stretch of time.", (from, to))

struct SessionAgent {
    std::string id, name, type;
    std::optional<std::string> parent_id;
    Time started, ended;
    Measures measures;
    std::vector<Span> spans;
};
TIDEMARK_DTO(SessionAgent, "The main conversation (id \"main\") or a subagent; spans are stretches of work.",
             (id, name, type, parent_id, started, ended, measures, spans))

struct UnloggedUsage {
    base::NanoUsd cost;
    std::int64_t input_tokens = 0, output_tokens = 0, cache_read_tokens = 0, cache_write_tokens = 0;
};
TIDEMARK_DTO(UnloggedUsage, "The client's own total minus the recorded requests: usage that left no row.",
             (cost, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens))

struct SessionDetail {
    std::uint64_t seq = 0;
    Session session;
    std::vector<SessionRequest> requests;
    bool truncated = false;
    std::vector<SessionEvent> events;
    std::vector<ToolUsage> tools;
    std::vector<SessionAgent> agents;
    std::optional<UnloggedUsage> unlogged;
    std::optional<base::NanoUsd> median_cost;
};
TIDEMARK_DTO(
    SessionDetail,
    "One session: at most 5000 requests in order of time (truncated says when there are more). median_cost is of the "
    "project's sessions, null below three.",
    (seq, session, requests, truncated, events, tools, agents, unlogged, median_cost))

// ---- projects, limits, overview, facets
// -------------------------------------------------------------------------------

struct Project {
    std::string key, label, path;
    std::optional<std::string> git_remote;
    Time first_activity, last_activity;
    Measures measures;
};
TIDEMARK_DTO(Project, "A project: the folder the client worked in.",
             (key, label, path, git_remote, first_activity, last_activity, measures))

struct Projects {
    std::vector<Project> projects;
    bool withheld = false;
};
TIDEMARK_DTO(Projects, "All projects in range.", (projects, withheld))

struct UsageBlock {
    Time from, to;
    Measures measures;
    std::optional<double> tokens_per_minute, cost_per_hour, projected_cost;
    std::optional<std::int64_t> projected_tokens, remaining_minutes, yardstick_tokens;
    bool estimate = true;
};
TIDEMARK_DTO(UsageBlock,
             "The present 5-hour block, estimated from the requests. yardstick_tokens is the largest earlier block.",
             (from, to, measures, tokens_per_minute, cost_per_hour, projected_cost, projected_tokens, remaining_minutes,
              yardstick_tokens, estimate))

struct LimitHit {
    Time time;
    std::string kind;
    std::optional<Time> resets_at;
    std::string session_id;
};
TIDEMARK_DTO(LimitHit, "The client was told that a limit is reached.", (time, kind, resets_at, session_id))

struct Limits {
    std::optional<UsageBlock> block;
    std::vector<LimitHit> hits;
    bool withheld = false;
};
TIDEMARK_DTO(Limits, "The present block and the newest limit hits of 30 days.", (block, hits, withheld))

struct Burn {
    double cost_per_hour = 0, tokens_per_minute = 0, peak_cost_per_hour = 0;
    std::optional<double> previous_cost_per_hour;
    std::int32_t window_minutes = 30;
};
TIDEMARK_DTO(Burn, "The pace of the last 30 minutes; the peak is today's; previous is the 30 minutes before.",
             (cost_per_hour, tokens_per_minute, peak_cost_per_hour, previous_cost_per_hour, window_minutes))

struct MonthToDate {
    Measures measures, previous_same_span;
    std::optional<base::NanoUsd> projected_cost;
    Time from;
};
TIDEMARK_DTO(MonthToDate, "This month so far, the same span of the month before, and where the cost is heading.",
             (measures, previous_same_span, projected_cost, from))

struct OverviewState {
    std::optional<Alarm> today, block, burn;
};
TIDEMARK_DTO(OverviewState, "How the figures stand against their limits; null where there is none.",
             (today, block, burn))

struct TopProject {
    std::string key, label;
    Measures measures;
    std::optional<base::NanoUsd> previous_cost;
};
TIDEMARK_DTO(TopProject, "A project's usage today and its cost yesterday up to the same time.",
             (key, label, measures, previous_cost))

struct NoticeParams {
    std::optional<std::string> model;
    std::optional<std::int64_t> tokens, count, days, files;
    std::optional<std::string> kind;
    std::optional<Time> resets_at;
    std::optional<std::string> path, reason, project;
    std::optional<double> ratio;
};
TIDEMARK_DTO(NoticeParams, "What a notice speaks of; which fields are set follows from its code.",
             (model, tokens, count, days, files, kind, resets_at, path, reason, project, ratio))

struct Notice {
    NoticeCode code = NoticeCode::kBadLines;
    Severity severity = Severity::kInfo;
    NoticeParams params;
};
TIDEMARK_DTO(Notice, "Something a person should know.", (code, severity, params))

struct Overview {
    std::uint64_t seq = 0;
    Time now;
    std::optional<Time> newest_event;
    Measures today, yesterday_same_time;
    std::optional<Measures> week_average_same_time;
    Burn burn;
    std::int64_t active_sessions = 0, sessions_today = 0, sessions_yesterday_same_time = 0;
    MonthToDate month;
    OverviewState state;
    std::optional<UsageBlock> block;
    std::vector<TopProject> top_projects;
    std::vector<ActiveSession> sessions;
    std::vector<Notice> notices;
    bool withheld = false;
};
TIDEMARK_DTO(Overview, "Everything the overview page shows, of one moment.",
             (seq, now, newest_event, today, yesterday_same_time, week_average_same_time, burn, active_sessions,
              sessions_today, sessions_yesterday_same_time, month, state, block, top_projects, sessions, notices,
              withheld))

struct Facets {
    std::vector<GroupKey> project, model, branch, session, kind, tool, version, entrypoint, agent, skill, plugin,
        mcp_server, effort, speed, service_tier, geo, member;
    bool withheld = false;
};
TIDEMARK_DTO(Facets, "The values each filter has in range, dearest first.",
             (project, model, branch, session, kind, tool, version, entrypoint, agent, skill, plugin, mcp_server,
              effort, speed, service_tier, geo, member, withheld))

// ---- sources, prices, settings, system
// --------------------------------------------------------------------------------

struct SourceRoot {
    std::string path;
    bool exists = false;
    std::int64_t files = 0, bytes = 0;
    std::optional<Time> newest;
    WatchMode watch = WatchMode::kInotify;
    std::optional<std::int64_t> cleanup_period_days;
};
TIDEMARK_DTO(SourceRoot, "A folder of transcripts. cleanup_period_days is the client's own setting for deleting them.",
             (path, exists, files, bytes, newest, watch, cleanup_period_days))

struct SourceProblem {
    std::string file;
    std::int64_t line = 0;
    std::string reason;
    Time time;
};
TIDEMARK_DTO(SourceProblem, "A line or file that could not be read; line 0 is the file itself.",
             (file, line, reason, time))

struct Sources {
    std::vector<SourceRoot> roots;
    std::int64_t files = 0, bytes = 0, requests = 0, duplicates = 0, bad_lines = 0, incomplete = 0;
    std::optional<Time> scanned_at, oldest_transcript, safe_since;
    std::vector<SourceProblem> problems;
    std::string data_dir;
    std::int64_t database_bytes = 0, schema_version = 0;
};
TIDEMARK_DTO(Sources, "Where usage is read from and how well that goes; the newest 200 problems.",
             (roots, files, bytes, requests, duplicates, bad_lines, incomplete, scanned_at, oldest_transcript,
              safe_since, problems, data_dir, database_bytes, schema_version))

struct TokenPrices {
    double input = 0, output = 0, cache_write_5m = 0, cache_write_1h = 0, cache_read = 0;
};
TIDEMARK_DTO(TokenPrices, "USD per million tokens.", (input, output, cache_write_5m, cache_write_1h, cache_read))

struct PromptTierPrices : TokenPrices {
    std::int64_t above_prompt_tokens = 0;
};
TIDEMARK_DTO_DERIVED(PromptTierPrices, (TokenPrices),
                     "USD per million tokens for requests with a longer prompt than that.", (above_prompt_tokens))

struct PriceRow : TokenPrices {
    Time from;
    std::optional<Time> until;
    double web_search_per_1000 = 0;
    std::optional<PromptTierPrices> tier;
    std::optional<TokenPrices> fast;
    double batch_multiplier = 1, us_geo_multiplier = 1;
};
TIDEMARK_DTO_DERIVED(PriceRow, (TokenPrices), "Prices in force in a span of time.",
                     (from, until, web_search_per_1000, tier, fast, batch_multiplier, us_geo_multiplier))

struct ModelPrices {
    std::string id, family, label;
    std::vector<std::string> aliases;
    std::vector<PriceRow> rows;
    bool overridden = false;
    std::string source, note;
};
TIDEMARK_DTO(ModelPrices, "A model of the price book.", (id, family, label, aliases, rows, overridden, source, note))

struct UnknownModel {
    std::string model;
    std::int64_t requests = 0, tokens = 0;
    Time first_seen;
};
TIDEMARK_DTO(UnknownModel, "A model that was used and has no price.", (model, requests, tokens, first_seen))

struct PriceOverride {
    std::string model;
    std::optional<double> input, output, cache_write_5m, cache_write_1h, cache_read;
    std::optional<std::string> like;
    std::optional<double> multiplier;
    std::optional<Time> from;
};
TIDEMARK_REQUEST_DTO(
    PriceOverride,
    "A person's own price: USD per million tokens, or those of another model (like), times multiplier, from a "
    "time on.",
    (model, input, output, cache_write_5m, cache_write_1h, cache_read, like, multiplier, from))

struct Prices {
    std::string book_version;
    std::vector<ModelPrices> models;
    std::vector<UnknownModel> unknown_models;
    std::vector<PriceOverride> overrides;
};
TIDEMARK_DTO(Prices, "The price book as it is in force.", (book_version, models, unknown_models, overrides))

struct PriceOverrides {
    std::vector<PriceOverride> overrides;
};
TIDEMARK_REQUEST_DTO(PriceOverrides, "All overrides; what is not in it is taken back.", (overrides))

struct ModelCostChange {
    std::string model;
    base::NanoUsd before, after;
};
TIDEMARK_DTO(ModelCostChange, "What new prices did to a model's cost.", (model, before, after))

struct Repricing {
    std::int64_t repriced_requests = 0;
    base::NanoUsd cost_before, cost_after;
    std::vector<ModelCostChange> changed_models;
    bool withheld = false;
};
TIDEMARK_DTO(Repricing, "What new prices did to the cost of everything recorded.",
             (repriced_requests, cost_before, cost_after, changed_models, withheld))

struct ExchangeRate {
    double rate = 1;
    std::string as_of;
};
TIDEMARK_DTO(ExchangeRate, "Units of the display currency for one USD, and the date of that rate (YYYY-MM-DD).",
             (rate, as_of))

struct Settings {
    std::optional<std::string> time_zone;
    std::int32_t week_start = 1;
    std::string currency = "USD";
    std::optional<ExchangeRate> exchange_rate;
    Language language = Language::kAuto;
    Theme theme = Theme::kAuto;
};
TIDEMARK_DTO(
    Settings,
    "time_zone: an IANA name, null for the machine's. week_start: 0 Sunday to 6 Saturday. currency: ISO 4217, for "
    "display; anything but USD needs an exchange_rate.",
    (time_zone, week_start, currency, exchange_rate, language, theme))

struct Version {
    std::string version, commit;
    Time started_at;
    bool demo = false;
};
TIDEMARK_DTO(Version, "What is running.", (version, commit, started_at, demo))

struct Health {
    std::string status = "ok";
};
TIDEMARK_DTO(Health, "The process answers.", (status))

struct ImportProgress {
    Phase phase = Phase::kStarting;
    std::int64_t files_done = 0, files_total = 0, bytes_done = 0, bytes_total = 0;
};
TIDEMARK_DTO(ImportProgress, "How far the first scan is.", (phase, files_done, files_total, bytes_done, bytes_total))

struct Readiness {
    bool ready = false;
    ImportProgress progress;
};
TIDEMARK_DTO(Readiness, "Whether the store is open and the first scan is done.", (ready, progress))

// ---- the event stream
// -------------------------------------------------------------------------------------------------

struct HelloEvent {
    std::uint64_t seq = 0;
    Time now;
};
TIDEMARK_DTO(HelloEvent, "event: hello, first on every stream.", (seq, now))

struct UsageDeltaMeasures {
    base::NanoUsd cost;
    std::int64_t input_tokens = 0, output_tokens = 0, thinking_tokens = 0, cache_write_tokens = 0,
                 cache_read_tokens = 0;
    std::int64_t total_tokens = 0, requests = 0, unpriced_requests = 0;
};
TIDEMARK_DTO(UsageDeltaMeasures, "What a change adds; may be negative.",
             (cost, input_tokens, output_tokens, thinking_tokens, cache_write_tokens, cache_read_tokens, total_tokens,
              requests, unpriced_requests))

struct UsageDelta {
    Time quarter;
    std::string session_id, project, model, branch;
    model::RequestKind kind = model::RequestKind::kMain;
    std::string member;
    UsageDeltaMeasures measures;
};
TIDEMARK_DTO(UsageDelta, "A change of one 15-minute bucket (quarter is its start) and group.",
             (quarter, session_id, project, model, branch, kind, member, measures))

struct UsageEvent {
    std::uint64_t seq = 0;
    Time time;
    std::vector<UsageDelta> changes;
    std::vector<std::string> new_sessions;
};
TIDEMARK_DTO(UsageEvent, "event: usage, with id: seq. Everything since the event before.",
             (seq, time, changes, new_sessions))

struct ChangedEvent {
    std::uint64_t seq = 0;
};
TIDEMARK_DTO(ChangedEvent, "event: resync (fetch everything anew), event: prices and event: settings (those changed).",
             (seq))

}  // namespace tidemark::api
