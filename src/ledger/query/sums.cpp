// Questions answered from the cube: totals, series, breakdowns, hours, facets, and the bases of reports.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "foundation/base/hash.hpp"
#include "ledger/query/state.hpp"

namespace tidemark::query {

namespace {

constexpr std::size_t kMaxBuckets = 10'000;
constexpr base::UnixMillis kFiveMinuteLimit = 48 * base::kHour;
constexpr std::size_t kTopGroups = 50;
constexpr std::string_view kOtherKey = "__other__";

bool is_ratio(Metric metric) {
    return metric == Metric::kCacheHitRatio || metric == Metric::kAverageDuration || metric == Metric::kCostPerRequest;
}

double in_unit(Metric metric, std::int64_t value) {
    return unit_of(metric) == "usd" ? base::NanoUsd{value}.dollars() : static_cast<double>(value);
}

std::int64_t rank_of(Metric metric, const Fraction& fraction) {
    return is_ratio(metric) ? fraction.bottom : fraction.top;
}

bool occurs(const Totals& totals) {
    return totals.measures.requests > 0 || totals.measures.tokens.total() != 0 || totals.measures.cost.value != 0;
}

std::size_t bytes_of(const std::vector<GroupTotals>& groups) { return groups.size() * (sizeof(GroupTotals) + 100); }

/// Edges, cut to the scope, as spans of whole quarters.
std::vector<Span> spans_of(const std::vector<base::UnixMillis>& edges, Quarter from, Quarter to) {
    std::vector<Span> spans;
    for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
        const Quarter first = std::max(quarter_ceil(edges[i]), from);
        const Quarter end = std::min(quarter_ceil(edges[i + 1]), to);
        if (first < end) {
            spans.push_back({static_cast<std::uint32_t>(i), first, end});
        }
    }
    return spans;
}

bool starts_day(const base::TimeZone& zone, base::UnixMillis time) {
    return zone.floor(time, base::Bucket::k1d) == time;
}

base::CivilDate add_months(base::CivilDate date, int months) {
    const int month = date.year * 12 + date.month - 1 + months;
    return {month / 12, month % 12 + 1, date.day};
}

}  // namespace

std::optional<double> value_of(Metric metric, const Fraction& fraction) {
    if (!is_ratio(metric)) {
        return in_unit(metric, fraction.top);
    }
    if (fraction.bottom <= 0) {
        return std::nullopt;
    }
    return in_unit(metric, fraction.top) / static_cast<double>(fraction.bottom);
}

Fraction fraction_of(Metric metric, const Totals& totals) {
    switch (metric) {
        case Metric::kSessions: return {totals.sessions, 0};
        case Metric::kToolCalls: return {totals.tool_calls, 0};
        case Metric::kToolErrors: return {totals.tool_errors, 0};
        default: return MetricSink::of(metric, totals.measures);
    }
}

std::pair<base::UnixMillis, base::UnixMillis> previous_span(const Scope& scope) {
    const base::UnixMillis length = scope.to - scope.from;
    if (length <= 0 || !starts_day(scope.zone, scope.from)) {
        return {scope.from - length, scope.from};
    }
    const base::CivilDate first = scope.zone.date_of(scope.from);
    const base::CivilDate end = scope.zone.date_of(scope.to);
    const bool to_starts_day = starts_day(scope.zone, scope.to);
    const auto shifted = [&](base::CivilDate start) -> std::pair<base::UnixMillis, base::UnixMillis> {
        const base::UnixMillis from = scope.zone.start_of(start);
        if (to_starts_day) {
            // Whole days against whole days: the same number of them, never longer than up to `from`.
            const std::int64_t days = base::days_from_civil(end) - base::days_from_civil(first);
            const base::UnixMillis to = scope.zone.start_of(base::civil_from_days(base::days_from_civil(start) + days));
            return {from, std::min(to, scope.from)};
        }
        return {from, std::min(from + length, scope.from)};
    };
    if (first.day == 1) {
        const int months = (end.year - first.year) * 12 + end.month - first.month;
        if (to_starts_day && end.day == 1 && months > 0) {
            return {scope.zone.start_of(add_months(first, -months)), scope.from};
        }
        if (months == 0 && !to_starts_day && length > 7 * base::kDay) {
            return shifted(add_months(first, -1));
        }
    }
    std::int64_t days = base::days_from_civil(end) - base::days_from_civil(first) + (to_starts_day ? 0 : 1);
    const bool week_so_far = base::weekday_from_days(base::days_from_civil(first)) == scope.week_start && days > 1 &&
                             days < 7 && !to_starts_day;
    days = week_so_far ? 7 : std::max<std::int64_t>(days, 1);
    return shifted(base::civil_from_days(base::days_from_civil(first) - days));
}

// ------------------------------------------------------------------------------------------------- totals, summary

base::Result<Totals> Engine::plain_totals(const Scope& scope) const {
    const State& state = *state_;
    if (State::asks_tools(scope, Dimension::kNone)) {
        TIDEMARK_CHECK_OK(state.ensure_tools());
    }
    return state.answers.get(
        State::question("totals", scope), state.version,
        [&]() -> base::Result<Totals> {
            const auto lock = state.read();
            return state.totals(scope, true);
        },
        [](const Totals&) { return sizeof(Totals); });
}

