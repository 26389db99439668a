/** A session's events made readable: retries of one error in one line, turns as figures. Pure. */
import type { SessionDetail } from '@/shared/api/model';

type Event = SessionDetail['events'][number];

export interface EventLine {
    type: Exclude<Event['type'], 'turn'>;
    /** Unix ms of the first and the last. */
    from: number;
    to: number;
    count: number;
    detail: Event['detail'];
}

export interface Turns {
    count: number;
    /** ms; null when no turn says how long it took. */
    median: number | null;
    longest: number | null;
}

export interface PreparedEvents {
    /** Newest first. */
    lines: EventLine[];
    turns: Turns;
}

const TOGETHER = 5 * 60_000;

export function prepareEvents(events: readonly Event[]): PreparedEvents {
    const lines: EventLine[] = [];
    const seenPulls = new Set<string>();
    const durations: number[] = [];
    let turns = 0;
    const sorted = [...events].sort((a, b) => Date.parse(a.time) - Date.parse(b.time));
    for (const event of sorted) {
        const { type, detail } = event;
        if (type === 'turn') {
            turns += 1;
            if (detail.duration_ms !== null) durations.push(detail.duration_ms);
            continue;
        }
        const at = Date.parse(event.time);
        const last = lines[lines.length - 1];
        if (
            type === 'api_error' &&
            last?.type === 'api_error' &&
            at - last.to < TOGETHER &&
            last.detail.status === detail.status &&
            last.detail.error === detail.error
        ) {
            last.to = at;
            last.count += 1;
            continue;
        }
        if (type === 'pull_request') {
            // The client writes the same link down whenever it comes up.
            const name = `${detail.repository}#${detail.number}`;
            if (seenPulls.has(name)) continue;
            seenPulls.add(name);
        }
        lines.push({ type, from: at, to: at, count: 1, detail });
    }
    durations.sort((a, b) => a - b);
    const middle = durations.length >> 1;
    const upper = durations[middle] ?? null;
    const lower = durations[middle - 1] ?? null;
    return {
        lines: lines.reverse(),
        turns: {
            count: turns,
            median:
                durations.length % 2 === 0 && upper !== null && lower !== null
                    ? (upper + lower) / 2
                    : upper,
            longest: durations[durations.length - 1] ?? null,
        },
    };
}

/** Where a pull request is; null when its repository is not a GitHub name. */
export function pullRequestUrl(repository: string | null, number: number | null): string | null {
    if (!repository || number === null) return null;
    const name = repository.replace(/^https:\/\/github\.com\//, '').replace(/\/$/, '');
    return /^[\w.-]+\/[\w.-]+$/.test(name) ? `https://github.com/${name}/pull/${number}` : null;
}
