#include <algorithm>
#include <limits>
#include <type_traits>

#include "server/api/access.hpp"
#include "server/api/convert.hpp"
#include "server/api/handlers.hpp"

namespace tidemark::api {
namespace {

constexpr std::size_t kTopGroups = 50;
constexpr std::size_t kMostBuckets = 5000;

/// The bucket that draws a range in roughly 30 to 120 steps.
base::Bucket fitting_bucket(base::UnixMillis span) {
    if (span <= 3 * base::kHour) {
        return base::Bucket::k5m;
    }
    if (span <= 12 * base::kHour) {
        return base::Bucket::k15m;
    }
    if (span <= 4 * base::kDay) {
        return base::Bucket::k1h;
    }
    if (span <= 100 * base::kDay) {
        return base::Bucket::k1d;
    }
    if (span <= 800 * base::kDay) {
        return base::Bucket::k1w;
    }
    return span <= 3660 * base::kDay ? base::Bucket::k1mo : base::Bucket::k1y;
}

base::UnixMillis least_width(base::Bucket bucket) {
    switch (bucket) {
        case base::Bucket::k5m: return 5 * base::kMinute;
        case base::Bucket::k15m: return base::kQuarter;
        case base::Bucket::k1h: return base::kHour;
        case base::Bucket::k1d: return 23 * base::kHour;
        case base::Bucket::k1w: return 6 * base::kDay;
        case base::Bucket::k1mo: return 28 * base::kDay;
        case base::Bucket::k1y: return 365 * base::kDay;
    }
    return base::kDay;
}

std::vector<GroupMeasures> top(const std::vector<query::GroupTotals>& groups) {
    std::vector<GroupMeasures> all = to_dto(groups);
    if (all.size() > kTopGroups) {
        all.resize(kTopGroups);
    }
    return all;
}

}  // namespace

net::Response get_usage_summary(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    TIDEMARK_ANSWER(const query::Scope scope, scope_of(context, arguments, request));
    const bool compare = arguments.choice<Compare>("compare") == Compare::kPrevious;
    TIDEMARK_ANSWER(const query::Summary summary, context.questions.summary(scope, compare));
    const model::Measures& sums = summary.totals.measures;
    UsageSummary dto;
    dto.seq = summary.seq;
    dto.withheld = summary.withheld;
    dto.from = {scope.from};
    dto.to = {scope.to};
    dto.tz = scope.zone.name();
    dto.total_input_tokens = sums.tokens.input;
    dto.total_output_tokens = sums.tokens.output;
    dto.total_thinking_tokens = sums.tokens.thinking;
    dto.total_cache_write_tokens = sums.tokens.cache_write();
    dto.total_cache_write_5m_tokens = sums.tokens.cache_write_5m;
    dto.total_cache_write_1h_tokens = sums.tokens.cache_write_1h;
    dto.total_cache_read_tokens = sums.tokens.cache_read;
    dto.total_tokens = sums.tokens.total();
    dto.total_cost = sums.cost;
    dto.request_count = sums.requests;
    dto.session_count = summary.totals.sessions;
    dto.web_search_count = sums.web_searches;
    dto.incomplete_count = sums.incomplete_requests;
    dto.unpriced_count = sums.unpriced_requests;
    dto.unpriced_tokens = sums.unpriced_tokens;
    dto.unpriced_models = summary.unpriced_models;
    dto.cache_hit_ratio = summary.totals.cache_hit_ratio();
    dto.average_duration = summary.totals.average_duration_ms();
    dto.daily_average = summary.daily_average_usd;
    dto.weekly_trend = summary.weekly_trend;
    dto.monthly_trend = summary.monthly_trend;
    dto.by_project = top(summary.by_project);
    dto.by_model = top(summary.by_model);
    if (summary.previous) {
        dto.previous = to_dto(*summary.previous);
        dto.previous_from = Time{summary.previous_from};
        dto.previous_to = Time{summary.previous_to};
    }
    return answer(dto, holds_until(arguments, scope));
}

net::Response get_usage_series(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    query::SeriesQuery query;
    TIDEMARK_ANSWER(query.scope, scope_of(context, arguments, request));
    query.metric = arguments.choice<query::Metric>("metric");
    query.group_by = arguments.choice<query::Dimension>("group_by");
    query.limit = static_cast<std::size_t>(arguments.integer("limit").value_or(7));
    query.compare_previous = arguments.choice<Compare>("compare") == Compare::kPrevious;
    const base::UnixMillis span = query.scope.to - query.scope.from;
    const auto bucket = arguments.choice<BucketChoice>("bucket");
    query.bucket =
        bucket == BucketChoice::kAuto ? fitting_bucket(span) : static_cast<base::Bucket>(static_cast<int>(bucket) - 1);
    if (span / least_width(query.bucket) > static_cast<std::int64_t>(kMostBuckets)) {
        return parameter_problem(request, "bucket",
                                 "is too narrow for this range: choose a wider one, or auto (at most " +
                                     std::to_string(kMostBuckets) + " buckets)");
    }
    TIDEMARK_ANSWER(query::Series series, context.questions.series(query));
    UsageSeries dto;
    dto.seq = series.seq;
    dto.withheld = series.withheld;
    dto.metric = query.metric;
    dto.unit = to_unit(query.metric);
    dto.bucket = series.bucket;
    dto.tz = query.scope.zone.name();
    for (const base::UnixMillis start : series.buckets) {
        dto.buckets.push_back({start});
    }
    dto.ends_at = {series.ends_at};
    for (query::SeriesLine& line : series.lines) {
        dto.series.push_back({line.group.key, line.group.label, std::move(line.values), line.total});
    }
    dto.other_count = static_cast<std::int64_t>(series.other_count);
    if (series.previous) {
        dto.previous = PreviousLine{std::move(series.previous->values), series.previous->total};
    }
    dto.complete_until = {series.complete_until};
    // Until the last bucket is over, the series says how far it goes: up to now.
    const base::UnixMillis now = base::now();
    return answer(dto, std::min(holds_until(arguments, query.scope), series.ends_at <= now ? kForever : now + kMoment));
}

net::Response get_usage_breakdown(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    query::BreakdownQuery query;
    TIDEMARK_ANSWER(query.scope, scope_of(context, arguments, request));
    query.group_by = arguments.choice<query::Dimension>("group_by");
    if (query.group_by == query::Dimension::kNone) {
        return parameter_problem(request, "group_by", "must name a dimension");
    }
    query.sort = arguments.choice<query::Metric>("sort");
    query.descending = arguments.choice<Order>("order") == Order::kDesc;
    query.limit = static_cast<std::size_t>(arguments.integer("limit").value_or(50));
    query.offset = static_cast<std::size_t>(arguments.integer("offset").value_or(0));
    query.compare_previous = arguments.choice<Compare>("compare") == Compare::kPrevious;
    query.trend_points = static_cast<std::size_t>(arguments.integer("trend").value_or(0));
    TIDEMARK_ANSWER(query::Breakdown breakdown, context.questions.breakdown(query));
    UsageBreakdown dto;
    dto.seq = breakdown.seq;
    dto.withheld = breakdown.withheld;
    for (query::BreakdownRow& row : breakdown.rows) {
        BreakdownRow& out = dto.rows.emplace_back();
        out.key = row.group.key;
        out.label = row.group.label;
        out.measures = to_dto(row.totals);
        out.share = row.share;
        out.previous_cost = row.previous_cost;
        out.change = row.change;
        if (query.trend_points != 0) {
            out.trend = std::move(row.trend);
        }
    }
    dto.totals = to_dto(breakdown.totals);
    dto.total_rows = static_cast<std::int64_t>(breakdown.total_rows);
    return answer(dto, holds_until(arguments, query.scope, true));
}

net::Response get_usage_hours(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    TIDEMARK_ANSWER(const query::Scope scope, scope_of(context, arguments, request));
    UsageHours dto;
    dto.metric = arguments.choice<query::Metric>("metric");
    dto.unit = to_unit(dto.metric);
    TIDEMARK_ANSWER(const query::Hours hours, context.questions.hours(scope, dto.metric));
    dto.seq = hours.seq;
    dto.withheld = hours.withheld;
    for (const auto& day : hours.values) {
        dto.values.emplace_back(day.begin(), day.end());
    }
    // The hours of a range that is not over yet grow in number with each quarter.
    const base::UnixMillis now = base::now();
    const base::UnixMillis next_quarter = (now / base::kQuarter + 1) * base::kQuarter;
    return answer(dto, std::min(holds_until(arguments, scope, true), scope.to <= now ? kForever : next_quarter));
}

net::Response get_usage_records(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    query::RecordsQuery query;
    TIDEMARK_ANSWER(query.scope, scope_of(context, arguments, request));
    query.limit = static_cast<std::size_t>(arguments.integer("limit").value_or(100));
    query.descending = arguments.choice<Order>("order") == Order::kDesc;
    query.cursor = arguments.text("cursor");
    TIDEMARK_ANSWER(query::RecordsPage page, context.questions.records(query));
    UsageRecords dto;
    dto.withheld = withholds(request);
    dto.records.reserve(page.records.size());
    for (query::Record& record : page.records) {
        dto.records.push_back(to_dto(std::move(record)));
    }
    if (!page.next_cursor.empty()) {
        dto.next_cursor = page.next_cursor;
    }
    return answer(dto, holds_until(arguments, query.scope));
}

net::Response get_projects(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    TIDEMARK_ANSWER(const query::Scope scope, scope_of(context, arguments, request, true));
    TIDEMARK_ANSWER(const std::vector<query::ProjectRow> rows, context.questions.projects(scope));
    Projects dto;
    dto.withheld = withholds(request);
    for (const query::ProjectRow& row : rows) {
        dto.projects.push_back({row.project.key,
                                row.project.label,
                                row.project.key,
                                row.git_remote,
                                {row.first_activity},
                                {row.last_activity},
                                to_dto(row.totals)});
    }
    return answer(dto, holds_until(arguments, scope, true));
}

net::Response get_facets(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    TIDEMARK_ANSWER(const query::Scope scope, scope_of(context, arguments, request));
    const auto limit = static_cast<std::size_t>(arguments.integer("limit").value_or(200));
    TIDEMARK_ANSWER(const auto facets, context.questions.facets(scope, limit));
    Facets dto;
    dto.withheld = withholds(request);
    for (const auto& [dimension, values] : facets) {
        const std::string_view name = query::to_string(dimension);
        boost::mp11::mp_for_each<json::impl::Members<Facets>>([&](auto member) {
            auto& field = dto.*decltype(member)::pointer;
            if constexpr (std::is_same_v<std::decay_t<decltype(field)>, std::vector<GroupKey>>) {
                if (name == decltype(member)::name) {
                    for (const query::GroupKey& value : values) {
                        field.push_back(to_dto(value));
                    }
                }
            }
        });
    }
    return answer(dto, holds_until(arguments, scope, true));
}

}  // namespace tidemark::api