base::Result<Summary> Engine::plain_summary(const Scope& scope, bool compare_previous) const {
    const State& state = *state_;
    const bool tools = State::asks_tools(scope, Dimension::kNone);
    if (tools) {
        TIDEMARK_CHECK_OK(state.ensure_tools());
    }
    return state.answers.get(
        State::question(compare_previous ? "summary+" : "summary", scope), state.version,
        [&]() -> base::Result<Summary> {
            const auto lock = state.read();
            const Cube& cube = *state.cube;
            Summary result;
            result.seq = state.seq;
            // One walk over the rows that tell projects and models apart gives the totals and both lists.
            TIDEMARK_TRY(Plan plan, state.plan(scope, Dimension::kProject, {Dimension::kModel}));
            std::vector<Totals> projects(cube.projects().size());
            std::vector<Totals> models(cube.dictionary(Dimension::kModel).keys.size());
            for (std::uint32_t row = 0; row < plan.slot_of_row.size(); ++row) {
                if (std::uint32_t& slot = plan.slot_of_row[row]; slot != kNoSlot) {
                    slot = slot * static_cast<std::uint32_t>(models.size()) +
                           cube.row_value(plan.cut, row, Dimension::kModel);
                }
            }
            plan.slots = projects.size() * models.size();
            std::shared_ptr<ZoneDays> keep;
            const ZoneDays* days = state.days_for(scope.zone, plan.from, plan.to, keep);
            const Span span{0, plan.from, plan.to};
            const auto project_of = [&](std::size_t slot) { return slot / models.size(); };
            const auto model_of = [&](std::size_t slot) { return slot % models.size(); };
            MeasureSink sink(1, plan.slots);
            scan_sums(cube, plan, days, {&span, 1}, sink);
            for (std::size_t slot = 0; slot < plan.slots; ++slot) {
                const model::Measures& sum = sink.cells[slot];
                if (sum.requests == 0 && sum.tokens.total() == 0) {
                    continue;
                }
                result.totals.measures += sum;
                projects[project_of(slot)].measures += sum;
                models[model_of(slot)].measures += sum;
            }
            const std::size_t sessions = cube.sessions().size();
            Distinct all(1, sessions);
            Distinct by_project(projects.size(), sessions);
            Distinct by_model(models.size(), sessions);
            state.each_session(plan, [&](std::uint32_t slot, std::uint32_t session, bool) {
                all.add(0, session);
                by_project.add(project_of(slot), session);
                by_model.add(model_of(slot), session);
            });
            result.totals.sessions = all.counts()[0];
            const auto ranked = [&](std::vector<Totals>& groups, const std::vector<std::int64_t>& counts,
                                    Dimension dimension) {
                std::vector<GroupTotals> rows;
                for (std::size_t slot = 0; slot < groups.size(); ++slot) {
                    groups[slot].sessions = counts[slot];
                    if (occurs(groups[slot])) {
                        rows.push_back({state.group_key(dimension, slot), groups[slot]});
                    }
                }
                std::sort(rows.begin(), rows.end(), [](const GroupTotals& a, const GroupTotals& b) {
                    return std::tuple(-a.totals.measures.cost.value, -a.totals.measures.tokens.total(), a.group.key) <
                           std::tuple(-b.totals.measures.cost.value, -b.totals.measures.tokens.total(), b.group.key);
                });
                return rows;
            };
            result.by_project = ranked(projects, by_project.counts(), Dimension::kProject);
            if (result.by_project.size() > kTopGroups) {
                result.by_project.resize(kTopGroups);
            }
            result.by_model = ranked(models, by_model.counts(), Dimension::kModel);
            for (const GroupTotals& row : result.by_model) {
                if (row.totals.measures.unpriced_requests > 0) {
                    result.unpriced_models.push_back(row.group.key);
                }
            }
            std::sort(result.unpriced_models.begin(), result.unpriced_models.end());

            const double range_days = static_cast<double>(quarter_ceil(scope.to) - quarter_floor(scope.from)) / 96.0;
            result.daily_average_usd = result.totals.measures.cost.dollars() / std::max(range_days, 1.0);
            const auto cost_of = [&](base::UnixMillis from, base::UnixMillis to) -> base::Result<Fraction> {
                const Scope part = at_times(scope, from, to);
                TIDEMARK_TRY(const Totals sums, state.totals(part, false));
                return Fraction{sums.measures.cost.value, sums.measures.requests};
            };
            const auto trend = [&](int length) -> base::Result<std::optional<double>> {
                const base::UnixMillis to = time_of(quarter_ceil(scope.to));
                TIDEMARK_TRY(const Fraction now, cost_of(to - length * base::kDay, to));
                TIDEMARK_TRY(const Fraction before, cost_of(to - 2 * length * base::kDay, to - length * base::kDay));
                if (before.top <= 0) {
                    return std::optional<double>();
                }
                return std::optional<double>(static_cast<double>(now.top) / static_cast<double>(before.top) - 1.0);
            };
            TIDEMARK_TRY(result.weekly_trend, trend(7));
            TIDEMARK_TRY(result.monthly_trend, trend(30));
            std::tie(result.previous_from, result.previous_to) = previous_span(scope);
            if (compare_previous) {
                TIDEMARK_TRY(result.previous,
                             state.totals(at_times(scope, result.previous_from, result.previous_to), true));
            }
            return result;
        },
        [](const Summary& summary) {
            return sizeof(Summary) + bytes_of(summary.by_project) + bytes_of(summary.by_model) +
                   summary.unpriced_models.size() * 64;
        });
}

// ------------------------------------------------------------------------------------------------------------ series

namespace {

/// The rows to show of all slots: the best `limit` by rank, and the rest folded into one more slot.
struct Chosen {
    std::vector<std::uint32_t> shown;     ///< Slots, best first
    std::vector<std::uint32_t> slot_map;  ///< Old slot -> 0 … shown.size() (= other), kNoSlot: has nothing
    std::size_t others = 0;
};
template <class KeyOf>
Chosen choose(const std::vector<std::int64_t>& ranks, const std::vector<bool>& present, std::size_t limit,
              KeyOf key_of) {
    Chosen result;
    result.slot_map.assign(ranks.size(), kNoSlot);
    std::vector<std::uint32_t> order;
    for (std::size_t slot = 0; slot < ranks.size(); ++slot) {
        if (present[slot]) {
            order.push_back(static_cast<std::uint32_t>(slot));
        }
    }
    const std::size_t count = std::min(limit, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                      [&](std::uint32_t a, std::uint32_t b) {
                          return ranks[a] != ranks[b] ? ranks[a] > ranks[b] : key_of(a) < key_of(b);
                      });
    result.shown.assign(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count));
    for (std::size_t i = 0; i < order.size(); ++i) {
        result.slot_map[order[i]] = static_cast<std::uint32_t>(std::min(i, count));
    }
    result.others = order.size() - count;
    return result;
}

void remap(Plan& plan, const std::vector<std::uint32_t>& slot_map, std::size_t slots) {
    auto& target = !plan.slot_of_tool.empty()      ? plan.slot_of_tool
                   : !plan.slot_of_session.empty() ? plan.slot_of_session
                                                   : plan.slot_of_row;
    for (std::uint32_t& slot : target) {
        slot = slot < slot_map.size() ? slot_map[slot] : kNoSlot;
    }
    plan.slots = slots;
}

}  // namespace

