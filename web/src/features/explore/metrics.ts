/** What can be measured and by what it can be cut; which of the two go together. Pure. */
import type { Dimension, Facets, Metric } from '@/shared/api/generated';
import { FILTER_NAMES, type FilterName, type Filters } from '@/shared/lib/filters';
import type { Unit } from '@/shared/lib/format';

export interface MetricInfo {
    id: Metric;
    unit: Unit;
    /** Parts add up to the whole; a ratio or an average does not. */
    sum: boolean;
    /** Whether more is bad or good news; null = neither. */
    more: 'bad' | 'good' | null;
    /** Stands in the bar; the others are behind "more". */
    main?: boolean;
}

export const METRICS: readonly MetricInfo[] = [
    { id: 'cost', unit: 'usd', sum: true, more: 'bad', main: true },
    { id: 'total_tokens', unit: 'tokens', sum: true, more: 'bad', main: true },
    { id: 'requests', unit: 'count', sum: true, more: null, main: true },
    { id: 'sessions', unit: 'count', sum: true, more: null, main: true },
    { id: 'cache_hit_ratio', unit: 'ratio', sum: false, more: 'good', main: true },
    { id: 'input_tokens', unit: 'tokens', sum: true, more: 'bad' },
    { id: 'output_tokens', unit: 'tokens', sum: true, more: 'bad' },
    { id: 'thinking_tokens', unit: 'tokens', sum: true, more: 'bad' },
    { id: 'cache_write_tokens', unit: 'tokens', sum: true, more: 'bad' },
    { id: 'cache_read_tokens', unit: 'tokens', sum: true, more: null },
    { id: 'average_duration', unit: 'ms', sum: false, more: 'bad' },
    { id: 'cost_per_request', unit: 'usd', sum: false, more: 'bad' },
    { id: 'tool_calls', unit: 'count', sum: true, more: null },
    { id: 'tool_errors', unit: 'count', sum: true, more: 'bad' },
    { id: 'web_searches', unit: 'count', sum: true, more: null },
];

export const METRIC_IDS: readonly Metric[] = METRICS.map((metric) => metric.id);

export function metricInfo(id: Metric): MetricInfo {
    const found = METRICS.find((metric) => metric.id === id);
    if (!found) throw new Error(`no metric ${id}`);
    return found;
}

export const GROUPS = [...FILTER_NAMES, 'none'] as const satisfies readonly Dimension[];
export type Group = (typeof GROUPS)[number];

/** What a tool call can tell: a request's tokens are shared over its calls only as a whole. */
const OF_TOOLS: readonly Metric[] = [
    'cost',
    'total_tokens',
    'requests',
    'sessions',
    'tool_calls',
    'tool_errors',
];
/** An error is known with its tool, its session and so its project, and nothing else. */
const OF_ERRORS: readonly Group[] = ['tool', 'project', 'session', 'none'];

export function goTogether(metric: Metric, group: Group): boolean {
    if (metric === 'tool_errors') return OF_ERRORS.includes(group);
    return group !== 'tool' || OF_TOOLS.includes(metric);
}

/** The group asked for, or the nearest that the metric can be cut by. */
export function fittingGroup(metric: Metric, group: Group): Group {
    if (goTogether(metric, group)) return group;
    return metric === 'tool_errors' ? 'tool' : 'project';
}

/** One session works with several models, branches and tools: those parts overlap. */
const SESSION_PARTS: readonly Group[] = ['none', 'project', 'session'];

export function stackable(metric: Metric, group: Group): boolean {
    if (metric === 'sessions') return SESSION_PARTS.includes(group);
    return metricInfo(metric).sum;
}

/** Whether what the group leaves of the whole is a figure too: parts that overlap leave none. */
export function dividable(metric: Metric, group: Group): boolean {
    return group !== 'tool' && metric !== 'tool_calls' && stackable(metric, group);
}

/** Tool figures are kept by the quarter of an hour, not finer. */
export function asksTools(metric: Metric, group: Group, filters: Filters): boolean {
    return (
        metric === 'tool_calls' ||
        metric === 'tool_errors' ||
        group === 'tool' ||
        (filters.tool?.length ?? 0) > 0
    );
}

const ALWAYS: readonly Group[] = ['project', 'model', 'none'];

/** Groups that say something in this range: with a value other than "none". */
export function offeredGroups(
    metric: Metric,
    current: Group,
    facets: Facets | undefined,
): readonly Group[] {
    return GROUPS.filter((group) => {
        if (!goTogether(metric, group)) return false;
        if (group === current || ALWAYS.includes(group) || !facets || group === 'none') return true;
        return facets[group].some((value) => value.key !== '');
    });
}

const NEXT: Record<FilterName, readonly Group[]> = {
    project: ['model', 'branch', 'session'],
    model: ['project', 'session'],
    branch: ['session', 'model'],
    session: ['model', 'kind'],
    kind: ['agent', 'model', 'project'],
    tool: ['project', 'model', 'session'],
    version: ['project', 'model'],
    entrypoint: ['project', 'model'],
    agent: ['project', 'model', 'session'],
    skill: ['project', 'model', 'session'],
    plugin: ['skill', 'project'],
    mcp_server: ['tool', 'project'],
    effort: ['model', 'project'],
    speed: ['model', 'project'],
    service_tier: ['model', 'project'],
    geo: ['model', 'project'],
    member: ['project', 'model'],
};

/**
 * One step down: only this value of the group, cut by what is worth knowing next. Groups that the
 * filters have narrowed to one value already, or that have nothing to show, are passed over.
 */
export function drillDown(
    group: FilterName,
    key: string,
    filters: Filters,
    metric: Metric,
    facets: Facets | undefined,
): { filters: Filters; group: Group } {
    const next = { ...filters, [group]: [key] };
    const offered = offeredGroups(metric, 'none', facets);
    const open = (candidate: Group) =>
        candidate !== 'none' && offered.includes(candidate) && next[candidate]?.length !== 1;
    const order: readonly Group[] = [...NEXT[group], ...GROUPS];
    return { filters: next, group: order.find(open) ?? 'none' };
}
