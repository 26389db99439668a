import type { PreparedSeries } from '@/shared/charts/prepare/series';

const LEAST = 24;
const AHEAD = 4;

/**
 * Today without the empty hours before the first usage and most of those to come, so that the bars
 * get the room. At least `LEAST` buckets stay; the start is a whole hour (four quarters).
 */
export function trimQuiet(series: PreparedSeries, now: number): PreparedSeries {
    const { starts, lines } = series;
    const used = starts.findIndex((_, index) => lines.some((line) => line.values[index]));
    const future = starts.findIndex((start) => start > now);
    const last = Math.min(starts.length, (future < 0 ? starts.length : future) + AHEAD);
    const first = Math.max(0, Math.min(used < 0 ? 0 : used - 2, last - LEAST));
    const from = first - (first % 4);
    const to = Math.max(last, Math.min(starts.length, from + LEAST));
    if (from === 0 && to === starts.length) return series;
    const cut = <T>(list: readonly T[]): T[] => list.slice(from, to);
    return {
        ...series,
        starts: cut(starts),
        end: starts[to] ?? series.end,
        lines: lines.map((line) => ({ ...line, values: cut(line.values) })),
        previous: series.previous ? cut(series.previous) : null,
        unfinished: series.unfinished < 0 ? -1 : series.unfinished - from,
    };
}
