/** The one door to the server: base query, errors as problems, tags by which stream events refetch. */
import type { BaseQueryFn } from '@reduxjs/toolkit/query';
import { createApi } from '@reduxjs/toolkit/query/react';
import { takeEarly } from '@/shared/api/early';
import type { Problem } from '@/shared/api/problem';
import { networkProblem, problemFrom } from '@/shared/api/problem';

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

const baseQuery: BaseQueryFn<Request, unknown, Problem> = async (request, { signal }) => {
    const url = apiUrl(request.url, request.params);
    try {
        const early = request.method ? undefined : takeEarly(url);
        const response = await (early ??
            fetch(url, {
                method: request.method ?? 'GET',
                signal,
                headers: {
                    accept: 'application/json',
                    ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
                },
                ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
            }));
        const text = await response.text();
        if (!response.ok) return { error: problemFrom(response.status, text) };
        return { data: text === '' ? null : JSON.parse(text) };
    } catch (failure) {
        return { error: networkProblem(failure) };
    }
};

export const api = createApi({
    reducerPath: 'api',
    baseQuery,
    keepUnusedDataFor: 120,
    refetchOnReconnect: true,
    endpoints: () => ({}),
});
