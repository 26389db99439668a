/** The one door to the server: base query, errors as problems, tags by which stream events refetch. */
import type { BaseQueryFn } from '@reduxjs/toolkit/query';
import { createApi } from '@reduxjs/toolkit/query/react';
import { takeEarly } from '@/shared/api/early';
import type { Problem } from '@/shared/api/problem';
import { networkProblem, problemFrom } from '@/shared/api/problem';
import { askForProof } from '@/shared/api/proof';
import { goToSignIn, OUR_CALL, readSession, renew } from '@/shared/api/session';

export const API_ROOT = '/api/v1';

interface Request {
    url: string;
    method?: string;
    params?: Record<string, unknown>;
    body?: unknown;
}

/** Lists are repeated (`project=a&project=b`); undefined is left out, an empty text is kept. */
export function queryString(params: Record<string, unknown> | undefined): string {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(params ?? {})) {
        if (value === undefined || value === null) continue;
        for (const one of Array.isArray(value) ? value : [value]) search.append(name, String(one));
    }
    const text = search.toString();
    return text ? `?${text}` : '';
}

export function apiUrl(url: string, params?: Record<string, unknown>): string {
    const path = url.startsWith(API_ROOT) ? url : `${API_ROOT}${url}`;
    return path + queryString(params);
}

type Answer = { data: unknown } | { error: Problem };

async function ask(request: Request, signal: AbortSignal): Promise<Answer> {
    const url = apiUrl(request.url, request.params);
    try {
        const early = request.method ? undefined : takeEarly(url);
        const response = await (early ??
            fetch(url, {
                method: request.method ?? 'GET',
                signal,
                headers: {
                    accept: 'application/json',
                    ...OUR_CALL,
                    ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
                },
                ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
            }));
        const text = await response.text();
        if (!response.ok)
            return {
                error: problemFrom(response.status, text, response.headers.get('retry-after')),
            };
        return { data: text === '' ? null : JSON.parse(text) };
    } catch (failure) {
        return { error: networkProblem(failure) };
    }
}

/**
 * The answer to who is here never refuses: to an ended token it says "nobody". Whoever was signed in
 * asks again with a new one.
 */
function saysNobody(request: Request, data: unknown): boolean {
    if (!request.url.endsWith('/auth/state') || !readSession()) return false;
    const state = data as { open?: boolean; me?: unknown } | null;
    return state?.open === false && !state.me;
}

/** An answer that the token has ended is asked again with a new one; without one the person signs in. */
const baseQuery: BaseQueryFn<Request, unknown, Problem> = async (request, { signal }) => {
    const asked = Date.now();
    const answer = await ask(request, signal);
    if ('data' in answer) {
        const again = saysNobody(request, answer.data) && (await renew(asked)) === 'renewed';
        return again ? ask(request, signal) : answer;
    }
    const { status, code } = answer.error;
    if (status === 403 && code === 'second_factor_required_setup') {
        if (location.pathname !== '/security') location.assign('/security');
        return answer;
    }
    if (status === 403 && code === 'confirmation_needed') {
        return (await askForProof()) ? ask(request, signal) : answer;
    }
    if (status !== 401 || code !== 'not_signed_in') return answer;
    const renewal = await renew(asked);
    if (renewal === 'renewed') return ask(request, signal);
    if (renewal === 'ended') goToSignIn();
    return answer;
};

export const api = createApi({
    reducerPath: 'api',
    baseQuery,
    keepUnusedDataFor: 120,
    refetchOnReconnect: true,
    endpoints: () => ({}),
});
