/**
 * Applying stream changes to cached answers: pure functions that change a draft in place, so that a
 * figure moves within a frame of the event. They do what the server's next answer will do, as far
 * as a change tells; what it does not tell (distinct counts, averages) waits for that answer.
 */

import { filtersOf } from '@/shared/api/usageArg';
import type { Filters } from '@/shared/lib/filters';
import { dayStart, startOfDay } from '@/shared/lib/zone';
import type { DeltaMeasures, UsageChange, UsageEvent } from '@/shared/stream/protocol';
import type { CommonArg, Measures, Overview, SeriesAnswer, SeriesArg, Summary } from './model';

export const OTHER_KEY = '__other__';

/** The dimensions a change carries; an answer filtered by any other can only be refetched. */
const CARRIED = {
    project: (change: UsageChange) => change.project,
    model: (change: UsageChange) => change.model,
    branch: (change: UsageChange) => change.branch,
    session: (change: UsageChange) => change.session_id,
    kind: (change: UsageChange) => change.kind,
    member: (change: UsageChange) => change.member,
} as const;
type Carried = keyof typeof CARRIED;

function isCarried(name: string): name is Carried {
    return name in CARRIED;
}

/** true or false = in or out; null = the change does not tell. */
export function passes(change: UsageChange, filters: Filters): boolean | null {
    let known = true;
    for (const [name, values] of Object.entries(filters)) {
        if (!isCarried(name)) known = false;
        else if (!values.includes(CARRIED[name](change))) return false;
    }
    return known ? true : null;
}

function inRange(change: UsageChange, from: string | undefined, to: string | undefined): boolean {
    const at = Date.parse(change.quarter);
    if (from !== undefined && at + 900_000 <= Date.parse(from)) return false;
    return to === undefined || at < Date.parse(to);
}

export function addMeasures(target: Measures, delta: DeltaMeasures): void {
    target.cost += delta.cost;
    target.input_tokens += delta.input_tokens;
    target.output_tokens += delta.output_tokens;
    target.thinking_tokens += delta.thinking_tokens;
    target.cache_write_tokens += delta.cache_write_tokens;
    target.cache_read_tokens += delta.cache_read_tokens;
    target.total_tokens += delta.total_tokens;
    target.requests += delta.requests;
    target.unpriced_requests += delta.unpriced_requests;
    target.cache_hit_ratio = hitRatio(
        target.input_tokens,
        target.cache_write_tokens,
        target.cache_read_tokens,
    );
}

function hitRatio(input: number, write: number, read: number): number | null {
    const prompt = input + write + read;
    return prompt > 0 ? read / prompt : null;
}

export function applyToOverview(draft: Overview, event: UsageEvent, zone: string): void {
    if (event.seq <= draft.seq) return;
    const at = Date.parse(event.time);
    const today = startOfDay(at, zone);
    // Past midnight the cached "today" is yesterday; only a new answer helps.
    if (startOfDay(Date.parse(draft.now), zone) === today) {
        const tomorrow = dayStart(at, 1, zone);
        for (const change of event.changes)
            applyChangeToOverview(draft, change, at, today, tomorrow);
    }
    draft.seq = event.seq;
    if (draft.newest_event === null || Date.parse(draft.newest_event) < at) {
        draft.newest_event = event.time;
    }
}

function applyChangeToOverview(
    draft: Overview,
    change: UsageChange,
    at: number,
    today: number,
    tomorrow: number,
): void {
    const quarter = Date.parse(change.quarter);
    const { measures } = change;
    if (quarter >= today && quarter < tomorrow) {
        addMeasures(draft.today, measures);
        const project = draft.top_projects.find((one) => one.key === change.project);
        if (project) addMeasures(project.measures, measures);
    }
    if (quarter >= Date.parse(draft.month.from)) addMeasures(draft.month.measures, measures);
    const { burn, block } = draft;
    const hours = burn.window_minutes / 60;
    if (hours > 0 && quarter + 900_000 > at - burn.window_minutes * 60_000) {
        burn.cost_per_hour = Math.max(0, burn.cost_per_hour + measures.cost / hours);
        burn.tokens_per_minute = Math.max(
            0,
            burn.tokens_per_minute + measures.total_tokens / burn.window_minutes,
        );
        burn.peak_cost_per_hour = Math.max(burn.peak_cost_per_hour, burn.cost_per_hour);
    }
    if (block && quarter >= Date.parse(block.from) && quarter < Date.parse(block.to)) {
        addMeasures(block.measures, measures);
        if (block.projected_cost !== null) block.projected_cost += measures.cost;
        if (block.projected_tokens !== null) block.projected_tokens += measures.total_tokens;
    }
    const session = draft.sessions.find((one) => one.id === change.session_id);
    if (session) {
        addMeasures(session.measures, measures);
        session.last_activity = new Date(at).toISOString();
    }
}

