/**
 * A panel with a chart over time and everything that belongs to one: legend that switches lines,
 * drag to zoom, click to drill down, the same figures as a table, PNG, SVG and CSV, four states.
 */
import type { ReactNode, RefObject } from 'react';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SeriesLook } from '@/shared/charts/build/series';
import { buildSeries } from '@/shared/charts/build/series';
import { ChartMenu } from '@/shared/charts/ChartMenu';
import type { ChartHandle } from '@/shared/charts/option';
import { seriesCsv } from '@/shared/charts/prepare/csv';
import type { PreparedSeries } from '@/shared/charts/prepare/series';
import { isEmptySeries, visibleLines } from '@/shared/charts/prepare/series';
import { readTokens } from '@/shared/charts/theme';
import { formatUnit, useFormat, usePreferences } from '@/shared/lib/format';
import type { Column } from '@/shared/ui/DataTable';
import { DataTable } from '@/shared/ui/DataTable';
import { Panel } from '@/shared/ui/Panel';
import { SkeletonChart } from '@/shared/ui/Skeleton';
import { EmptyState, ErrorPanel } from '@/shared/ui/States';

const loadEChart = () => import('@/shared/charts/EChart');
const EChart = lazy(loadEChart);
/** ms */
const LIBRARY_AFTER = 200;

interface SeriesChartProps {
    title: ReactNode;
    sub?: ReactNode;
    /** Switches in the panel's head. */
    actions?: ReactNode;
    /** Spoken name, and the file name unless `file` gives another. */
    name: string;
    file?: string;
    /** For callers that keep the choice themselves (in the URL) or save the picture from elsewhere. */
    asTable?: boolean;
    onAsTable?: (asTable: boolean) => void;
    handle?: RefObject<ChartHandle | null>;
    /** null = not loaded yet. */
    series: PreparedSeries | null;
    error?: unknown;
    onRetry?: () => void;
    kind?: SeriesLook['kind'];
    height?: number;
    showNow?: boolean;
    /** Shown when there is nothing in the range. */
    empty?: ReactNode;
    /** Unix ms, `to` exclusive. */
    onZoom?: (from: number, to: number) => void;
    /** A click on a bucket, and on a line's part of it. */
    onPick?: (from: number, to: number, key: string | null) => void;
}

export function SeriesChart(props: SeriesChartProps) {
    const { title, sub, actions, name, series, error, onRetry, kind = 'bar', height = 300 } = props;
    const { t } = useTranslation('common');
    const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
    const [ownTable, setOwnTable] = useState(false);
    const asTable = props.asTable ?? ownTable;
    const setAsTable = props.onAsTable ?? setOwnTable;
    const ownHandle = useRef<ChartHandle>(null);
    const handle = props.handle ?? ownHandle;
    const file = props.file ?? name;
    const timeText = useBucketText();
    // The library comes while the series is on its way, but not before the page's first figures.
    useEffect(() => {
        const timer = setTimeout(() => {
            loadEChart().catch(() => undefined); // drawing asks again and says what is wrong
        }, LIBRARY_AFTER);
        return () => clearTimeout(timer);
    }, []);
    const shown = useMemo(() => (series ? visibleLines(series, hidden) : null), [series, hidden]);

    const toggle = (key: string) => {
        const next = new Set(hidden);
        if (!next.delete(key)) next.add(key);
        setHidden(next);
    };
    const menu = (
        <ChartMenu
            file={file}
            asTable={asTable}
            onAsTable={setAsTable}
            png={() => handle.current?.png() ?? ''}
            svg={async () => (await handle.current?.svg()) ?? ''}
            csv={() => (series ? seriesCsv(series, t('chart.time'), t('chart.previous')) : '')}
        />
    );

    let body: ReactNode;
    if (!series || !shown) {
        body = error ? (
            <ErrorPanel error={error} {...(onRetry ? { onRetry } : {})} />
        ) : (
            <SkeletonChart height={height} />
        );
    } else if (isEmptySeries(series)) {
        body = props.empty ?? (
            <EmptyState title={t('chart.empty')} text={t('chart.empty_advice')} />
        );
    } else if (asTable) {
        // The legend is not there to switch a line on again: the table has them all.
        body = <SeriesTable name={name} series={series} height={height + 24} timeText={timeText} />;
    } else {
        body = (
            <>
                {series.lines.length > 1 || series.previous ? (
                    <Legend series={series} hidden={hidden} onToggle={toggle} />
                ) : null}
                <Suspense fallback={<SkeletonChart height={height} />}>
                    <Drawing {...props} kind={kind} height={height} shown={shown} handle={handle} />
                </Suspense>
                {series.otherCount > 0 ? (
                    <p className="chart-foot">
                        {t('chart.others', {
                            shown: series.lines.length - 1,
                            count: series.otherCount,
                        })}
                    </p>
                ) : null}
            </>
        );
    }
    return (
        <Panel
            title={title}
            sub={sub}
            actions={
                <>
                    {actions}
                    {menu}
                </>
            }
        >
            {body}
        </Panel>
    );
}

