/** What the server's event stream says, and what tabs are told about the connection. */
export interface DeltaMeasures {
    cost: number;
    input_tokens: number;
    output_tokens: number;
    thinking_tokens: number;
    cache_write_tokens: number;
    cache_read_tokens: number;
    total_tokens: number;
    requests: number;
    unpriced_requests: number;
}

export interface UsageChange {
    /** RFC 3339 start of the quarter of an hour the usage falls in. */
    quarter: string;
    session_id: string;
    project: string;
    model: string;
    branch: string;
    kind: string;
    member: string;
    /** Differences; may be negative. */
    measures: DeltaMeasures;
}

export interface UsageEvent {
    seq: number;
    time: string;
    changes: UsageChange[];
    new_sessions: string[];
}

export interface ImportProgress {
    phase: string;
    files_done: number;
    files_total: number;
    bytes_done: number;
    bytes_total: number;
}

export type StreamMessage =
    | { kind: 'hello'; seq: number }
    | { kind: 'usage'; event: UsageEvent }
    | { kind: 'resync'; seq: number }
    | { kind: 'progress'; progress: ImportProgress }
    | { kind: 'prices' }
    | { kind: 'settings' }
    /** Sent by ourselves while there is no stream: time to look again. */
    | { kind: 'poll' };

export interface StreamStatus {
    state: 'connecting' | 'open' | 'lost';
    /** Unix ms since when it is in this state. */
    since: number;
    /** Unix ms at which the newest usage event came; null = none yet. */
    lastEvent: number | null;
}

/** From the worker, or from the connection inside the tab. */
export type StreamNote =
    | { type: 'message'; message: StreamMessage }
    | { type: 'status'; status: StreamStatus };

export const STREAM_EVENTS = [
    'hello',
    'usage',
    'resync',
    'progress',
    'prices',
    'settings',
] as const;

/** null when the event is not one we know or its data is not what it should be. */
export function parseEvent(name: string, data: string): StreamMessage | null {
    let value: Record<string, unknown>;
    try {
        const parsed: unknown = JSON.parse(data);
        if (!parsed || typeof parsed !== 'object') return null;
        value = parsed as Record<string, unknown>;
    } catch {
        return null;
    }
    const seq = typeof value['seq'] === 'number' ? value['seq'] : 0;
    switch (name) {
        case 'hello':
            return { kind: 'hello', seq };
        case 'resync':
            return { kind: 'resync', seq };
        case 'prices':
            return { kind: 'prices' };
        case 'settings':
            return { kind: 'settings' };
        case 'progress':
            return { kind: 'progress', progress: value as unknown as ImportProgress };
        case 'usage':
            if (!Array.isArray(value['changes'])) return null;
            return { kind: 'usage', event: value as unknown as UsageEvent };
        default:
            return null;
    }
}
