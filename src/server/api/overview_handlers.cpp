// The overview page's one call, and the 5-hour block.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>

#include "server/api/access.hpp"
#include "server/api/convert.hpp"
#include "server/api/handlers.hpp"

namespace tidemark::api {
namespace {

constexpr base::UnixMillis kBlockHistory = 60 * base::kDay;
constexpr base::UnixMillis kHitHistory = 30 * base::kDay;
constexpr std::size_t kMostHits = 100;
constexpr std::size_t kTopProjects = 8;
constexpr base::UnixMillis kBurnWindow = 30 * base::kMinute;
constexpr double kSpikeRatio = 3;    // today against the mean of the seven days before …
constexpr double kSpikeDollars = 5;  // … when it is worth a word at all
constexpr std::int64_t kCleanupWarningDays = 7;

query::Scope within(const query::Scope& place, base::UnixMillis from, base::UnixMillis to) {
    query::Scope out = place;
    out.from = from;
    out.to = to;
    return out;
}

/// The local day so many days before that of `time`, at the same time of day (or the end of a gap).
base::UnixMillis days_before(const base::TimeZone& zone, base::UnixMillis time, std::int64_t days) {
    const base::CivilDate date = zone.date_of(time);
    const base::UnixMillis start = zone.start_of(base::civil_from_days(base::days_from_civil(date) - days));
    return start + (time - zone.start_of(date));
}

Measures mean(const query::Totals& sum, std::int64_t days) {
    const auto divide = [days](std::int64_t value) { return (value + days / 2) / days; };
    query::Totals out = sum;
    model::Measures& m = out.measures;
    for (std::int64_t* value :
         {&m.tokens.input, &m.tokens.output, &m.tokens.thinking, &m.tokens.cache_write_5m, &m.tokens.cache_write_1h,
          &m.tokens.cache_read, &m.cost.value, &m.requests, &m.web_searches, &m.incomplete_requests,
          &m.unpriced_requests, &m.unpriced_tokens, &m.duration_ms, &m.timed_requests, &out.sessions}) {
        *value = divide(*value);
    }
    return to_dto(out);
}

/// Sums of quarters of an hour that end at `now`, newest last; the first value is at `from`.
struct Quarters {
    base::UnixMillis from = 0;
    std::vector<double> values;

