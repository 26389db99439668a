/**
 * The URL holds the whole view, so a link reproduces it and Back works. Defaults are left out.
 * A change of view is a new history entry; `replace` is for what typing changes letter by letter.
 */
import { useCallback, useMemo, useRef } from 'react';
import { useSearchParams } from 'react-router';
import type { Filters } from '@/shared/lib/filters';
import { FILTER_NAMES } from '@/shared/lib/filters';
import { usePreferences } from '@/shared/lib/format';
import { useNow } from '@/shared/lib/now';
import type { Preset, Range, ResolvedRange } from '@/shared/lib/range';
import { isPreset, parseWall, resolveRange } from '@/shared/lib/range';

export type UrlPatch = Record<string, string | readonly string[] | null>;

/** Pure part of every change: null or an empty list removes the parameter. */
export function patchParams(params: URLSearchParams, patch: UrlPatch): URLSearchParams {
    const next = new URLSearchParams(params);
    for (const [name, value] of Object.entries(patch)) {
        next.delete(name);
        if (value === null) continue;
        for (const one of typeof value === 'string' ? [value] : value) next.append(name, one);
    }
    return next;
}

export function readRange(params: URLSearchParams, fallback: Preset): Range {
    const from = params.get('from');
    const to = params.get('to');
    if (from && to && parseWall(from, 'UTC') !== null && parseWall(to, 'UTC') !== null) {
        return { from, to };
    }
    const preset = params.get('range');
    return { preset: preset && isPreset(preset) ? preset : fallback };
}

export function rangePatch(range: Range, fallback: Preset): UrlPatch {
    if ('preset' in range) {
        return { range: range.preset === fallback ? null : range.preset, from: null, to: null };
    }
    return { range: null, from: range.from, to: range.to };
}

export function readFilters(params: URLSearchParams): Filters {
    const filters: Filters = {};
    for (const name of FILTER_NAMES) {
        const values = [...new Set(params.getAll(name))];
        if (values.length > 0) filters[name] = values;
    }
    return filters;
}

export function filtersPatch(filters: Filters): UrlPatch {
    return Object.fromEntries(FILTER_NAMES.map((name) => [name, filters[name] ?? null]));
}

/** Changes several parameters in one history entry. */
export function useUrlPatch(): (patch: UrlPatch, replace?: boolean) => void {
    const [params, setParams] = useSearchParams();
    const latest = useRef(params);
    latest.current = params;
    const set = useRef(setParams);
    set.current = setParams;
    return useCallback((patch, replace = false) => {
        const next = patchParams(latest.current, patch);
        latest.current = next; // two changes in one event build on each other
        set.current(next, { replace, preventScrollReset: true });
    }, []);
}

/** One parameter with a fixed set of values. */
export function useUrlChoice<T extends string>(
    name: string,
    choices: readonly T[],
    fallback: T,
): [T, (value: T) => void] {
    const [params] = useSearchParams();
    const patch = useUrlPatch();
    const raw = params.get(name);
    const value = choices.find((choice) => choice === raw) ?? fallback;
    const set = useCallback(
        (next: T) => patch({ [name]: next === fallback ? null : next }),
        [patch, name, fallback],
    );
    return [value, set];
}

/** One parameter of free text; replaces the history entry, as typing would flood it. */
export function useUrlText(name: string): [string, (value: string) => void] {
    const [params] = useSearchParams();
    const patch = useUrlPatch();
    const set = useCallback(
        (next: string) => patch({ [name]: next === '' ? null : next }, true),
        [patch, name],
    );
    return [params.get(name) ?? '', set];
}

export function useRange(fallback: Preset): [Range, (range: Range) => void] {
    const [params] = useSearchParams();
    const patch = useUrlPatch();
    const range = useMemo(() => readRange(params, fallback), [params, fallback]);
    const set = useCallback((next: Range) => patch(rangePatch(next, fallback)), [patch, fallback]);
    return [range, set];
}

export function useFilters(): [Filters, (filters: Filters) => void] {
    const [params] = useSearchParams();
    const patch = useUrlPatch();
    const filters = useMemo(() => readFilters(params), [params]);
    const set = useCallback((next: Filters) => patch(filtersPatch(next)), [patch]);
    return [filters, set];
}

/** The instants a range means now; the same object for as long as they stay the same. */
export function useResolvedRange(range: Range): ResolvedRange {
    const { zone, weekStart } = usePreferences();
    const now = useNow(60_000);
    const resolved = resolveRange(range, now, zone, weekStart);
    const { from, to, axisTo } = resolved;
    return useMemo(() => ({ from, to, axisTo }), [from, to, axisTo]);
}
