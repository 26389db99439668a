import { beforeEach, expect, test, vi } from 'vitest';
import {
    isStale,
    noteSignedIn,
    noteSignedOut,
    OUR_CALL,
    RENEW_AFTER,
    readSession,
    renew,
} from './session';

let asked: RequestInit[];
let answer: () => Promise<Response>;

beforeEach(() => {
    asked = [];
    answer = async () => new Response(null, { status: 204 });
    vi.stubGlobal('fetch', (_url: string, init: RequestInit) => {
        asked.push(init);
        return answer();
    });
    vi.useFakeTimers({ now: 1_000_000, toFake: ['Date'] });
    noteSignedOut();
    return () => {
        vi.useRealTimers();
        vi.unstubAllGlobals();
    };
});

test('nobody signed in: nothing is asked', async () => {
    expect(await renew()).toBe('ended');
    expect(asked).toEqual([]);
    expect(isStale()).toBe(false);
});

test('tokens are old before they end', () => {
    noteSignedIn(7);
    expect(isStale()).toBe(false);
    vi.setSystemTime(1_000_000 + RENEW_AFTER + 1);
    expect(isStale()).toBe(true);
    expect(RENEW_AFTER).toBeLessThan(15 * 60_000);
});

test('calls at the same time share one request, which other sites cannot make', async () => {
    noteSignedIn(7);
    vi.setSystemTime(2_000_000);
    expect(await Promise.all([renew(), renew(), renew()])).toEqual(Array(3).fill('renewed'));
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ method: 'POST', headers: OUR_CALL });
    expect(readSession()).toEqual({ account: 7, renewed: 2_000_000 });
});

test('what was asked before the tokens were renewed is only asked again', async () => {
    noteSignedIn(7);
    expect(await renew(999_000)).toBe('renewed');
    expect(asked).toHaveLength(0);
});

test('a tab that waited for another one takes over its tokens', async () => {
    noteSignedIn(7);
    vi.setSystemTime(2_000_000);
    vi.stubGlobal('navigator', {
        locks: {
            request: async (_name: string, run: () => Promise<unknown>) => {
                localStorage.setItem(
                    'tidemark.session',
                    JSON.stringify({ account: 7, renewed: 2_000_001 }),
                );
                return run();
            },
        },
    });
    expect(await renew()).toBe('renewed');
    expect(asked).toEqual([]);
});

test('a refused token ends the sign-in; a server that does not answer ends nothing', async () => {
    noteSignedIn(7);
    answer = () => Promise.reject(new TypeError('no network'));
    expect(await renew()).toBe('unknown');
    answer = async () => new Response('', { status: 503 });
    expect(await renew()).toBe('unknown');
    expect(readSession()).not.toBeNull();
    answer = async () => new Response('{}', { status: 401 });
    expect(await renew()).toBe('ended');
    expect(readSession()).toBeNull();
});

test('what is no session in the storage is none', () => {
    for (const text of ['', 'null', '7', '{}', '{"renewed":"x"}', '{']) {
        localStorage.setItem('tidemark.session', text);
        expect(readSession()).toBeNull();
    }
});
