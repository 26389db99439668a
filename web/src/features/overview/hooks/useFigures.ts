/**
 * The figures of the row: from the overview's one answer while it shows today and everything; with a
 * range or filters from summaries of the same spans.
 */
import {
    useGetActiveSessionsQuery,
    useGetOverviewQuery,
    useGetUsageSummaryQuery,
} from '@/shared/api/generated';
import type { ActiveSession, Measures, Overview, Summary } from '@/shared/api/model';
import { filterArg, usageArg } from '@/shared/api/usageArg';
import type { Filters } from '@/shared/lib/filters';
import { hasFilters } from '@/shared/lib/filters';
import { usePreferences } from '@/shared/lib/format';
import { useNow } from '@/shared/lib/now';
import type { Range, ResolvedRange } from '@/shared/lib/range';
import { monthStart } from '@/shared/lib/zone';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEP = 5 * MINUTE;
const BURN_MINUTES = 30;

/** What a card needs of a span. */
export interface Span {
    cost: number;
    total_tokens: number;
    output_tokens: number;
    cache_hit_ratio: number | null;
    unpriced_requests: number;
    sessions: number;
}

export interface Figures {
    range: Span;
    /** The same span before; null = there was none. */
    before: Span | null;
    /** The mean of the seven days before at this time of day; only for today and everything. */
    usualCost: number | null;
    costPerHour: number;
    costPerHourBefore: number | null;
    peakCostPerHour: number | null;
    active: number;
    sessions: number;
    sessionsBefore: number | null;
    month: Span;
    monthBefore: Span | null;
    monthProjected: number | null;
    state: Overview['state'];
    projects: { key: string; label: string; cost: number; before: number | null }[];
    /** Cost in the range that is not broken down by project, for privacy; 0 = none. */
    withheldCost: number;
}

function spanOf(measures: Measures): Span {
    return measures;
}

function spanOfSummary(summary: Summary): Span {
    return {
        cost: summary.total_cost,
        total_tokens: summary.total_tokens,
        output_tokens: summary.total_output_tokens,
        cache_hit_ratio: summary.cache_hit_ratio,
        unpriced_requests: summary.unpriced_count,
        sessions: summary.session_count,
    };
}

/** The most projects that a summary names. */
const NAMED = 50;

/** What the named projects leave of the whole; not known when there may be more of them. */
function withheldCost(summary: Summary): number {
    if (!summary.withheld || summary.by_project.length >= NAMED) return 0;
    const told = summary.by_project.reduce((sum, project) => sum + project.measures.cost, 0);
    const rest = summary.total_cost - told;
    return rest > 1e-6 ? rest : 0;
}

/** Which sessions in progress the filters leave; names a session does not carry leave all. */
export function filterSessions(sessions: readonly ActiveSession[], filters: Filters) {
    const within = (values: string[] | undefined, ...own: string[]) =>
        values === undefined || own.some((one) => values.includes(one));
    return sessions.filter(
        (session) =>
            within(filters.project, session.project.key) &&
            within(filters.branch, session.branch) &&
            within(filters.session, session.id) &&
            within(filters.version, session.version) &&
            within(filters.entrypoint, session.entrypoint) &&
            within(filters.model, ...session.models),
    );
}

const NO_STATE: Overview['state'] = { today: null, block: null, burn: null };

export function useFigures(range: Range, resolved: ResolvedRange, filters: Filters) {
    const { zone, weekStart } = usePreferences();
    const overview = useGetOverviewQuery({ tz: zone });
    const now = useNow(MINUTE);
    const isToday = 'preset' in range && range.preset === 'today';
    const filtered = hasFilters(filters);
    const plain = isToday && !filtered;
    const iso = (time: number) => new Date(Math.floor(time / STEP) * STEP).toISOString();
    const shared = { tz: zone, weekStart, ...filterArg(filters) };

    const main = useGetUsageSummaryQuery(
        {
            ...usageArg(resolved, filters, zone, weekStart),
            ...(isToday ? {} : { compare: 'previous' as const }),
        },
        { skip: plain },
    );
    const yesterday = useGetUsageSummaryQuery(
        { ...shared, from: iso(resolved.from - DAY), to: iso(now - DAY) },
        { skip: plain || !isToday },
    );
    const thisMonth = monthStart(now, 0, zone);
    const lastMonth = monthStart(now, -1, zone);
    const month = useGetUsageSummaryQuery({ ...shared, from: iso(thisMonth) }, { skip: !filtered });
    const monthBefore = useGetUsageSummaryQuery(
        { ...shared, from: iso(lastMonth), to: iso(lastMonth + (now - thisMonth)) },
        { skip: !filtered },
    );
    const burn = useGetUsageSummaryQuery(
        {
            ...shared,
            from: new Date(Math.floor(now / MINUTE - BURN_MINUTES) * MINUTE).toISOString(),
            compare: 'previous',
        },
        { skip: !filtered },
    );
    const active = useGetActiveSessionsQuery(undefined, { skip: !filtered });

    const data = overview.data;
    const error = overview.error ?? (plain ? undefined : main.error);
    const retry = () => {
        void overview.refetch();
        if (!plain) void main.refetch();
    };
    if (!data || (!plain && !main.data)) return { figures: null, overview: data, error, retry };

    const figures: Figures = {
        range: spanOf(data.today),
        before: spanOf(data.yesterday_same_time),
        usualCost: data.week_average_same_time?.cost ?? null,
        costPerHour: data.burn.cost_per_hour,
        costPerHourBefore: data.burn.previous_cost_per_hour,
        peakCostPerHour: data.burn.peak_cost_per_hour,
        active: data.active_sessions,
        sessions: data.sessions_today,
        sessionsBefore: data.sessions_yesterday_same_time,
        month: spanOf(data.month.measures),
        monthBefore: spanOf(data.month.previous_same_span),
        monthProjected: data.month.projected_cost,
        state: data.state,
        projects: data.top_projects.map((project) => ({
            key: project.key,
            label: project.label,
            cost: project.measures.cost,
            before: project.previous_cost,
        })),
        withheldCost: 0,
    };
    if (!plain && main.data) {
        const before = isToday
            ? yesterday.data && spanOfSummary(yesterday.data)
            : main.data.previous && spanOf(main.data.previous);
        figures.range = spanOfSummary(main.data);
        figures.before = before ?? null;
        figures.usualCost = null;
        figures.sessions = figures.range.sessions;
        figures.sessionsBefore = before?.sessions ?? null;
        figures.state = { ...figures.state, today: null };
        figures.projects = main.data.by_project.slice(0, 6).map((project) => ({
            key: project.key,
            label: project.label,
            cost: project.measures.cost,
            before: null,
        }));
        figures.withheldCost = withheldCost(main.data);
    }
    if (filtered) {
        const perHour = 60 / BURN_MINUTES;
        figures.state = NO_STATE;
        figures.costPerHour = (burn.data?.total_cost ?? 0) * perHour;
        figures.costPerHourBefore = burn.data?.previous ? burn.data.previous.cost * perHour : null;
        figures.peakCostPerHour = null;
        figures.active = filterSessions(active.data?.sessions ?? [], filters).length;
        if (month.data) figures.month = spanOfSummary(month.data);
        figures.monthBefore = monthBefore.data ? spanOfSummary(monthBefore.data) : null;
        figures.monthProjected = null;
    }
    return { figures, overview: data, error, retry };
}
