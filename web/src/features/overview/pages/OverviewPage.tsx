import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { BlockPanel } from '@/features/overview/components/BlockPanel';
import { FigureRow } from '@/features/overview/components/FigureRow';
import { NoticesPanel } from '@/features/overview/components/NoticesPanel';
import { ProjectsPanel } from '@/features/overview/components/ProjectsPanel';
import { SessionsPanel } from '@/features/overview/components/SessionsPanel';
import { UsageChart, useUsageChart } from '@/features/overview/components/UsageChart';
import { filterSessions, useFigures } from '@/features/overview/hooks/useFigures';
import { useUsageArg } from '@/shared/api/usageArg';
import { useFilters, useRange, useResolvedRange } from '@/shared/lib/urlState';
import { useAfterFigures } from '@/shared/lib/useAfterFigures';
import { FilterBar } from '@/shared/ui/FilterBar';
import { LiveMark } from '@/shared/ui/LiveMark';
import { PageHeader } from '@/shared/ui/PageHeader';
import { RangePicker, useRangeLabel } from '@/shared/ui/RangePicker';
import { SkeletonChart, SkeletonRows, SkeletonStats } from '@/shared/ui/Skeleton';
import { EmptyState, ErrorPanel } from '@/shared/ui/States';
import { Withheld } from '@/shared/ui/Withheld';
import '@/features/overview/overview.css';

const NO_FILTERS = {};

export default function OverviewPage() {
    const { t } = useTranslation('overview');
    const [range, setRange] = useRange('today');
    const [filters, setFilters] = useFilters();
    const resolved = useResolvedRange(range);
    const scope = useUsageArg(resolved, NO_FILTERS);
    const { figures, overview, error, retry } = useFigures(range, resolved, filters);
    const rangeLabel = useRangeLabel(range);
    const chart = useUsageChart(range, resolved, filters);
    const after = useAfterFigures();
    const today = 'preset' in range && range.preset === 'today';

    return (
        <div className="page">
            <PageHeader title={t('title')}>
                <RangePicker value={range} onChange={setRange} />
                <FilterBar filters={filters} onChange={setFilters} scope={scope} />
                <LiveMark newest={overview?.newest_event ?? null} />
            </PageHeader>
            <Withheld when={overview?.withheld} what={today ? 'own' : 'sums'} />
            {overview && overview.newest_event === null && !overview.withheld ? (
                <FirstRun />
            ) : error && !overview ? (
                <section className="panel">
                    <ErrorPanel error={error} onRetry={retry} />
                </section>
            ) : (
                <div className="stack">
                    {figures && overview ? (
                        <FigureRow
                            figures={figures}
                            overview={overview}
                            rangeLabel={today ? null : rangeLabel}
                        />
                    ) : error ? (
                        <section className="panel">
                            <ErrorPanel error={error} onRetry={retry} />
                        </section>
                    ) : (
                        <SkeletonStats />
                    )}
                    <div className="columns">
                        {after ? (
                            <UsageChart view={chart} filters={filters} onRange={setRange} />
                        ) : (
                            <section className="panel">
                                <SkeletonChart height={356} />
                            </section>
                        )}
                        <div className="stack overview-side">
                            {after && overview ? (
                                <>
                                    <BlockPanel
                                        block={overview.block}
                                        state={overview.state.block}
                                    />
                                    <NoticesPanel notices={overview.notices} />
                                </>
                            ) : (
                                <section className="panel">
                                    <SkeletonRows rows={6} />
                                </section>
                            )}
                        </div>
                    </div>
                    <div className="columns">
                        {after && overview ? (
                            <SessionsPanel sessions={filterSessions(overview.sessions, filters)} />
                        ) : (
                            <section className="panel">
                                <SkeletonRows rows={5} />
                            </section>
                        )}
                        {after && figures ? (
                            <ProjectsPanel
                                figures={figures}
                                range={range}
                                rangeLabel={rangeLabel}
                            />
                        ) : (
                            <section className="panel">
                                <SkeletonRows rows={5} />
                            </section>
                        )}
                    </div>
                </div>
            )}
        </div>
    );
}

/** Nothing was ever read: what would fill this, and where to look when it should have. */
function FirstRun() {
    const { t } = useTranslation('overview');
    return (
        <section className="panel first-run">
            <EmptyState
                title={t('first.title')}
                text={t('first.text')}
                action={
                    <>
                        <code>claude</code>
                        <Link className="button" to="/settings?tab=sources">
                            {t('first.sources')}
                        </Link>
                    </>
                }
            />
        </section>
    );
}
