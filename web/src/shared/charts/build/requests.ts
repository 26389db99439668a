/** Context (bars) and cost (line) of a session's requests. Decides nothing about the data. */

import type { ChartOption } from '@/shared/charts/option';
import { mix } from '@/shared/charts/palette';
import type { PreparedRequests, RequestBar } from '@/shared/charts/prepare/requests';
import { requestLabels } from '@/shared/charts/prepare/requests';
import type { ChartTokens } from '@/shared/charts/theme';
import { FONT } from '@/shared/charts/theme';
import { basics, timeAxis, tooltip, tooltipHtml, valueAxis } from './parts';

export const REQUEST_PARTS = ['cache_read', 'cache_write', 'rebuilt', 'direct', 'cost'] as const;
export type RequestPart = (typeof REQUEST_PARTS)[number];

export interface RequestLook {
    tokens: ChartTokens;
    language: string;
    zone: string;
    hidden: ReadonlySet<RequestPart>;
    words: Record<RequestPart, string> & { input: string; output: string; compaction: string };
    count: (value: number) => string;
    countAxis: (value: number) => string;
    money: (value: number | null) => string;
    moneyAxis: (value: number) => string;
    /** The tooltip's head: when, whose, how many. */
    head: (bar: RequestBar) => string;
}

const NARROW = 520;

/** `#abc` written out, as a minified style sheet may have shortened it. */
function full(color: string): string {
    return color.length === 4 ? color.replace(/[0-9a-f]/gi, (digit) => digit + digit) : color;
}

export function requestColors(tokens: ChartTokens): Record<RequestPart, string> {
    const accent = full(tokens.accent);
    const surface = full(tokens.surface);
    return {
        cache_read: mix(accent, surface, 0.7),
        cache_write: mix(accent, surface, 0.4),
        rebuilt: tokens.warn,
        direct: accent,
        cost: tokens.ink,
    };
}

interface CustomApi {
    value(dimension: number): number;
    coord(point: [number, number]): [number, number];
    size(range: [number, number]): [number, number];
}