/** A bucket's time in words, as long as its length needs. */
function useBucketText(): (start: number, end: number) => string {
    const format = useFormat();
    const { t } = useTranslation('common');
    return useCallback(
        (start: number, end: number) => {
            const length = end - start;
            if (length < 23 * 3_600_000) {
                return t('chart.span', { from: format.dateTime(start), to: format.clock(end) });
            }
            if (length < 26 * 3_600_000) return format.fullDate(start);
            return t('chart.span', { from: format.date(start), to: format.date(end - 1) });
        },
        [format, t],
    );
}

interface DrawingProps extends Omit<SeriesChartProps, 'handle'> {
    shown: PreparedSeries;
    kind: SeriesLook['kind'];
    height: number;
    handle: React.Ref<ChartHandle>;
}

function Drawing({
    shown,
    kind,
    height,
    name,
    showNow = true,
    onZoom,
    onPick,
    handle,
}: DrawingProps) {
    const { t } = useTranslation('common');
    const format = useFormat();
    const timeText = useBucketText();
    const { theme, language, zone } = usePreferences();
    const build = useCallback(
        (width: number) =>
            buildSeries(
                shown,
                {
                    kind,
                    tokens: readTokens(),
                    language,
                    zone,
                    value: (value) => formatUnit(format, shown.unit, value),
                    axis: (value) => formatUnit(format, shown.unit, value, 'axis'),
                    time: timeText,
                    words: {
                        now: t('chart.now'),
                        total: t('chart.total'),
                        previous: t('chart.previous'),
                    },
                    showNow,
                },
                width,
            ),
        [shown, kind, language, zone, format, timeText, t, showNow],
    );
    const ends = (first: number, last: number): [number, number] => [
        shown.starts[first] ?? 0,
        shown.starts[last + 1] ?? shown.end,
    ];
    return (
        <EChart
            build={build}
            height={height}
            kind={`${kind}-${theme}`}
            summary={useSummary(name, shown)}
            handle={handle}
            {...(onZoom ? { onZoom: (a: number, b: number) => onZoom(...ends(a, b)) } : {})}
            {...(onPick
                ? {
                      onPick: (index: number, key: string | null) =>
                          onPick(...ends(index, index), key === '__none__' ? '' : key),
                  }
                : {})}
        />
    );
}

/** What the chart says, in one sentence. */
function useSummary(name: string, series: PreparedSeries): string {
    const { t } = useTranslation('common');
    const format = useFormat();
    const first = series.starts[0] ?? 0;
    let peak = -1;
    let most = 0;
    series.starts.forEach((_, index) => {
        const sum = series.lines.reduce((all, line) => all + (line.values[index] ?? 0), 0);
        if (sum > most) {
            most = sum;
            peak = index;
        }
    });
    const parts = series.lines
        .filter((line) => line.total !== null)
        .slice(0, 4)
        .map((line) => `${line.label} ${formatUnit(format, series.unit, line.total)}`)
        .join(', ');
    return t('chart.summary', {
        name,
        from: format.dateTime(first),
        to: format.dateTime(series.end),
        parts,
        peak: formatUnit(format, series.unit, most),
        peak_time: format.dateTime(series.starts[peak] ?? first),
    });
}

interface LegendProps {
    series: PreparedSeries;
    hidden: ReadonlySet<string>;
    onToggle: (key: string) => void;
}

function Legend({ series, hidden, onToggle }: LegendProps) {
    const { t } = useTranslation('common');
    return (
        <div className="chart-legend" role="group" aria-label={t('chart.legend')}>
            {series.lines.map((line) => (
                <button
                    key={line.key}
                    type="button"
                    aria-pressed={!hidden.has(line.key)}
                    title={line.label}
                    onClick={() => onToggle(line.key)}
                >
                    <span
                        className={line.hatched ? 'swatch swatch-hatched' : 'swatch'}
                        style={{ backgroundColor: line.color }}
                    />
                    <span>{line.label}</span>
                </button>
            ))}
            {series.previous ? (
                <span className="chart-legend-note">
                    <span className="swatch-dashed" />
                    {t('chart.previous')}
                </span>
            ) : null}
        </div>
    );
}

interface SeriesTableProps {
    name: string;
    series: PreparedSeries;
    height: number;
    timeText: (start: number, end: number) => string;
}

function SeriesTable({ name, series, height, timeText }: SeriesTableProps) {
    const { t } = useTranslation('common');
    const format = useFormat();
    const columns: Column<number>[] = [
        {
            id: 'time',
            title: t('chart.time'),
            value: (index) => series.starts[index] ?? 0,
            cell: (index) =>
                timeText(series.starts[index] ?? 0, series.starts[index + 1] ?? series.end),
            total: series.stackable ? t('chart.total') : undefined,
        },
        ...series.lines.map(
            (line): Column<number> => ({
                id: line.key || '__none__',
                title: line.label,
                end: true,
                value: (index) => line.values[index] ?? null,
                cell: (index) => formatUnit(format, series.unit, line.values[index] ?? null),
                ...(series.stackable ? { total: formatUnit(format, series.unit, line.total) } : {}),
            }),
        ),
    ];
    const { previous } = series;
    if (previous) {
        columns.push({
            id: '__previous__',
            title: t('chart.previous'),
            end: true,
            value: (index) => previous[index] ?? null,
            cell: (index) => formatUnit(format, series.unit, previous[index] ?? null),
        });
    }
    return (
        <DataTable
            label={name}
            columns={columns}
            rows={series.starts.map((_, index) => index)}
            rowKey={String}
            height={height}
        />
    );
}
