/**
 * A series answer made ready to draw: order, names, colours, gaps and the unfinished bucket are all
 * decided here, so that the drawing decides nothing. Pure.
 */
import type { SeriesAnswer } from '@/shared/api/model';
import type { ThemeName } from '@/shared/charts/palette';
import { colorOf } from '@/shared/charts/palette';
import { WITHHELD } from '@/shared/charts/prepare/withheld';
import type { Unit } from '@/shared/lib/format';

export interface PreparedLine {
    key: string;
    label: string;
    color: string;
    /** null = nothing is known there (a gap, or the future). */
    values: (number | null)[];
    total: number | null;
    /** No entity, but what is not broken down. */
    hatched?: true;
}

export interface PreparedSeries {
    unit: Unit;
    metric: string;
    bucket: string;
    /** Unix ms at which each bucket starts. */
    starts: number[];
    /** Unix ms at which the last bucket ends. */
    end: number;
    lines: PreparedLine[];
    /** The same length before, aligned by bucket; null when not asked for. */
    previous: (number | null)[] | null;
    /** Index of the bucket that is still filling; -1 = all are finished. */
    unfinished: number;
    /** How many names the line "other" stands for. */
    otherCount: number;
    /** Parts of a sum may be stacked; averages and ratios may not. */
    stackable: boolean;
}

export interface PrepareOptions {
    dimension: string;
    theme: ThemeName;
    label: (dimension: string, key: string, label?: string) => string;
    /** Unix ms */
    now: number;
    /** The name of the one line when nothing is grouped. */
    totalLabel: string;
}

const LAST = ['__other__', WITHHELD];

export function prepareSeries(answer: SeriesAnswer, options: PrepareOptions): PreparedSeries {
    const starts = answer.buckets.map((bucket) => Date.parse(bucket));
    const end = Date.parse(answer.ends_at);
    const unit = answer.unit as Unit;
    const future = starts.findIndex((start) => start > options.now);
    const known = future < 0 ? starts.length : future;
    const cut = (values: (number | null)[]) =>
        values.map((value, index) => (index < known ? value : null));
    const lines = answer.series.map((one) => ({
        key: one.key,
        label:
            options.dimension === 'none'
                ? options.totalLabel
                : options.label(options.dimension, one.key, one.label),
        color: colorOf(options.dimension, one.key, options.theme),
        values: cut(one.values),
        total: one.total,
        ...(one.key === WITHHELD ? { hatched: true as const } : {}),
    }));
    // What is no entity stays on top of the stack, whatever its size.
    lines.sort((a, b) => LAST.indexOf(a.key) - LAST.indexOf(b.key));
    const last = known - 1;
    const lastEnd = starts[last + 1] ?? end;
    return {
        unit,
        metric: answer.metric,
        bucket: answer.bucket,
        starts,
        end,
        lines,
        previous: answer.previous?.values ?? null,
        unfinished: last >= 0 && lastEnd > options.now ? last : -1,
        otherCount: answer.other_count,
        stackable:
            answer.metric !== 'cost_per_request' &&
            (unit === 'usd' || unit === 'tokens' || unit === 'count'),
    };
}

/** Without the lines that the legend has switched off. */
export function visibleLines(series: PreparedSeries, hidden: ReadonlySet<string>): PreparedSeries {
    if (hidden.size === 0) return series;
    return { ...series, lines: series.lines.filter((line) => !hidden.has(line.key)) };
}

export function isEmptySeries(series: PreparedSeries): boolean {
    return series.lines.every((line) => line.values.every((value) => !value));
}

export interface ChartTable {
    head: string[];
    rows: (string | number | null)[][];
}

/** The chart's figures as a table: one row a bucket, one column a line and one for the time before. */
export function seriesTable(
    series: PreparedSeries,
    timeTitle: string,
    timeText: (start: number) => string,
    previousTitle: string,
): ChartTable {
    const columns = series.lines.map(({ label, values }) => ({ label, values }));
    if (series.previous) columns.push({ label: previousTitle, values: series.previous });
    return {
        head: [timeTitle, ...columns.map((column) => column.label)],
        rows: series.starts.map((start, index) => [
            timeText(start),
            ...columns.map((column) => column.values[index] ?? null),
        ]),
    };
}
