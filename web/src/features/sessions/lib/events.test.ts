import { describe, expect, it } from 'vitest';
import { prepareEvents, pullRequestUrl } from '@/features/sessions/lib/events';
import type { SessionDetail } from '@/shared/api/model';

type Event = SessionDetail['events'][number];

const NOTHING: Event['detail'] = {
    duration_ms: null,
    tokens_before: null,
    tokens_after: null,
    trigger: null,
    status: null,
    attempt: null,
    error: null,
    limit: null,
    resets_at: null,
    number: null,
    repository: null,
};
const event = (
    second: number,
    type: Event['type'],
    detail: Partial<Event['detail']> = {},
): Event => ({
    time: new Date(Date.UTC(2026, 10, 20, 9, 0, second)).toISOString(),
    type,
    detail: { ...NOTHING, ...detail },
});

describe('prepareEvents', () => {
    it('shows retries of one error as one line, newest first', () => {
        const { lines } = prepareEvents([
            event(0, 'api_error', { status: 529 }),
            event(20, 'api_error', { status: 529 }),
            event(40, 'api_error', { status: 500 }),
            event(900, 'api_error', { status: 500 }),
        ]);
        expect(lines.map((line) => [line.detail.status, line.count])).toEqual([
            [500, 1],
            [500, 1],
            [529, 2],
        ]);
    });

    it('names a pull request once', () => {
        const pull = { repository: 'acme/core', number: 7 };
        const { lines } = prepareEvents([
            event(0, 'pull_request', pull),
            event(5, 'pull_request', pull),
            event(9, 'pull_request', { ...pull, number: 8 }),
        ]);
        expect(lines.map((line) => line.detail.number)).toEqual([8, 7]);
    });

    it('makes figures of turns, also of those without a length', () => {
        const turns = prepareEvents([
            event(0, 'turn', { duration_ms: 4000 }),
            event(1, 'turn', { duration_ms: 1000 }),
            event(2, 'turn'),
            event(3, 'turn', { duration_ms: 2000 }),
            event(4, 'turn', { duration_ms: 9000 }),
        ]).turns;
        expect(turns).toEqual({ count: 5, median: 3000, longest: 9000 });
        expect(prepareEvents([event(0, 'turn')]).turns).toEqual({
            count: 1,
            median: null,
            longest: null,
        });
    });
});

describe('pullRequestUrl', () => {
    it('links GitHub names only', () => {
        expect(pullRequestUrl('acme/core.js', 12)).toBe('https://github.com/acme/core.js/pull/12');
        expect(pullRequestUrl('https://github.com/acme/core', 1)).toBe(
            'https://github.com/acme/core/pull/1',
        );
        expect(pullRequestUrl('javascript:alert(1)/x', 1)).toBeNull();
        expect(pullRequestUrl('acme/core', null)).toBeNull();
        expect(pullRequestUrl(null, 3)).toBeNull();
    });
});
