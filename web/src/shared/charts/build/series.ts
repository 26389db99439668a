/** Bars, lines or areas over time from a prepared series. Decides nothing about the data. */
import type { ChartOption } from '@/shared/charts/option';
import type { PreparedSeries } from '@/shared/charts/prepare/series';
import { axisLabels } from '@/shared/charts/prepare/timeAxis';
import type { ChartTokens } from '@/shared/charts/theme';
import type { TooltipRow } from './parts';
import { basics, timeAxis, tooltip, tooltipHtml, valueAxis } from './parts';

export interface SeriesLook {
    /** `area` stacks filled lines; what cannot be stacked is drawn as lines. */
    kind: 'bar' | 'line' | 'area';
    tokens: ChartTokens;
    language: string;
    zone: string;
    value: (value: number | null) => string;
    axis: (value: number) => string;
    /** A bucket's name in the tooltip. */
    time: (start: number, end: number) => string;
    words: { now: string; total: string; previous: string };
    /** Marks the present, when the axis goes beyond it. */
    showNow: boolean;
}

const NARROW = 520;

export function buildSeries(series: PreparedSeries, look: SeriesLook, width: number): ChartOption {
    const { tokens } = look;
    const narrow = width < NARROW;
    const most = Math.max(3, Math.floor(width / (narrow ? 72 : 78)));
    const labels = axisLabels(series.starts, series.end, look.language, look.zone, most);
    const stacked = series.stackable && look.kind !== 'line';
    const thick = series.starts.length > 200;
    const lines = series.lines.map((line) => ({
        id: line.key === '' ? '__none__' : line.key,
        name: line.label,
        ...(look.kind === 'bar'
            ? {
                  type: 'bar' as const,
                  ...(stacked ? { stack: 'all' } : {}),
                  barCategoryGap: thick ? '0%' : '18%',
                  barMaxWidth: 36,
                  large: false,
                  data: line.values.map((value, index) =>
                      index === series.unfinished
                          ? { value, itemStyle: { color: line.color, opacity: 0.6 } }
                          : value,
                  ),
              }
            : {
                  type: 'line' as const,
                  symbol: 'circle',
                  symbolSize: 5,
                  showSymbol: true,
                  connectNulls: false,
                  triggerLineEvent: true,
                  ...(stacked
                      ? { stack: 'all', areaStyle: { color: line.color, opacity: 0.85 } }
                      : {}),
                  lineStyle: { width: stacked ? 0.5 : 1.75, color: line.color },
                  data: dotted(line.values, !stacked && series.starts.length < 40),
              }),
        itemStyle: {
            color: line.color,
            ...(line.hatched ? { decal: hatching(tokens) } : {}),
        },
        emphasis: { disabled: true },
    }));
    const previous = series.previous
        ? [
              {
                  id: '__previous__',
                  name: look.words.previous,
                  type: 'line' as const,
                  symbol: 'none',
                  z: 5,
                  lineStyle: { color: tokens.ink3, type: 'dashed' as const, width: 1.25 },
                  itemStyle: { color: tokens.ink3 },
                  data: series.previous.slice(0, series.starts.length),
              },
          ]
        : [];
    const nowIndex = series.unfinished;
    const now =
        look.showNow && nowIndex >= 0 && nowIndex < series.starts.length - 1
            ? [
                  {
                      id: '__now__',
                      type: 'line' as const,
                      data: [],
                      silent: true,
                      markLine: {
                          symbol: 'none',
                          silent: true,
                          animation: false,
                          data: [{ xAxis: nowIndex }],
                          lineStyle: { color: tokens.ink3, type: 'dashed' as const },
                          label: {
                              formatter: look.words.now,
                              color: tokens.ink2,
                              fontSize: 12,
                          },
                      },
                  },
              ]
            : [];
    // A bar pales by itself; a line's last stretch is veiled.
    const veil =
        look.kind !== 'bar' && nowIndex > 0
            ? [
                  {
                      id: '__unfinished__',
                      type: 'line' as const,
                      data: [],
                      silent: true,
                      markArea: {
                          z: 4,
                          silent: true,
                          animation: false,
                          itemStyle: { color: tokens.surface, opacity: 0.45 },
                          data: [[{ xAxis: nowIndex - 1 }, { xAxis: nowIndex }]],
                      },
                  },
              ]
            : [];
    return {
        ...basics(tokens),
        grid: { left: 4, right: 8, top: 26, bottom: 4, containLabel: true },
        xAxis: timeAxis(series.starts.length, labels, tokens),
        yAxis: valueAxis(tokens, look.axis, narrow),
        tooltip: {
            ...tooltip(tokens),
            axisPointer: { type: 'shadow', shadowStyle: { color: tokens.ink3, opacity: 0.12 } },
            formatter: (items: unknown) => tooltipText(series, look, items),
        },
        series: [...lines, ...previous, ...veil, ...now],
    };
}

/** The strokes of `.swatch-hatched`. */
function hatching(tokens: ChartTokens) {
    return {
        symbol: 'rect',
        color: tokens.ink3,
        dashArrayX: [1, 0],
        dashArrayY: [1.25, 3],
        rotation: -Math.PI / 4,
    };
}

/** In a dense line only a point alone between two gaps has a dot: without one it would not be seen. */
function dotted(values: readonly (number | null)[], all: boolean) {
    if (all) return values;
    return values.map((value, index) => {
        const alone =
            value !== null &&
            (values[index - 1] ?? null) === null &&
            (values[index + 1] ?? null) === null;
        return alone ? { value, symbolSize: 4 } : { value, symbol: 'none' };
    });
}

function tooltipText(series: PreparedSeries, look: SeriesLook, items: unknown): string {
    const first = Array.isArray(items) ? items[0] : items;
    const index = (first as { dataIndex?: number } | undefined)?.dataIndex ?? -1;
    const start = series.starts[index];
    if (start === undefined) return '';
    const end = series.starts[index + 1] ?? series.end;
    const rows: TooltipRow[] = series.lines
        .filter((line) => line.values[index])
        .map((line) => ({
            color: line.color,
            label: line.label,
            value: look.value(line.values[index] ?? null),
        }))
        .reverse();
    const sum = series.lines.reduce((all, line) => all + (line.values[index] ?? 0), 0);
    if (series.previous) {
        rows.push({
            color: look.tokens.ink3,
            label: look.words.previous,
            value: look.value(series.previous[index] ?? null),
        });
    }
    const foot =
        series.stackable && series.lines.length !== 1
            ? { color: 'transparent', label: look.words.total, value: look.value(sum) }
            : undefined;
    return tooltipHtml(look.time(start, end), rows, foot);
}
