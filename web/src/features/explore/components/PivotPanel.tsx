/** The same range as a table, one row a value of the group: sorted by the server, a row drills down. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useAccess } from '@/shared/api/access';
import type { Metric } from '@/shared/api/generated';
import type { BreakdownRow } from '@/shared/api/model';
import { colorOf } from '@/shared/charts/palette';
import type { PreparedSeries } from '@/shared/charts/prepare/series';
import { WITHHELD } from '@/shared/charts/prepare/withheld';
import { formatUnit, useFormat, usePreferences } from '@/shared/lib/format';
import type { Column } from '@/shared/ui/DataTable';
import { DataTable } from '@/shared/ui/DataTable';
import { Hint } from '@/shared/ui/Hint';
import { useEntityLabel } from '@/shared/ui/labels';
import { Named } from '@/shared/ui/Named';
import { Panel } from '@/shared/ui/Panel';
import { SkeletonRows } from '@/shared/ui/Skeleton';
import { Change } from '@/shared/ui/StatCard';
import { EmptyState, ErrorPanel } from '@/shared/ui/States';
import type { PivotColumn } from '../pivot';
import { PIVOT_COLUMNS, pivotRows, pivotSort } from '../pivot';
import type { Explore } from '../useExplore';
import type { Pivot } from '../usePivot';
import { Sparkline } from './Sparkline';

interface PivotPanelProps {
    explore: Explore;
    pivot: Pivot;
    /** The chart above: a row has its line's colour. */
    series: PreparedSeries | null;
}

/** Up to so many rows stand in the page; more scroll in a box of their own. */
const WHOLE = 25;
const HEIGHT = 640;

export function PivotPanel({ explore, pivot, series }: PivotPanelProps) {
    const { t } = useTranslation(['explore', 'common']);
    const format = useFormat();
    const label = useEntityLabel();
    const { me } = useAccess();
    const { theme } = usePreferences();
    const { view, change, drill } = explore;
    const { shown, refetch, more, columnTitle } = pivot;
    const { data, question: group, stale, error } = shown;
    const sort = pivotSort(view);
    const colors = useMemo(
        () => new Map(series?.lines.map((line) => [line.key, line.color])),
        [series],
    );

    const figure = (column: PivotColumn) => (row: BreakdownRow) => {
        const value = column.value(row);
        if (column.id === 'change') {
            if (value === null) {
                return (
                    <span className="tone-quiet">
                        {row.previous_cost === 0 ? t('pivot.new') : '—'}
                    </span>
                );
            }
            return <Change ratio={value} text={format.change(value)} more="bad" />;
        }
        const text = formatUnit(format, column.unit, value);
        return column.id === 'cost' && row.measures.unpriced_requests > 0 ? (
            <Hint
                mark
                text={t('pivot.unpriced', {
                    count: row.measures.unpriced_requests,
                    tokens: format.tokens(row.measures.unpriced_tokens),
                })}
            >
                {text}
            </Hint>
        ) : (
            text
        );
    };
    const columns: Column<BreakdownRow>[] = [
        {
            id: 'name',
            title: t(`common:dimension.${group}`),
            cell: (row) => {
                const name = label(group, row.key, row.label);
                if (row.key === WITHHELD) {
                    const color = colorOf(group, row.key, theme);
                    return <Named label={name} color={color} hatched />;
                }
                const color = colors.get(row.key) ?? 'var(--ink-3)';
                return (
                    <button type="button" className="explore-row-name">
                        <Named label={name} title={row.key || name} color={color} />
                    </button>
                );
            },
            total: t('common:chart.total'),
        },
        {
            id: 'trend',
            title: t('pivot.trend'),
            wideOnly: true,
            cell: (row) => <Sparkline values={row.trend} />,
        },
        ...PIVOT_COLUMNS.map(
            (column): Column<BreakdownRow> => ({
                id: column.id,
                title: columnTitle(column),
                end: true,
                optional: column.optional ?? false,
                cell: figure(column),
                ...(column.sort ? { value: column.value } : {}),
                ...(data
                    ? {
                          total:
                              column.id === 'change'
                                  ? ''
                                  : formatUnit(format, column.unit, column.total(data.totals)),
                      }
                    : {}),
            }),
        ),
    ];

    let body = <SkeletonRows rows={7} />;
    const rows = useMemo(() => (data ? pivotRows(data, group) : []), [data, group]);
    if (data && rows.length === 0) {
        body = data.withheld ? (
            <EmptyState title={t('common:withheld.none', { count: me?.minimum_people ?? 0 })} />
        ) : (
            <EmptyState title={t('common:chart.empty')} text={t('common:chart.empty_advice')} />
        );
    } else if (data) {
        body = (
            <>
                <DataTable
                    label={t('pivot.label', { group: t(`common:dimension.${group}`) })}
                    columns={columns}
                    rows={rows}
                    leads={(row) => row.key !== WITHHELD}
                    rowKey={(row) => row.key}
                    onRow={(row) => drill(group, row.key)}
                    sort={{ id: sort, descending: !view.ascending }}
                    onSort={({ id, descending }) =>
                        change({
                            sort: id === view.metric ? null : (id as Metric),
                            ascending: !descending,
                        })
                    }
                    {...(data.rows.length > WHOLE ? { height: HEIGHT } : {})}
                    remember="explore"
                />
                {data.rows.length < data.total_rows ? (
                    <div className="explore-more">
                        <span>
                            {t('pivot.shown', {
                                shown: format.count(data.rows.length),
                                total: format.count(data.total_rows),
                            })}
                        </span>
                        {more ? (
                            <button type="button" className="button button-small" onClick={more}>
                                {t('pivot.more')}
                            </button>
                        ) : null}
                    </div>
                ) : null}
            </>
        );
    } else if (error) {
        body = <ErrorPanel error={error} onRetry={refetch} />;
    }
    return (
        <Panel
            title={t('pivot.title', { group: t(`common:dimension.${group}`) })}
            sub={data ? t('pivot.count', { count: data.total_rows }) : undefined}
            className={stale ? 'explore-pivot explore-stale' : 'explore-pivot'}
            busy={stale}
        >
            {body}
        </Panel>
    );
}
