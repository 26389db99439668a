/** Context and cost, request by request: where it grew, was compacted, and had to be cached anew. */
import type { ReactNode } from 'react';
import { lazy, Suspense, useCallback, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSource } from '@/features/sessions/hooks/useNames';
import { usePhone } from '@/features/sessions/hooks/usePhone';
import { requestsTable } from '@/features/sessions/lib/requestsCsv';
import type { SessionDetail } from '@/shared/api/model';
import type { RequestPart } from '@/shared/charts/build/requests';
import { buildRequests, REQUEST_PARTS, requestColors } from '@/shared/charts/build/requests';
import { saveText, saveUrl } from '@/shared/charts/download';
import type { ChartHandle } from '@/shared/charts/option';
import { toCsv } from '@/shared/charts/prepare/csv';
import type { RequestBar } from '@/shared/charts/prepare/requests';
import { prepareRequests } from '@/shared/charts/prepare/requests';
import { readTokens } from '@/shared/charts/theme';
import { formatUnit, useFormat, usePreferences } from '@/shared/lib/format';
import { Choice } from '@/shared/ui/Choice';
import type { Column } from '@/shared/ui/DataTable';
import { DataTable } from '@/shared/ui/DataTable';
import { useEntityLabel } from '@/shared/ui/labels';
import { Panel } from '@/shared/ui/Panel';
import { Popover } from '@/shared/ui/Popover';
import { SkeletonChart } from '@/shared/ui/Skeleton';
import { EmptyState } from '@/shared/ui/States';

const EChart = lazy(() => import('@/shared/charts/EChart'));

const HEIGHT = 260;
/** More bars than these would be thinner than two pixels. */
const MOST_BARS = 420;
const MOST_BARS_PHONE = 150;

type Whose = 'main' | 'all';

interface RequestChartProps {
    detail: SessionDetail;
    /** Unlogged usage and the like. */
    foot?: ReactNode;
    onPick: (requestId: string) => void;
}

