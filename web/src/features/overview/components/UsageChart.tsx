import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { trimQuiet } from '@/features/overview/trimQuiet';
import type { GetUsageSeriesApiArg } from '@/shared/api/generated';
import { useGetUsageSeriesQuery } from '@/shared/api/generated';
import { useUsageArg } from '@/shared/api/usageArg';
import { SeriesChart } from '@/shared/charts/SeriesChart';
import { usePreparedSeries, useWithheldLine } from '@/shared/charts/usePrepared';
import type { Filters } from '@/shared/lib/filters';
import { usePreferences } from '@/shared/lib/format';
import { useNow } from '@/shared/lib/now';
import type { Range, ResolvedRange } from '@/shared/lib/range';
import { formatWall } from '@/shared/lib/range';
import { filtersPatch, patchParams, useUrlChoice } from '@/shared/lib/urlState';
import { Choice } from '@/shared/ui/Choice';
import { Caret, Popover } from '@/shared/ui/Popover';

const METRICS = ['cost', 'total_tokens', 'requests'] as const;
const GROUPS = ['model', 'project', 'session'] as const;
const SHORT = ['15m', '1h', '5h'];

/** What the chart shows; apart from the drawing, so that the answer is on its way before that. */
export function useUsageChart(range: Range, resolved: ResolvedRange, filters: Filters) {
    const [metric, setMetric] = useUrlChoice('metric', METRICS, 'cost');
    const [group, setGroup] = useUrlChoice('group', GROUPS, 'model');
    const today = 'preset' in range && range.preset === 'today';
    const short = 'preset' in range && SHORT.includes(range.preset);
    const arg = useUsageArg(resolved, filters, true);
    const question: GetUsageSeriesApiArg = {
        ...arg,
        metric,
        groupBy: group,
        bucket: today ? '15m' : short ? '5m' : 'auto',
        limit: 7,
    };
    const { data: answer, currentData, error, refetch } = useGetUsageSeriesQuery(question);
    const data = useWithheldLine(question, answer, currentData !== undefined);
    return { today, metric, setMetric, group, setGroup, data, error, refetch };
}

interface UsageChartProps {
    view: ReturnType<typeof useUsageChart>;
    filters: Filters;
    onRange: (range: Range) => void;
}

export function UsageChart({ view, filters, onRange }: UsageChartProps) {
    const { today, metric, setMetric, group, setGroup, data, error, refetch } = view;
    const { t } = useTranslation(['overview', 'common']);
    const { zone } = usePreferences();
    const navigate = useNavigate();
    const now = useNow(60_000);
    const prepared = usePreparedSeries(data, group);
    const series = useMemo(
        () => (prepared && today ? trimQuiet(prepared, now) : prepared),
        [prepared, today, now],
    );
    return (
        <SeriesChart
            title={t('chart.title')}
            name={t('chart.name')}
            sub={
                <span className="chart-sub">
                    {data ? t(`chart.bucket.${data.bucket}`) : null}
                    <Popover
                        name={t('chart.group')}
                        buttonClass="button button-quiet button-small"
                        label={
                            <>
                                {t('chart.by', { name: t(`common:dimension.${group}`) })} <Caret />
                            </>
                        }
                    >
                        {(close) =>
                            GROUPS.map((one) => (
                                <button
                                    key={one}
                                    type="button"
                                    className="menu-item"
                                    aria-pressed={one === group}
                                    onClick={() => {
                                        setGroup(one);
                                        close();
                                    }}
                                >
                                    {t(`common:dimension.${one}`)}
                                </button>
                            ))
                        }
                    </Popover>
                </span>
            }
            actions={
                <Choice
                    look="tabs"
                    name={t('chart.metric')}
                    options={METRICS.map((value) => ({ value, label: t(`metric.${value}`) }))}
                    value={metric}
                    onChange={setMetric}
                />
            }
            series={series}
            error={error}
            onRetry={refetch}
            onZoom={(from, to) =>
                onRange({ from: formatWall(from, zone), to: formatWall(to, zone) })
            }
            onPick={(from, to, key) => {
                const picked =
                    key === null || key.startsWith('__') ? filters : { ...filters, [group]: [key] };
                const params = patchParams(new URLSearchParams(), {
                    ...filtersPatch(picked),
                    from: formatWall(from, zone),
                    to: formatWall(to, zone),
                });
                void navigate(`/explore?${params}`);
            }}
        />
    );
}
