/** The tab's end of the event stream: messages to whoever subscribes, and the connection's state. */
import { useSyncExternalStore } from 'react';
import { StreamConnection } from '@/shared/stream/connection';
import type { StreamMessage, StreamNote, StreamStatus } from '@/shared/stream/protocol';

type Listener = (message: StreamMessage) => void;

export interface Transport {
    join(): void;
    leave(): void;
}

export class StreamClient {
    private readonly listeners = new Set<Listener>();
    private readonly watchers = new Set<() => void>();
    private current: StreamStatus = { state: 'connecting', since: Date.now(), lastEvent: null };
    private transport: Transport | null = null;

    /** Begins; `make` is given where to put what comes. */
    start(make: (note: (note: StreamNote) => void) => Transport): void {
        if (this.transport) return;
        this.transport = make((note) => this.receive(note));
        this.transport.join();
    }

    join(): void {
        this.transport?.join();
    }

    leave(): void {
        this.transport?.leave();
    }

    subscribe(listener: Listener): () => void {
        this.listeners.add(listener);
        return () => {
            this.listeners.delete(listener);
        };
    }

    readonly watch = (watcher: () => void): (() => void) => {
        this.watchers.add(watcher);
        return () => {
            this.watchers.delete(watcher);
        };
    };

    readonly status = (): StreamStatus => this.current;

    receive(note: StreamNote): void {
        if (note.type === 'status') {
            this.current = note.status;
            for (const watcher of this.watchers) watcher();
            return;
        }
        for (const listener of this.listeners) listener(note.message);
    }
}

export const stream = new StreamClient();

function workerTransport(note: (note: StreamNote) => void): Transport {
    const worker = new SharedWorker(new URL('./worker.ts', import.meta.url), {
        type: 'module',
        name: 'tidemark-stream',
    });
    worker.port.onmessage = (event: MessageEvent<StreamNote>) => note(event.data);
    worker.port.start();
    return {
        join: () => worker.port.postMessage('join'),
        leave: () => worker.port.postMessage('leave'),
    };
}

function ownTransport(note: (note: StreamNote) => void): Transport {
    const connection = new StreamConnection({
        url: '/api/v1/stream',
        open: (url) => new EventSource(url),
        note,
    });
    // Six visible tabs are rare; six open ones are not.
    document.addEventListener('visibilitychange', () => {
        if (document.hidden) connection.stop();
        else connection.start();
    });
    return { join: () => connection.start(), leave: () => connection.stop() };
}

/** Called once by the application. A page kept in the back-forward cache must not hold the stream. */
export function startStream(): void {
    stream.start(typeof SharedWorker === 'undefined' ? ownTransport : workerTransport);
    window.addEventListener('pagehide', () => stream.leave());
    window.addEventListener('pageshow', (event) => {
        if (!event.persisted) return;
        stream.join();
        stream.receive({ type: 'message', message: { kind: 'poll' } });
    });
}

export function useStreamStatus(): StreamStatus {
    return useSyncExternalStore(stream.watch, stream.status);
}
