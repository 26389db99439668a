import { configureStore } from '@reduxjs/toolkit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { StreamClient } from '@/shared/stream/client';
import type { StreamMessage } from '@/shared/stream/protocol';
import { api } from './generated';
import { installLiveUpdates, RECONCILE } from './live';

const stream = new StreamClient();
installLiveUpdates(stream);

let answer: { seq: number; cost: number };
let fetches: number;
let release: (() => void) | null;

const arg = { metric: 'cost' as const, groupBy: 'model' as const, tz: 'UTC' };

function body() {
    return JSON.stringify({
        seq: answer.seq,
        metric: 'cost',
        unit: 'usd',
        bucket: '15m',
        tz: 'UTC',
        buckets: ['2026-11-22T10:00:00Z'],
        ends_at: '2026-11-22T10:15:00Z',
        series: [{ key: 'm', label: 'M', values: [answer.cost], total: answer.cost }],
        other_count: 0,
        previous: null,
        complete_until: '2026-11-22T10:06:00Z',
    });
}

const usage = (seq: number): StreamMessage => ({
    kind: 'usage',
    event: {
        seq,
        time: '2026-11-22T10:07:00Z',
        new_sessions: [],
        changes: [
            {
                quarter: '2026-11-22T10:00:00Z',
                session_id: 's',
                project: '/p',
                model: 'm',
                branch: '',
                kind: 'main',
                member: '',
                measures: {
                    cost: 1,
                    input_tokens: 0,
                    output_tokens: 0,
                    thinking_tokens: 0,
                    cache_write_tokens: 0,
                    cache_read_tokens: 0,
                    total_tokens: 0,
                    requests: 1,
                    unpriced_requests: 0,
                },
            },
        ],
    },
});
const emit = (message: StreamMessage) => stream.receive({ type: 'message', message });

function setUp() {
    const store = configureStore({
        reducer: { [api.reducerPath]: api.reducer },
        middleware: (defaults) => defaults().concat(api.middleware),
        enhancers: (defaults) => defaults({ autoBatch: { type: 'tick' } }),
    });
    const subscription = store.dispatch(api.endpoints.getUsageSeries.initiate(arg));
    const total = () =>
        api.endpoints.getUsageSeries.select(arg)(store.getState()).data?.series[0]?.total;
    return { store, subscription, total };
}

beforeEach(() => {
    vi.useFakeTimers();
    answer = { seq: 10, cost: 5 };
    fetches = 0;
    release = null;
    vi.stubGlobal('fetch', async () => {
        fetches += 1;
        const text = body();
        if (release === null && fetches === 1) {
            await new Promise<void>((go) => {
                release = go;
            });
        }
        return new Response(text, { status: 200 });
    });
});
afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
});

test('nothing is lost while the answer is on its way, and figures move within a frame', async () => {
    const { subscription, total, store } = setUp();
    await vi.advanceTimersByTimeAsync(0);
    emit(usage(9)); // the answer has it already
    emit(usage(11)); // it has not
    release?.();
    await vi.advanceTimersByTimeAsync(1);
    expect(total()).toBe(6);

    emit(usage(12));
    await vi.advanceTimersByTimeAsync(20);
    expect(total()).toBe(7);
    expect(fetches).toBe(1 + 1); // the first reconciliation comes at once …

    answer = { seq: 12, cost: 7 };
    for (let seq = 13; seq < 113; seq++) emit(usage(seq));
    await vi.advanceTimersByTimeAsync(20);
    expect(total()).toBe(107);
    expect(fetches).toBe(2); // … the next not before its time
    // An older snapshot arriving late is completed from the events kept.
    await vi.advanceTimersByTimeAsync(RECONCILE);
    expect(fetches).toBe(3);
    expect(total()).toBe(107);

    answer = { seq: 500, cost: 9 };
    emit({ kind: 'resync', seq: 500 });
    await vi.advanceTimersByTimeAsync(1);
    expect(total()).toBe(9);

    subscription.unsubscribe();
    store.dispatch(api.util.resetApiState());
});