export function buildRequests(
    prepared: PreparedRequests,
    look: RequestLook,
    width: number,
): ChartOption {
    const { tokens, hidden } = look;
    const { bars } = prepared;
    const narrow = width < NARROW;
    const colors = requestColors(tokens);
    const labels = requestLabels(
        bars,
        look.language,
        look.zone,
        Math.max(3, Math.floor(width / (narrow ? 84 : 96))),
    );
    const shown = (part: RequestPart) => !hidden.has(part);
    const stacked = (part: Exclude<RequestPart, 'cost'>, value: (bar: RequestBar) => number) => ({
        id: part,
        name: look.words[part],
        type: 'bar' as const,
        stack: 'context',
        barCategoryGap: bars.length > 160 ? '0%' : '14%',
        barMaxWidth: 28,
        itemStyle: { color: colors[part] },
        emphasis: { disabled: true },
        data: shown(part) ? bars.map(value) : [],
    });
    const height = (bar: RequestBar) =>
        (shown('cache_read') ? bar.cacheRead : 0) +
        (shown(bar.miss ? 'rebuilt' : 'cache_write') ? bar.cacheWrite : 0) +
        (shown('direct') ? bar.input + bar.output : 0);
    return {
        ...basics(tokens),
        grid: { left: 4, right: 4, top: 30, bottom: 4, containLabel: true },
        xAxis: timeAxis(bars.length, labels, tokens),
        yAxis: [
            valueAxis(tokens, look.countAxis, narrow),
            {
                ...valueAxis(tokens, look.moneyAxis, narrow),
                splitLine: { show: false },
                alignTicks: true,
                show: shown('cost'),
            },
        ],
        tooltip: {
            ...tooltip(tokens),
            axisPointer: { type: 'shadow', shadowStyle: { color: tokens.ink3, opacity: 0.12 } },
            formatter: (items: unknown) => tooltipText(prepared, look, colors, items),
        },
        series: [
            stacked('cache_read', (bar) => bar.cacheRead),
            stacked('cache_write', (bar) => (bar.miss ? 0 : bar.cacheWrite)),
            stacked('rebuilt', (bar) => (bar.miss ? bar.cacheWrite : 0)),
            stacked('direct', (bar) => bar.input + bar.output),
            {
                id: 'cost',
                name: look.words.cost,
                type: 'line' as const,
                yAxisIndex: 1,
                z: 4,
                symbol: 'circle',
                symbolSize: 4,
                showSymbol: bars.length < 3,
                connectNulls: false,
                lineStyle: { width: 1.25, color: colors.cost },
                itemStyle: { color: colors.cost },
                emphasis: { disabled: true },
                data: shown('cost') ? bars.map((bar) => bar.cost) : [],
            },
            {
                // A mark over each rebuilt bar, so that the colour does not say it alone.
                id: 'rebuilt-mark',
                type: 'scatter' as const,
                symbol: 'triangle',
                symbolRotate: 180,
                symbolSize: bars.length > 160 ? 5 : 7,
                symbolOffset: [0, -7],
                silent: true,
                itemStyle: { color: colors.rebuilt, opacity: 1 },
                tooltip: { show: false },
                data: shown('rebuilt')
                    ? bars.flatMap((bar, index) => (bar.miss ? [[index, height(bar)]] : []))
                    : [],
            },
            {
                id: 'compaction',
                type: 'custom' as const,
                silent: true,
                z: 3,
                tooltip: { show: false },
                data: prepared.compactions.map((index) => [index, 0]),
                renderItem: (
                    params: { coordSys: { x: number; y: number; width: number; height: number } },
                    api: CustomApi,
                ) => {
                    const index = api.value(0);
                    const after = index >= bars.length;
                    const [middle] = api.coord([after ? bars.length - 1 : index, 0]);
                    const half = api.size([1, 0])[0] / 2;
                    const x = Math.round(after ? middle + half : middle - half) + 0.5;
                    const { y, height: tall, x: left, width: wide } = params.coordSys;
                    const atEnd = x > left + wide - 40;
                    return {
                        type: 'group',
                        children: [
                            {
                                type: 'line',
                                shape: { x1: x, y1: y - 6, x2: x, y2: y + tall },
                                style: { stroke: tokens.ink3, lineWidth: 1, lineDash: [4, 3] },
                            },
                            {
                                type: 'text',
                                style: {
                                    // Many marks would write over each other; the lines say enough.
                                    text:
                                        prepared.compactions.length > 6
                                            ? ''
                                            : look.words.compaction,
                                    x: atEnd ? x + 2 : x,
                                    y: y - 10,
                                    textAlign: atEnd ? 'right' : 'center',
                                    textVerticalAlign: 'bottom',
                                    fill: tokens.ink2,
                                    fontSize: 12,
                                    fontFamily: FONT,
                                },
                            },
                        ],
                    };
                },
            },
        ],
    };
}

function tooltipText(
    prepared: PreparedRequests,
    look: RequestLook,
    colors: Record<RequestPart, string>,
    items: unknown,
): string {
    const first = Array.isArray(items) ? items[0] : items;
    const bar = prepared.bars[(first as { dataIndex?: number } | undefined)?.dataIndex ?? -1];
    if (!bar) return '';
    const write = bar.miss ? 'rebuilt' : 'cache_write';
    return tooltipHtml(
        look.head(bar),
        [
            {
                color: colors.cache_read,
                label: look.words.cache_read,
                value: look.count(bar.cacheRead),
            },
            { color: colors[write], label: look.words[write], value: look.count(bar.cacheWrite) },
            { color: colors.direct, label: look.words.input, value: look.count(bar.input) },
            { color: colors.direct, label: look.words.output, value: look.count(bar.output) },
        ],
        { color: colors.cost, label: look.words.cost, value: look.money(bar.cost) },
    );
}
