/** Everything the page's parts ask of the address, and how they change it. */
import { useMemo, useRef } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import type { Facets } from '@/shared/api/generated';
import { useGetFacetsQuery } from '@/shared/api/generated';
import type { CommonArg } from '@/shared/api/model';
import { useUsageArg } from '@/shared/api/usageArg';
import type { FilterName, Filters } from '@/shared/lib/filters';
import { usePreferences } from '@/shared/lib/format';
import { useNow } from '@/shared/lib/now';
import type { Range, ResolvedRange } from '@/shared/lib/range';
import { formatWall } from '@/shared/lib/range';
import {
    filtersPatch,
    rangePatch,
    useFilters,
    useRange,
    useResolvedRange,
    useUrlPatch,
} from '@/shared/lib/urlState';
import type { Group } from './metrics';
import { asksTools, drillDown } from './metrics';
import type { View } from './view';
import { DEFAULT_RANGE, readView, viewPatch } from './view';

export interface Explore {
    view: View;
    range: Range;
    resolved: ResolvedRange;
    /** Length of the range so far, or to its axis' end, in ms. */
    span: number;
    filters: Filters;
    /** Figures that only tool calls can tell. */
    tools: boolean;
    /** Range, zone and filters of a question. */
    arg: CommonArg;
    /** The same without filters: whose values the pickers offer. */
    scope: CommonArg;
    facets: Facets | undefined;
    /** The words of the view that a file is named by. */
    file: string;
    change: (change: Partial<View>) => void;
    setRange: (range: Range) => void;
    setFilters: (filters: Filters) => void;
    /** Unix ms, `to` exclusive. */
    zoom: (from: number, to: number) => void;
    drill: (group: Group, key: string) => void;
}

function fileName(view: View, group: Group, range: Range): string {
    const when = 'preset' in range ? range.preset : `${range.from}_${range.to}`;
    const by = group === 'none' ? '' : `-by-${group}`;
    return `tidemark-${view.metric}${by}-${when}`.replace(/[_:]/g, '-').toLowerCase();
}

export function useExplore(): Explore {
    const [params] = useSearchParams();
    const patch = useUrlPatch();
    const navigate = useNavigate();
    const goTo = useRef(navigate);
    goTo.current = navigate;
    const { zone } = usePreferences();
    const [range, setRange] = useRange(DEFAULT_RANGE);
    const [filters, setFilters] = useFilters();
    const resolved = useResolvedRange(range);
    const now = useNow(60_000);
    const view = useMemo(() => readView(params), [params]);
    const arg = useUsageArg(resolved, filters);
    const scope = useUsageArg(resolved, NO_FILTERS);
    const { data: facets } = useGetFacetsQuery(scope);
    const span = (resolved.axisTo ?? resolved.to ?? now) - resolved.from;
    // The same object until something of it changes: the parts are drawn anew only then.
    return useMemo(
        () => ({
            view,
            range,
            resolved,
            span,
            filters,
            tools: asksTools(view.metric, view.group, filters),
            arg,
            scope,
            facets,
            file: fileName(view, view.group, range),
            change: (change) => patch(viewPatch(change)),
            setRange,
            setFilters,
            zoom: (from, to) => {
                const free = { from: formatWall(from, zone), to: formatWall(to, zone) };
                if (free.from < free.to) patch(rangePatch(free, DEFAULT_RANGE));
            },
            drill: (group, key) => {
                if (group === 'none') return;
                // A session has a page of its own: nothing here says more about it.
                if (group === 'session' && key !== '') {
                    void goTo.current(`/sessions/${encodeURIComponent(key)}`);
                    return;
                }
                const next = drillDown(group as FilterName, key, filters, view.metric, facets);
                patch({ ...filtersPatch(next.filters), ...viewPatch({ group: next.group }) });
            },
        }),
        [
            view,
            range,
            resolved,
            span,
            filters,
            arg,
            scope,
            facets,
            patch,
            setRange,
            setFilters,
            zone,
        ],
    );
}

const NO_FILTERS: Filters = {};
