// Questions to the ledger. Sums come from an in-memory copy of the 15-minute rollups (columns, one entry a bucket and
// dimension), lists come from SQLite through read-only connections. All methods are thread-safe; answers are values.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foundation/base/clock.hpp"
#include "foundation/base/result.hpp"
#include "foundation/base/time.hpp"
#include "ledger/model/usage.hpp"
#include "ledger/query/privacy.hpp"
#include "ledger/store/store.hpp"

namespace tidemark::query {

/// What a sum can be cut by and filtered on. The key of a value is its text (a project's its path, kind "main", …);
/// "" is "none". kTool is special: a request is shared equally over its tool uses.
enum class Dimension {
    kNone,
    kProject,
    kModel,
    kBranch,
    kSession,
    kKind,
    kTool,
    kVersion,
    kEntrypoint,
    kAgent,
    kSkill,
    kPlugin,
    kMcpServer,
    kEffort,
    kSpeed,
    kServiceTier,
    kGeo,
    kMember,
};
std::optional<Dimension> dimension_from(std::string_view name);  ///< API names: "project", "mcp_server", …
std::string_view to_string(Dimension dimension);
/// All dimensions but kNone, in the order people see them.
const std::vector<Dimension>& all_dimensions();

enum class Metric {
    kCost,
    kTotalTokens,
    kInputTokens,
    kOutputTokens,
    kThinkingTokens,
    kCacheWriteTokens,
    kCacheReadTokens,
    kRequests,
    kSessions,
    kCacheHitRatio,
    kAverageDuration,
    kCostPerRequest,
    kWebSearches,
    kToolCalls,
    kToolErrors,
};
std::optional<Metric> metric_from(std::string_view name);
std::string_view to_string(Metric metric);
std::string_view unit_of(Metric metric);  ///< usd | tokens | count | ratio | ms

/// A filter: the dimension's key must be one of `keys`. Several filters must all hold.
struct Filter {
    Dimension dimension = Dimension::kNone;
    std::vector<std::string> keys;
};

/// What a caller may see of the ledger. A request is in reach when its project is one of `only_projects` (if set), and
/// `everything` holds, or its member is one of `members`, or its project one of `owned_projects`. A session is in reach
/// when all its requests are: its sums are not told in parts.
class Reach {
public:
    /// `privacy`: how what others did is told; nullptr: as it is.
    Reach(bool everything, const std::set<std::string>& members, const std::set<std::string>& owned_projects,
          std::optional<std::set<std::string>> only_projects, std::shared_ptr<const Privacy> privacy = nullptr);
    [[nodiscard]] bool contains(std::string_view member, std::string_view project) const;
    [[nodiscard]] bool everyone() const { return everything_; }
    [[nodiscard]] const std::set<std::string, std::less<>>& members() const { return members_; }
    [[nodiscard]] bool owns(std::string_view project) const { return owned_projects_.contains(project); }
    [[nodiscard]] bool admits(std::string_view project) const {
        return !only_projects_ || only_projects_->contains(project);
    }
    [[nodiscard]] const std::optional<std::set<std::string, std::less<>>>& only_projects() const {
        return only_projects_;
    }
    /// Equal for equal reaches and for no others: what answers may be shared by.
    [[nodiscard]] const std::string& key() const { return key_; }
    [[nodiscard]] const Privacy* privacy() const { return privacy_.get(); }
    /// Numbers of others can be missing in answers, for privacy.
    [[nodiscard]] bool withholds() const { return privacy_ && privacy_->totals_only(); }
    /// The same rows without privacy; nullptr: everything.
    [[nodiscard]] std::shared_ptr<const Reach> rows() const;
    /// Of those, what the person did who asks.
    [[nodiscard]] std::shared_ptr<const Reach> own_rows() const;
    /// A step of the live feed as this reach tells it; nothing: not at all.
    [[nodiscard]] std::optional<model::UsageDelta> told(const model::UsageDelta& delta) const;

private:
    bool everything_;
    std::set<std::string, std::less<>> members_, owned_projects_;
    std::optional<std::set<std::string, std::less<>>> only_projects_;
    std::shared_ptr<const Privacy> privacy_;
    std::string key_;
};

/// Which part of the ledger a question is about. [from, to) is widened to whole quarters of an hour for sums.
struct Scope {
    base::UnixMillis from = 0;
    base::UnixMillis to = 0;
    base::TimeZone zone;
    base::WeekStart week_start = 1;
    std::vector<Filter> filters;
    std::shared_ptr<const Reach> reach = nullptr;  ///< nullptr: everything