export function applyToSummary(draft: Summary, event: UsageEvent, arg: CommonArg): void {
    if (event.seq <= draft.seq) return;
    const filters = filtersOf(arg);
    for (const change of event.changes) {
        if (!inRange(change, arg.from, arg.to) || passes(change, filters) !== true) continue;
        const { measures } = change;
        draft.total_cost += measures.cost;
        draft.total_input_tokens += measures.input_tokens;
        draft.total_output_tokens += measures.output_tokens;
        draft.total_thinking_tokens += measures.thinking_tokens;
        draft.total_cache_write_tokens += measures.cache_write_tokens;
        draft.total_cache_read_tokens += measures.cache_read_tokens;
        draft.total_tokens += measures.total_tokens;
        draft.request_count += measures.requests;
        draft.unpriced_count += measures.unpriced_requests;
        draft.cache_hit_ratio = hitRatio(
            draft.total_input_tokens,
            draft.total_cache_write_tokens,
            draft.total_cache_read_tokens,
        );
        const project = draft.by_project.find((one) => one.key === change.project);
        if (project) addMeasures(project.measures, measures);
        const model = draft.by_model.find((one) => one.key === change.model);
        if (model) addMeasures(model.measures, measures);
    }
    draft.seq = event.seq;
}

/** Sum metrics only: a ratio cannot be moved by a difference. */
function seriesDelta(metric: string, delta: DeltaMeasures): number | null {
    switch (metric) {
        case 'cost':
        case 'total_tokens':
        case 'input_tokens':
        case 'output_tokens':
        case 'thinking_tokens':
        case 'cache_write_tokens':
        case 'cache_read_tokens':
        case 'requests':
            return delta[metric];
        default:
            return null;
    }
}

/** Index of the bucket that holds the instant; -1 outside. */
export function bucketIndex(buckets: readonly string[], endsAt: string, at: number): number {
    if (at >= Date.parse(endsAt)) return -1;
    let low = 0;
    let high = buckets.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (Date.parse(buckets[middle] ?? '') <= at) low = middle + 1;
        else high = middle;
    }
    return low - 1;
}

/** Where a change belongs: its event's time when that lies in its quarter, else the quarter's start. */
function changeTime(change: UsageChange, event: UsageEvent): number {
    const quarter = Date.parse(change.quarter);
    const at = Date.parse(event.time);
    return at >= quarter && at < quarter + 900_000 ? at : quarter;
}

export function applyToSeries(draft: SeriesAnswer, event: UsageEvent, arg: SeriesArg): void {
    if (event.seq <= draft.seq) return;
    const filters = filtersOf(arg);
    const groupBy = arg.groupBy ?? 'none';
    for (const change of event.changes) {
        const delta = seriesDelta(draft.metric, change.measures);
        if (delta === null || passes(change, filters) !== true) continue;
        const index = bucketIndex(draft.buckets, draft.ends_at, changeTime(change, event));
        if (index < 0) continue;
        if (groupBy !== 'none' && !isCarried(groupBy)) continue;
        const key = isCarried(groupBy) ? CARRIED[groupBy](change) : draft.series[0]?.key;
        let series =
            draft.series.find((one) => one.key === key) ??
            draft.series.find((one) => one.key === OTHER_KEY);
        if (!series) {
            if (draft.series.length >= (arg.limit ?? 7)) continue;
            series = {
                key: key ?? '',
                label: key ?? '',
                values: draft.buckets.map(() => 0),
                total: 0,
            };
            draft.series.push(series);
        }
        series.values[index] = Math.max(0, (series.values[index] ?? 0) + delta);
        series.total = (series.total ?? 0) + delta;
    }
    draft.seq = event.seq;
}

export interface ActiveAnswer {
    seq: number;
    sessions: { id: string; last_activity: string; measures: Measures }[];
}

export function applyToActive(draft: ActiveAnswer, event: UsageEvent): void {
    if (event.seq <= draft.seq) return;
    for (const change of event.changes) {
        const session = draft.sessions.find((one) => one.id === change.session_id);
        if (!session) continue;
        addMeasures(session.measures, change.measures);
        session.last_activity = event.time;
    }
    draft.seq = event.seq;
}
