/**
 * Where an organisation tells only sums over many people, the parts of an answer are less than its sum. What is left
 * of the sum becomes a part of its own, so that nobody takes the parts for everything. Pure.
 */
import type { Breakdown, BreakdownRow, Measures, SeriesAnswer } from '@/shared/api/model';

/** The key of that part: no name of a project, model or person begins like this. */
export const WITHHELD = '__withheld__';

/** Sums of binary fractions differ in their last digits; money is counted in billionths. */
const NOISE = 1e-6;

/**
 * `answer` with one more line: what `whole` (the same question, not grouped) has and the other lines have not. As it
 * is when nothing is left, or when the two cannot be compared.
 */
export function withWithheldLine(
    answer: SeriesAnswer,
    whole: SeriesAnswer | undefined,
): SeriesAnswer {
    const sums = whole?.series[0]?.values;
    if (
        !answer.withheld ||
        !sums ||
        whole.metric !== answer.metric ||
        whole.ends_at !== answer.ends_at ||
        whole.buckets.length !== answer.buckets.length ||
        whole.buckets[0] !== answer.buckets[0]
    ) {
        return answer;
    }
    let total = 0;
    const values = sums.map((sum, index) => {
        const told = answer.series.reduce((all, line) => all + (line.values[index] ?? 0), 0);
        const rest = (sum ?? 0) - told;
        if (rest <= NOISE) return null;
        total += rest;
        return rest;
    });
    if (total === 0) return answer;
    return { ...answer, series: [...answer.series, { key: WITHHELD, label: '', values, total }] };
}

/**
 * The same for a table, when it has all its rows: a row more, or null. Its `sessions` and `average_duration` mean
 * nothing: one session may be in several rows, and how many requests have a duration is not known.
 */
export function withheldRow(answer: Breakdown): BreakdownRow | null {
    if (!answer.withheld || answer.rows.length < answer.total_rows) return null;
    const rest = (name: keyof Measures) => {
        const told = answer.rows.reduce((all, row) => all + (row.measures[name] ?? 0), 0);
        return Math.max(0, (answer.totals[name] ?? 0) - told);
    };
    const requests = rest('requests');
    const cost = rest('cost');
    if (requests === 0) return null;
    const cached = rest('cache_read_tokens');
    const prompt = rest('input_tokens') + rest('cache_write_tokens') + cached;
    return {
        key: WITHHELD,
        label: '',
        measures: {
            ...answer.totals,
            cost,
            requests,
            input_tokens: rest('input_tokens'),
            output_tokens: rest('output_tokens'),
            thinking_tokens: rest('thinking_tokens'),
            cache_write_tokens: rest('cache_write_tokens'),
            cache_write_5m_tokens: rest('cache_write_5m_tokens'),
            cache_write_1h_tokens: rest('cache_write_1h_tokens'),
            cache_read_tokens: cached,
            total_tokens: rest('total_tokens'),
            web_searches: rest('web_searches'),
            incomplete_requests: rest('incomplete_requests'),
            unpriced_requests: rest('unpriced_requests'),
            unpriced_tokens: rest('unpriced_tokens'),
            duration_ms: rest('duration_ms'),
            cache_hit_ratio: prompt > 0 ? cached / prompt : null,
            average_duration: null,
        },
        share: answer.totals.cost > 0 ? cost / answer.totals.cost : 0,
        previous_cost: null,
        change: null,
        trend: null,
    };
}