    /// False when every request of the range counts.
    [[nodiscard]] bool filtered() const;
};

struct GroupKey {
    std::string key;
    std::string label;  ///< For people: a project's short name, a model's short name; else the key
};

/// Measures plus what is not additive over groups.
struct Totals {
    model::Measures measures;
    std::int64_t sessions = 0;  ///< Distinct sessions with a request in scope
    /// Only where the question groups by tool. There `measures` holds shares: cost, all tokens in tokens.input (the
    /// kinds are not known apart), and requests = uses of the tool; under "" stands what no tool use has a share in.
    std::int64_t tool_calls = 0;
    std::int64_t tool_errors = 0;
    [[nodiscard]] std::optional<double> cache_hit_ratio() const;
    [[nodiscard]] std::optional<double> average_duration_ms() const;
};

/// The span that comparisons use, before [scope.from, scope.to). From a local midnight on: the same number of days
/// right before (so "today until ten" meets "yesterday until ten"), whole months meet as many whole months, a month or
/// week so far meets the same part of the one before. Else: the span of equal length right before.
[[nodiscard]] std::pair<base::UnixMillis, base::UnixMillis> previous_span(const Scope& scope);

struct GroupTotals {
    GroupKey group;
    Totals totals;
};

struct Summary {
    std::uint64_t seq = 0;
    bool withheld = false;  ///< For privacy, not all that is in scope is in it
    Totals totals;
    std::optional<Totals> previous;  ///< The span of equal length right before (calendar-aligned when from/to are)
    base::UnixMillis previous_from = 0;
    base::UnixMillis previous_to = 0;
    double daily_average_usd = 0;
    std::optional<double> weekly_trend;
    std::optional<double> monthly_trend;
    std::vector<std::string> unpriced_models;
    std::vector<GroupTotals> by_project;
    std::vector<GroupTotals> by_model;
};

struct SeriesQuery {
    Scope scope;
    Metric metric = Metric::kCost;
    base::Bucket bucket = base::Bucket::k1d;
    Dimension group_by = Dimension::kNone;
    std::size_t limit = 7;  ///< Further groups are summed under key "__other__"
    bool compare_previous = false;
};
struct SeriesLine {
    GroupKey group;
    std::vector<std::optional<double>> values;  ///< One a bucket; none where the metric has no value
    std::optional<double> total;
};
struct Series {
    std::uint64_t seq = 0;
    bool withheld = false;  ///< For privacy, not all that is in scope is in it
    base::Bucket bucket = base::Bucket::k1d;
    std::vector<base::UnixMillis> buckets;  ///< Starts
    base::UnixMillis ends_at = 0;           ///< End of the last bucket
    std::vector<SeriesLine> lines;
    std::size_t other_count = 0;
    std::optional<SeriesLine> previous;   ///< The span before, aligned bucket by bucket
    base::UnixMillis complete_until = 0;  ///< Data is whole up to here
};

struct BreakdownQuery {
    Scope scope;
    Dimension group_by = Dimension::kProject;
    Metric sort = Metric::kCost;
    bool descending = true;
    std::size_t limit = 50;
    std::size_t offset = 0;
    bool compare_previous = false;
    std::size_t trend_points = 0;
};
struct BreakdownRow {
    GroupKey group;
    Totals totals;
    double share = 0;  ///< Of the cost in scope, 0 … 1
    std::optional<base::NanoUsd> previous_cost;
    std::optional<double> change;  ///< cost / previous_cost - 1
    std::vector<double> trend;     ///< Cost in USD over trend_points equal spans of the range
};
struct Breakdown {
    std::uint64_t seq = 0;
    bool withheld = false;  ///< For privacy, not all that is in scope is in it
    std::vector<BreakdownRow> rows;
    Totals totals;
    std::size_t total_rows = 0;
};

struct Hours {
    std::uint64_t seq = 0;
    bool withheld = false;  ///< For privacy, not all that is in scope is in it
    std::array<std::array<std::optional<double>, 24>, 7>
        values;  ///< [0 = Monday][local hour], mean per hour that occurred
};

struct ToolCount {
    std::string name;
    std::int64_t calls = 0;
    std::int64_t errors = 0;
};

struct Record {
    std::int64_t id = 0;
    base::UnixMillis time = 0;
    std::string session_id, project, branch, member, model, model_given, message_id, version, entrypoint;
    std::optional<std::string> request_id, agent, stop_reason, geo, effort;
    std::string agent_uid;  ///< Which subagent; empty for the main conversation
    model::RequestKind kind = model::RequestKind::kMain;
    model::Speed speed = model::Speed::kStandard;
    model::ServiceTier tier = model::ServiceTier::kUnknown;
    model::TokenCounts tokens;
    std::int64_t web_searches = 0;
    std::optional<base::NanoUsd> cost;
    std::optional<std::int64_t> duration_ms;
    bool incomplete = false;
    std::vector<ToolCount> tools;
    std::optional<std::pair<std::string, std::int64_t>> source;  ///< file, line
};
struct RecordsQuery {
    Scope scope;
    std::size_t limit = 100;
    bool descending = true;
    std::string cursor = {};  ///< Opaque, from the page before
};
struct RecordsPage {
    std::vector<Record> records;
    std::string next_cursor;  ///< Empty: that was all
};

struct SessionRow {
    std::string id;
    GroupKey project;
    std::string branch, version, entrypoint;
    std::vector<std::string> models;
    base::UnixMillis started = 0;
    base::UnixMillis last_activity = 0;
    bool active = false;
    std::optional<std::string> parent_session;
    Totals totals;
    std::optional<std::int64_t> context_tokens;
    std::optional<std::int64_t> context_window;
    std::int64_t subagents = 0, compactions = 0, api_errors = 0, limit_hits = 0, pull_requests = 0;
    std::optional<std::int64_t> lines_added, lines_removed;
    // only for sessions in progress
    double tokens_per_minute = 0;
    double cost_per_hour = 0;
};
/// A session is active as long after its last request or event.
constexpr base::UnixMillis kActiveFor = 5 * base::kMinute;

enum class SessionSort { kLastActivity, kStarted, kCost, kTotalTokens, kRequests, kDuration };
struct SessionsQuery {
    Scope scope;  ///< Sessions with a request or event in scope; totals are of the whole session
    std::string search = {};
    SessionSort sort = SessionSort::kLastActivity;
    bool descending = true;
    std::size_t limit = 50;
    std::string cursor = {};
};
struct SessionsPage {
    std::uint64_t seq = 0;
    std::vector<SessionRow> sessions;
    std::string next_cursor;
    std::size_t total = 0;
};

struct EventRow {
    model::EventKind kind = model::EventKind::kTurn;
    base::UnixMillis time = 0;
    std::string session_id;
    std::int64_t value1 = -1, value2 = -1;
    std::string text;
};
struct AgentRow {
    std::string id;  ///< "main" or the subagent's id
    std::string type;
    std::optional<std::string> parent_id;
    base::UnixMillis started = 0, ended = 0;
    Totals totals;
    std::vector<std::pair<base::UnixMillis, base::UnixMillis>> spans;  ///< Stretches of work: requests ≤ 5 min apart
};
struct SessionDetail {
    std::uint64_t seq = 0;
    SessionRow session;
    std::vector<Record> requests;
    std::vector<bool> cache_misses;  ///< Per request: it wrote anew what an earlier one had cached
    bool truncated = false;
    std::vector<EventRow> events;
    std::vector<ToolCount> tools;
    std::vector<AgentRow> agents;
    std::optional<model::Measures> unlogged;   ///< The client's own total minus the rows: requests without a row
    std::optional<base::NanoUsd> median_cost;  ///< Of the project's sessions; none below three
};

/// A 5-hour block by the rule of formats.md 1.8; an estimate of the server's window.
struct Block {
    base::UnixMillis start = 0, end = 0;
    base::UnixMillis actual_end = 0;  ///< Time of the last request
    bool active = false, gap = false;
    model::Measures measures;
    std::vector<std::string> models;
    // burn rate and projection, only of a block with more than one moment
    std::optional<double> tokens_per_minute, tokens_per_minute_indicator, cost_per_hour;
    std::optional<double> projected_cost;
    std::optional<std::int64_t> projected_tokens, remaining_minutes;
};

struct ProjectRow {
    GroupKey project;
    std::optional<std::string> git_remote;
    base::UnixMillis first_activity = 0, last_activity = 0;
    Totals totals;
};

/// A model without a price, over the whole ledger.
struct UnpricedModel {
    std::string model;
    std::int64_t requests = 0;
    std::int64_t tokens = 0;
    base::UnixMillis first_seen = 0;  ///< Start of the quarter of an hour
};

/// Context windows for display, from the price book: model id -> tokens.
using ContextWindows = std::function<std::optional<std::int64_t>(std::string_view model)>;
/// Short names of models for people.
using ModelLabels = std::function<std::string(std::string_view model)>;

class Engine {
public:
    struct Options {
        std::string data_dir;
        std::string database;     ///< The file, where it is not the one of the data folder: store::Writer::path()
        std::size_t readers = 2;  ///< SQLite connections for lists
        ContextWindows context_windows;
        ModelLabels model_labels;
        std::int64_t deadline_ms = 5000;  ///< For one question
        /// A command-line report: questions about sums by session, project and model only; no lists, no other
        /// dimension.
        bool sums_only = false;
    };
    /// Loads the sums. Memory: about 60 bytes a rollup entry.
    static base::Result<std::unique_ptr<Engine>> open(Options options);
    ~Engine();

