/** Any metric, cut by anything, over any time: chart, calendar, hours of the week and table. */
import { useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useGetUsageSeriesQuery, useGetUsageSummaryQuery } from '@/shared/api/generated';
import { useUsageArg } from '@/shared/api/usageArg';
import type { ChartHandle } from '@/shared/charts/option';
import type { PreparedSeries } from '@/shared/charts/prepare/series';
import { SeriesChart } from '@/shared/charts/SeriesChart';
import { usePreparedSeries, useWithheldLine } from '@/shared/charts/usePrepared';
import { LiveMark } from '@/shared/ui/LiveMark';
import { PageHeader } from '@/shared/ui/PageHeader';
import { RangePicker } from '@/shared/ui/RangePicker';
import { Withheld } from '@/shared/ui/Withheld';
import { Controls } from '../components/Controls';
import { ExportMenu } from '../components/ExportMenu';
import { Nothing } from '../components/Nothing';
import { PivotPanel } from '../components/PivotPanel';
import { SavedViews } from '../components/SavedViews';
import { TotalFigure, TotalNotes } from '../components/Total';
import { WeekPanel } from '../components/WeekPanel';
import { YearPanel } from '../components/YearPanel';
import { headline } from '../headline';
import { dividable, stackable } from '../metrics';
import { chartQuestion, totalQuestion } from '../questions';
import { useExplore } from '../useExplore';
import { usePivot } from '../usePivot';
import { useShown } from '../useShown';
import '../explore.css';

export { askAhead } from '../questions';

/** A finger cannot hover: a tap has to show the figures, so it must not drill down at once. */
function onlyTouch(): boolean {
    return matchMedia('(hover: none)').matches;
}

export default function ExplorePage() {
    const { t } = useTranslation(['explore', 'common']);
    const explore = useExplore();
    const { view, range, resolved, filters, arg, span, tools, setRange, zoom, drill } = explore;
    const handle = useRef<ChartHandle>(null);
    const [touch] = useState(onlyTouch);
    const wholeArg = useUsageArg(resolved, filters, true);
    const question = chartQuestion(view, wholeArg, span, tools);
    const asked = useGetUsageSeriesQuery(question);
    const summary = useGetUsageSummaryQuery(totalQuestion(arg));
    const shown = useShown(asked, view.group);
    const answer = useWithheldLine(
        question,
        shown.data,
        !shown.stale && dividable(view.metric, view.group),
    );
    const prepared = usePreparedSeries(answer, shown.question);
    const series = useMemo((): PreparedSeries | null => {
        if (!prepared || !shown.data) return prepared;
        // Overlapping parts (one session, several models) must not be piled up to a sum.
        return { ...prepared, stackable: stackable(shown.data.metric, shown.question) };
    }, [prepared, shown.data, shown.question]);
    const pivot = usePivot(explore);
    const [lastShape, setLastShape] = useState<'bar' | 'line' | 'area'>('bar');
    if (view.shape !== 'table' && view.shape !== lastShape) setLastShape(view.shape);

    // The figure and the chart have one question each; what is stale of either marks both.
    const stale =
        shown.stale ||
        (summary.isFetching && summary.data !== undefined && summary.currentData === undefined);
    const behind = (shown.error && shown.data) || (summary.error && shown.data);
    const retry = () => {
        if (shown.error) void asked.refetch();
        if (summary.error) void summary.refetch();
    };
    const metric = shown.data?.metric ?? view.metric;
    const total = summary.data ? headline(metric, summary.data, shown.data) : null;
    const name =
        shown.question === 'none'
            ? t(`metric.${metric}`)
            : t('chart.name', {
                  metric: t(`metric.${metric}`),
                  group: t(`common:dimension.${shown.question}`),
              });
    const asTable = view.shape === 'table';
    const drawn = view.shape === 'table' ? lastShape : view.shape;
    const kind = series && !series.stackable ? 'line' : drawn;

    return (
        <div className="page explore">
            <PageHeader
                title={t('common:place.explore')}
                end={
                    <>
                        <SavedViews />
                        <ExportMenu
                            file={explore.file}
                            series={series}
                            handle={handle}
                            saveTable={pivot.save}
                        />
                    </>
                }
            >
                <RangePicker value={range} onChange={setRange} />
                <LiveMark />
            </PageHeader>
            <Controls
                explore={explore}
                chosenBucket={view.bucket === 'auto' ? (shown.data?.bucket ?? null) : null}
            />
            <div className="stack">
                <Withheld when={summary.data?.withheld || shown.data?.withheld} what="sums" />
                {behind ? (
                    <div className="banner banner-warning" role="status">
                        {t('chart.behind')}
                        <button type="button" className="button button-small" onClick={retry}>
                            {t('common:error.retry')}
                        </button>
                    </div>
                ) : null}
                <div
                    className={stale ? 'explore-stale' : undefined}
                    aria-busy={stale || (asked.isFetching && shown.data === undefined)}
                >
                    <SeriesChart
                        title={
                            <TotalFigure metric={metric} headline={total} summary={summary.data} />
                        }
                        sub={<TotalNotes metric={metric} headline={total} summary={summary.data} />}
                        name={name}
                        file={explore.file}
                        series={series}
                        error={shown.error}
                        onRetry={retry}
                        kind={kind}
                        asTable={asTable}
                        onAsTable={(table) =>
                            explore.change({ shape: table ? 'table' : lastShape })
                        }
                        handle={handle}
                        height={310}
                        empty={
                            <Nothing
                                explore={explore}
                                used={(summary.data?.request_count ?? 0) > 0}
                                withheld={shown.data?.withheld ?? false}
                            />
                        }
                        onZoom={zoom}
                        {...(touch
                            ? {}
                            : {
                                  onPick: (from: number, to: number, key: string | null) => {
                                      const line =
                                          shown.question === 'none' ||
                                          key === null ||
                                          key.startsWith('__')
                                              ? null
                                              : key;
                                      if (line !== null) drill(shown.question, line);
                                      else if (key === null || shown.question === 'none')
                                          zoom(from, to);
                                  },
                              })}
                    />
                </div>
                <div className="columns explore-heats">
                    <YearPanel explore={explore} />
                    <WeekPanel explore={explore} />
                </div>
                <PivotPanel explore={explore} pivot={pivot} series={series} />
            </div>
        </div>
    );
}