base::Result<Series> Engine::plain_series(const SeriesQuery& query) const {
    const State& state = *state_;
    const Scope& scope = query.scope;
    const base::UnixMillis now = base::now();
    if (query.bucket == base::Bucket::k5m && scope.to - scope.from > kFiveMinuteLimit) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          "bucket=5m is for ranges of at most 48 hours: ask for a shorter range, or bucket=15m");
    }
    const auto edges = scope.zone.edges(scope.from, std::max(scope.to, scope.from + 1), query.bucket, scope.week_start);
    const std::size_t buckets = edges.size() - 1;
    if (buckets > kMaxBuckets) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          "this bucket cuts the range into " + std::to_string(buckets) + " pieces, the most is " +
                              std::to_string(kMaxBuckets) + ": choose a longer bucket or a shorter range");
    }
    const bool errors = query.metric == Metric::kToolErrors;
    const bool calls = query.metric == Metric::kToolCalls;
    const bool tools = !errors && (calls || State::asks_tools(scope, query.group_by));
    if (errors && query.group_by != Dimension::kNone && query.group_by != Dimension::kProject &&
        query.group_by != Dimension::kSession && query.group_by != Dimension::kTool) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          "group_by: tool_errors can be grouped by project, session or tool");
    }
    const bool five = query.bucket == base::Bucket::k5m;
    if (five && (tools || errors)) {
        return base::fail(base::ErrorCode::kInvalidArgument, "bucket=5m has no tool figures: use bucket=15m");
    }
    if (tools) {
        TIDEMARK_CHECK_OK(state.ensure_tools());
    }

    /// One line a slot over the buckets of a range; used for the range itself and for the span before.
    struct Cells {
        std::vector<Fraction> cells;   // bucket-major
        std::vector<Fraction> totals;  // per slot
    };
    // The slots of a walk: `narrow` maps the group's values to lines. Runs with or without the state's read lock as
    // said.
    const auto walk = [&](const Scope& part, const std::vector<base::UnixMillis>& part_edges, Dimension group_by,
                          const std::vector<std::uint32_t>* slot_map, std::size_t slots,
                          bool with_cells) -> base::Result<Cells> {
        const std::size_t count = part_edges.size() - 1;
        Cells out;
        if (errors) {
            TIDEMARK_TRY(const auto failures, state.tool_errors(part));
            const auto lock = state.read();
            const auto& tool_keys = state.cube->dictionary(Dimension::kTool);
            if (slot_map == nullptr) {
                slots = group_by == Dimension::kNone      ? 1
                        : group_by == Dimension::kTool    ? tool_keys.keys.size()
                        : group_by == Dimension::kProject ? state.cube->projects().size()
                                                          : state.cube->sessions().size();
            }
            out.totals.resize(slots);
            out.cells.resize(with_cells ? slots * count : 0);
            for (const auto& failure : failures) {
                std::size_t slot = 0;
                if (group_by == Dimension::kTool) {
                    const auto found = tool_keys.of_key.find(failure.tool);
                    slot = found == tool_keys.of_key.end() ? 0 : found->second;
                } else if (group_by == Dimension::kProject) {
                    slot = state.cube->sessions()[failure.session].project;
                } else if (group_by == Dimension::kSession) {
                    slot = failure.session;
                }
                if (slot_map != nullptr) {
                    slot = slot < slot_map->size() ? (*slot_map)[slot] : kNoSlot;
                }
                if (slot == kNoSlot || slot >= slots) {
                    continue;
                }
                out.totals[slot].top += 1;
                if (with_cells) {
                    const auto next = std::upper_bound(part_edges.begin(), part_edges.end(), failure.time);
                    const auto bucket = static_cast<std::size_t>(next - part_edges.begin()) - 1;
                    if (bucket < count) {
                        out.cells[bucket * slots + slot].top += 1;
                    }
                }
            }
            return out;
        }
        if (five && with_cells) {
            Plan plan;
            {
                const auto lock = state.read();
                TIDEMARK_TRY(plan, state.plan(part, group_by));
            }
            if (slot_map != nullptr) {
                remap(plan, *slot_map, slots);
            }
            slots = plan.slots;
            struct Row {
                std::uint32_t bucket, dim;
                model::Measures measures;
            };
            std::vector<Row> rows;
            TIDEMARK_CHECK_OK(state.requests(
                part_edges.front(), part_edges.back(),
                [&](base::UnixMillis time, std::uint32_t dim, const model::Measures& measures) {
                    rows.push_back(
                        {static_cast<std::uint32_t>((time - part_edges.front()) / (5 * base::kMinute)), dim, measures});
                }));
            const auto lock = state.read();
            out.totals.resize(slots);
            out.cells.resize(slots * count);
            std::set<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>> sessions;
            std::set<std::pair<std::uint32_t, std::uint32_t>> sessions_of_slot;
            for (const Row& row : rows) {
                const std::uint32_t slot = plan.knows(*state.cube, row.dim) ? plan.slot(*state.cube, row.dim) : kNoSlot;
                if (slot == kNoSlot || row.bucket >= count) {
                    continue;
                }
                Fraction add = MetricSink::of(query.metric, row.measures);
                Fraction add_total = add;
                if (query.metric == Metric::kSessions) {
                    const std::uint32_t session = state.cube->session_of(row.dim);
                    add.top = sessions.emplace(row.bucket, slot, session).second ? 1 : 0;
                    add_total.top = sessions_of_slot.emplace(slot, session).second ? 1 : 0;
                }
                Fraction& cell = out.cells[row.bucket * slots + slot];
                cell.top += add.top;
                cell.bottom += add.bottom;
                out.totals[slot].top += add_total.top;
                out.totals[slot].bottom += add_total.bottom;
            }
            return out;
        }
        const auto lock = state.read();
        const Cube& cube = *state.cube;
        TIDEMARK_TRY(Plan plan, state.plan(part, group_by));
        plan.uses_tools = plan.uses_tools || calls;
        if (slot_map != nullptr) {
            remap(plan, *slot_map, slots);
        }
        slots = plan.slots;
        std::shared_ptr<ZoneDays> keep;
        const ZoneDays* days = state.days_for(scope.zone, plan.from, plan.to, keep);
        const Span whole{0, plan.from, plan.to};
        const auto spans = spans_of(part_edges, plan.from, plan.to);
        out.totals.resize(slots);
        if (query.metric == Metric::kSessions) {
            Distinct distinct(slots, cube.sessions().size());
            const auto of_whole = [&](std::uint32_t, std::uint32_t slot, std::uint32_t session) {
                distinct.add(slot, session);
            };
            if (!with_cells) {
                scan_sessions(cube, plan, days, {&whole, 1}, of_whole);
            } else {
                DistinctInOrder in_order(count, slots, cube.sessions().size());
                scan_sessions(cube, plan, days, spans,
                              [&](std::uint32_t bucket, std::uint32_t slot, std::uint32_t session) {
                                  in_order.add(bucket, slot, session);
                                  distinct.add(slot, session);
                              });
                for (const std::int64_t value : in_order.counts()) {
                    out.cells.push_back({value, 0});
                }
            }
            const auto totals = distinct.counts();
            for (std::size_t slot = 0; slot < slots; ++slot) {
                out.totals[slot].top = totals[slot];
            }
            return out;
        }
        if (!with_cells) {
            MetricSink sink(query.metric, 1, slots);
            scan_sums(cube, plan, days, {&whole, 1}, sink);
            out.totals = std::move(sink.cells);
        } else {
            MetricSink sink(query.metric, count, slots);
            scan_sums(cube, plan, days, spans, sink);
            for (std::size_t bucket = 0; bucket < count; ++bucket) {
                for (std::size_t slot = 0; slot < slots; ++slot) {
                    const Fraction& cell = sink.cells[bucket * slots + slot];
                    out.totals[slot].top += cell.top;
                    out.totals[slot].bottom += cell.bottom;
                }
            }
            out.cells = std::move(sink.cells);
        }
        if (group_by == Dimension::kTool && !calls && plan.tools.empty() && slot_map == nullptr && !with_cells) {
            // What no tool use has a share in stands under "".
            TIDEMARK_TRY(const Totals all, state.totals(part, false));
            Fraction rest = MetricSink::of(query.metric, all.measures);
            for (const Fraction& tool : out.totals) {
                rest.top -= tool.top;
            }
            out.totals[0].top += rest.top;
        }
        return out;
    };

    if (query.group_by == Dimension::kTool && query.metric != Metric::kCost && query.metric != Metric::kTotalTokens &&
        query.metric != Metric::kRequests && query.metric != Metric::kToolCalls &&
        query.metric != Metric::kToolErrors && query.metric != Metric::kSessions) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          "group_by=tool has the metrics cost, total_tokens, sessions, tool_calls and tool_errors");
    }

    std::string question = State::question("series", scope);
    question += "\x1f" + std::string(to_string(query.metric)) + "\x1f" +
                std::to_string(static_cast<int>(query.bucket)) + "\x1f" + std::string(to_string(query.group_by)) +
                "\x1f" + std::to_string(query.limit) + (query.compare_previous ? "+" : "-");
    if (five) {
        question += std::to_string(edges.front());
    }
    if (scope.to > now) {
        question += std::to_string(quarter_floor(now));  // buckets that have not begun hold no value
    }
    return state.answers.get(
        question, state.version,
        [&]() -> base::Result<Series> {
            Series result;
            result.seq = state.seq;
            result.bucket = query.bucket;
            result.buckets.assign(edges.begin(), edges.end() - 1);
            result.ends_at = edges.back();
            result.complete_until = std::min(result.ends_at, now);
            base::UnixMillis data_begins = 0;
            {
                const auto lock = state.read();
                data_begins = state.cube->main().size() + state.cube->pending().size() == 0
                                  ? result.ends_at
                                  : time_of(state.cube->first_quarter());
            }
            const auto line = [&](GroupKey group, const Cells& cells, std::size_t slots, std::size_t slot,
                                  const std::vector<base::UnixMillis>& part_edges) {
                SeriesLine out;
                out.group = std::move(group);
                for (std::size_t bucket = 0; bucket + 1 < part_edges.size(); ++bucket) {
                    const bool outside = part_edges[bucket + 1] <= data_begins || part_edges[bucket] >= now;
                    const Fraction& cell = cells.cells[bucket * slots + slot];
                    const bool empty = cell.top == 0 && cell.bottom == 0;
                    out.values.push_back(outside && empty ? std::nullopt : value_of(query.metric, cell));
                }
                const bool any =
                    std::any_of(out.values.begin(), out.values.end(), [](const auto& v) { return v.has_value(); });
                out.total = any ? value_of(query.metric, cells.totals[slot]) : std::nullopt;
                return out;
            };
            if (query.group_by == Dimension::kNone) {
                TIDEMARK_TRY(const Cells cells, walk(scope, edges, Dimension::kNone, nullptr, 1, true));
                result.lines.push_back(line({}, cells, 1, 0, edges));
            } else {
                TIDEMARK_TRY(const Cells all, walk(scope, edges, query.group_by, nullptr, 0, five));
                std::vector<std::int64_t> ranks;
                std::vector<bool> present;
                for (const Fraction& total : all.totals) {
                    ranks.push_back(rank_of(query.metric, total));
                    present.push_back(total.top != 0 || total.bottom != 0);
                }
                const Chosen chosen = [&] {
                    const auto lock = state.read();
                    return choose(ranks, present, query.limit, [&](std::uint32_t slot) -> const std::string& {
                        return state.key_of(query.group_by, slot);
                    });
                }();
                const std::size_t slots = chosen.shown.size() + 1;
                TIDEMARK_TRY(Cells cells, walk(scope, edges, query.group_by, &chosen.slot_map, slots, true));
                if (query.group_by == Dimension::kTool && !errors && !calls && query.metric != Metric::kSessions &&
                    !present.empty() && chosen.slot_map[0] != kNoSlot) {
                    // The line of "" is what is left of everything, bucket by bucket.
                    const bool filtered = std::any_of(scope.filters.begin(), scope.filters.end(),
                                                      [](const Filter& f) { return f.dimension == Dimension::kTool; });
                    if (!filtered) {
                        TIDEMARK_TRY(const Cells whole, walk(scope, edges, Dimension::kNone, nullptr, 1, true));
                        const std::size_t none = chosen.slot_map[0];
                        for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
                            std::int64_t rest = whole.cells[bucket].top;
                            for (std::size_t slot = 0; slot < slots; ++slot) {
                                rest -= cells.cells[bucket * slots + slot].top;
                            }
                            cells.cells[bucket * slots + none].top += rest;
                            cells.totals[none].top += rest;
                        }
                    }
                }
                std::vector<GroupKey> keys;
                {
                    const auto lock = state.read();
                    for (const std::uint32_t slot : chosen.shown) {
                        keys.push_back(state.group_key(query.group_by, slot));
                    }
                }
                for (std::size_t i = 0; i < chosen.shown.size(); ++i) {
                    result.lines.push_back(line(std::move(keys[i]), cells, slots, i, edges));
                }
                result.other_count = chosen.others;
                if (chosen.others > 0) {
                    const std::string other(kOtherKey);
                    result.lines.push_back(line({other, other}, cells, slots, slots - 1, edges));
                }
            }
            if (query.compare_previous) {
                const auto [from, to] = previous_span(scope);
                const Scope before = at_times(scope, from, to);
                const auto before_edges =
                    scope.zone.edges(from, std::max(to, from + 1), query.bucket, scope.week_start);
                TIDEMARK_TRY(const Cells cells, walk(before, before_edges, Dimension::kNone, nullptr, 1, true));
                result.previous = line({}, cells, 1, 0, before_edges);
                result.previous->values.resize(result.buckets.size());
            }
            return result;
        },
        [](const Series& series) {
            std::size_t bytes = sizeof(Series) + series.buckets.size() * 8;
            for (const SeriesLine& line : series.lines) {
                bytes += sizeof(SeriesLine) + 100 + line.values.size() * sizeof(line.values[0]);
            }
            return bytes * (series.previous ? 2 : 1);
        });
}

