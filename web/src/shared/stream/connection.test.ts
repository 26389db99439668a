import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EventSourceLike } from './connection';
import { POLL_EVERY, StreamConnection } from './connection';
import type { StreamNote } from './protocol';

class FakeSource implements EventSourceLike {
    readyState = 0;
    onopen: ((event: Event) => void) | null = null;
    onerror: ((event: Event) => void) | null = null;
    closed = false;
    private readonly listeners = new Map<string, (event: MessageEvent) => void>();

    constructor(readonly url: string) {}

    addEventListener(name: string, listener: (event: MessageEvent) => void): void {
        this.listeners.set(name, listener);
    }
    close(): void {
        this.closed = true;
    }
    open(): void {
        this.readyState = 1;
        this.onopen?.(new Event('open'));
    }
    say(name: string, data: unknown, id = ''): void {
        const text = typeof data === 'string' ? data : JSON.stringify(data);
        this.listeners.get(name)?.(new MessageEvent(name, { data: text, lastEventId: id }));
    }
    fail(state: number): void {
        this.readyState = state;
        this.onerror?.(new Event('error'));
    }
}

let sources: FakeSource[];
let notes: StreamNote[];
let connection: StreamConnection;
const newest = () => {
    const source = sources[sources.length - 1];
    if (!source) throw new Error('no source');
    return source;
};
const kinds = () => notes.flatMap((note) => (note.type === 'message' ? [note.message.kind] : []));

beforeEach(() => {
    vi.useFakeTimers();
    sources = [];
    notes = [];
    connection = new StreamConnection({
        url: '/stream',
        open: (url) => {
            const source = new FakeSource(url);
            sources.push(source);
            return source;
        },
        note: (note) => notes.push(note),
    });
    connection.start();
});
afterEach(() => {
    connection.stop();
    vi.useRealTimers();
});

test('passes on what it understands and drops the rest', () => {
    newest().open();
    newest().say('hello', { seq: 4 });
    newest().say('usage', 'not json');
    newest().say('usage', { seq: 5 });
    newest().say('usage', { seq: 5, time: '', changes: [], new_sessions: [] }, '5');
    expect(kinds()).toEqual(['hello', 'usage']);
    expect(connection.status.state).toBe('open');
    expect(connection.status.lastEvent).not.toBeNull();
});

test('a refused connection is made anew, later and later, behind the last event', () => {
    newest().open();
    newest().say('usage', { seq: 7, time: '', changes: [], new_sessions: [] }, '7');
    newest().fail(2);
    expect(connection.status.state).toBe('lost');
    expect(newest().closed).toBe(true);
    vi.advanceTimersByTime(999);
    expect(sources).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(sources).toHaveLength(2);
    expect(newest().url).toBe('/stream?last_event_id=7');
    newest().fail(2);
    vi.advanceTimersByTime(1999);
    expect(sources).toHaveLength(2);
    vi.advanceTimersByTime(1);
    expect(sources).toHaveLength(3);
    newest().open();
    expect(connection.status.state).toBe('open');
});

test('a connection that reconnects by itself is left alone', () => {
    newest().open();
    newest().fail(0);
    expect(connection.status.state).toBe('lost');
    vi.advanceTimersByTime(20_000);
    expect(sources).toHaveLength(1);
});

test('without a stream the pages are told to look again, until it is back', () => {
    newest().fail(2);
    vi.advanceTimersByTime(POLL_EVERY + 10);
    expect(kinds()).toContain('poll');
    newest().open();
    notes.length = 0;
    vi.advanceTimersByTime(POLL_EVERY * 3);
    expect(kinds()).toEqual([]);
});

test('coming back makes the pages look again, the first greeting does not', () => {
    newest().open();
    newest().say('hello', { seq: 4 });
    expect(kinds()).toEqual(['hello']);
    newest().fail(0);
    newest().open();
    newest().say('hello', { seq: 9 });
    expect(kinds()).toEqual(['hello', 'hello', 'poll']);
});

test('stop ends everything and start begins again', () => {
    newest().open();
    connection.stop();
    expect(newest().closed).toBe(true);
    vi.advanceTimersByTime(POLL_EVERY * 2);
    expect(sources).toHaveLength(1);
    connection.start();
    expect(sources).toHaveLength(2);
});
