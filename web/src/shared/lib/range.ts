/** The time range of a view: what the URL says, and the instants it means now. */
import {
    dayStart,
    fromWall,
    monthStart,
    startOfDay,
    toWall,
    weekStartOf,
    yearStart,
} from '@/shared/lib/zone';

export const PRESETS = [
    '15m',
    '1h',
    '5h',
    '24h',
    'today',
    'yesterday',
    'this_week',
    'last_week',
    'this_month',
    'last_month',
    'this_year',
    'last_year',
    '7d',
    '30d',
    '90d',
] as const;
export type Preset = (typeof PRESETS)[number];

/** A free range is two wall-clock times (`2026-11-01T09:00`) in the chosen zone, `to` exclusive. */
export type Range = { preset: Preset } | { from: string; to: string };

export interface ResolvedRange {
    /** Unix ms */
    from: number;
    /** Unix ms, exclusive; null = up to now, whenever that is (the range grows by itself). */
    to: number | null;
    /** Where a time axis should end: the end of today for `today`, else `to` or null. */
    axisTo: number | null;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export function isPreset(value: string): value is Preset {
    return (PRESETS as readonly string[]).includes(value);
}

const WALL = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2}))?$/;

/** Reads `2026-11-01` or `2026-11-01T09:00`; null when it is neither. */
export function parseWall(text: string, zone: string): number | null {
    const match = WALL.exec(text);
    if (!match) return null;
    const [, year, month, day, hour, minute] = match;
    const instant = fromWall(
        zone,
        Number(year),
        Number(month),
        Number(day),
        Number(hour ?? 0),
        Number(minute ?? 0),
    );
    return Number.isNaN(instant) ? null : instant;
}

export function formatWall(instant: number, zone: string): string {
    const wall = toWall(instant, zone);
    const two = (value: number) => String(value).padStart(2, '0');
    const year = String(wall.year).padStart(4, '0');
    return `${year}-${two(wall.month)}-${two(wall.day)}T${two(wall.hour)}:${two(wall.minute)}`;
}

/** A sliding range starts on a step, so that its query stays the same for as long as the step lasts. */
function sliding(now: number, length: number, step: number): ResolvedRange {
    return { from: Math.floor((now - length) / step) * step, to: null, axisTo: null };
}

function closed(from: number, to: number): ResolvedRange {
    return { from, to, axisTo: to };
}

function open(from: number): ResolvedRange {
    return { from, to: null, axisTo: null };
}

export function resolveRange(
    range: Range,
    now: number,
    zone: string,
    weekStart: number,
): ResolvedRange {
    if (!('preset' in range)) {
        const from = parseWall(range.from, zone) ?? startOfDay(now, zone);
        const to = parseWall(range.to, zone) ?? now;
        return closed(Math.min(from, to), Math.max(from, to));
    }
    switch (range.preset) {
        case '15m':
            return sliding(now, 15 * MINUTE, 5 * MINUTE);
        case '1h':
            return sliding(now, HOUR, 5 * MINUTE);
        case '5h':
            return sliding(now, 5 * HOUR, 5 * MINUTE);
        case '24h':
            return sliding(now, 24 * HOUR, 15 * MINUTE);
        case 'today':
            return { from: startOfDay(now, zone), to: null, axisTo: dayStart(now, 1, zone) };
        case 'yesterday':
            return closed(dayStart(now, -1, zone), startOfDay(now, zone));
        case '7d':
            return open(dayStart(now, -6, zone));
        case '30d':
            return open(dayStart(now, -29, zone));
        case '90d':
            return open(dayStart(now, -89, zone));
        case 'this_week':
            return open(weekStartOf(now, 0, weekStart, zone));
        case 'last_week':
            return closed(
                weekStartOf(now, -1, weekStart, zone),
                weekStartOf(now, 0, weekStart, zone),
            );
        case 'this_month':
            return open(monthStart(now, 0, zone));
        case 'last_month':
            return closed(monthStart(now, -1, zone), monthStart(now, 0, zone));
        case 'this_year':
            return open(yearStart(now, 0, zone));
        case 'last_year':
            return closed(yearStart(now, -1, zone), yearStart(now, 0, zone));
    }
}

export function sameRange(a: Range, b: Range): boolean {
    if ('preset' in a) return 'preset' in b && a.preset === b.preset;
    return !('preset' in b) && a.from === b.from && a.to === b.to;
}
