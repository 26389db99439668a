import { configureStore } from '@reduxjs/toolkit';
import { beforeEach, expect, test, vi } from 'vitest';
import { api } from './generated';
import { whenProofIsNeeded } from './proof';
import { noteSignedIn, noteSignedOut } from './session';

const session = vi.hoisted(() => ({ goToSignIn: vi.fn() }));
vi.mock('./session', async (original) => ({ ...(await original<object>()), ...session }));

const store = configureStore({
    reducer: { [api.reducerPath]: api.reducer },
    middleware: (defaults) => defaults().concat(api.middleware),
});
const force = { forceRefetch: true, subscribe: false } as const;

/** What the server answers, by the path; each call is noted. */
let answers: Record<string, () => Response>;
let calls: { url: string; headers: Record<string, string> }[];

const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });
const refused = () => json(401, { code: 'not_signed_in', title: 'Not signed in' });

beforeEach(() => {
    calls = [];
    session.goToSignIn.mockClear();
    noteSignedOut();
    vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
        calls.push({ url, headers: init.headers as Record<string, string> });
        const answer = answers[url];
        if (!answer) throw new Error(`unexpected ${url}`);
        return answer();
    });
    return () => vi.unstubAllGlobals();
});

test('an ended token is renewed and the question asked again, with our header each time', async () => {
    noteSignedIn(7);
    let good = false;
    answers = {
        '/api/v1/keys': () => (good ? json(200, { keys: [] }) : refused()),
        '/api/v1/auth/refresh': () => {
            good = true;
            return new Response(null, { status: 204 });
        },
    };
    const answer = await store.dispatch(api.endpoints.getKeys.initiate(undefined, force));
    expect(answer.data).toEqual({ keys: [] });
    expect(calls.map((one) => one.url)).toEqual([
        '/api/v1/keys',
        '/api/v1/auth/refresh',
        '/api/v1/keys',
    ]);
    for (const { headers } of calls) expect(headers['X-Tidemark-Request']).toBe('1');
    expect(session.goToSignIn).not.toHaveBeenCalled();
});

test('what needs a fresh proof is asked again once it is given, and refused when it is not', async () => {
    noteSignedIn(7);
    let proved = false;
    answers = {
        '/api/v1/auth/me/sessions/revoke-others': () =>
            proved
                ? new Response(null, { status: 204 })
                : json(403, { code: 'confirmation_needed' }),
    };
    const revoke = () => store.dispatch(api.endpoints.revokeOtherDevices.initiate());
    expect((await revoke()).error).toMatchObject({ code: 'confirmation_needed' });
    expect(calls).toHaveLength(1);
    const asked = vi.fn(async () => false);
    const stop = whenProofIsNeeded(asked);
    expect((await revoke()).error).toMatchObject({ code: 'confirmation_needed' });
    asked.mockImplementation(async () => {
        proved = true;
        return true;
    });
    expect((await revoke()).error).toBeUndefined();
    expect(asked).toHaveBeenCalledTimes(2);
    stop();
    proved = false;
    expect((await revoke()).error).toMatchObject({ code: 'confirmation_needed' });
    expect(asked).toHaveBeenCalledTimes(2);
});

test('without new tokens the person signs in', async () => {
    noteSignedIn(7);
    answers = { '/api/v1/keys': refused, '/api/v1/auth/refresh': refused };
    const answer = await store.dispatch(api.endpoints.getKeys.initiate(undefined, force));
    expect(answer.error).toMatchObject({ status: 401, code: 'not_signed_in' });
    expect(session.goToSignIn).toHaveBeenCalledTimes(1);
});

test('a server that is away does not sign anybody out', async () => {
    noteSignedIn(7);
    answers = {
        '/api/v1/keys': refused,
        '/api/v1/auth/refresh': () => new Response('', { status: 503 }),
    };
    await store.dispatch(api.endpoints.getKeys.initiate(undefined, force));
    expect(session.goToSignIn).not.toHaveBeenCalled();
});

test('a wrong password is an answer, not an ended token', async () => {
    noteSignedIn(7);
    answers = { '/api/v1/auth/sign-in': () => json(401, { code: 'bad_credentials' }) };
    await store.dispatch(api.endpoints.signIn.initiate({ signIn: { name: 'a', password: 'b' } }));
    expect(calls).toHaveLength(1);
    expect(session.goToSignIn).not.toHaveBeenCalled();
});

test('“nobody” is asked again by whoever was signed in, and believed by others', async () => {
    let me: unknown = null;
    answers = {
        '/api/v1/auth/state': () => json(200, { open: false, me }),
        '/api/v1/auth/refresh': () => {
            me = { id: 7 };
            return new Response(null, { status: 204 });
        },
    };
    const ask = () => store.dispatch(api.endpoints.getAuthState.initiate(undefined, force));
    expect((await ask()).data).toEqual({ open: false, me: null });
    expect(calls).toHaveLength(1);
    noteSignedIn(7);
    expect((await ask()).data).toEqual({ open: false, me: { id: 7 } });
});

test('how long to wait is taken from the answer', async () => {
    answers = {
        '/api/v1/auth/sign-in': () =>
            new Response('{"code":"wait"}', { status: 429, headers: { 'retry-after': '41' } }),
    };
    const answer = await store.dispatch(
        api.endpoints.signIn.initiate({ signIn: { name: 'a', password: 'b' } }),
    );
    expect(answer.error).toMatchObject({ code: 'wait', retryAfter: 41 });
});
