import { describe, expect, test } from 'vitest';
import type { UsageEvent } from '@/shared/stream/protocol';
import { applyToOverview, applyToSeries, applyToSummary, bucketIndex, passes } from './deltas';
import type { Measures, Overview, SeriesAnswer, Summary } from './model';

function measures(over: Partial<Measures> = {}): Measures {
    return {
        cost: 0,
        input_tokens: 0,
        output_tokens: 0,
        thinking_tokens: 0,
        cache_write_tokens: 0,
        cache_write_5m_tokens: 0,
        cache_write_1h_tokens: 0,
        cache_read_tokens: 0,
        total_tokens: 0,
        requests: 0,
        sessions: 0,
        web_searches: 0,
        incomplete_requests: 0,
        unpriced_requests: 0,
        unpriced_tokens: 0,
        cache_hit_ratio: null,
        duration_ms: 0,
        average_duration: null,
        ...over,
    };
}

const event = (seq: number, over: Partial<UsageEvent['changes'][number]> = {}): UsageEvent => ({
    seq,
    time: '2026-11-22T10:07:00Z',
    changes: [
        {
            quarter: '2026-11-22T10:00:00Z',
            session_id: 's1',
            project: '/p',
            model: 'm',
            branch: 'main',
            kind: 'main',
            member: '',
            measures: {
                cost: 2,
                input_tokens: 10,
                output_tokens: 20,
                thinking_tokens: 0,
                cache_write_tokens: 30,
                cache_read_tokens: 60,
                total_tokens: 120,
                requests: 1,
                unpriced_requests: 0,
            },
            ...over,
        },
    ],
    new_sessions: [],
});

const series = (): SeriesAnswer => ({
    seq: 5,
    metric: 'cost',
    unit: 'usd',
    bucket: '15m',
    tz: 'UTC',
    buckets: ['2026-11-22T09:45:00Z', '2026-11-22T10:00:00Z'],
    ends_at: '2026-11-22T10:15:00Z',
    series: [{ key: 'm', label: 'M', values: [1, 4], total: 5 }],
    other_count: 0,
    previous: null,
    complete_until: '2026-11-22T10:06:00Z',
    withheld: false,
});

describe('filters against changes', () => {
    const [change] = event(1).changes;
    test('AND between names, OR inside; unknown names cannot be told', () => {
        if (!change) throw new Error('no change');
        expect(passes(change, {})).toBe(true);
        expect(passes(change, { project: ['/x', '/p'], model: ['m'] })).toBe(true);
        expect(passes(change, { project: ['/p'], model: ['n'] })).toBe(false);
        expect(passes(change, { tool: ['Bash'] })).toBeNull();
        expect(passes(change, { tool: ['Bash'], model: ['n'] })).toBe(false);
    });
});

describe('series', () => {
    test('the bucket of the change grows; an old event does nothing twice', () => {
        const draft = series();
        applyToSeries(draft, event(6), { groupBy: 'model', metric: 'cost' });
        applyToSeries(draft, event(6), { groupBy: 'model', metric: 'cost' });
        expect(draft.series[0]).toMatchObject({ values: [1, 6], total: 7 });
        expect(draft.seq).toBe(6);
    });

    test('a new key becomes a line, beyond the limit it goes to "other"', () => {
        const fresh = series();
        applyToSeries(fresh, event(6, { model: 'n' }), { groupBy: 'model', metric: 'cost' });
        expect(fresh.series[1]).toMatchObject({ key: 'n', values: [0, 2], total: 2 });
        const full = series();
        full.series.push({ key: '__other__', label: '', values: [0, 1], total: 1 });
        applyToSeries(full, event(6, { model: 'n' }), {
            groupBy: 'model',
            metric: 'cost',
            limit: 1,
        });
        expect(full.series[1]).toMatchObject({ values: [0, 3], total: 3 });
    });

    test('ratios, other dimensions and filters that do not match stay as they are', () => {
        for (const [over, arg] of [
            [{ metric: 'cache_hit_ratio' as const }, { groupBy: 'model' as const }],
            [{}, { groupBy: 'tool' as const }],
            [{}, { groupBy: 'model' as const, project: ['/q'] }],
        ] as const) {
            const draft = { ...series(), ...over } as SeriesAnswer;
            applyToSeries(draft, event(6), arg as Parameters<typeof applyToSeries>[2]);
            expect(draft.series[0]?.values).toEqual([1, 4]);
        }
    });

    test('bucket search', () => {
        const { buckets, ends_at } = series();
        const at = (text: string) => bucketIndex(buckets, ends_at, Date.parse(text));
        expect(at('2026-11-22T09:44:59Z')).toBe(-1);
        expect(at('2026-11-22T09:45:00Z')).toBe(0);
        expect(at('2026-11-22T10:14:59Z')).toBe(1);
        expect(at('2026-11-22T10:15:00Z')).toBe(-1);
    });
});

