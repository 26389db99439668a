import { describe, expect, it } from 'vitest';
import { exploreLink } from '@/features/sessions/lib/exploreLink';
import {
    againstMedian,
    cacheRebuilds,
    contextShare,
    countKinds,
    hoursMinutes,
    isActive,
} from '@/features/sessions/lib/figures';
import { requestsTable } from '@/features/sessions/lib/requestsCsv';
import type { Session, SessionDetail } from '@/shared/api/model';

type Request = SessionDetail['requests'][number];
const request = (part: Partial<Request>): Request =>
    ({
        kind: 'main',
        cost: 1,
        cache_miss: false,
        cache_write_5m_tokens: 10,
        cache_write_1h_tokens: 5,
        tools: [],
        ...part,
    }) as Request;

describe('figures of a session', () => {
    it('counts requests by kind', () => {
        expect(
            countKinds([request({}), request({ kind: 'subagent' }), request({ kind: 'main' })]),
        ).toEqual({ main: 2, subagent: 1, auxiliary: 0 });
    });

    it('adds up what rebuilding the cache took', () => {
        const miss = { cache_miss: true };
        expect(
            cacheRebuilds([
                request({}),
                request({ ...miss, cost: 2 }),
                request({ ...miss, cost: null }),
            ]),
        ).toEqual({ count: 2, cost: 2, tokens: 30 });
        expect(cacheRebuilds([request({ ...miss, cost: null })]).cost).toBeNull();
        expect(cacheRebuilds([])).toEqual({ count: 0, cost: null, tokens: 0 });
    });

    it('compares only with something', () => {
        expect(againstMedian(6, 2)).toBe(3);
        expect(againstMedian(6, 0)).toBeNull();
        expect(againstMedian(6, null)).toBeNull();
        expect(contextShare(50, 200)).toBe(0.25);
        expect(contextShare(50, null)).toBeNull();
        expect(contextShare(null, 200)).toBeNull();
    });

    it('writes hours and minutes', () => {
        expect(hoursMinutes(107 * 60_000)).toBe('1:47');
        expect(hoursMinutes(59.4 * 60_000)).toBeNull();
        expect(hoursMinutes(60 * 60_000)).toBe('1:00');
        expect(hoursMinutes(101 * 3_600_000)).toBeNull();
    });
});

describe('exploreLink', () => {
    const now = Date.parse('2026-11-20T12:00:00Z');
    const session = (started: string, last: string) =>
        ({ id: 'a b', started, last_activity: last }) as Session;

    it('takes the whole minutes of a session that ended', () => {
        expect(
            exploreLink(session('2026-11-19T09:30:40Z', '2026-11-19T10:00:20Z'), now, 'UTC'),
        ).toBe('/explore?session=a+b&from=2026-11-19T09%3A30&to=2026-11-19T10%3A01');
    });

    it('leaves the end open while it goes on', () => {
        const active = session('2026-11-20T09:30:40Z', '2026-11-20T11:58:00Z');
        expect(isActive(active.last_activity, now)).toBe(true);
        expect(exploreLink(active, now, 'UTC')).toBe('/explore?session=a+b&range=today');
    });
});

describe('requestsTable', () => {
    it('has a head for every value and keeps unknown apart from zero', () => {
        const table = requestsTable([
            request({ cost: null, output_tokens: 0, tools: [{ name: 'Read', calls: 3 }] }),
        ]);
        const row = Object.fromEntries(table.head.map((name, at) => [name, table.rows[0]?.[at]]));
        expect(row).toMatchObject({ cost_usd: null, output_tokens: 0, tools: 'Read:3' });
        expect(new Set(table.head).size).toBe(table.rows[0]?.length);
    });
});
