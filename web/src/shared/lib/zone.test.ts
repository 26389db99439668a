import { afterEach, describe, expect, test, vi } from 'vitest';
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

describe("the browser's own zone, which Date knows", () => {
    const own = process.env['TZ'];
    afterEach(() => {
        if (own === undefined) delete process.env['TZ'];
        else process.env['TZ'] = own;
        vi.unstubAllGlobals();
        vi.resetModules();
    });

    test.each(['America/New_York', 'Asia/Kathmandu', 'Pacific/Apia', 'Europe/London', 'UTC'])(
        'is the same clock as that of Intl: %s',
        async (zone) => {
            vi.resetModules();
            process.env['TZ'] = 'UTC';
            vi.stubGlobal('Temporal', { Now: { timeZoneId: () => 'UTC' } });
            const other = await import('./zone'); // asks Intl for every zone but UTC
            expect(other.browserZone()).toBe('UTC');
            const times: number[] = [];
            for (
                let at = Date.UTC(2009, 0, 1, 0, 17, 5);
                times.length < 700;
                at += 9.3 * 86_400_000
            ) {
                times.push(Math.round(at / 1000) * 1000);
            }
            const expected = times.map((at) => other.toWall(at, zone));
            vi.resetModules();
            process.env['TZ'] = zone;
            vi.stubGlobal('Temporal', { Now: { timeZoneId: () => zone } });
            const mine = await import('./zone');
            expect(times.map((at) => mine.toWall(at, zone))).toEqual(expected);
        },
    );

    test('is asked of Intl where Temporal is not known', async () => {
        vi.resetModules();
        vi.stubGlobal('Temporal', undefined);
        const { browserZone } = await import('./zone');
        expect(browserZone()).toBe(Intl.DateTimeFormat().resolvedOptions().timeZone);
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
