/**
 * Grids of coloured cells made ready to draw: the days of a year by week and weekday, and the hours
 * of a week. Places, shades, labels and gaps are decided here. Pure.
 */
import type { Hours, SeriesAnswer } from '@/shared/api/model';
import type { Unit } from '@/shared/lib/format';
import { timeFormat } from '@/shared/lib/time';
import { toWall, weekday } from '@/shared/lib/zone';

export interface HeatCell {
    column: number;
    row: number;
    value: number | null;
    /** 0 = nothing to 1 = most; null = unknown. */
    level: number | null;
    /** Unix ms of a day's start and end; null in the hours of a week. */
    span: [number, number] | null;
}

export interface HeatLabel {
    index: number;
    text: string;
}

export interface PreparedHeat {
    unit: Unit;
    columns: number;
    rows: number;
    cells: HeatCell[];
    columnLabels: HeatLabel[];
    rowLabels: HeatLabel[];
    /** Cell with the highest value; null when there is none above zero. */
    peak: HeatCell | null;
    /** Nothing but gaps and zeros. */
    empty: boolean;
}

/** Shades lie closer together at the top, so that one extreme day does not pale all others. */
export function levels(values: readonly (number | null)[], unit: Unit): (number | null)[] {
    const known = values.filter((value): value is number => value !== null);
    if (unit === 'ratio' || unit === 'ms') {
        const low = Math.min(...known);
        const spread = Math.max(...known) - low;
        return values.map((value) =>
            value === null ? null : spread > 0 ? 0.1 + (0.9 * (value - low)) / spread : 0.6,
        );
    }
    const positive = known.filter((value) => value > 0).sort((a, b) => a - b);
    const top = positive[Math.floor((positive.length - 1) * 0.96)] ?? 1;
    return values.map((value) => {
        if (value === null) return null;
        return value <= 0 ? 0 : 0.06 + 0.94 * Math.min(1, value / top) ** 0.75;
    });
}

function finish(
    unit: Unit,
    columns: number,
    cells: Omit<HeatCell, 'level'>[],
    columnLabels: HeatLabel[],
    rowLabels: HeatLabel[],
): PreparedHeat {
    const shades = levels(
        cells.map((cell) => cell.value),
        unit,
    );
    const drawn = cells.map((cell, index) => ({ ...cell, level: shades[index] ?? null }));
    let peak: HeatCell | null = null;
    for (const cell of drawn) {
        if ((cell.value ?? 0) > (peak?.value ?? 0)) peak = cell;
    }
    return {
        unit,
        columns,
        rows: 7,
        cells: drawn,
        columnLabels,
        rowLabels,
        peak,
        empty: peak === null,
    };
}

/** Weekdays from the first day of the week; a Sunday is 0. */
function weekdayLabels(weekStart: number, language: string): HeatLabel[] {
    const style = language.startsWith('zh') ? 'narrow' : 'short';
    const format = timeFormat(language, 'UTC', { weekday: style });
    // 1970-01-04 was a Sunday.
    return Array.from({ length: 7 }, (_, index) => ({
        index,
        text: format.format((3 + ((weekStart + index) % 7)) * 86_400_000),
    }));
}

export interface CalendarOptions {
    language: string;
    zone: string;
    /** 0 Sunday to 6 Saturday */
    weekStart: number;
    /** Unix ms; days that have not begun have no cell. */
    now: number;
}

/** `answer` has one line and a bucket a day. */
export function prepareCalendar(answer: SeriesAnswer, options: CalendarOptions): PreparedHeat {
    const { language, zone, weekStart, now } = options;
    const starts = answer.buckets.map((bucket) => Date.parse(bucket));
    const values = answer.series[0]?.values ?? [];
    const first = starts[0];
    const shift = first === undefined ? 0 : (weekday(first, zone) - weekStart + 7) % 7;
    const months = timeFormat(language, zone, { month: 'short' });
    const cells: Omit<HeatCell, 'level'>[] = [];
    const labels: HeatLabel[] = [];
    starts.forEach((start, index) => {
        if (start > now) return;
        const column = Math.floor((index + shift) / 7);
        const end = starts[index + 1] ?? Date.parse(answer.ends_at);
        cells.push({
            column,
            row: (index + shift) % 7,
            value: values[index] ?? null,
            span: [start, end],
        });
        if (index === 0 || toWall(start, zone).day === 1) {
            labels.push({ index: column, text: months.format(start) });
        }
    });
    const columns = (cells[cells.length - 1]?.column ?? 0) + 1;
    const columnLabels = labels.filter((label, index) => {
        const next = labels[index + 1];
        return label.index < columns - 1 && (!next || next.index - label.index > 2);
    });
    return finish(
        answer.unit as Unit,
        columns,
        cells,
        columnLabels,
        weekdayLabels(weekStart, language),
    );
}

export function prepareHours(
    answer: Hours,
    options: Pick<CalendarOptions, 'language' | 'weekStart'>,
): PreparedHeat {
    const cells: Omit<HeatCell, 'level'>[] = [];
    for (let row = 0; row < 7; row++) {
        const fromMonday = (options.weekStart + row + 6) % 7;
        for (let hour = 0; hour < 24; hour++) {
            const value = answer.values[fromMonday]?.[hour] ?? null;
            cells.push({ column: hour, row, value, span: null });
        }
    }
    const hours = [0, 4, 8, 12, 16, 20].map((index) => ({ index, text: String(index) }));
    return finish(
        answer.unit as Unit,
        24,
        cells,
        hours,
        weekdayLabels(options.weekStart, options.language),
    );
}