// --------------------------------------------------------------------------------------------------------- breakdown

base::Result<Breakdown> Engine::plain_breakdown(const BreakdownQuery& query) const {
    const State& state = *state_;
    const Scope& scope = query.scope;
    if (query.group_by == Dimension::kNone) {
        return base::fail(base::ErrorCode::kInvalidArgument, "group_by is needed, for example group_by=project");
    }
    const bool tools = State::asks_tools(scope, query.group_by);
    if (tools) {
        TIDEMARK_CHECK_OK(state.ensure_tools());
    }
    if (query.sort == Metric::kToolErrors && query.group_by != Dimension::kTool) {
        return base::fail(base::ErrorCode::kInvalidArgument, "sort=tool_errors needs group_by=tool");
    }
    std::string question = State::question("breakdown", scope);
    question += "\x1f" + std::string(to_string(query.group_by)) + "\x1f" + std::string(to_string(query.sort)) +
                (query.descending ? "-" : "+") + std::to_string(query.limit) + "," + std::to_string(query.offset) +
                (query.compare_previous ? "p" : "n") + std::to_string(query.trend_points);
    return state.answers.get(
        question, state.version,
        [&]() -> base::Result<Breakdown> {
            std::vector<State::ToolError> failures;
            const bool dims_filtered = std::any_of(scope.filters.begin(), scope.filters.end(), [](const Filter& f) {
                return f.dimension != Dimension::kProject && f.dimension != Dimension::kSession &&
                       f.dimension != Dimension::kTool;
            });
            if (query.group_by == Dimension::kTool && !dims_filtered) {
                TIDEMARK_TRY(failures, state.tool_errors(scope));
            }
            const auto lock = state.read();
            const Cube& cube = *state.cube;
            Breakdown result;
            result.seq = state.seq;
            TIDEMARK_TRY(result.totals, state.totals(scope, true));
            // The groups that occur, best first up to the end of the page, as values of the dimension.
            std::vector<std::uint32_t> order;
            std::vector<Totals> page;  // of order[first … last - 1]
            std::size_t first = 0;
            std::size_t last = 0;
            const auto sort_page = [&](auto rank, auto tokens, auto value) {
                result.total_rows = order.size();
                first = std::min(query.offset, order.size());
                last = std::min(first + query.limit, order.size());
                std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(last), order.end(),
                                  [&](std::uint32_t a, std::uint32_t b) {
                                      if (rank(a) != rank(b)) {
                                          return query.descending ? rank(a) > rank(b) : rank(a) < rank(b);
                                      }
                                      return tokens(a) != tokens(b) ? tokens(a) > tokens(b)
                                                                    : state.key_of(query.group_by, value(a)) <
                                                                          state.key_of(query.group_by, value(b));
                                  });
                order.resize(last);
            };
            const bool by_weight =
                query.sort == Metric::kCost || query.sort == Metric::kTotalTokens || query.sort == Metric::kRequests;
            if (query.group_by == Dimension::kSession && by_weight && !tools) {
                // There are tens of thousands of sessions: their weights choose the page, the rest is asked for its
                // rows.
                TIDEMARK_TRY(const State::SessionWeights found, state.session_weights(scope));
                for (std::uint32_t slot = 0; slot < found.sessions.size(); ++slot) {
                    if (found.weights[slot].occurs()) {
                        order.push_back(slot);
                    }
                }
                const auto rank = [&](std::uint32_t slot) {
                    const Weight& weight = found.weights[slot];
                    return query.sort == Metric::kCost          ? weight.cost
                           : query.sort == Metric::kTotalTokens ? weight.tokens
                                                                : weight.requests;
                };
                sort_page(
                    rank, [&](std::uint32_t slot) { return found.weights[slot].tokens; },
                    [&](std::uint32_t slot) { return found.sessions[slot]; });
                for (std::uint32_t& slot : order) {
                    slot = found.sessions[slot];
                }
                TIDEMARK_TRY(
                    const auto sums,
                    state.session_measures(scope, {order.begin() + static_cast<std::ptrdiff_t>(first), order.end()}));
                for (const model::Measures& sum : sums) {
                    page.push_back({sum, sum.requests > 0 ? 1 : 0});
                }
            } else {
                TIDEMARK_TRY(auto sums, state.slot_totals(scope, query.group_by, true));
                std::vector<Totals>& groups = sums.slots;
                if (query.group_by == Dimension::kTool) {
                    const auto& keys = cube.dictionary(Dimension::kTool).of_key;
                    for (const auto& failure : failures) {
                        const auto found = keys.find(failure.tool);
                        ++groups[found == keys.end() ? 0 : found->second].tool_errors;
                    }
                    for (const Totals& tool : groups) {
                        result.totals.tool_calls += tool.tool_calls;
                        result.totals.tool_errors += tool.tool_errors;
                    }
                }
                std::vector<double> ranks(groups.size());
                for (std::uint32_t slot = 0; slot < groups.size(); ++slot) {
                    if (occurs(groups[slot]) || groups[slot].tool_errors > 0) {
                        order.push_back(slot);
                        ranks[slot] = value_of(query.sort, fraction_of(query.sort, groups[slot])).value_or(-1);
                    }
                }
                sort_page([&](std::uint32_t slot) { return ranks[slot]; },
                          [&](std::uint32_t slot) { return groups[slot].measures.tokens.total(); },
                          [&](std::uint32_t slot) { return sums.value(slot); });
                for (std::size_t i = first; i < last; ++i) {
                    page.push_back(groups[order[i]]);
                }
                for (std::uint32_t& slot : order) {
                    slot = sums.value(slot);
                }
            }
            const std::vector<std::uint32_t> shown(order.begin() + static_cast<std::ptrdiff_t>(first), order.end());
            std::vector<base::NanoUsd> before;
            if (query.compare_previous) {
                const auto [from, to] = previous_span(scope);
                const Scope earlier = at_times(scope, from, to);
                if (query.group_by == Dimension::kSession && !tools) {
                    TIDEMARK_TRY(const auto sums, state.session_measures(earlier, shown));
                    for (const model::Measures& sum : sums) {
                        before.push_back(sum.cost);
                    }
                } else {
                    TIDEMARK_TRY(const auto sums, state.slot_totals(earlier, query.group_by, false));
                    for (const std::uint32_t value : shown) {
                        std::size_t slot = value;
                        if (!sums.sessions.empty()) {
                            slot = static_cast<std::size_t>(
                                std::lower_bound(sums.sessions.begin(), sums.sessions.end(), value) -
                                sums.sessions.begin());
                            slot = slot < sums.sessions.size() && sums.sessions[slot] == value ? slot : kNoSlot;
                        }
                        before.push_back(slot < sums.slots.size() ? sums.slots[slot].measures.cost : base::NanoUsd{});
                    }
                }
            }
            const double whole = result.totals.measures.cost.dollars();
            for (std::size_t i = 0; i < shown.size(); ++i) {
                BreakdownRow row;
                row.group = state.group_key(query.group_by, shown[i]);
                row.totals = page[i];
                row.share = whole > 0 ? row.totals.measures.cost.dollars() / whole : 0;
                if (query.compare_previous) {
                    row.previous_cost = before[i];
                    if (row.previous_cost->value > 0) {
                        row.change = row.totals.measures.cost.dollars() / row.previous_cost->dollars() - 1;
                    }
                }
                result.rows.push_back(std::move(row));
            }
            if (query.trend_points > 0 && !result.rows.empty()) {
                TIDEMARK_TRY(Plan plan, state.plan(scope, query.group_by));
                std::vector<std::uint32_t> slot_map(plan.slots, kNoSlot);
                for (std::size_t i = 0; i < shown.size(); ++i) {
                    slot_map[shown[i]] = static_cast<std::uint32_t>(i);
                }
                remap(plan, slot_map, shown.size());
                const Quarter from = quarter_floor(scope.from);
                const Quarter to = quarter_ceil(scope.to);
                const auto points = static_cast<std::uint32_t>(std::min<std::size_t>(query.trend_points, 1000));
                // Points longer than a day are cut at local midnights, so that they are made of whole days.
                const bool by_day = (to - from) / points >= 96;
                std::vector<base::UnixMillis> edges;
                for (std::uint32_t point = 0; point <= points; ++point) {
                    const Quarter cut = from + static_cast<Quarter>(std::uint64_t{to - from} * point / points);
                    edges.push_back(by_day && point > 0 && point < points
                                        ? scope.zone.floor(time_of(cut), base::Bucket::k1d)
                                        : time_of(cut));
                }
                std::shared_ptr<ZoneDays> keep;
                const ZoneDays* days = state.days_for(scope.zone, plan.from, plan.to, keep);
                MetricSink sink(Metric::kCost, points, plan.slots);
                Quarter walk_from = plan.from;
                Quarter walk_to = plan.to;
                if (query.group_by == Dimension::kSession) {
                    const SessionColumns& columns = cube.session_columns();
                    walk_from = plan.to;
                    walk_to = plan.from;
                    for (const std::uint32_t session : shown) {
                        walk_from = std::min(walk_from, std::max(columns.first[session], plan.from));
                        walk_to = std::max(walk_to, std::min(columns.last[session] + 1, plan.to));
                    }
                }
                const auto spans = spans_of(edges, walk_from, walk_to);
                scan_sums(cube, plan, days, spans, sink);
                for (std::size_t i = 0; i < result.rows.size(); ++i) {
                    for (std::uint32_t point = 0; point < points; ++point) {
                        result.rows[i].trend.push_back(base::NanoUsd{sink.cells[point * plan.slots + i].top}.dollars());
                    }
                }
            }
            return result;
        },
        [](const Breakdown& breakdown) {
            std::size_t bytes = sizeof(Breakdown);
            for (const BreakdownRow& row : breakdown.rows) {
                bytes += sizeof(BreakdownRow) + 100 + row.trend.size() * sizeof(double);
            }
            return bytes;
        });
}