export function RequestChart({ detail, foot, onPick }: RequestChartProps) {
    const { t } = useTranslation('sessions');
    const { t: common } = useTranslation('common');
    const { theme, zone, language } = usePreferences();
    const format = useFormat();
    const source = useSource();
    const label = useEntityLabel();
    const [whose, setWhose] = useState<Whose>('main');
    const [asTable, setAsTable] = useState(false);
    const [zoom, setZoom] = useState<{ from: number; to: number } | null>(null);
    const [hidden, setHidden] = useState<ReadonlySet<RequestPart>>(new Set());
    const handle = useRef<ChartHandle>(null);
    const most = usePhone() ? MOST_BARS_PHONE : MOST_BARS;

    const hasMain = detail.requests.some((request) => request.kind === 'main');
    const mixed = hasMain && detail.requests.some((request) => request.kind !== 'main');
    const requests = useMemo(
        () =>
            detail.requests.filter((request) => {
                if (mixed && whose === 'main' && request.kind !== 'main') return false;
                if (!zoom) return true;
                const at = Date.parse(request.time);
                return at >= zoom.from && at <= zoom.to;
            }),
        [detail.requests, mixed, whose, zoom],
    );
    const events = useMemo(
        () =>
            zoom
                ? detail.events.filter((event) => {
                      const at = Date.parse(event.time);
                      return at >= zoom.from && at <= zoom.to;
                  })
                : detail.events,
        [detail.events, zoom],
    );
    const prepared = useMemo(
        () => prepareRequests(requests, events, most),
        [requests, events, most],
    );
    const words = useMemo(
        () => ({
            cache_read: t('chart.cache_read'),
            cache_write: t('chart.cache_write'),
            rebuilt: t('chart.rebuilt'),
            direct: t('chart.direct'),
            cost: t('chart.cost'),
            input: t('chart.input'),
            output: t('chart.output'),
            compaction: t('chart.compaction'),
        }),
        [t],
    );
    const head = useCallback(
        (bar: RequestBar) => {
            const at = format.clock(bar.time, true);
            return bar.count > 1
                ? t('chart.head_shared', { time: at, count: bar.count })
                : t('chart.head', {
                      time: at,
                      source: source(bar.kind, bar.agent),
                      model: label('model', bar.model),
                  });
        },
        [format, t, source, label],
    );
    const build = useCallback(
        (width: number) =>
            buildRequests(
                prepared,
                {
                    tokens: readTokens(),
                    language,
                    zone,
                    hidden,
                    words,
                    count: (value) => format.count(value),
                    countAxis: (value) => formatUnit(format, 'tokens', value, 'axis'),
                    money: (value) => formatUnit(format, 'usd', value),
                    moneyAxis: (value) => formatUnit(format, 'usd', value, 'axis'),
                    head,
                },
                width,
            ),
        [prepared, language, zone, hidden, words, format, head],
    );
    const name = t('chart.title');
    const largest = prepared.bars.reduce<RequestBar | null>(
        (best, bar) =>
            !best || bar.cacheRead + bar.cacheWrite > best.cacheRead + best.cacheWrite ? bar : best,
        null,
    );
    const summary = t('chart.summary', {
        count: prepared.requests,
        largest: largest ? format.tokens(largest.cacheRead + largest.cacheWrite) : '—',
        compactions: prepared.compactions.length,
        rebuilds: prepared.bars.filter((bar) => bar.miss).length,
        cost: format.money(prepared.bars.reduce((sum, bar) => sum + (bar.cost ?? 0), 0)),
    });
    const csv = () => saveText('requests.csv', 'text/csv', toCsv(requestsTable(requests)));
    const toggle = (part: RequestPart) => {
        const next = new Set(hidden);
        if (!next.delete(part)) next.add(part);
        setHidden(next);
    };
    const hasRebuilt = prepared.bars.some((bar) => bar.miss);

    return (
        <Panel
            title={name}
            sub={
                prepared.shared > 1
                    ? t('chart.shared', { count: prepared.shared })
                    : t('chart.each')
            }
            actions={
                <>
                    {zoom ? (
                        <button
                            type="button"
                            className="button button-quiet button-small"
                            onClick={() => setZoom(null)}
                        >
                            {t('chart.zoom_out')}
                        </button>
                    ) : null}
                    {mixed ? (
                        <Choice<Whose>
                            name={t('chart.whose')}
                            look="tabs"
                            value={whose}
                            onChange={setWhose}
                            options={[
                                { value: 'main', label: t('source.main') },
                                { value: 'all', label: t('chart.all') },
                            ]}
                        />
                    ) : null}
                    <Popover
                        name={common('chart.menu')}
                        title={common('chart.menu')}
                        buttonClass="button button-quiet button-small"
                        align="end"
                        label={<span aria-hidden="true">⋯</span>}
                    >
                        {(close) => {
                            const item = (text: string, run: () => void) => (
                                <button
                                    type="button"
                                    className="menu-item"
                                    onClick={() => {
                                        run();
                                        close();
                                    }}
                                >
                                    {text}
                                </button>
                            );
                            return (
                                <>
                                    {item(
                                        common(asTable ? 'chart.as_chart' : 'chart.as_table'),
                                        () => setAsTable(!asTable),
                                    )}
                                    {asTable
                                        ? null
                                        : item(common('chart.png'), () =>
                                              saveUrl('requests.png', handle.current?.png() ?? ''),
                                          )}
                                    {asTable
                                        ? null
                                        : item(common('chart.svg'), () => {
                                              void handle.current
                                                  ?.svg()
                                                  .then((text) =>
                                                      saveText(
                                                          'requests.svg',
                                                          'image/svg+xml',
                                                          text,
                                                      ),
                                                  );
                                          })}
                                    {item(common('chart.csv'), csv)}
                                </>
                            );
                        }}
                    </Popover>
                </>
            }
        >
            {prepared.bars.length === 0 ? (
                <EmptyState title={t('chart.empty')} text={t('chart.empty_text')} />
            ) : asTable ? (
                <BarTable bars={prepared.bars} words={words} name={name} />
            ) : (
                <>
                    <div className="chart-legend" role="group" aria-label={common('chart.legend')}>
                        {REQUEST_PARTS.filter((part) => part !== 'rebuilt' || hasRebuilt).map(
                            (part) => (
                                <button
                                    key={part}
                                    type="button"
                                    aria-pressed={!hidden.has(part)}
                                    onClick={() => toggle(part)}
                                >
                                    <span
                                        className={
                                            part === 'cost' ? 'swatch swatch-line' : 'swatch'
                                        }
                                        style={{ background: requestColors(readTokens())[part] }}
                                    />
                                    <span>{words[part]}</span>
                                </button>
                            ),
                        )}
                    </div>
                    <Suspense fallback={<SkeletonChart height={HEIGHT} />}>
                        <EChart
                            build={build}
                            height={HEIGHT}
                            kind={theme}
                            summary={summary}
                            handle={handle}
                            onPick={(index) => {
                                const bar = prepared.bars[index];
                                if (bar) onPick(bar.id);
                            }}
                            onZoom={(first, last) => {
                                const from = prepared.bars[first]?.time;
                                const to = prepared.bars[last]?.time;
                                if (from !== undefined && to !== undefined && last > first) {
                                    setZoom({ from, to });
                                }
                            }}
                        />
                    </Suspense>
                </>
            )}
            {foot}
        </Panel>
    );
}

interface BarTableProps {
    bars: readonly RequestBar[];
    words: Record<string, string>;
    name: string;
}

function BarTable({ bars, words, name }: BarTableProps) {
    const { t } = useTranslation('sessions');
    const format = useFormat();
    const source = useSource();
    const figure = (id: string, value: (bar: RequestBar) => number): Column<RequestBar> => ({
        id,
        title: words[id] ?? id,
        end: true,
        value,
        cell: (bar) => format.count(value(bar)),
    });
    const columns: Column<RequestBar>[] = [
        {
            id: 'time',
            title: t('column.time'),
            value: (bar) => bar.time,
            cell: (bar) => format.clock(bar.time, true),
        },
        {
            id: 'source',
            title: t('column.source'),
            cell: (bar) =>
                bar.count > 1
                    ? t('card.requests', { count: bar.count })
                    : source(bar.kind, bar.agent),
        },
        figure('cache_read', (bar) => bar.cacheRead),
        figure('cache_write', (bar) => bar.cacheWrite),
        figure('input', (bar) => bar.input),
        figure('output', (bar) => bar.output),
        {
            id: 'cost',
            title: words['cost'] ?? '',
            end: true,
            value: (bar) => bar.cost,
            cell: (bar) => formatUnit(format, 'usd', bar.cost),
        },
    ];
    return (
        <DataTable
            label={name}
            columns={columns}
            rows={bars}
            rowKey={(bar) => bar.id}
            height={HEIGHT + 24}
        />
    );
}
