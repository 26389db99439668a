import { expect, test } from 'vitest';
import type { PreparedSeries } from '@/shared/charts/prepare/series';
import { trimQuiet } from './trimQuiet';

const QUARTER = 900_000;
const midnight = Date.parse('2026-11-22T00:00:00Z');

function day(firstUsed: number, now: number): PreparedSeries {
    const known = Math.floor((now - midnight) / QUARTER);
    return {
        unit: 'usd',
        metric: 'cost',
        bucket: '15m',
        starts: Array.from({ length: 96 }, (_, index) => midnight + index * QUARTER),
        end: midnight + 96 * QUARTER,
        lines: [
            {
                key: 'm',
                label: 'M',
                color: '#000000',
                total: 1,
                values: Array.from({ length: 96 }, (_, index) =>
                    index > known ? null : index >= firstUsed ? 1 : 0,
                ),
            },
        ],
        previous: null,
        unfinished: known,
        otherCount: 0,
        stackable: true,
    };
}

test('starts at a whole hour before the first usage and ends soon after now', () => {
    const now = midnight + 17.2 * 4 * QUARTER;
    const trimmed = trimQuiet(day(33, now), now);
    expect(new Date(trimmed.starts[0] ?? 0).toISOString()).toBe('2026-11-22T07:00:00.000Z');
    expect(trimmed.starts.at(-1)).toBeGreaterThan(now);
    expect(trimmed.end - now).toBeLessThan(6 * QUARTER);
    expect(trimmed.lines[0]?.values).toHaveLength(trimmed.starts.length);
    expect(trimmed.starts[trimmed.unfinished]).toBe(midnight + 68 * QUARTER);
});

test('an early day keeps a day’s shape', () => {
    const now = midnight + 2 * QUARTER;
    expect(trimQuiet(day(0, now), now).starts.length).toBeGreaterThanOrEqual(24);
});
