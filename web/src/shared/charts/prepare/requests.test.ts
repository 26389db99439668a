import { describe, expect, it } from 'vitest';
import type { SessionDetail } from '@/shared/api/model';
import { prepareRequests, requestLabels } from './requests';

type Request = SessionDetail['requests'][number];
type Event = SessionDetail['events'][number];
const time = (minute: number) => new Date(Date.UTC(2026, 10, 20, 9, minute)).toISOString();

const request = (minute: number, part: Partial<Request> = {}): Request =>
    ({
        id: String(minute),
        time: time(minute),
        kind: 'main',
        agent: null,
        model: 'claude-opus-4-8',
        input_tokens: 5,
        cache_read_tokens: minute * 100,
        cache_write_5m_tokens: 20,
        cache_write_1h_tokens: 30,
        output_tokens: 7,
        cost: 0.5,
        cache_miss: false,
        ...part,
    }) as Request;
const compaction = (minute: number): Event => ({ time: time(minute), type: 'compaction' }) as Event;

describe('prepareRequests', () => {
    it('gives each request a bar while there is room', () => {
        const { bars, shared } = prepareRequests([request(1), request(2)], [], 10);
        expect(shared).toBe(1);
        expect(bars[0]).toMatchObject({
            id: '1',
            count: 1,
            cacheRead: 100,
            cacheWrite: 50,
            input: 5,
            output: 7,
            cost: 0.5,
        });
    });

    it('lets the largest stand for those that share a bar, and sums their cost', () => {
        const { bars, shared } = prepareRequests(
            [request(3), request(1), request(2), request(4)],
            [],
            2,
        );
        expect(shared).toBe(2);
        expect(bars.map((bar) => [bar.id, bar.count, bar.cost])).toEqual([
            ['3', 2, 1],
            ['4', 2, 1],
        ]);
    });

    it('never hides a rebuilt cache behind a larger request', () => {
        const { bars } = prepareRequests([request(1, { cache_miss: true }), request(50)], [], 1);
        expect(bars).toHaveLength(1);
        expect(bars[0]).toMatchObject({ id: '1', miss: true });
    });

    it('marks a compaction before the request that follows it, and shares no bar across it', () => {
        const requests = [1, 2, 3, 4, 5, 6].map((minute) => request(minute));
        const events = [compaction(2.5), compaction(2.6)];
        const { bars, compactions } = prepareRequests(requests, events, 2);
        expect(bars.map((bar) => bar.count)).toEqual([2, 3, 1]);
        expect(compactions).toEqual([1]);
    });

    it('marks a compaction after the last request, and none before the first', () => {
        const { compactions } = prepareRequests(
            [request(5), request(6)],
            [compaction(1), compaction(9)],
            10,
        );
        expect(compactions).toEqual([2]);
    });

    it('keeps an unknown cost unknown, and adds what is known', () => {
        const unpriced = { cost: null };
        expect(prepareRequests([request(1, unpriced)], [], 5).bars[0]?.cost).toBeNull();
        expect(prepareRequests([request(1, unpriced), request(2)], [], 1).bars[0]?.cost).toBe(0.5);
    });

    it('has nothing to show for nothing', () => {
        expect(prepareRequests([], [compaction(1)], 5)).toEqual({
            bars: [],
            compactions: [],
            shared: 1,
            requests: 0,
        });
    });
});

describe('requestLabels', () => {
    it('says the day only where it changes', () => {
        const bars = [0, 300, 1440, 1500].map((minute) => ({ time: Date.parse(time(minute)) }));
        expect(requestLabels(bars, 'en', 'UTC', 8).map((label) => label.text)).toEqual([
            '11/20, 09:00',
            '14:00',
            '11/21, 09:00',
            '10:00',
        ]);
        expect(requestLabels(bars.slice(0, 2), 'en', 'UTC', 8)[0]?.text).toBe('09:00');
    });

    it('says a minute once, however many requests it had', () => {
        const bars = [0, 0.4, 1, 1.5, 2].map((minute) => ({ time: Date.parse(time(minute)) }));
        expect(requestLabels(bars, 'en', 'UTC', 8).map((label) => label.text)).toEqual([
            '09:00',
            '09:01',
            '09:02',
        ]);
    });

    it('spreads as many as there is room for', () => {
        const bars = Array.from({ length: 100 }, (_, minute) => ({
            time: Date.parse(time(minute)),
        }));
        const labels = requestLabels(bars, 'en', 'UTC', 6);
        expect(labels.map((label) => label.index)).toEqual([0, 17, 34, 51, 68, 85]);
    });
});
