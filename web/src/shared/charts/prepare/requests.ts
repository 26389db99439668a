/**
 * A session's requests as bars in time order: what each one read from the cache, wrote into it, and
 * sent and got beside that. When there are more requests than room, neighbours share a bar: the one
 * that tells most (a rebuilt cache, else the largest context) stands for them, their cost is summed.
 * Pure.
 */
import type { SessionDetail } from '@/shared/api/model';
import { timeFormat } from '@/shared/lib/time';
import { startOfDay } from '@/shared/lib/zone';
import type { AxisLabel } from './timeAxis';

type Request = SessionDetail['requests'][number];
type Event = SessionDetail['events'][number];

export interface RequestBar {
    /** The request the bar shows. */
    id: string;
    /** Unix ms */
    time: number;
    /** How many requests share the bar. */
    count: number;
    cacheRead: number;
    cacheWrite: number;
    input: number;
    output: number;
    /** USD of all that share the bar; null = no price is known for any of them. */
    cost: number | null;
    /** It wrote anew what had been in the cache. */
    miss: boolean;
    kind: string;
    agent: string | null;
    model: string;
}

export interface PreparedRequests {
    bars: RequestBar[];
    /** Indexes of the bars before which the conversation was compacted; the length = after the last. */
    compactions: number[];
    /** The most requests that share a bar; 1 = each has its own. */
    shared: number;
    /** How many requests there are in all. */
    requests: number;
}

function contextOf(request: Request): number {
    return (
        request.input_tokens +
        request.cache_read_tokens +
        request.cache_write_5m_tokens +
        request.cache_write_1h_tokens
    );
}

/** Of those that share a bar, the one to show. */
function telling(part: readonly Request[]): Request | undefined {
    let best: Request | undefined;
    for (const one of part) {
        if (!best) best = one;
        else if (one.cache_miss !== best.cache_miss) best = one.cache_miss ? one : best;
        else if (contextOf(one) > contextOf(best)) best = one;
    }
    return best;
}

function barOf(part: readonly Request[]): RequestBar[] {
    const shown = telling(part);
    if (!shown) return [];
    const priced = part.filter((one) => one.cost !== null);
    return [
        {
            id: shown.id,
            time: Date.parse(shown.time),
            count: part.length,
            cacheRead: shown.cache_read_tokens,
            cacheWrite: shown.cache_write_5m_tokens + shown.cache_write_1h_tokens,
            input: shown.input_tokens,
            output: shown.output_tokens,
            cost: priced.length ? priced.reduce((sum, one) => sum + (one.cost ?? 0), 0) : null,
            miss: part.some((one) => one.cache_miss),
            kind: shown.kind,
            agent: shown.agent,
            model: shown.model,
        },
    ];
}

/** `most` bars at the most, give or take one per compaction, across which none is shared. */
export function prepareRequests(
    requests: readonly Request[],
    events: readonly Event[],
    most: number,
): PreparedRequests {
    const cuts = events
        .filter((event) => event.type === 'compaction')
        .map((event) => Date.parse(event.time))
        .sort((a, b) => a - b);
    const shared = Math.max(1, Math.ceil(requests.length / Math.max(1, most)));
    const bars: RequestBar[] = [];
    const compactions: number[] = [];
    let part: Request[] = [];
    let cut = 0;
    const close = () => {
        bars.push(...barOf(part));
        part = [];
    };
    for (const request of requests) {
        const at = Date.parse(request.time);
        let passed = false;
        while (cut < cuts.length && (cuts[cut] ?? 0) < at) {
            passed = true;
            cut += 1;
        }
        if (passed) {
            close();
            // Before the first request there is nothing that could have been compacted.
            if (bars.length > 0) compactions.push(bars.length);
        }
        part.push(request);
        if (part.length === shared) close();
    }
    close();
    if (cut < cuts.length && bars.length > 0) compactions.push(bars.length);
    return { bars, compactions, shared, requests: requests.length };
}

/**
 * Times under the bars, evenly spread: requests are in order, not to scale. The first of another day
 * than the one before says which.
 */
export function requestLabels(
    bars: readonly { time: number }[],
    language: string,
    zone: string,
    most: number,
): AxisLabel[] {
    const step = Math.max(1, Math.ceil(bars.length / Math.max(1, most)));
    const clock = timeFormat(language, zone, { hour: '2-digit', minute: '2-digit' });
    const dated = timeFormat(language, zone, {
        month: 'numeric',
        day: 'numeric',
        hour: '2-digit',
        minute: '2-digit',
    });
    const first = bars[0]?.time ?? 0;
    const last = bars[bars.length - 1]?.time ?? 0;
    const days = startOfDay(first, zone) !== startOfDay(last, zone);
    let day = Number.NaN;
    const labels: AxisLabel[] = [];
    for (let index = 0; index < bars.length; index += step) {
        const time = bars[index]?.time ?? 0;
        const own = startOfDay(time, zone);
        const text = (days && own !== day ? dated : clock).format(time);
        // Several requests in a minute need its name once.
        if (text !== labels[labels.length - 1]?.text) labels.push({ index, text });
        day = own;
    }
    return labels;
}