describe('overview', () => {
    const overview = (): Overview => ({
        seq: 5,
        now: '2026-11-22T10:06:00Z',
        newest_event: '2026-11-22T10:05:00Z',
        today: measures({ cost: 10, cache_read_tokens: 40, input_tokens: 60 }),
        yesterday_same_time: measures(),
        week_average_same_time: null,
        burn: {
            cost_per_hour: 6,
            tokens_per_minute: 100,
            peak_cost_per_hour: 7,
            previous_cost_per_hour: null,
            window_minutes: 30,
        },
        active_sessions: 1,
        sessions_today: 1,
        sessions_yesterday_same_time: 0,
        month: {
            measures: measures({ cost: 100 }),
            previous_same_span: measures(),
            projected_cost: null,
            from: '2026-11-01T00:00:00Z',
        },
        state: { today: null, block: null, burn: null },
        block: null,
        top_projects: [
            { key: '/p', label: 'p', measures: measures({ cost: 10 }), previous_cost: null },
        ],
        sessions: [],
        notices: [],
        withheld: false,
    });

    test('today, month, burn rate and the project move together', () => {
        const draft = overview();
        applyToOverview(draft, event(6), 'UTC');
        expect(draft.today.cost).toBe(12);
        expect(draft.today.cache_hit_ratio).toBeCloseTo(100 / 200);
        expect(draft.month.measures.cost).toBe(102);
        expect(draft.burn.cost_per_hour).toBe(10);
        expect(draft.burn.peak_cost_per_hour).toBe(10);
        expect(draft.top_projects[0]?.measures.cost).toBe(12);
        expect(draft.newest_event).toBe('2026-11-22T10:07:00Z');
    });

    test('late usage of yesterday counts for the month only', () => {
        const draft = overview();
        applyToOverview(draft, event(6, { quarter: '2026-11-21T10:00:00Z' }), 'UTC');
        expect(draft.today.cost).toBe(10);
        expect(draft.month.measures.cost).toBe(102);
        expect(draft.burn.cost_per_hour).toBe(6);
    });

    test('after midnight the old day is not added to', () => {
        const draft = overview();
        const late = { ...event(6), time: '2026-11-23T00:01:00Z' };
        applyToOverview(draft, late, 'UTC');
        expect(draft.today.cost).toBe(10);
    });
});

test('a summary takes only what is in its range', () => {
    const draft = {
        seq: 5,
        total_cost: 1,
        request_count: 1,
        by_project: [],
        by_model: [],
    } as unknown as Summary;
    applyToSummary(draft, event(6), { from: '2026-11-22T11:00:00Z' });
    expect(draft.total_cost).toBe(1);
    applyToSummary(draft, event(7), { from: '2026-11-22T00:00:00Z' });
    expect(draft.total_cost).toBe(3);
    expect(draft.request_count).toBe(2);
});