// ------------------------------------------------------------------------------------------------------------- hours

base::Result<Hours> Engine::plain_hours(const Scope& scope, Metric metric) const {
    const State& state = *state_;
    if (metric == Metric::kToolErrors) {
        return base::fail(base::ErrorCode::kInvalidArgument, "metric=tool_errors has no hours: use the series");
    }
    const bool tools = metric == Metric::kToolCalls || State::asks_tools(scope, Dimension::kNone);
    if (tools) {
        TIDEMARK_CHECK_OK(state.ensure_tools());
    }
    const base::UnixMillis now = base::now();
    std::string question = State::question("hours", scope) + "\x1f" + std::string(to_string(metric));
    if (scope.to > now) {
        question += "\x1f" + std::to_string(quarter_floor(now));
    }
    return state.answers.get(
        question, state.version,
        [&]() -> base::Result<Hours> {
            const auto lock = state.read();
            const Cube& cube = *state.cube;
            Hours result;
            result.seq = state.seq;
            TIDEMARK_TRY(Plan plan, state.plan(scope, Dimension::kNone));
            plan.uses_tools = plan.uses_tools || tools;
            const Quarter end = std::min(quarter_ceil(scope.to), quarter_ceil(std::max(now, state.newest.load())));
            const Quarter begin = quarter_floor(scope.from);
            // The local hour of the week of each quarter: the offset is asked for once a day, unless it changes that
            // day.
            std::vector<std::uint8_t> hour_of_week(end > begin ? end - begin : 0);
            std::vector<std::uint32_t> local_hour(metric == Metric::kSessions ? hour_of_week.size() : 0);
            std::array<std::int64_t, 168> quarters{};
            Quarter at = begin;
            while (at < end) {
                const Quarter block_end = std::min(end, at + 96);
                const int offset = scope.zone.offset_seconds(time_of(at));
                const bool steady = scope.zone.offset_seconds(time_of(block_end - 1)) == offset;
                for (; at < block_end; ++at) {
                    const int here = steady ? offset : scope.zone.offset_seconds(time_of(at));
                    const std::int64_t local = time_of(at) / base::kSecond + here;
                    const std::int64_t hour = local / 3600 + (local % 3600 < 0 ? -1 : 0);
                    // 1970-01-01 was a Thursday: day 3 of a week that starts on Monday.
                    const std::int64_t slot = ((hour + 3 * 24) % 168 + 168) % 168;
                    hour_of_week[at - begin] = static_cast<std::uint8_t>(slot);
                    if (!local_hour.empty()) {
                        local_hour[at - begin] = static_cast<std::uint32_t>(hour);
                    }
                    ++quarters[static_cast<std::size_t>(slot)];
                }
            }
            std::array<Fraction, 168> sums{};
            const SlotOf slot_of(cube, plan);
            const Quarter to = std::min(plan.to, end);
            if (metric == Metric::kSessions) {
                // Sessions at work in an hour, counted anew each hour.
                std::vector<std::uint64_t> seen;
                QuarterWalk walk(cube);
                walk.walk(plan.from, to, [&](const Entries& entries, std::size_t i) {
                    if (entries.requests[i] > 0 && slot_of(entries.dim[i]) != kNoSlot) {
                        seen.push_back(std::uint64_t{local_hour[entries.quarter[i] - begin]} << 32 |
                                       cube.session_of(entries.dim[i]));
                    }
                });
                std::sort(seen.begin(), seen.end());
                seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
                for (const std::uint64_t pair : seen) {
                    sums[((pair >> 32) + 3 * 24) % 168].top += 1;
                }
            } else if (plan.uses_tools) {
                const ToolEntries& entries = cube.tools();
                auto i = static_cast<std::size_t>(
                    std::lower_bound(entries.quarter.begin(), entries.quarter.end(), plan.from) -
                    entries.quarter.begin());
                for (; i < entries.size() && entries.quarter[i] < to; ++i) {
                    if (plan.tool_slot(slot_of(entries.dim[i]), entries.tool[i]) != kNoSlot) {
                        model::Measures measures;
                        measures.requests = entries.calls[i];
                        measures.cost.value = entries.cost[i];
                        measures.tokens.input = entries.tokens[i];
                        Fraction& sum = sums[hour_of_week[entries.quarter[i] - begin]];
                        const Fraction add = MetricSink::of(metric, measures);
                        sum.top += add.top;
                        sum.bottom += add.bottom;
                    }
                }
            } else {
                MetricSink sink(metric, 168, 1);
                QuarterWalk walk(cube);
                walk.walk(plan.from, to, [&](const Entries& entries, std::size_t i) {
                    if (slot_of(entries.dim[i]) != kNoSlot) {
                        sink.entry(hour_of_week[entries.quarter[i] - begin], 0, entries, i);
                    }
                });
                std::copy(sink.cells.begin(), sink.cells.end(), sums.begin());
            }
            for (std::size_t slot = 0; slot < 168; ++slot) {
                if (quarters[slot] == 0) {
                    continue;
                }
                auto value = value_of(metric, sums[slot]);
                if (value && !is_ratio(metric)) {
                    *value /= static_cast<double>(quarters[slot]) / 4.0;
                }
                result.values[slot / 24][slot % 24] = value;
            }
            return result;
        },
        [](const Hours&) { return sizeof(Hours); });
}

