import { describe, expect, it } from 'vitest';
import type { PreparedRequests } from '@/shared/charts/prepare/requests';
import type { ChartTokens } from '@/shared/charts/theme';
import type { RequestLook, RequestPart } from './requests';
import { buildRequests, requestColors } from './requests';

const tokens = { accent: '#0f766e', surface: '#fff', ink: '#111', warn: '#b7791f' } as ChartTokens;
const bar = (miss: boolean) => ({
    id: 'a',
    time: 0,
    count: 1,
    cacheRead: miss ? 0 : 100,
    cacheWrite: miss ? 110 : 10,
    input: 2,
    output: 3,
    cost: miss ? null : 0.25,
    miss,
    kind: 'main',
    agent: null,
    model: 'm',
});
const prepared: PreparedRequests = {
    bars: [bar(false), bar(true)],
    compactions: [1],
    shared: 1,
    requests: 2,
};
const words = {
    cache_read: 'Read',
    cache_write: 'Write',
    rebuilt: 'Rebuilt',
    direct: 'Direct',
    cost: 'Cost',
    input: 'Input',
    output: 'Output',
    compaction: 'Compacted',
};
const look = (hidden: RequestPart[] = []): RequestLook => ({
    tokens,
    language: 'en',
    zone: 'UTC',
    hidden: new Set(hidden),
    words,
    count: String,
    countAxis: String,
    money: (value) => (value === null ? '—' : `$${value}`),
    moneyAxis: String,
    head: () => '<b>09:00</b>',
});

interface Series {
    id: string;
    data: unknown;
}
const dataOf = (option: object) =>
    Object.fromEntries((option as { series: Series[] }).series.map((one) => [one.id, one.data]));

describe('buildRequests', () => {
    it('stacks a rebuilt write in a series of its own, with a mark above it', () => {
        const data = dataOf(buildRequests(prepared, look(), 900));
        expect(data).toMatchObject({
            cache_read: [100, 0],
            cache_write: [10, 0],
            rebuilt: [0, 110],
            direct: [5, 5],
            cost: [0.25, null],
            'rebuilt-mark': [[1, 115]],
            compaction: [[1, 0]],
        });
    });

    it('leaves out what the legend switched off, and the mark sinks with it', () => {
        const data = dataOf(buildRequests(prepared, look(['direct', 'cost']), 900));
        expect(data['direct']).toEqual([]);
        expect(data['cost']).toEqual([]);
        expect(data['rebuilt-mark']).toEqual([[1, 110]]);
        expect(dataOf(buildRequests(prepared, look(['rebuilt']), 900))['rebuilt-mark']).toEqual([]);
    });

    it('tells of one request in words, escaped', () => {
        const { tooltip } = buildRequests(prepared, look(), 900) as unknown as {
            tooltip: { formatter: (items: unknown) => string };
        };
        const html = tooltip.formatter([{ dataIndex: 1 }]);
        expect(html).toContain('&lt;b&gt;09:00');
        expect(html).toContain('Rebuilt');
        expect(html).toContain('—');
        expect(tooltip.formatter([])).toBe('');
    });

    it('reads colours that a minifier has shortened', () => {
        expect(requestColors(tokens).cache_read).toMatch(/^#[0-9a-f]{6}$/);
    });
});
