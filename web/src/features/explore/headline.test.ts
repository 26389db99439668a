import { describe, expect, it } from 'vitest';
import type { Measures, SeriesAnswer, Summary } from '@/shared/api/model';
import { headline } from './headline';

const before = {
    cost: 80,
    requests: 400,
    sessions: 8,
    cache_hit_ratio: 0.8,
    total_tokens: 1000,
} as Measures;
const summary = {
    from: '2026-11-01T00:00:00Z',
    to: '2026-11-11T00:00:00Z',
    total_cost: 100,
    daily_average: 10.1,
    request_count: 1000,
    session_count: 12,
    total_tokens: 5000,
    cache_hit_ratio: 0.9,
    average_duration: null,
    previous: before,
} as unknown as Summary;
const series = {
    series: [{ total: 3 }, { total: 4 }, { total: null }],
    previous: { total: 14, values: [] },
} as unknown as SeriesAnswer;

describe('headline', () => {
    it('takes the daily average of money from the server', () => {
        expect(headline('cost', summary, undefined)).toEqual({
            value: 100,
            previous: 80,
            change: 0.25,
            daily: 10.1,
            days: 10,
        });
    });

    it('divides other sums by the length of the range', () => {
        expect(headline('total_tokens', summary, undefined).daily).toBe(500);
    });

    it('gives no daily average of a ratio or of a single day', () => {
        expect(headline('cache_hit_ratio', summary, undefined)).toMatchObject({
            value: 0.9,
            daily: null,
        });
        const day = { ...summary, to: '2026-11-02T00:00:00Z' };
        expect(headline('cost', day, undefined).daily).toBeNull();
    });

    it('leaves the unknown unknown', () => {
        expect(headline('average_duration', summary, undefined)).toMatchObject({
            value: null,
            change: null,
        });
        const first = { ...summary, previous: { ...before, cost: 0 } };
        expect(headline('cost', first, undefined).change).toBeNull();
        expect(headline('cost', { ...summary, previous: null }, undefined).previous).toBeNull();
    });

    it('has the cost of a request from both', () => {
        const { value, previous, change } = headline('cost_per_request', summary, undefined);
        expect([value, previous, change]).toEqual([0.1, 0.2, -0.5]);
    });

    it('adds up the lines for what no summary holds', () => {
        expect(headline('tool_calls', summary, series)).toMatchObject({
            value: 7,
            previous: 14,
            change: -0.5,
        });
        expect(headline('tool_calls', summary, undefined).value).toBeNull();
    });
});