// ------------------------------------------------------------------------------------------------- projects, facets

base::Result<std::vector<ProjectRow>> Engine::plain_projects(const Scope& scope) const {
    const State& state = *state_;
    if (State::asks_tools(scope, Dimension::kProject)) {
        TIDEMARK_CHECK_OK(state.ensure_tools());
    }
    return state.answers.get(
        State::question("projects", scope), state.version,
        [&]() -> base::Result<std::vector<ProjectRow>> {
            const auto lock = state.read();
            const Cube& cube = *state.cube;
            TIDEMARK_TRY(const auto sums, state.slot_totals(scope, Dimension::kProject, true));
            const std::vector<Totals>& groups = sums.slots;
            std::vector<std::pair<base::UnixMillis, base::UnixMillis>> activity(groups.size());
            std::optional<ReachOfCube> reach;
            if (scope.reach != nullptr) {
                reach.emplace(cube, *scope.reach);
            }
            for (std::uint32_t id = 1; id < cube.sessions().size(); ++id) {
                const Session& session = cube.sessions()[id];
                if (session.uid.empty() || (reach && !reach->contains_session(cube, id))) {
                    continue;
                }
                auto& [first, last] = activity[session.project];
                first = first == 0 ? session.started : std::min(first, session.started);
                last = std::max(last, session.last_activity);
            }
            std::vector<ProjectRow> rows;
            for (std::size_t slot = 0; slot < groups.size(); ++slot) {
                if (!occurs(groups[slot])) {
                    continue;
                }
                ProjectRow row;
                row.project = state.project_key(static_cast<std::uint32_t>(slot));
                if (!cube.projects()[slot].git_remote.empty()) {
                    row.git_remote = cube.projects()[slot].git_remote;
                }
                std::tie(row.first_activity, row.last_activity) = activity[slot];
                row.totals = groups[slot];
                rows.push_back(std::move(row));
            }
            std::sort(rows.begin(), rows.end(), [](const ProjectRow& a, const ProjectRow& b) {
                return std::tuple(-a.totals.measures.cost.value, a.project.key) <
                       std::tuple(-b.totals.measures.cost.value, b.project.key);
            });
            return rows;
        },
        [](const std::vector<ProjectRow>& rows) { return rows.size() * (sizeof(ProjectRow) + 150); });
}

