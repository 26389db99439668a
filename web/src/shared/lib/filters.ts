/** The filters that every usage question takes; a value is the key that breakdown and series give. */
export const FILTER_NAMES = [
    'project',
    'model',
    'branch',
    'session',
    'kind',
    'tool',
    'version',
    'entrypoint',
    'agent',
    'skill',
    'plugin',
    'mcp_server',
    'effort',
    'speed',
    'service_tier',
    'geo',
    'member',
] as const;
export type FilterName = (typeof FILTER_NAMES)[number];
export type Filters = Partial<Record<FilterName, string[]>>;

export function isFilterName(name: string): name is FilterName {
    return (FILTER_NAMES as readonly string[]).includes(name);
}

export function hasFilters(filters: Filters): boolean {
    return Object.values(filters).some((values) => values.length > 0);
}

/** Adds the value, or takes it away when it is there; an empty list disappears. */
export function toggleFilter(filters: Filters, name: FilterName, value: string): Filters {
    const current = filters[name] ?? [];
    const next = current.includes(value)
        ? current.filter((other) => other !== value)
        : [...current, value];
    return withFilter(filters, name, next);
}

export function withFilter(filters: Filters, name: FilterName, values: string[]): Filters {
    const { [name]: _dropped, ...rest } = filters;
    return values.length > 0 ? { ...rest, [name]: values } : rest;
}
