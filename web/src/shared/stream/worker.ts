/**
 * The shared worker: one event stream for all tabs of the browser. HTTP/1.1 browsers open six
 * connections to a host, so six tabs with a stream each would leave none for anything else.
 */
import { StreamConnection } from '@/shared/stream/connection';
import type { StreamNote } from '@/shared/stream/protocol';

interface PortLike {
    postMessage(message: unknown): void;
    onmessage: ((event: MessageEvent) => void) | null;
    start(): void;
}

const ports = new Set<PortLike>();

const connection = new StreamConnection({
    url: '/api/v1/stream',
    open: (url) => new EventSource(url),
    note: (note: StreamNote) => {
        for (const port of ports) port.postMessage(note);
    },
});

(globalThis as unknown as { onconnect: (event: MessageEvent) => void }).onconnect = (event) => {
    const port = event.ports[0];
    if (!port) return;
    port.onmessage = (message) => {
        if (message.data === 'leave') ports.delete(port);
        if (message.data === 'join') {
            ports.add(port);
            port.postMessage({ type: 'status', status: connection.status } satisfies StreamNote);
        }
        // With no tab looking there is nobody to keep up to date.
        if (ports.size === 0) connection.stop();
        else connection.start();
    };
    port.start();
};
