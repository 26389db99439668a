/** What the single session's figures are made of. Pure. */
import type { SessionDetail } from '@/shared/api/model';

type Request = SessionDetail['requests'][number];

export interface KindCounts {
    main: number;
    subagent: number;
    auxiliary: number;
}

export function countKinds(requests: readonly Request[]): KindCounts {
    const counts = { main: 0, subagent: 0, auxiliary: 0 };
    for (const request of requests) counts[request.kind] += 1;
    return counts;
}

export interface Rebuilds {
    count: number;
    /** USD of the requests that rebuilt; null = none of them has a price. */
    cost: number | null;
    /** Tokens written anew. */
    tokens: number;
}

export function cacheRebuilds(requests: readonly Request[]): Rebuilds {
    const rebuilt = requests.filter((request) => request.cache_miss);
    const priced = rebuilt.filter((request) => request.cost !== null);
    return {
        count: rebuilt.length,
        cost: priced.length ? priced.reduce((sum, one) => sum + (one.cost ?? 0), 0) : null,
        tokens: rebuilt.reduce(
            (sum, one) => sum + one.cache_write_5m_tokens + one.cache_write_1h_tokens,
            0,
        ),
    };
}

/** The cost against the project's median; null = nothing to compare with. */
export function againstMedian(cost: number, median: number | null): number | null {
    return median !== null && median > 0 ? cost / median : null;
}

/** From which share of the window the context is said to be nearly full. */
export const CONTEXT_TIGHT = 0.8;

export function contextShare(tokens: number | null, window: number | null): number | null {
    return tokens !== null && window !== null && window > 0 ? tokens / window : null;
}

/** Somebody worked in it within the last five minutes, by the clock of this browser. */
export function isActive(lastActivity: string, now: number): boolean {
    return now - Date.parse(lastActivity) < 5 * 60_000;
}

/** 6_420_000 -> "1:47", hours and minutes; null when it is too short or too long to be read so. */
export function hoursMinutes(milliseconds: number): string | null {
    const minutes = Math.round(milliseconds / 60_000);
    if (minutes < 60 || minutes >= 100 * 60) return null;
    return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
}
