import { describe, expect, it } from 'vitest';
import type { ListOrder, SessionList } from '@/features/sessions/lib/list';
import { emptyList, takeEvent, takePage } from '@/features/sessions/lib/list';
import type { Session } from '@/shared/api/model';
import type { UsageEvent } from '@/shared/stream/protocol';

const time = (minute: number) => new Date(Date.UTC(2026, 10, 20, 9, minute)).toISOString();
const NEWEST: ListOrder = { sort: 'last_activity', descending: true };
const DEAREST: ListOrder = { sort: 'cost', descending: true };

function session(id: string, minute: number, cost = 1): Session {
    return {
        id,
        started: time(0),
        last_activity: time(minute),
        duration_ms: minute * 60_000,
        measures: { cost, requests: 1, total_tokens: 10, input_tokens: 0, cache_read_tokens: 0 },
    } as unknown as Session;
}

function event(seq: number, minute: number, ...changes: [string, number][]): UsageEvent {
    return {
        seq,
        time: time(minute),
        new_sessions: [],
        changes: changes.map(([id, cost]) => ({
            quarter: time(0),
            session_id: id,
            project: '',
            model: '',
            branch: '',
            kind: 'main',
            member: '',
            measures: {
                cost,
                input_tokens: 0,
                output_tokens: 0,
                thinking_tokens: 0,
                cache_write_tokens: 0,
                cache_read_tokens: 0,
                total_tokens: 5,
                requests: 1,
                unpriced_requests: 0,
            },
        })),
    };
}

const ids = (list: SessionList) => list.rows.map((row) => row.id).join('');

describe('the list of sessions', () => {
    it('keeps a session that new ones push beyond the first page', () => {
        const list = emptyList(NEWEST);
        takePage(list, { seq: 1, sessions: [session('b', 20), session('a', 10)] });
        takePage(list, { seq: 2, sessions: [session('c', 30), session('b', 20)] });
        expect(ids(list)).toBe('cba');
    });

    it('shows a session of a later page once after it moved up', () => {
        const list = emptyList(NEWEST);
        takePage(list, { seq: 1, sessions: [session('c', 30), session('b', 20)] });
        takePage(list, { seq: 1, sessions: [session('a', 10)] });
        takePage(list, { seq: 2, sessions: [session('a', 40), session('c', 30)] });
        expect(ids(list)).toBe('acb');
    });

    it('does not let an older answer undo a newer one', () => {
        const list = emptyList(NEWEST);
        takePage(list, { seq: 5, sessions: [session('a', 40, 9)] });
        takePage(list, { seq: 4, sessions: [session('a', 10, 1), session('b', 20)] });
        expect(ids(list)).toBe('ab');
        expect(list.rows[0]?.measures.cost).toBe(9);
    });

    it('adds an event once, all its changes together, and moves the row', () => {
        const list = emptyList(DEAREST);
        takePage(list, { seq: 1, sessions: [session('b', 20, 3), session('a', 10, 2)] });
        const news = event(2, 50, ['a', 1.5], ['a', 0.5]);
        expect(takeEvent(list, news)).toBe(true);
        expect(takeEvent(list, news)).toBe(false);
        expect(ids(list)).toBe('ab');
        expect(list.rows[0]).toMatchObject({
            last_activity: time(50),
            duration_ms: 50 * 60_000,
            measures: { cost: 4, requests: 3 },
        });
    });

    it('leaves the rows of an answer as they came', () => {
        const row = session('a', 10, 2);
        const list = emptyList(DEAREST);
        takePage(list, { seq: 1, sessions: [row] });
        takeEvent(list, event(2, 50, ['a', 1]));
        expect(row.measures.cost).toBe(2);
    });

    it('ignores events that the answer includes, and sessions it does not know', () => {
        const list = emptyList(NEWEST);
        takePage(list, { seq: 7, sessions: [session('a', 10)] });
        expect(takeEvent(list, event(7, 50, ['a', 1], ['z', 1]))).toBe(false);
        expect(list.rows[0]?.measures.requests).toBe(1);
    });

    it('sorts upwards too, and equals by their id', () => {
        const list = emptyList({ sort: 'requests', descending: false });
        takePage(list, { seq: 1, sessions: [session('c', 1), session('a', 2), session('b', 3)] });
        expect(ids(list)).toBe('abc');
    });
});