namespace {

/// The weights of a plan's slots over its whole range. With the state's read lock.
std::vector<Weight> weights(const Engine::State& state, const Scope& scope, const Plan& plan, std::size_t slots) {
    std::shared_ptr<ZoneDays> keep;
    const ZoneDays* days = state.days_for(scope.zone, plan.from, plan.to, keep);
    const Span span{0, plan.from, plan.to};
    WeightSink sink(slots);
    scan_sums(*state.cube, plan, days, {&span, 1}, sink);
    return std::move(sink.cells);
}

}  // namespace

base::Result<std::vector<std::pair<Dimension, std::vector<GroupKey>>>> Engine::plain_facets(const Scope& scope,
                                                                                            std::size_t limit) const {
    using Facets = std::vector<std::pair<Dimension, std::vector<GroupKey>>>;
    const State& state = *state_;
    TIDEMARK_CHECK_OK(state.ensure_tools());
    return state.answers.get(
        State::question("facets" + std::to_string(limit), scope), state.version,
        [&]() -> base::Result<Facets> {
            const auto lock = state.read();
            Facets result;
            // Without filters each dimension has a cut of its own, of few rows; with some, one walk over the finest
            // rows serves all columns.
            const bool filtered = scope.filtered();
            Plan fine;
            std::vector<Weight> combos;
            std::vector<std::uint32_t> occurring;
            if (filtered) {
                TIDEMARK_TRY(fine, state.plan(scope, Dimension::kNone, all_dimensions()));
                for (std::uint32_t combo = 0; combo < fine.slot_of_row.size(); ++combo) {
                    fine.slot_of_row[combo] = fine.slot_of_row[combo] == kNoSlot ? kNoSlot : combo;
                }
                combos = weights(state, scope, fine, fine.slot_of_row.size());
                for (std::uint32_t combo = 0; combo < combos.size(); ++combo) {
                    if (combos[combo].occurs()) {
                        occurring.push_back(combo);
                    }
                }
            }
            for (const Dimension dimension : all_dimensions()) {
                std::vector<Weight> groups;
                std::vector<std::uint32_t> sessions;
                if (dimension == Dimension::kSession) {
                    TIDEMARK_TRY(State::SessionWeights found, state.session_weights(scope));
                    groups = std::move(found.weights);
                    sessions = std::move(found.sessions);
                } else if (dimension == Dimension::kTool) {
                    TIDEMARK_TRY(const State::SlotTotals sums, state.slot_totals(scope, dimension, false));
                    groups.reserve(sums.slots.size());
                    for (const Totals& totals : sums.slots) {
                        const model::Measures& m = totals.measures;
                        groups.push_back({m.cost.value, m.tokens.total(), m.requests});
                    }
                } else if (filtered) {
                    const auto& values = state.cube->combo_values(dimension);
                    groups.resize(state.cube->dictionary(dimension).keys.size());
                    for (const std::uint32_t combo : occurring) {
                        groups[values[combo]] += combos[combo];
                    }
                } else {
                    TIDEMARK_TRY(const Plan plan, state.plan(scope, dimension));
                    groups = weights(state, scope, plan, plan.slots);
                }
                const auto key = [&](std::uint32_t slot) { return sessions.empty() ? slot : sessions[slot]; };
                std::vector<std::uint32_t> order;
                for (std::uint32_t slot = 0; slot < groups.size(); ++slot) {
                    if (groups[slot].occurs()) {
                        order.push_back(slot);
                    }
                }
                const std::size_t count = std::min(limit, order.size());
                std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                                  [&](std::uint32_t a, std::uint32_t b) {
                                      return groups[a].cost != groups[b].cost
                                                 ? groups[a].cost > groups[b].cost
                                                 : state.key_of(dimension, key(a)) < state.key_of(dimension, key(b));
                                  });
                std::vector<GroupKey> keys;
                keys.reserve(count);
                for (std::size_t i = 0; i < count; ++i) {
                    keys.push_back(state.group_key(dimension, key(order[i])));
                }
                result.emplace_back(dimension, std::move(keys));
            }
            return result;
        },
        [](const Facets& facets) {
            std::size_t bytes = 0;
            for (const auto& [dimension, keys] : facets) {
                bytes += 64 + keys.size() * 160;
            }
            return bytes;
        });
}

// ---------------------------------------------------------------------------------------------------------- reports

