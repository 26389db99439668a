/** A view's range and filters as the arguments of a usage question. */
import { useMemo } from 'react';
import type { CommonArg } from '@/shared/api/model';
import type { FilterName, Filters } from '@/shared/lib/filters';
import { usePreferences } from '@/shared/lib/format';
import type { ResolvedRange } from '@/shared/lib/range';

const ARG_NAME: Record<FilterName, keyof CommonArg> = {
    project: 'project',
    model: 'model',
    branch: 'branch',
    session: 'session',
    kind: 'kind',
    tool: 'tool',
    version: 'version',
    entrypoint: 'entrypoint',
    agent: 'agent',
    skill: 'skill',
    plugin: 'plugin',
    mcp_server: 'mcpServer',
    effort: 'effort',
    speed: 'speed',
    service_tier: 'serviceTier',
    geo: 'geo',
    member: 'member',
};

export function filterArg(filters: Filters): CommonArg {
    const arg: Record<string, unknown> = {};
    for (const [name, values] of Object.entries(filters)) {
        if (values.length > 0) arg[ARG_NAME[name as FilterName]] = values;
    }
    return arg as CommonArg;
}

/** The filters inside an argument, the way back of `filterArg`. */
export function filtersOf(arg: CommonArg): Filters {
    const filters: Filters = {};
    for (const [name, key] of Object.entries(ARG_NAME)) {
        const values = arg[key];
        if (Array.isArray(values) && values.length > 0) filters[name as FilterName] = values;
    }
    return filters;
}

/**
 * `to` is left out while the range reaches up to now, so the argument (and the cached answer) stays
 * the same and the server decides what now is. With `wholeAxis`, today reaches to midnight.
 */
export function usageArg(
    range: ResolvedRange,
    filters: Filters,
    zone: string,
    weekStart: number,
    wholeAxis = false,
): CommonArg {
    const to = wholeAxis ? range.axisTo : range.to;
    return {
        from: new Date(range.from).toISOString(),
        ...(to === null ? {} : { to: new Date(to).toISOString() }),
        tz: zone,
        weekStart,
        ...filterArg(filters),
    };
}

export function useUsageArg(range: ResolvedRange, filters: Filters, wholeAxis = false): CommonArg {
    const { zone, weekStart } = usePreferences();
    return useMemo(
        () => usageArg(range, filters, zone, weekStart, wholeAxis),
        [range, filters, zone, weekStart, wholeAxis],
    );
}
