import { expect, test } from 'vitest';
import type { SeriesAnswer } from '@/shared/api/model';
import { prepareSeries } from './series';
import { WITHHELD, withWithheldLine } from './withheld';

const day = (index: number) => new Date(Date.UTC(2026, 10, 1 + index)).toISOString();
const whole: SeriesAnswer = {
    seq: 1,
    metric: 'cost',
    unit: 'usd',
    bucket: '1d',
    tz: 'UTC',
    buckets: [day(0), day(1), day(2)],
    ends_at: day(3),
    series: [{ key: '', label: '', values: [0.3, 7, null], total: 7.3 }],
    other_count: 0,
    previous: null,
    complete_until: day(3),
    withheld: true,
};
const answer: SeriesAnswer = {
    ...whole,
    series: [
        { key: '/a', label: 'a', values: [0.1, 2, null], total: 2.1 },
        { key: '__other__', label: '', values: [0.2, 1, null], total: 1.2 },
    ],
};

test('what the lines leave of the sum is a line of its own, without noise', () => {
    const { series } = withWithheldLine(answer, whole);
    expect(series[2]).toEqual({ key: WITHHELD, label: '', values: [null, 4, null], total: 4 });
});

test('it lies on top of everything, hatched', () => {
    const { lines } = prepareSeries(withWithheldLine(answer, whole), {
        dimension: 'project',
        theme: 'light',
        label: (_, key) => key,
        now: Date.parse(day(5)),
        totalLabel: 'Total',
    });
    expect(lines.map((line) => line.key)).toEqual(['/a', '__other__', WITHHELD]);
    expect(lines.map((line) => line.hatched)).toEqual([undefined, undefined, true]);
});

test('nothing is added when nothing is left, nothing is withheld, or the two do not compare', () => {
    const sum = { ...whole, series: [{ key: '', label: '', values: [0.3, 3, null], total: 3.3 }] };
    expect(withWithheldLine(answer, sum)).toBe(answer);
    expect(withWithheldLine(answer, undefined)).toBe(answer);
    expect(withWithheldLine(answer, { ...whole, metric: 'requests' })).toBe(answer);
    expect(withWithheldLine(answer, { ...whole, buckets: whole.buckets.slice(1) })).toBe(answer);
    const open = { ...answer, withheld: false };
    expect(withWithheldLine(open, whole)).toBe(open);
});