base::Result<Engine::Matrix> Engine::matrix(const Scope& scope, const std::vector<base::UnixMillis>& edges,
                                            Dimension group_by) const {
    const State& state = *state_;
    if (State::asks_tools(scope, group_by)) {
        TIDEMARK_CHECK_OK(state.ensure_tools());
    }
    const auto lock = state.read();
    const Cube& cube = *state.cube;
    Matrix result;
    if (edges.size() < 2) {
        return result;
    }
    const std::size_t buckets = edges.size() - 1;
    TIDEMARK_TRY(
        Plan plan,
        state.plan(at_times(scope, std::max(scope.from, edges.front()), std::min(scope.to, edges.back())), group_by));
    std::shared_ptr<ZoneDays> keep;
    const ZoneDays* days = state.days_for(scope.zone, plan.from, plan.to, keep);
    const auto spans = spans_of(edges, plan.from, plan.to);
    // First which groups occur, then the cells of those alone: there can be tens of thousands of sessions.
    const Span whole{0, plan.from, plan.to};
    MetricSink any(Metric::kRequests, 1, plan.slots);
    scan_sums(cube, plan, days, {&whole, 1}, any);
    std::vector<std::uint32_t> slot_map(plan.slots, kNoSlot);
    for (std::size_t slot = 0; slot < slot_map.size(); ++slot) {
        if (any.cells[slot].top > 0) {
            slot_map[slot] = static_cast<std::uint32_t>(result.groups.size());
            result.groups.push_back(state.group_key(group_by, slot));
        }
    }
    remap(plan, slot_map, result.groups.size());
    const std::size_t slots = result.groups.size();
    MeasureSink sink(buckets, slots);
    scan_sums(cube, plan, days, spans, sink);
    Distinct distinct(buckets * slots, cube.sessions().size());
    scan_sessions(cube, plan, days, spans, [&](std::uint32_t bucket, std::uint32_t slot, std::uint32_t session) {
        distinct.add(bucket * slots + slot, session);
    });
    const auto counts = distinct.counts();
    result.cells.resize(buckets * slots);
    for (std::size_t slot = 0; slot < slots; ++slot) {
        for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
            Totals& cell = result.cells[slot * buckets + bucket];
            cell.measures = sink.cells[bucket * slots + slot];
            cell.sessions = counts[bucket * slots + slot];
        }
    }
    return result;
}

base::Result<std::vector<Engine::PairTotals>> Engine::pairs(const Scope& scope,
                                                            const std::vector<base::UnixMillis>& edges, Dimension first,
                                                            Dimension second, bool by_speed) const {
    const State& state = *state_;
    if (second == Dimension::kSession || first == Dimension::kTool || second == Dimension::kTool) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          "pairs: the second cut cannot be by session, none by tool");
    }
    const auto lock = state.read();
    const Cube& cube = *state.cube;
    std::vector<PairTotals> result;
    if (edges.size() < 2) {
        return result;
    }
    TIDEMARK_TRY(Plan plan,
                 state.plan(at_times(scope, std::max(scope.from, edges.front()), std::min(scope.to, edges.back())),
                            Dimension::kNone, {first, second, by_speed ? Dimension::kSpeed : Dimension::kNone}));
    std::shared_ptr<ZoneDays> keep;
    const ZoneDays* days =
        first == Dimension::kSession ? nullptr : state.days_for(scope.zone, plan.from, plan.to, keep);
    const auto spans = spans_of(edges, plan.from, plan.to);
    const auto value = [&](std::uint32_t row, Dimension dimension) {
        return combo_column(dimension) < kComboColumns ? cube.row_value(plan.cut, row, dimension) : 0U;
    };
    struct Key {
        std::uint32_t bucket, first, second, speed;
        auto operator<=>(const Key&) const = default;
    };
    struct HashKey {
        std::size_t operator()(const Key& key) const {
            return base::hash_combine(std::uint64_t{key.bucket} << 32U | key.first,
                                      std::uint64_t{key.second} << 32U | key.speed);
        }
    };
    std::unordered_map<Key, std::uint32_t, HashKey> places;  // -> place in measures
    std::vector<Key> keys;
    std::vector<model::Measures> measures;
    std::vector<std::uint64_t> sessions;  // place << 32 | session
    const auto place_of = [&](std::uint32_t bucket, std::uint32_t row, std::uint32_t session) {
        const Key key{bucket, first == Dimension::kSession ? session : value(row, first), value(row, second),
                      by_speed ? value(row, Dimension::kSpeed) : 0};
        const auto [place, is_new] = places.try_emplace(key, static_cast<std::uint32_t>(keys.size()));
        if (is_new) {
            keys.push_back(key);
            measures.emplace_back();
        }
        return place->second;
    };
    QuarterWalk walk(cube);
    const ZoneDays* whole = days != nullptr && plan.days_suffice(*days) ? days : nullptr;
    split(
        whole, spans,
        [&](std::uint32_t bucket, std::size_t first_day, std::size_t last_day) {
            for (std::size_t d = first_day; d < last_day; ++d) {
                const DayRows& day = whole->days[d];
                const DaySums::Rows& cut = day.cuts[plan.cut];
                for (std::size_t i = 0; i < cut.rows.size(); ++i) {
                    if (plan.slot_of_row[cut.rows[i]] != kNoSlot) {
                        measures[place_of(bucket, cut.rows[i], 0)] += cut.sums[i];
                    }
                }
                for (const DayRows::Part& part : day.parts) {
                    const std::uint32_t row = cube.row_of(plan.cut, part.combo);
                    if (plan.slot_of_row[row] != kNoSlot && part.requests > 0) {
                        sessions.push_back(std::uint64_t{place_of(bucket, row, 0)} << 32U | part.session);
                    }
                }
            }
        },
        [&](std::uint32_t bucket, Quarter from, Quarter to) {
            walk.walk(from, to, [&](const Entries& entries, std::size_t i) {
                if (plan.slot(cube, entries.dim[i]) == kNoSlot) {
                    return;
                }
                const std::uint32_t session = cube.session_of(entries.dim[i]);
                const std::uint32_t place =
                    place_of(bucket, cube.row_of(plan.cut, cube.combo_of(entries.dim[i])), session);
                add_entry(measures[place], entries, i);
                if (entries.requests[i] > 0) {
                    sessions.push_back(std::uint64_t{place} << 32U | session);
                }
            });
        });
    std::sort(sessions.begin(), sessions.end());
    sessions.erase(std::unique(sessions.begin(), sessions.end()), sessions.end());
    std::vector<std::int64_t> session_counts(keys.size());
    for (const std::uint64_t pair : sessions) {
        ++session_counts[pair >> 32U];
    }
    std::vector<std::uint32_t> order(keys.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return keys[a] < keys[b]; });
    result.reserve(order.size());
    for (const std::uint32_t place : order) {
        if (measures[place].requests == 0 && measures[place].tokens.total() == 0) {
            continue;
        }
        PairTotals row;
        row.edge = keys[place].bucket;
        row.first = state.group_key(first, keys[place].first);
        row.second = state.group_key(second, keys[place].second);
        row.speed = static_cast<model::Speed>(keys[place].speed);
        row.totals.measures = measures[place];
        row.totals.sessions = session_counts[place];
        result.push_back(std::move(row));
    }
    return result;
}

}  // namespace tidemark::query
