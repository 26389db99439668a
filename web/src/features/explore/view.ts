/** The view as the address holds it: what is measured, cut by what, drawn how. Defaults are left out. */
import type { BucketChoice, Metric } from '@/shared/api/generated';
import type { UrlPatch } from '@/shared/lib/urlState';
import { BUCKETS } from './buckets';
import type { Group } from './metrics';
import { fittingGroup, GROUPS, METRIC_IDS, stackable } from './metrics';

export const DEFAULT_RANGE = '30d';

export const SHAPES = ['bar', 'line', 'area', 'table'] as const;
export type Shape = (typeof SHAPES)[number];

export interface View {
    metric: Metric;
    group: Group;
    bucket: BucketChoice;
    shape: Shape;
    /** With the period before, dashed. */
    compare: boolean;
    /** Column of the table below; null = by the metric. */
    sort: Metric | null;
    ascending: boolean;
}

export const DEFAULT_VIEW: View = {
    metric: 'cost',
    group: 'project',
    bucket: 'auto',
    shape: 'bar',
    compare: true,
    sort: null,
    ascending: false,
};

function choice<T extends string>(value: string | null, choices: readonly T[], fallback: T): T {
    return choices.find((one) => one === value) ?? fallback;
}

/** A link may ask for what does not go together; it is given the nearest that does. */
export function readView(params: URLSearchParams): View {
    const metric = choice(params.get('metric'), METRIC_IDS, DEFAULT_VIEW.metric);
    const group = fittingGroup(metric, choice(params.get('group'), GROUPS, DEFAULT_VIEW.group));
    const sort = METRIC_IDS.find((one) => one === params.get('sort')) ?? null;
    return {
        metric,
        group,
        bucket: choice(params.get('bucket'), BUCKETS, DEFAULT_VIEW.bucket),
        shape: fittingShape(
            choice(params.get('view'), SHAPES, DEFAULT_VIEW.shape),
            stackable(metric, group),
        ),
        compare: params.get('compare') !== 'none',
        sort,
        ascending: params.get('order') === 'asc',
    };
}

export function offeredShapes(stacks: boolean): readonly Shape[] {
    return stacks ? SHAPES : ['line', 'table'];
}

function fittingShape(shape: Shape, stacks: boolean): Shape {
    return offeredShapes(stacks).includes(shape) ? shape : 'line';
}

export function viewPatch(change: Partial<View>): UrlPatch {
    const patch: UrlPatch = {};
    const put = <T extends string>(name: string, value: T | undefined, fallback: T) => {
        if (value !== undefined) patch[name] = value === fallback ? null : value;
    };
    put('metric', change.metric, DEFAULT_VIEW.metric);
    put('group', change.group, DEFAULT_VIEW.group);
    put('bucket', change.bucket, DEFAULT_VIEW.bucket);
    put('view', change.shape, DEFAULT_VIEW.shape);
    if (change.compare !== undefined) patch['compare'] = change.compare ? null : 'none';
    if (change.sort !== undefined) patch['sort'] = change.sort;
    if (change.ascending !== undefined) patch['order'] = change.ascending ? 'asc' : null;
    return patch;
}
