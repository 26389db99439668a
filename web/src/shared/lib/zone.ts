/**
 * Calendar arithmetic in any IANA time zone, on instants given as Unix milliseconds.
 *
 * `Date` gives the wall clock of an instant in the browser's own zone, `Intl` in any other; the way
 * back is found by correcting a guess with the zone's offset. A wall time that a daylight saving change skips maps to the instant after the gap.
 */
export interface WallTime {
    year: number;
    /** 1 to 12 */
    month: number;
    day: number;
    hour: number;
    minute: number;
    second: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function wallFormat(zone: string): Intl.DateTimeFormat {
    let format = formats.get(zone);
    if (!format) {
        format = new Intl.DateTimeFormat('en-US', {
            timeZone: zone,
            hourCycle: 'h23',
            year: 'numeric',
            month: 'numeric',
            day: 'numeric',
            hour: 'numeric',
            minute: 'numeric',
            second: 'numeric',
        });
        formats.set(zone, format);
    }
    return format;
}

let ownZone: string | undefined;

interface ClockOfTemporal {
    Temporal?: { Now: { timeZoneId(): string } };
}

/** Newer browsers know it at once; the first use of `Intl` takes them 15 ms and more. */
export function browserZone(): string {
    ownZone ??=
        (globalThis as ClockOfTemporal).Temporal?.Now.timeZoneId() ||
        Intl.DateTimeFormat().resolvedOptions().timeZone ||
        'UTC';
    return ownZone;
}

export function isZone(zone: string): boolean {
    if (zone === browserZone()) return true;
    try {
        wallFormat(zone);
        return true;
    } catch {
        return false;
    }
}

export function toWall(instant: number, zone: string): WallTime {
    if (zone === browserZone()) {
        const date = new Date(instant);
        return {
            year: date.getFullYear(),
            month: date.getMonth() + 1,
            day: date.getDate(),
            hour: date.getHours(),
            minute: date.getMinutes(),
            second: date.getSeconds(),
        };
    }
    const wall = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
    for (const part of wallFormat(zone).formatToParts(instant)) {
        if (part.type in wall) wall[part.type as keyof WallTime] = Number(part.value);
    }
    return wall;
}

/** Milliseconds that the zone's clock is ahead of UTC at the instant. */
export function zoneOffset(instant: number, zone: string): number {
    const wall = toWall(instant, zone);
    const asUtc = Date.UTC(
        wall.year,
        wall.month - 1,
        wall.day,
        wall.hour,
        wall.minute,
        wall.second,
    );
    return asUtc - Math.floor(instant / 1000) * 1000;
}

export function fromWall(
    zone: string,
    year: number,
    month: number,
    day: number,
    hour = 0,
    minute = 0,
): number {
    const asUtc = Date.UTC(year, month - 1, day, hour, minute);
    const guess = asUtc - zoneOffset(asUtc, zone);
    const corrected = asUtc - zoneOffset(guess, zone);
    return corrected < guess && zoneOffset(corrected, zone) !== zoneOffset(guess, zone)
        ? guess
        : corrected;
}

export function startOfDay(instant: number, zone: string): number {
    const wall = toWall(instant, zone);
    return fromWall(zone, wall.year, wall.month, wall.day);
}

/** The start of the day `days` after the instant's own day. */
export function dayStart(instant: number, days: number, zone: string): number {
    const wall = toWall(instant, zone);
    return fromWall(zone, wall.year, wall.month, wall.day + days);
}

/** 0 Sunday to 6 Saturday. */
export function weekday(instant: number, zone: string): number {
    const wall = toWall(instant, zone);
    return new Date(Date.UTC(wall.year, wall.month - 1, wall.day)).getUTCDay();
}

export function weekStartOf(
    instant: number,
    weeks: number,
    firstDay: number,
    zone: string,
): number {
    const back = (weekday(instant, zone) - firstDay + 7) % 7;
    return dayStart(instant, weeks * 7 - back, zone);
}

export function monthStart(instant: number, months: number, zone: string): number {
    const wall = toWall(instant, zone);
    return fromWall(zone, wall.year, wall.month + months, 1);
}

export function yearStart(instant: number, years: number, zone: string): number {
    return fromWall(zone, toWall(instant, zone).year + years, 1, 1);
}
