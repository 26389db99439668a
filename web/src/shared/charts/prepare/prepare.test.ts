import { describe, expect, test } from 'vitest';
import type { SeriesAnswer } from '@/shared/api/model';
import { toCsv } from './csv';
import { isEmptySeries, prepareSeries, seriesTable, visibleLines } from './series';
import { axisLabels } from './timeAxis';

const MINUTE = 60_000;
const start = Date.parse('2026-11-22T09:00:00Z');
const answer: SeriesAnswer = {
    seq: 1,
    metric: 'cost',
    unit: 'usd',
    bucket: '15m',
    tz: 'UTC',
    buckets: [0, 15, 30, 45].map((minutes) => new Date(start + minutes * MINUTE).toISOString()),
    ends_at: new Date(start + 60 * MINUTE).toISOString(),
    series: [
        { key: '__other__', label: '', values: [9, 9, 9, 0], total: 27 },
        { key: 'claude-opus-4-8', label: 'Opus 4.8', values: [1, 2, 3, 0], total: 6 },
    ],
    other_count: 12,
    previous: null,
    complete_until: new Date(start + 40 * MINUTE).toISOString(),
    withheld: false,
};
const options = {
    dimension: 'model',
    theme: 'light' as const,
    label: (_: string, key: string, label?: string) => label || key,
    now: start + 40 * MINUTE,
    totalLabel: 'Total',
};

describe('series', () => {
    test('the future is a gap, the present bucket is marked, "other" lies on top', () => {
        const prepared = prepareSeries(answer, options);
        expect(prepared.lines.map((line) => line.key)).toEqual(['claude-opus-4-8', '__other__']);
        expect(prepared.lines[0]?.values).toEqual([1, 2, 3, null]);
        expect(prepared.unfinished).toBe(2);
        expect(prepared.lines[0]?.color).toBe('#0f766e');
        expect(prepared.stackable).toBe(true);
    });

    test('a finished range has no unfinished bucket; ratios are not stacked', () => {
        const prepared = prepareSeries(
            { ...answer, unit: 'ratio' },
            { ...options, now: start + 90 * MINUTE },
        );
        expect(prepared.unfinished).toBe(-1);
        expect(prepared.stackable).toBe(false);
        expect(prepared.lines[0]?.values[3]).toBe(0);
    });

    test('legend, emptiness, table and CSV', () => {
        const prepared = prepareSeries(answer, options);
        const rest = visibleLines(prepared, new Set(['claude-opus-4-8']));
        expect(rest.lines.map((line) => line.key)).toEqual(['__other__']);
        expect(isEmptySeries(prepared)).toBe(false);
        expect(isEmptySeries({ ...prepared, lines: [] })).toBe(true);
        const table = seriesTable(rest, 'Time', (at) => new Date(at).toISOString(), 'Before');
        expect(table.rows[3]).toEqual(['2026-11-22T09:45:00.000Z', null]);
        expect(toCsv({ head: ['a,b', '=1'], rows: [['say "x"', 1.5]] })).toBe(
            '\ufeff"a,b",\'=1\r\n"say ""x""",1.5\r\n',
        );
    });
});

describe('time axis', () => {
    const quarters = (count: number, from = start) =>
        Array.from({ length: count }, (_, index) => from + index * 15 * MINUTE);

    test('round hours, never more than asked for', () => {
        const day = quarters(96, Date.parse('2026-11-22T00:00:00Z'));
        const labels = axisLabels(day, (day[95] ?? 0) + 15 * MINUTE, 'en', 'UTC', 9);
        expect(labels.map((label) => label.text)).toEqual([
            '00:00',
            '03:00',
            '06:00',
            '09:00',
            '12:00',
            '15:00',
            '18:00',
            '21:00',
        ]);
    });

    test('several days name midnight by its date', () => {
        const from = Date.parse('2026-11-20T00:00:00Z');
        const hours = Array.from({ length: 48 }, (_, index) => from + index * 60 * MINUTE);
        const labels = axisLabels(hours, from + 48 * 60 * MINUTE, 'en', 'UTC', 8);
        expect(labels[0]?.text).toBe('11/20');
        expect(labels.length).toBeLessThanOrEqual(8);
    });

    test('a month of days', () => {
        const from = Date.parse('2026-11-01T00:00:00Z');
        const days = Array.from({ length: 30 }, (_, index) => from + index * 24 * 60 * MINUTE);
        const labels = axisLabels(days, from + 30 * 24 * 60 * MINUTE, 'en', 'UTC', 10);
        expect(labels.map((label) => label.index)).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 24, 27]);
    });
});