    /// Adds a commit of the writer. Called by the writer's thread, in order of seq.
    base::Result<void> apply(const store::Commit& commit);
    [[nodiscard]] std::uint64_t seq() const;
    /// Time of the newest request or event, 0 when there is none.
    [[nodiscard]] base::UnixMillis newest() const;
    /// Start of the quarter of an hour with the oldest request, 0 when there is none.
    [[nodiscard]] base::UnixMillis oldest() const;

    /// Sums of the whole ledger; at hand.
    [[nodiscard]] model::Measures everything() const;
    /// Those with most tokens first.
    [[nodiscard]] std::vector<UnpricedModel> unpriced_models() const;

    base::Result<Summary> summary(const Scope& scope, bool compare_previous) const;
    base::Result<Totals> totals(const Scope& scope) const;
    /// Sums of the single requests with time in [scope.from, scope.to), not widened; for ranges of at most 48 hours.
    base::Result<Totals> exact_totals(const Scope& scope) const;
    base::Result<Series> series(const SeriesQuery& query) const;
    base::Result<Breakdown> breakdown(const BreakdownQuery& query) const;
    base::Result<Hours> hours(const Scope& scope, Metric metric) const;
    base::Result<RecordsPage> records(const RecordsQuery& query) const;
    base::Result<SessionsPage> sessions(const SessionsQuery& query) const;
    base::Result<std::vector<SessionRow>> active_sessions(base::UnixMillis now, const Reach* reach = nullptr) const;
    /// kNotFound when there is no such session in reach.
    base::Result<SessionDetail> session(std::string_view id, const Reach* reach = nullptr) const;
    base::Result<std::vector<Block>> blocks(const Scope& scope, base::UnixMillis now) const;
    base::Result<std::vector<EventRow>> events(const Scope& scope, model::EventKind kind, std::size_t limit) const;
    base::Result<std::vector<ProjectRow>> projects(const Scope& scope) const;
    /// The values each dimension has in scope, by cost, at most `limit` each.
    base::Result<std::vector<std::pair<Dimension, std::vector<GroupKey>>>> facets(const Scope& scope,
                                                                                  std::size_t limit) const;
    /// Sums per [edges[i], edges[i+1]) and per group; the base of reports. groups x (edges-1) entries, group-major.
    struct Matrix {
        std::vector<GroupKey> groups;
        std::vector<Totals> cells;
    };
    base::Result<Matrix> matrix(const Scope& scope, const std::vector<base::UnixMillis>& edges,
                                Dimension group_by) const;
    /// The same with a second cut, for breakdowns by model inside each row: groups are (first, second) pairs that
    /// occur.
    struct PairTotals {
        std::size_t edge = 0;
        GroupKey first, second;
        model::Speed speed = model::Speed::kStandard;
        Totals totals;
    };
    base::Result<std::vector<PairTotals>> pairs(const Scope& scope, const std::vector<base::UnixMillis>& edges,
                                                Dimension first, Dimension second, bool by_speed) const;

