/**
 * One connection to the server's event stream, that comes back by itself.
 *
 * EventSource reconnects after a dropped connection but gives up for good after an error answer (a
 * server that restarts, a proxy's 502); then a new one is made, with growing pauses, that resumes
 * behind the last event seen. Runs in the shared worker or, without one, in the tab.
 */
import type { StreamMessage, StreamNote, StreamStatus } from '@/shared/stream/protocol';
import { parseEvent, STREAM_EVENTS } from '@/shared/stream/protocol';

/** The part of EventSource we use, so that tests can script one. */
export interface EventSourceLike {
    readonly readyState: number;
    onopen: ((event: Event) => void) | null;
    onerror: ((event: Event) => void) | null;
    addEventListener(name: string, listener: (event: MessageEvent) => void): void;
    close(): void;
}

export interface ConnectionOptions {
    url: string;
    open: (url: string) => EventSourceLike;
    note: (note: StreamNote) => void;
    now?: () => number;
}

const CLOSED = 2;
const PAUSES = [1000, 2000, 5000, 10_000, 15_000];
/** Without a stream the pages look again this often (ms). */
export const POLL_EVERY = 30_000;

export class StreamConnection {
    status: StreamStatus;
    private source: EventSourceLike | null = null;
    private failures = 0;
    private lastId = '';
    private wasOpen = false;
    private greeted = false;
    private retry: ReturnType<typeof setTimeout> | undefined;
    private poll: ReturnType<typeof setInterval> | undefined;
    private readonly now: () => number;

    constructor(private readonly options: ConnectionOptions) {
        this.now = options.now ?? Date.now;
        this.status = { state: 'connecting', since: this.now(), lastEvent: null };
    }

    /** Begins; a pause before the next try ends: whoever comes may have been signed in meanwhile. */
    start(): void {
        if (this.source) return;
        clearTimeout(this.retry);
        this.retry = undefined;
        this.connect();
    }

    /** Ends the connection; `start` begins anew. */
    stop(): void {
        this.source?.close();
        this.source = null;
        clearTimeout(this.retry);
        this.retry = undefined;
        this.stopPolling();
        this.setState('connecting');
    }

    private connect(): void {
        const resume = this.lastId ? `?last_event_id=${encodeURIComponent(this.lastId)}` : '';
        const source = this.options.open(this.options.url + resume);
        this.source = source;
        source.onopen = () => {
            this.failures = 0;
            this.stopPolling();
            this.setState('open');
            this.wasOpen = true;
        };
        source.onerror = () => {
            if (this.source !== source) return;
            this.setState(this.wasOpen || this.failures > 0 ? 'lost' : 'connecting');
            this.startPolling();
            if (source.readyState !== CLOSED) return; // it retries by itself
            source.close();
            this.source = null;
            const pause = PAUSES[Math.min(this.failures, PAUSES.length - 1)] ?? 15_000;
            this.failures += 1;
            this.retry = setTimeout(() => {
                this.retry = undefined;
                this.connect();
            }, pause);
        };
        for (const name of STREAM_EVENTS) {
            source.addEventListener(name, (event) => {
                if (event.lastEventId) this.lastId = event.lastEventId;
                const message = parseEvent(name, String(event.data));
                if (message) this.deliver(message);
            });
        }
    }

    private deliver(message: StreamMessage): void {
        this.options.note({ type: 'message', message });
        if (message.kind === 'hello') {
            // Back after a gap: what the stream cannot resume, one look at the answers can.
            if (this.greeted) this.options.note({ type: 'message', message: { kind: 'poll' } });
            this.greeted = true;
        }
        if (message.kind !== 'usage') return;
        this.status = { ...this.status, lastEvent: this.now() };
        this.options.note({ type: 'status', status: this.status });
    }

    private setState(state: StreamStatus['state']): void {
        if (this.status.state === state) return;
        this.status = { ...this.status, state, since: this.now() };
        this.options.note({ type: 'status', status: this.status });
    }

    private startPolling(): void {
        this.poll ??= setInterval(() => {
            this.options.note({ type: 'message', message: { kind: 'poll' } });
        }, POLL_EVERY);
    }

    private stopPolling(): void {
        clearInterval(this.poll);
        this.poll = undefined;
    }
}
