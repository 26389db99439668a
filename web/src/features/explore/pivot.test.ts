import { expect, it } from 'vitest';
import type { Breakdown, Measures } from '@/shared/api/model';
import { toCsv } from '@/shared/charts/prepare/csv';
import { WITHHELD } from '@/shared/charts/prepare/withheld';
import { pivotRows, pivotSort, pivotTable } from './pivot';

const measures = (cost: number, requests: number): Measures => ({
    cost,
    requests,
    input_tokens: requests,
    output_tokens: requests,
    thinking_tokens: 0,
    cache_write_tokens: requests,
    cache_write_5m_tokens: 0,
    cache_write_1h_tokens: requests,
    cache_read_tokens: requests * 7,
    total_tokens: requests * 10,
    sessions: 1,
    web_searches: 0,
    incomplete_requests: 0,
    unpriced_requests: 0,
    unpriced_tokens: 0,
    cache_hit_ratio: null,
    duration_ms: 0,
    average_duration: null,
});
const answer = {
    seq: 1,
    total_rows: 2,
    totals: measures(3, 30),
    rows: [
        {
            key: '/home/a, "b"',
            label: 'a',
            measures: measures(3, 30),
            share: 1,
            previous_cost: 2,
            change: 0.5,
            trend: null,
        },
        {
            key: '=SUM(A1)',
            label: '=SUM(A1)',
            measures: measures(0, 0),
            share: 0,
            previous_cost: 0,
            change: null,
            trend: null,
        },
    ],
} as Breakdown;

it('sorts by the column chosen, else by the metric, else by cost', () => {
    expect(pivotSort({ metric: 'requests', sort: null })).toBe('requests');
    expect(pivotSort({ metric: 'requests', sort: 'cost' })).toBe('cost');
    expect(pivotSort({ metric: 'tool_errors', sort: null })).toBe('cost');
});

it('puts every column and the totals into the file', () => {
    const table = pivotTable(
        answer,
        'project',
        'Project',
        (column) => column.id,
        'Total',
        (row) => row.label,
    );
    expect(table.head.slice(0, 5)).toEqual(['Project', 'key', 'cost', 'share', 'change']);
    expect(table.rows.every((row) => row.length === table.head.length)).toBe(true);
    const perRequest = table.head.indexOf('cost_per_request');
    expect(table.rows.map((row) => row[perRequest])).toEqual([0.1, null, 0.1]);
    expect(table.rows[2]?.[0]).toBe('Total');
});

it('writes what RFC 4180 and spreadsheets can bear', () => {
    const text = toCsv(
        pivotTable(
            answer,
            'project',
            'Project',
            (column) => column.id,
            'Total',
            (row) => row.label,
        ),
    );
    const lines = text.split('\r\n');
    expect(lines[1]?.startsWith('a,"/home/a, ""b""",3,1,0.5,')).toBe(true);
    expect(lines[2]?.startsWith("'=SUM(A1),'=SUM(A1),0,0,,")).toBe(true);
});

it('has a last row for what privacy keeps from being one, and it says nothing of sessions', () => {
    const rest = { ...answer, withheld: true, totals: measures(5, 40) };
    const rows = pivotRows(rest, 'project');
    expect(rows.map((row) => row.key)).toEqual([...answer.rows.map((row) => row.key), WITHHELD]);
    expect(rows[2]?.measures).toMatchObject({ cost: 2, requests: 10 });
    expect(rows[2]?.share).toBe(0.4);
    const table = pivotTable(
        rest,
        'project',
        'Project',
        (column) => column.id,
        'Total',
        (row) => row.label,
    );
    expect(table.rows[2]?.[table.head.indexOf('sessions')]).toBeNull();
    expect(table.rows[2]?.[1]).toBe('');
    // Tools share a request: what they leave of the whole is no figure.
    expect(pivotRows(rest, 'tool')).toHaveLength(2);
    expect(pivotRows({ ...rest, total_rows: 3 }, 'project')).toHaveLength(2);
    expect(pivotRows({ ...rest, withheld: false }, 'project')).toHaveLength(2);
});
