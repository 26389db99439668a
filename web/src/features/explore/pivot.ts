/** The table below the chart: its columns and their figures, once for the screen and for the file. Pure. */
import type { Metric } from '@/shared/api/generated';
import type { Breakdown, BreakdownRow, Measures } from '@/shared/api/model';
import type { ChartTable } from '@/shared/charts/prepare/series';
import { WITHHELD, withheldRow } from '@/shared/charts/prepare/withheld';
import type { FilterName } from '@/shared/lib/filters';
import type { Unit } from '@/shared/lib/format';
import type { View } from './view';

export interface PivotColumn {
    id: string;
    unit: Unit;
    /** The server sorts by it; null = it cannot. */
    sort: Metric | null;
    optional?: boolean;
    value: (row: BreakdownRow) => number | null;
    total: (totals: Measures) => number | null;
}

function ofMeasures(
    id: Metric,
    unit: Unit,
    value: (measures: Measures) => number | null,
    optional = false,
): PivotColumn {
    return { id, unit, sort: id, optional, value: (row) => value(row.measures), total: value };
}

function perRequest(measures: Measures): number | null {
    return measures.requests > 0 ? measures.cost / measures.requests : null;
}

export const PIVOT_COLUMNS: readonly PivotColumn[] = [
    ofMeasures('cost', 'usd', (measures) => measures.cost),
    {
        id: 'share',
        unit: 'ratio',
        sort: null,
        value: (row) => row.share,
        total: (totals) => (totals.cost > 0 ? 1 : null),
    },
    {
        id: 'change',
        unit: 'ratio',
        sort: null,
        value: (row) => row.change,
        total: () => null,
    },
    ofMeasures('total_tokens', 'tokens', (measures) => measures.total_tokens),
    ofMeasures('requests', 'count', (measures) => measures.requests),
    ofMeasures('cache_hit_ratio', 'ratio', (measures) => measures.cache_hit_ratio),
    ofMeasures('cost_per_request', 'usd', perRequest),
    {
        ...ofMeasures('sessions', 'count', (measures) => measures.sessions, true),
        value: (row) => (row.key === WITHHELD ? null : row.measures.sessions),
    },
    ofMeasures('input_tokens', 'tokens', (measures) => measures.input_tokens, true),
    ofMeasures('output_tokens', 'tokens', (measures) => measures.output_tokens, true),
    ofMeasures('thinking_tokens', 'tokens', (measures) => measures.thinking_tokens, true),
    ofMeasures('cache_write_tokens', 'tokens', (measures) => measures.cache_write_tokens, true),
    ofMeasures('cache_read_tokens', 'tokens', (measures) => measures.cache_read_tokens, true),
    ofMeasures('average_duration', 'ms', (measures) => measures.average_duration, true),
    ofMeasures('web_searches', 'count', (measures) => measures.web_searches, true),
];

/** The rows and, last, what privacy keeps from being one of them. */
export function pivotRows(answer: Breakdown, group: FilterName): readonly BreakdownRow[] {
    const rest = group === 'tool' ? null : withheldRow(answer);
    return rest ? [...answer.rows, rest] : answer.rows;
}

/** What the rows are ordered by: the column clicked, else the metric of the view, else cost. */
export function pivotSort(view: Pick<View, 'metric' | 'sort'>): Metric {
    const wish = view.sort ?? view.metric;
    return PIVOT_COLUMNS.some((column) => column.sort === wish) ? wish : 'cost';
}

/** Nine decimals are what money is counted in; behind them is only the noise of binary fractions. */
function plain(value: number | null): number | null {
    return value === null ? null : Number(value.toFixed(9));
}

/** Every column, chosen or not: a file has room. Figures as they are, money in USD. */
export function pivotTable(
    answer: Breakdown,
    group: FilterName,
    nameTitle: string,
    titles: (column: PivotColumn) => string,
    totalTitle: string,
    label: (row: BreakdownRow) => string,
): ChartTable {
    const rows = pivotRows(answer, group);
    const keys = rows.some((row) => row.key !== label(row));
    return {
        head: [nameTitle, ...(keys ? ['key'] : []), ...PIVOT_COLUMNS.map(titles)],
        rows: [
            ...rows.map((row) => [
                label(row),
                ...(keys ? [row.key === WITHHELD ? '' : row.key] : []),
                ...PIVOT_COLUMNS.map((column) => plain(column.value(row))),
            ]),
            [
                totalTitle,
                ...(keys ? [''] : []),
                ...PIVOT_COLUMNS.map((column) => plain(column.total(answer.totals))),
            ],
        ],
    };
}
