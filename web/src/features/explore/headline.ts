/** The one figure above the chart, the same before it, and how much of it a day. Pure. */
import type { Metric } from '@/shared/api/generated';
import type { Measures, SeriesAnswer, Summary } from '@/shared/api/model';
import { metricInfo } from './metrics';

const DAY = 86_400_000;

export interface Headline {
    value: number | null;
    previous: number | null;
    /** value against previous, as a ratio; null = nothing to compare with. */
    change: number | null;
    /** A day of the range on average; null for what does not add up and for ranges below two days. */
    daily: number | null;
    /** Length of the range in days, for the words beside the figure. */
    days: number;
}

function perRequest(cost: number, requests: number): number | null {
    return requests > 0 ? cost / requests : null;
}

function now(metric: Metric, summary: Summary): number | null {
    switch (metric) {
        case 'cost':
            return summary.total_cost;
        case 'total_tokens':
            return summary.total_tokens;
        case 'input_tokens':
            return summary.total_input_tokens;
        case 'output_tokens':
            return summary.total_output_tokens;
        case 'thinking_tokens':
            return summary.total_thinking_tokens;
        case 'cache_write_tokens':
            return summary.total_cache_write_tokens;
        case 'cache_read_tokens':
            return summary.total_cache_read_tokens;
        case 'requests':
            return summary.request_count;
        case 'sessions':
            return summary.session_count;
        case 'web_searches':
            return summary.web_search_count;
        case 'cache_hit_ratio':
            return summary.cache_hit_ratio;
        case 'average_duration':
            return summary.average_duration;
        case 'cost_per_request':
            return perRequest(summary.total_cost, summary.request_count);
        default:
            return null;
    }
}

function before(metric: Metric, measures: Measures): number | null {
    if (metric === 'cost_per_request') return perRequest(measures.cost, measures.requests);
    if (metric === 'tool_calls' || metric === 'tool_errors') return null;
    return measures[metric];
}

/** Tool figures are in no summary: they are the sum of the lines. */
function ofLines(series: SeriesAnswer | undefined): {
    value: number | null;
    previous: number | null;
} {
    if (!series) return { value: null, previous: null };
    const value = series.series.reduce((sum, line) => sum + (line.total ?? 0), 0);
    return { value, previous: series.previous?.total ?? null };
}

export function headline(
    metric: Metric,
    summary: Summary,
    series: SeriesAnswer | undefined,
): Headline {
    const tools = metric === 'tool_calls' || metric === 'tool_errors';
    const lines = tools ? ofLines(series) : null;
    const value = lines ? lines.value : now(metric, summary);
    const previous = lines
        ? lines.previous
        : summary.previous
          ? before(metric, summary.previous)
          : null;
    const days = (Date.parse(summary.to) - Date.parse(summary.from)) / DAY;
    const adds = metricInfo(metric).sum && value !== null && days >= 2;
    return {
        value,
        previous,
        change: value !== null && previous ? value / previous - 1 : null,
        daily: adds ? (metric === 'cost' ? summary.daily_average : value / days) : null,
        days,
    };
}
