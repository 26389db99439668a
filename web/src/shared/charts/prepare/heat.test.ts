import { describe, expect, it } from 'vitest';
import type { Hours, SeriesAnswer } from '@/shared/api/model';
import { levels, prepareCalendar, prepareHours } from './heat';

const DAY = 86_400_000;
const iso = (time: number) => new Date(time).toISOString();

/** Days from Monday 2026-11-02, in UTC. */
function answer(values: (number | null)[], unit = 'usd'): SeriesAnswer {
    const first = Date.UTC(2026, 10, 2);
    return {
        seq: 1,
        metric: 'cost',
        unit,
        bucket: '1d',
        tz: 'UTC',
        buckets: values.map((_, index) => iso(first + index * DAY)),
        ends_at: iso(first + values.length * DAY),
        series: [{ key: '', label: '', values, total: 0 }],
        other_count: 0,
        previous: null,
        complete_until: iso(first + values.length * DAY),
    } as SeriesAnswer;
}
const options = {
    language: 'en',
    zone: 'UTC',
    weekStart: 1,
    now: Date.UTC(2027, 0, 1),
};

describe('shades', () => {
    it('keeps nothing, unknown and most apart', () => {
        expect(levels([null, 0, 10], 'usd')).toEqual([null, 0, 1]);
    });

    it('is not paled by one extreme day', () => {
        const days = Array.from({ length: 99 }, () => 10);
        expect(levels([...days, 1000], 'usd')[0]).toBe(1);
    });

    it('spreads a ratio between its own lowest and highest', () => {
        expect(levels([0.8, 0.9, null, 1], 'ratio').map((one) => one?.toFixed(2))).toEqual([
            '0.10',
            '0.55',
            undefined,
            '1.00',
        ]);
        expect(levels([0.9, 0.9], 'ratio')).toEqual([0.6, 0.6]);
    });
});

describe('calendar', () => {
    it('puts a week into a column, from the first day of the week', () => {
        const { cells, columns } = prepareCalendar(answer([1, 2, 3, 4, 5, 6, 7, 8]), options);
        expect(columns).toBe(2);
        expect(cells[6]).toMatchObject({ column: 0, row: 6, value: 7 });
        expect(cells[7]).toMatchObject({ column: 1, row: 0, value: 8 });
        const sunday = prepareCalendar(answer([1]), { ...options, weekStart: 0 });
        expect(sunday.cells[0]).toMatchObject({ column: 0, row: 1 });
        expect(sunday.rowLabels[0]?.text).toBe('Sun');
    });

    it('knows each day by its start and end', () => {
        const { cells } = prepareCalendar(answer([1, 2]), options);
        expect(cells[1]?.span).toEqual([Date.UTC(2026, 10, 3), Date.UTC(2026, 10, 4)]);
    });

    it('has no cell for days to come and a gap where nothing is known', () => {
        const heat = prepareCalendar(answer([null, 4, 0, null]), {
            ...options,
            now: Date.UTC(2026, 10, 4, 12),
        });
        expect(heat.cells.map((cell) => cell.level)).toEqual([null, 1, 0]);
        expect(heat.peak).toMatchObject({ value: 4 });
        expect(heat.empty).toBe(false);
    });

    it('names months where they begin, unless two names would touch', () => {
        const values = Array.from({ length: 70 }, () => 1);
        const later = { ...options, now: Date.UTC(2027, 1, 1) };
        const { columnLabels } = prepareCalendar(answer(values), later);
        expect(columnLabels.map((label) => label.text)).toEqual(['Nov', 'Dec', 'Jan']);
        const late = answer(values);
        late.buckets = late.buckets.map((bucket) => iso(Date.parse(bucket) + 21 * DAY));
        late.ends_at = iso(Date.parse(late.ends_at) + 21 * DAY);
        const labels = prepareCalendar(late, { ...options, now: Date.UTC(2027, 2, 1) });
        expect(labels.columnLabels[0]?.text).toBe('Dec');
    });

    it('is empty when there was nothing', () => {
        expect(prepareCalendar(answer([0, null]), options).empty).toBe(true);
        expect(prepareCalendar(answer([]), options).cells).toEqual([]);
    });
});

describe('hours of the week', () => {
    const hours = {
        seq: 1,
        metric: 'cost',
        unit: 'usd',
        values: Array.from({ length: 7 }, (_, day) =>
            Array.from({ length: 24 }, (_, hour) => (day === 6 ? hour : null)),
        ),
    } as Hours;

    it('turns the server’s Monday first into the own week', () => {
        const sunday = prepareHours(hours, { language: 'zh-CN', weekStart: 0 });
        expect(sunday.cells.find((cell) => cell.value === 23)).toMatchObject({
            row: 0,
            column: 23,
        });
        expect(sunday.rowLabels.map((label) => label.text).join('')).toBe('日一二三四五六');
        const monday = prepareHours(hours, { language: 'en', weekStart: 1 });
        expect(monday.cells.find((cell) => cell.value === 23)?.row).toBe(6);
        expect(monday.cells[0]?.level).toBeNull();
    });
});
