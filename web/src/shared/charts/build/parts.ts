/** Axes, grid and tooltip that every chart shares. */
import type { AxisLabel } from '@/shared/charts/prepare/timeAxis';
import type { ChartTokens } from '@/shared/charts/theme';
import { FONT } from '@/shared/charts/theme';

export function escapeHtml(text: string): string {
    return text.replace(
        /[&<>"']/g,
        (char) =>
            ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[char] ?? '',
    );
}

export function basics(tokens: ChartTokens) {
    return {
        animation: false,
        aria: { enabled: false }, // the box around the canvas speaks
        textStyle: { fontFamily: FONT, color: tokens.ink2, fontSize: 12 },
    };
}

export function timeAxis(count: number, labels: readonly AxisLabel[], tokens: ChartTokens) {
    const texts = new Map(labels.map((label) => [label.index, label.text]));
    return {
        type: 'category' as const,
        data: Array.from({ length: count }, (_, index) => String(index)),
        axisLine: { lineStyle: { color: tokens.line } },
        axisTick: { show: false },
        axisLabel: {
            color: tokens.quiet,
            interval: (index: number) => texts.has(index),
            formatter: (value: string) => texts.get(Number(value)) ?? '',
            hideOverlap: true,
        },
    };
}

export function valueAxis(tokens: ChartTokens, text: (value: number) => string, narrow: boolean) {
    return {
        type: 'value' as const,
        min: 0,
        splitNumber: narrow ? 4 : 5,
        splitLine: { lineStyle: { color: tokens.line } },
        axisLabel: { color: tokens.quiet, formatter: text },
    };
}

export function tooltip(tokens: ChartTokens) {
    return {
        trigger: 'axis' as const,
        confine: true,
        transitionDuration: 0,
        backgroundColor: tokens.surface,
        borderColor: tokens.line,
        borderWidth: 1,
        padding: [8, 12],
        textStyle: { color: tokens.ink, fontFamily: FONT, fontSize: 12.5 },
        className: 'chart-tooltip',
    };
}

export interface TooltipRow {
    color: string;
    label: string;
    value: string;
    dashed?: boolean;
}

export function tooltipHtml(title: string, rows: readonly TooltipRow[], foot?: TooltipRow): string {
    const line = (row: TooltipRow, className: string) =>
        `<div class="${className}"><span class="swatch" style="background:${row.color}"></span>` +
        `<span>${escapeHtml(row.label)}</span><b>${escapeHtml(row.value)}</b></div>`;
    return (
        `<div class="chart-tooltip-title">${escapeHtml(title)}</div>` +
        rows.map((row) => line(row, 'chart-tooltip-row')).join('') +
        (foot ? line(foot, 'chart-tooltip-row chart-tooltip-foot') : '')
    );
}