    /// The share of the sums that falls in [begin, end), taking each quarter as even; the newest one reaches to `now`
    /// only.
    [[nodiscard]] double between(base::UnixMillis begin, base::UnixMillis end, base::UnixMillis now) const {
        double sum = 0;
        for (std::size_t i = 0; i < values.size(); ++i) {
            const base::UnixMillis start = from + static_cast<base::UnixMillis>(i) * base::kQuarter;
            const base::UnixMillis stop = std::min(start + base::kQuarter, std::max(now, start + 1));
            const base::UnixMillis shared = std::min(stop, end) - std::max(start, begin);
            if (shared > 0) {
                sum += values[i] * static_cast<double>(shared) / static_cast<double>(stop - start);
            }
        }
        return sum;
    }
};

base::Result<Quarters> quarters(const ApiContext& context, const query::Scope& range, query::Metric metric) {
    query::SeriesQuery query;
    query.scope = range;
    query.metric = metric;
    query.bucket = base::Bucket::k15m;
    TIDEMARK_TRY(const query::Series series, context.questions.series(query));
    Quarters out;
    out.from = series.buckets.empty() ? range.from : series.buckets.front();
    if (!series.lines.empty()) {
        for (const auto& value : series.lines.front().values) {
            out.values.push_back(value.value_or(0));
        }
    }
    return out;
}

base::Result<Burn> burn(const ApiContext& context, const query::Scope& place, base::UnixMillis today,
                        base::UnixMillis now) {
    const base::UnixMillis from = std::min(today, now - 2 * kBurnWindow);
    const query::Scope range = within(place, from, now);
    TIDEMARK_TRY(const Quarters cost, quarters(context, range, query::Metric::kCost));
    TIDEMARK_TRY(const Quarters tokens, quarters(context, range, query::Metric::kTotalTokens));
    constexpr double kWindowsAnHour = static_cast<double>(base::kHour) / static_cast<double>(kBurnWindow);
    constexpr double kWindowMinutes = static_cast<double>(kBurnWindow) / static_cast<double>(base::kMinute);
    Burn out;
    out.cost_per_hour = cost.between(now - kBurnWindow, now, now) * kWindowsAnHour;
    out.tokens_per_minute = tokens.between(now - kBurnWindow, now, now) / kWindowMinutes;
    const double before = cost.between(now - 2 * kBurnWindow, now - kBurnWindow, now) * kWindowsAnHour;
    if (before > 0) {
        out.previous_cost_per_hour = before;
    }
    out.peak_cost_per_hour = out.cost_per_hour;
    for (std::size_t i = 0; i + 1 < cost.values.size(); ++i) {
        if (cost.from + static_cast<base::UnixMillis>(i) * base::kQuarter >= today) {
            out.peak_cost_per_hour =
                std::max(out.peak_cost_per_hour, (cost.values[i] + cost.values[i + 1]) * kWindowsAnHour);
        }
    }
    return out;
}

base::Result<MonthToDate> month_to_date(const ApiContext& context, const query::Scope& place, base::UnixMillis now) {
    const base::TimeZone& zone = place.zone;
    const base::UnixMillis start = zone.floor(now, base::Bucket::k1mo);
    const base::UnixMillis previous = zone.floor(start - 1, base::Bucket::k1mo);
    const base::CivilDate first = zone.date_of(start);
    const base::CivilDate next{first.month == 12 ? first.year + 1 : first.year, first.month == 12 ? 1 : first.month + 1,
                               1};
    const base::UnixMillis end = zone.start_of(next);
    TIDEMARK_TRY(const query::Totals current, context.questions.totals(within(place, start, std::max(now, start + 1))));
    const base::UnixMillis previous_to = std::min(previous + (now - start), start);
    TIDEMARK_TRY(const query::Totals earlier,
                 context.questions.totals(within(place, previous, std::max(previous_to, previous + 1))));
    MonthToDate out;
    out.from = {start};
    out.measures = to_dto(current);
    out.previous_same_span = to_dto(earlier);
    if (now - start >= base::kDay) {  // less says nothing about a month
        const double factor = static_cast<double>(end - start) / static_cast<double>(now - start);
        out.projected_cost = base::NanoUsd{std::llround(static_cast<double>(current.measures.cost.value) * factor)};
    }
    return out;
}

/// Of the requests within reach.
base::Result<std::optional<Time>> newest_event(const ApiContext& context, const query::Scope& place,
                                               base::UnixMillis now) {
    if (!place.reach) {
        return to_time(context.questions.newest());
    }
    query::RecordsQuery query;
    query.scope = within(place, 0, now + base::kDay);
    query.limit = 1;
    TIDEMARK_TRY(const query::RecordsPage page, context.questions.records(query));
    return page.records.empty() ? std::nullopt : to_time(page.records.front().time);
}

Notice notice(NoticeCode code, Severity severity) {
    Notice out;
    out.code = code;
    out.severity = severity;
    return out;
}

std::vector<Notice> worst_first(const std::vector<Notice>& notices) {
    std::vector<Notice> out;
    for (const Severity severity : {Severity::kError, Severity::kWarning, Severity::kInfo}) {
        std::copy_if(notices.begin(), notices.end(), std::back_inserter(out),
                     [severity](const Notice& one) { return one.severity == severity; });
    }
    return out;
}

/// Adds what the sources have to say.
void add_source_notices(const Sources& sources, base::UnixMillis now, std::vector<Notice>& out) {
    if (sources.bad_lines > 0) {
        out.push_back(notice(NoticeCode::kBadLines, Severity::kWarning));
        out.back().params.count = sources.bad_lines;
    }
    constexpr std::size_t kMostUnreadable = 5;
    std::size_t unreadable = 0;
    for (const SourceProblem& problem : sources.problems) {
        if (problem.line == 0 && unreadable++ < kMostUnreadable) {
            out.push_back(notice(NoticeCode::kUnreadableSource, Severity::kError));
            out.back().params.path = problem.file;
            out.back().params.reason = problem.reason;
        }
    }
    if (!sources.oldest_transcript ||
        (sources.safe_since && sources.safe_since->value <= sources.oldest_transcript->value)) {
        return;  // everything that may be deleted is in the ledger already
    }
    for (const SourceRoot& root : sources.roots) {
        if (!root.cleanup_period_days || root.files == 0) {
            continue;
        }
        const std::int64_t left = *root.cleanup_period_days - (now - sources.oldest_transcript->value) / base::kDay;
        if (left <= kCleanupWarningDays) {
            out.push_back(notice(NoticeCode::kCleanupSoon, Severity::kWarning));
            out.back().params.days = std::max<std::int64_t>(left, 0);
            out.back().params.files = root.files;
            return;
        }
    }
}

/// Models that were used in the last day and not in the thirty before, unless that is all there is.
base::Result<void> add_new_models(const ApiContext& context, const query::Scope& place, base::UnixMillis now,
                                  std::vector<Notice>& out) {
    query::BreakdownQuery query;
    query.group_by = query::Dimension::kModel;
    query.scope = within(place, now - 31 * base::kDay, now - base::kDay);
    TIDEMARK_TRY(const query::Breakdown before, context.questions.breakdown(query));
    if (before.rows.empty()) {
        return {};
    }
    std::set<std::string> known;
    for (const query::BreakdownRow& row : before.rows) {
        known.insert(row.group.key);
    }
    query.scope = within(place, now - base::kDay, now);
    TIDEMARK_TRY(const query::Breakdown latest, context.questions.breakdown(query));
    for (const query::BreakdownRow& row : latest.rows) {
        if (known.count(row.group.key) == 0) {
            out.push_back(notice(NoticeCode::kNewModel, Severity::kInfo));
            out.back().params.model = row.group.key;
        }
    }
    return {};
}

}  // namespace

base::Result<std::optional<UsageBlock>> present_block(const ApiContext& context, const query::Scope& place,
                                                      base::UnixMillis now) {
    TIDEMARK_TRY(const std::vector<query::Block> blocks,
                 context.questions.blocks(within(place, now - kBlockHistory, now + 1), now));
    std::optional<UsageBlock> out;
    std::optional<std::int64_t> yardstick;
    for (const query::Block& block : blocks) {
        if (block.gap) {
            continue;
        }
        if (!block.active) {
            yardstick = std::max(yardstick.value_or(0), block.measures.tokens.total());
            continue;
        }
        UsageBlock& present = out.emplace();
        present.from = {block.start};
        present.to = {block.end};
        present.measures = to_dto(block.measures);
        TIDEMARK_TRY(const query::Totals totals,
                     context.questions.totals(within(place, block.start, std::max(now, block.start + 1))));
        present.measures.sessions = totals.sessions;
        present.tokens_per_minute = block.tokens_per_minute;
        present.cost_per_hour = block.cost_per_hour;
        present.projected_cost = block.projected_cost;
        present.projected_tokens = block.projected_tokens;
        present.remaining_minutes = block.remaining_minutes;
    }
    if (out) {
        out->yardstick_tokens = yardstick;
    }
    return out;
}

net::Response get_limits(ApiContext& context, const Arguments&, const net::Request& request) {
    const base::UnixMillis now = base::now();
    const query::Scope place = place_of(request);
    Limits dto;
    dto.withheld = withholds(request);
    TIDEMARK_ANSWER(dto.block, present_block(context, place, now));
    TIDEMARK_ANSWER(
        const std::vector<query::EventRow> hits,
        context.questions.events(within(place, now - kHitHistory, now + 1), model::EventKind::kLimitHit, kMostHits));
    for (const query::EventRow& hit : hits) {
        dto.hits.push_back(to_limit_hit(hit));
    }
    std::sort(dto.hits.begin(), dto.hits.end(), [](const LimitHit& a, const LimitHit& b) { return a.time > b.time; });
    return answer(dto, now + kMoment);
}

net::Response get_overview(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    TIDEMARK_ANSWER(query::Scope place, place_of(context, arguments, request));
    const query::Scope everybody = place;
    const bool withheld = withholds(request);
    if (withheld) {
        place.reach = place.reach->own_rows();  // figures of today stand beside others: all are of one's own
    }
    const base::TimeZone& zone = place.zone;
    const Questions& ask = context.questions;
    const base::UnixMillis now = base::now();
    const base::UnixMillis today = zone.start_of(zone.date_of(now));
    const base::UnixMillis until = std::max(now, today + 1);

    Overview dto;
    dto.withheld = withheld;
    dto.seq =
        ask.seq();  // first: figures may be newer than it says, and an event applied twice is worse than one refetch
    dto.now = {now};
    TIDEMARK_ANSWER(dto.newest_event, newest_event(context, place, now));

    TIDEMARK_ANSWER(const query::Totals totals, ask.totals(within(place, today, until)));
    dto.today = to_dto(totals);
    dto.sessions_today = totals.sessions;
    query::Totals week;
    for (std::int64_t day = 1; day <= 7; ++day) {
        const base::UnixMillis start = days_before(zone, today, day);
        TIDEMARK_ANSWER(const query::Totals one, ask.totals(within(place, start, start + (until - today))));
        week.measures += one.measures;
        week.sessions += one.sessions;
        if (day == 1) {
            dto.yesterday_same_time = to_dto(one);
            dto.sessions_yesterday_same_time = one.sessions;
        }
    }
    if (week.measures.requests > 0) {
        dto.week_average_same_time = mean(week, 7);
    }
    TIDEMARK_ANSWER(dto.burn, burn(context, place, today, now));
    // Stands beside ranges of the past, which others are in as far as they are told; of a part there is no forecast.
    TIDEMARK_ANSWER(dto.month, month_to_date(context, everybody, now));
    if (withheld) {
        dto.month.projected_cost.reset();
    }
    TIDEMARK_ANSWER(dto.block, present_block(context, place, now));
    if (dto.block && dto.block->yardstick_tokens) {
        const std::int64_t yardstick = *dto.block->yardstick_tokens;
        dto.state.block = dto.block->measures.total_tokens > yardstick          ? Alarm::kOver
                          : dto.block->projected_tokens.value_or(0) > yardstick ? Alarm::kWarning
                                                                                : Alarm::kNormal;
    }

    query::BreakdownQuery projects;
    projects.scope = within(place, today, until);
    projects.group_by = query::Dimension::kProject;
    projects.limit = kTopProjects;
    TIDEMARK_ANSWER(const query::Breakdown by_project, ask.breakdown(projects));
    projects.scope.from = days_before(zone, today, 1);
    projects.scope.to = projects.scope.from + (until - today);
    projects.limit = 1000;
    TIDEMARK_ANSWER(const query::Breakdown yesterday, ask.breakdown(projects));
    projects.scope.from = days_before(zone, today, 7);
    projects.scope.to = today;
    TIDEMARK_ANSWER(const query::Breakdown week_before, ask.breakdown(projects));
    const auto cost_in = [](const query::Breakdown& breakdown, const std::string& key) -> std::optional<base::NanoUsd> {
        for (const query::BreakdownRow& row : breakdown.rows) {
            if (row.group.key == key) {
                return row.totals.measures.cost;
            }
        }
        return std::nullopt;
    };
    for (const query::BreakdownRow& row : by_project.rows) {
        dto.top_projects.push_back(
            {row.group.key, row.group.label, to_dto(row.totals), cost_in(yesterday, row.group.key)});
        const double mean_cost = cost_in(week_before, row.group.key).value_or(base::NanoUsd{}).dollars() / 7;
        const double cost = row.totals.measures.cost.dollars();
        if (mean_cost > 0 && cost >= kSpikeDollars && cost >= kSpikeRatio * mean_cost) {
            dto.notices.push_back(notice(NoticeCode::kCostSpike, Severity::kWarning));
            dto.notices.back().params.project = row.group.label;
            dto.notices.back().params.ratio = cost / mean_cost;
        }
    }

    TIDEMARK_ANSWER(const std::vector<query::SessionRow> sessions, ask.active_sessions(now, place.reach.get()));
    dto.active_sessions = static_cast<std::int64_t>(sessions.size());
    for (const query::SessionRow& row : sessions) {
        dto.sessions.push_back(to_active_dto(row));
    }

    TIDEMARK_ANSWER(const std::vector<query::EventRow> hits,
                    ask.events(within(place, now - base::kDay, now + 1), model::EventKind::kLimitHit, kMostHits));
    if (!hits.empty()) {
        const auto newest =
            std::max_element(hits.begin(), hits.end(),
                             [](const query::EventRow& a, const query::EventRow& b) { return a.time < b.time; });
        dto.notices.push_back(
            notice(NoticeCode::kLimitHit, newest->value1 > now ? Severity::kError : Severity::kWarning));
        dto.notices.back().params.kind = to_limit_hit(*newest).kind;
        dto.notices.back().params.resets_at = to_limit_hit(*newest).resets_at;
    }
    query::BreakdownQuery models;
    models.scope = within(place, now - 30 * base::kDay, until);
    models.group_by = query::Dimension::kModel;
    models.limit = 1000;
    TIDEMARK_ANSWER(const query::Breakdown by_model, ask.breakdown(models));
    for (const query::BreakdownRow& row : by_model.rows) {
        if (row.totals.measures.unpriced_tokens > 0) {
            dto.notices.push_back(notice(NoticeCode::kUnpricedModel, Severity::kWarning));
            dto.notices.back().params.model = row.group.key;
            dto.notices.back().params.tokens = row.totals.measures.unpriced_tokens;
        }
    }
    if (totals.measures.incomplete_requests > 0) {
        dto.notices.push_back(notice(NoticeCode::kIncompleteOutput, Severity::kInfo));
        dto.notices.back().params.count = totals.measures.incomplete_requests;
    }
    if (const auto added = add_new_models(context, place, now, dto.notices); !added) {
        return problem_of(request, added.error());
    }
    if (!place.reach) {
        add_source_notices(context.sources(), now, dto.notices);
        if (auto problem = context.backups.problem()) {
            dto.notices.push_back(notice(NoticeCode::kBackupFailed, Severity::kError));
            dto.notices.back().params.reason = std::move(*problem);
        }
    }
    dto.notices = worst_first(dto.notices);
    return answer(dto, now + kMoment);
}

}  // namespace tidemark::api
