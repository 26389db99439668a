/** Instants and durations as text, in a chosen zone and language. */

import { startOfDay, toWall } from '@/shared/lib/zone';

const formats = new Map<string, Intl.DateTimeFormat>();

export function timeFormat(language: string, zone: string, options: Intl.DateTimeFormatOptions) {
    const id = `${language}|${zone}|${JSON.stringify(options)}`;
    let found = formats.get(id);
    if (!found) {
        found = new Intl.DateTimeFormat(language, {
            timeZone: zone,
            hourCycle: 'h23',
            ...options,
        });
        formats.set(id, found);
    }
    return found;
}

export function instant(time: string | number): number {
    return typeof time === 'number' ? time : Date.parse(time);
}

export function clockText(time: string | number, language: string, zone: string, seconds = false) {
    return timeFormat(language, zone, {
        hour: '2-digit',
        minute: '2-digit',
        ...(seconds ? { second: '2-digit' as const } : {}),
    }).format(instant(time));
}

export function dateText(time: string | number, language: string, zone: string) {
    return timeFormat(language, zone, { month: 'short', day: 'numeric' }).format(instant(time));
}

export function fullDateText(time: string | number, language: string, zone: string) {
    return timeFormat(language, zone, {
        year: 'numeric',
        month: 'short',
        day: 'numeric',
    }).format(instant(time));
}

export function dateTimeText(time: string | number, language: string, zone: string) {
    return timeFormat(language, zone, {
        month: 'short',
        day: 'numeric',
        hour: '2-digit',
        minute: '2-digit',
    }).format(instant(time));
}

/** Everything, with the zone's name: for tooltips. */
export function fullTimeText(time: string | number, language: string, zone: string) {
    return timeFormat(language, zone, {
        year: 'numeric',
        month: 'short',
        day: 'numeric',
        weekday: 'short',
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
        timeZoneName: 'short',
    }).format(instant(time));
}

const MONTHS =
    'January February March April May June July August September October November December'.split(
        ' ',
    );

/** "November", "11月": without `Intl`, see decimal.ts. */
export function monthText(time: string | number, language: string, zone: string) {
    const { month } = toWall(instant(time), zone);
    return language === 'zh-CN' ? `${month}月` : (MONTHS[month - 1] ?? '');
}

/** The clock for today, else the day and the clock. */
export function nearTimeText(time: string | number, now: number, language: string, zone: string) {
    const at = instant(time);
    return startOfDay(at, zone) === startOfDay(now, zone)
        ? clockText(at, language, zone)
        : dateTimeText(at, language, zone);
}

const unitFormats = new Map<string, Intl.NumberFormat>();

function unitText(value: number, unit: string, language: string, digits = 0) {
    const id = `${language}|${unit}|${digits}`;
    let found = unitFormats.get(id);
    if (!found) {
        found = new Intl.NumberFormat(language, {
            style: 'unit',
            unit,
            unitDisplay: 'short',
            maximumFractionDigits: digits,
        });
        unitFormats.set(id, found);
    }
    return found.format(value);
}

/** 5_640_000 -> "1 hr 34 min"; below ten seconds with one decimal. */
export function durationText(milliseconds: number, language: string): string {
    if (milliseconds < 1000) return unitText(Math.round(milliseconds), 'millisecond', language);
    const seconds = milliseconds / 1000;
    if (seconds < 60) return unitText(seconds, 'second', language, seconds < 10 ? 1 : 0);
    const minutes = Math.round(seconds / 60);
    if (minutes < 60) return unitText(minutes, 'minute', language);
    const hours = Math.floor(minutes / 60);
    if (hours < 24) {
        const rest = minutes % 60;
        const head = unitText(hours, 'hour', language);
        return rest ? `${head} ${unitText(rest, 'minute', language)}` : head;
    }
    const days = Math.floor(hours / 24);
    const rest = hours % 24;
    const head = unitText(days, 'day', language);
    return rest ? `${head} ${unitText(rest, 'hour', language)}` : head;
}

const agoFormats = new Map<string, Intl.RelativeTimeFormat>();

function agoFormat(language: string): Intl.RelativeTimeFormat {
    let found = agoFormats.get(language);
    if (!found) {
        found = new Intl.RelativeTimeFormat(language, { style: 'short', numeric: 'auto' });
        agoFormats.set(language, found);
    }
    return found;
}

/** "12 sec ago", always in the past: a clock that runs ahead reads as "now". */
export function agoText(milliseconds: number, language: string): string {
    const relative = agoFormat(language);
    const seconds = Math.max(0, Math.round(milliseconds / 1000));
    if (seconds < 60) return relative.format(-seconds, 'second');
    if (seconds < 3600) return relative.format(-Math.round(seconds / 60), 'minute');
    if (seconds < 86_400) return relative.format(-Math.round(seconds / 3600), 'hour');
    return relative.format(-Math.round(seconds / 86_400), 'day');
}
