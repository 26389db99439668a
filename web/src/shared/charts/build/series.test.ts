import { describe, expect, it } from 'vitest';
import type { PreparedSeries } from '@/shared/charts/prepare/series';
import type { ChartTokens } from '@/shared/charts/theme';
import type { SeriesLook } from './series';
import { buildSeries } from './series';

const HOUR = 3_600_000;
const from = Date.UTC(2026, 10, 20);

function prepared(values: (number | null)[], change: Partial<PreparedSeries> = {}): PreparedSeries {
    return {
        unit: 'usd',
        metric: 'cost',
        bucket: '1h',
        starts: values.map((_, index) => from + index * HOUR),
        end: from + values.length * HOUR,
        lines: [{ key: '', label: 'All', color: '#0f766e', values, total: 1 }],
        previous: null,
        unfinished: values.length - 1,
        otherCount: 0,
        stackable: true,
        ...change,
    };
}
const look: SeriesLook = {
    kind: 'bar',
    tokens: { surface: '#ffffff' } as ChartTokens,
    language: 'en',
    zone: 'UTC',
    value: String,
    axis: String,
    time: String,
    words: { now: 'Now', total: 'Total', previous: 'Previous' },
    showNow: true,
};

interface Drawn {
    id: string;
    type: string;
    stack?: string;
    areaStyle?: object;
    data: unknown[];
    markArea?: { data: unknown };
}
const draw = (series: PreparedSeries, kind: SeriesLook['kind']) =>
    buildSeries(series, { ...look, kind }, 1000)['series'] as Drawn[];

describe('shapes', () => {
    it('stacks bars and areas of a sum, and nothing of an average', () => {
        const sum = prepared([1, 2, 3]);
        expect(draw(sum, 'bar')[0]).toMatchObject({ type: 'bar', stack: 'all' });
        expect(draw(sum, 'area')[0]).toMatchObject({ type: 'line', stack: 'all' });
        expect(draw(sum, 'area')[0]?.areaStyle).toBeDefined();
        expect(draw(sum, 'line')[0]?.stack).toBeUndefined();
        const mean = prepared([1, 2, 3], { stackable: false });
        expect(draw(mean, 'area')[0]?.stack).toBeUndefined();
        expect(draw(mean, 'bar')[0]?.stack).toBeUndefined();
    });

    it('pales the unfinished bucket: the bar itself, or a line’s last stretch', () => {
        const series = prepared([1, 2, 3]);
        expect(draw(series, 'bar')[0]?.data[2]).toMatchObject({ itemStyle: { opacity: 0.6 } });
        expect(draw(series, 'line').at(-1)?.markArea?.data).toEqual([[{ xAxis: 1 }, { xAxis: 2 }]]);
        const finished = prepared([1, 2, 3], { unfinished: -1 });
        expect(draw(finished, 'line').some((one) => one.markArea)).toBe(false);
        expect(draw(finished, 'bar')[0]?.data[2]).toBe(3);
    });

    it('shows a point that stands alone in a dense line', () => {
        const values = Array.from({ length: 60 }, (_, index) => (index === 30 ? 5 : null));
        const data = draw(prepared(values, { stackable: false }), 'line')[0]?.data;
        expect(data?.[30]).toEqual({ value: 5, symbolSize: 4 });
        expect(data?.[29]).toEqual({ value: null, symbol: 'none' });
        expect(draw(prepared([1, null, 2], { stackable: false }), 'line')[0]?.data).toEqual([
            1,
            null,
            2,
        ]);
    });
});
