import { describe, expect, test } from 'vitest';
import { resolveRange } from './range';
import { dayStart, fromWall, monthStart, startOfDay, toWall, weekStartOf } from './zone';

const iso = (time: number) => new Date(time).toISOString();

describe('calendar in a zone', () => {
    test('days begin at local midnight', () => {
        const at = Date.parse('2026-11-22T17:30:00Z');
        expect(iso(startOfDay(at, 'Asia/Shanghai'))).toBe('2026-11-22T16:00:00.000Z');
        expect(toWall(at, 'Asia/Shanghai')).toMatchObject({ day: 23, hour: 1, minute: 30 });
    });

    test('a day with a clock change is 23 or 25 hours long', () => {
        const zone = 'America/New_York';
        const spring = fromWall(zone, 2026, 3, 8);
        const autumn = fromWall(zone, 2026, 11, 1);
        expect((dayStart(spring, 1, zone) - spring) / 3_600_000).toBe(23);
        expect((dayStart(autumn, 1, zone) - autumn) / 3_600_000).toBe(25);
    });

    test('a wall time that is skipped becomes the instant after the gap', () => {
        expect(iso(fromWall('America/New_York', 2026, 3, 8, 2, 30))).toBe(
            '2026-03-08T07:30:00.000Z',
        );
    });

    test('weeks and months', () => {
        const at = Date.parse('2026-11-22T12:00:00Z'); // a Sunday
        expect(iso(weekStartOf(at, 0, 1, 'UTC'))).toBe('2026-11-16T00:00:00.000Z');
        expect(iso(weekStartOf(at, 0, 0, 'UTC'))).toBe('2026-11-22T00:00:00.000Z');
        expect(iso(monthStart(at, -11, 'UTC'))).toBe('2025-12-01T00:00:00.000Z');
    });
});

describe('ranges', () => {
    const now = Date.parse('2026-11-22T12:34:56Z');

    test('today is open and its axis reaches to midnight', () => {
        const range = resolveRange({ preset: 'today' }, now, 'UTC', 1);
        expect(iso(range.from)).toBe('2026-11-22T00:00:00.000Z');
        expect(range.to).toBeNull();
        expect(iso(range.axisTo ?? 0)).toBe('2026-11-23T00:00:00.000Z');
    });

    test('a sliding range stays the same inside a step', () => {
        const a = resolveRange({ preset: '5h' }, now, 'UTC', 1);
        const b = resolveRange({ preset: '5h' }, now - 60_000, 'UTC', 1);
        expect(b).toEqual(a);
    });

    test('a free range is put in order', () => {
        const range = resolveRange({ from: '2026-11-03', to: '2026-11-01T06:00' }, now, 'UTC', 1);
        expect(iso(range.from)).toBe('2026-11-01T06:00:00.000Z');
        expect(iso(range.to ?? 0)).toBe('2026-11-03T00:00:00.000Z');
    });
});