    /// First and last request in scope of each session that has one. Reads every request of the range: for reports.
    struct SessionActivity {
        std::string id;
        GroupKey project;
        base::UnixMillis first = 0, last = 0;
    };
    base::Result<std::vector<SessionActivity>> session_activity(const Scope& scope) const;
    /// All values of a dimension, in any order: for finding what a person typed.
    [[nodiscard]] std::vector<GroupKey> values(Dimension dimension) const;
    /// The members who have rows in reach, by name whatever the privacy, in the order of the alphabet: for saying whose
    /// they are.
    [[nodiscard]] std::vector<std::string> members(const Reach* reach) const;
    /// The names of all members in lower case, for hiding them in other texts. At hand, also while a question runs.
    [[nodiscard]] std::shared_ptr<const Names> member_names() const;
    /// Memory held by the sums and the kept answers.
    [[nodiscard]] std::size_t bytes() const;

    struct State;

private:
    Engine();
    // The questions for a reach without privacy; any other is refused.
    base::Result<Summary> plain_summary(const Scope& scope, bool compare_previous) const;
    base::Result<Totals> plain_totals(const Scope& scope) const;
    base::Result<Totals> plain_exact_totals(const Scope& scope) const;
    base::Result<Series> plain_series(const SeriesQuery& query) const;
    base::Result<Breakdown> plain_breakdown(const BreakdownQuery& query) const;
    base::Result<Hours> plain_hours(const Scope& scope, Metric metric) const;
    base::Result<RecordsPage> plain_records(const RecordsQuery& query) const;
    /// `names`: the search looks at what they make of names.
    base::Result<SessionsPage> plain_sessions(const SessionsQuery& query, const Privacy* names) const;
    base::Result<std::vector<SessionRow>> plain_active_sessions(base::UnixMillis now, const Reach* reach) const;
    base::Result<SessionDetail> plain_session(std::string_view id, const Reach* reach) const;
    base::Result<std::vector<Block>> plain_blocks(const Scope& scope, base::UnixMillis now) const;
    base::Result<std::vector<EventRow>> plain_events(const Scope& scope, model::EventKind kind,
                                                     std::size_t limit) const;
    base::Result<std::vector<ProjectRow>> plain_projects(const Scope& scope) const;
    base::Result<std::vector<std::pair<Dimension, std::vector<GroupKey>>>> plain_facets(const Scope& scope,
                                                                                        std::size_t limit) const;
    class Guard;
    std::unique_ptr<State> state_;
};

}  // namespace tidemark::query
