import { useTranslation } from 'react-i18next';
import { useGetSourcesQuery } from '@/shared/api/generated';
import type { Sources } from '@/shared/api/model';
import { useFormat } from '@/shared/lib/format';
import { useNow } from '@/shared/lib/now';
import type { Column } from '@/shared/ui/DataTable';
import { DataTable } from '@/shared/ui/DataTable';
import { Panel } from '@/shared/ui/Panel';
import { SkeletonRows, SkeletonStats } from '@/shared/ui/Skeleton';
import { StatCard, StatRow } from '@/shared/ui/StatCard';
import { EmptyState, ErrorPanel } from '@/shared/ui/States';

type Root = Sources['roots'][number];
type SourceProblem = Sources['problems'][number];

const DAY = 86_400_000;
const SOON = 7 * DAY;
const LIST_HEIGHT = 420;

export function SourcesTab() {
    const { t } = useTranslation('settings');
    const format = useFormat();
    const { data, error, refetch } = useGetSourcesQuery();
    if (!data) {
        if (error) {
            return (
                <Panel title={t('sources.title')}>
                    <ErrorPanel error={error} onRetry={refetch} />
                </Panel>
            );
        }
        return (
            <div className="stack">
                <SkeletonStats />
                <section className="panel">
                    <SkeletonRows rows={4} />
                </section>
            </div>
        );
    }
    const { tokensParts } = format;
    const requests = tokensParts(data.requests);
    return (
        <div className="stack">
            <CleanupWarning sources={data} />
            <StatRow label={t('sources.title')}>
                <StatCard
                    label={t('sources.files')}
                    value={format.count(data.files)}
                    full={t('sources.files_full', { count: data.files })}
                    note={format.bytes(data.bytes)}
                />
                <StatCard
                    label={t('sources.requests')}
                    value={requests.value}
                    unit={requests.unit}
                    full={format.count(data.requests)}
                    note={t('sources.duplicates', { count: format.count(data.duplicates) })}
                />
                <StatCard
                    label={t('sources.bad_lines')}
                    value={format.count(data.bad_lines)}
                    full={t('sources.bad_lines_full')}
                    tone={data.bad_lines > 0 ? 'warning' : 'normal'}
                    note={data.bad_lines > 0 ? t('sources.listed_below') : t('sources.all_read')}
                />
                <StatCard
                    label={t('sources.incomplete')}
                    value={format.count(data.incomplete)}
                    full={t('sources.incomplete_full')}
                    note={t('sources.incomplete_note')}
                />
                <StatCard
                    label={t('sources.oldest')}
                    value={data.oldest_transcript ? format.date(data.oldest_transcript) : null}
                    full={
                        data.oldest_transcript
                            ? format.fullTime(data.oldest_transcript)
                            : t('sources.none')
                    }
                    note={
                        data.scanned_at
                            ? t('sources.scanned', { time: format.dateTime(data.scanned_at) })
                            : t('sources.not_scanned')
                    }
                />
            </StatRow>
            <Roots roots={data.roots} />
            <Problems problems={data.problems} />
        </div>
    );
}

/** Claude Code deletes old transcripts by itself; what was read before that stays. */
function CleanupWarning({ sources }: { sources: Sources }) {
    const { t } = useTranslation('settings');
    const now = useNow(60_000);
    const format = useFormat();
    const periods = sources.roots.flatMap((root) =>
        root.exists && root.cleanup_period_days !== null ? [root.cleanup_period_days] : [],
    );
    const shortest = periods.length > 0 ? Math.min(...periods) : null;
    if (shortest === null || !sources.oldest_transcript) return null;
    const deletion = Date.parse(sources.oldest_transcript) + shortest * DAY;
    const soon = deletion - now < SOON;
    return (
        <div className={soon ? 'banner banner-warning' : 'banner'}>
            <span>
                {t('cleanup.line', {
                    text: t('cleanup.text', { count: shortest }),
                    safe: sources.safe_since
                        ? t('cleanup.safe', { date: format.fullDate(sources.safe_since) })
                        : '',
                    setting: t('cleanup.setting'),
                })}{' '}
                <code>cleanupPeriodDays</code>
            </span>
        </div>
    );
}

function Roots({ roots }: { roots: readonly Root[] }) {
    const { t } = useTranslation('settings');
    const format = useFormat();
    const columns: Column<Root>[] = [
        {
            id: 'path',
            title: t('roots.path'),
            grow: true,
            cell: (root) => (
                <span className="tail" title={root.path}>
                    <bdi>{root.path}</bdi>
                </span>
            ),
        },
        {
            id: 'state',
            title: t('roots.state'),
            cell: (root) =>
                root.exists ? (
                    t(`roots.watch.${root.watch}`)
                ) : (
                    <span className="tone-quiet">{t('roots.missing')}</span>
                ),
        },
        {
            id: 'files',
            title: t('sources.files'),
            end: true,
            cell: (root) => format.count(root.files),
        },
        {
            id: 'bytes',
            title: t('roots.size'),
            end: true,
            wideOnly: true,
            cell: (root) => format.bytes(root.bytes),
        },
        {
            id: 'newest',
            title: t('roots.newest'),
            end: true,
            wideOnly: true,
            cell: (root) => (root.newest ? format.dateTime(root.newest) : '—'),
        },
        {
            id: 'cleanup',
            title: t('roots.cleanup'),
            end: true,
            wideOnly: true,
            cell: (root) =>
                root.cleanup_period_days === null
                    ? '—'
                    : t('roots.days', { count: root.cleanup_period_days }),
        },
    ];
    return (
        <Panel title={t('roots.title')}>
            {roots.length > 0 ? (
                <DataTable
                    label={t('roots.title')}
                    columns={columns}
                    rows={roots}
                    rowKey={(root) => root.path}
                />
            ) : (
                <EmptyState
                    title={t('roots.none')}
                    text={t('roots.none_text')}
                    action={<code>tidemark serve --transcripts ~/.claude</code>}
                />
            )}
        </Panel>
    );
}

function Problems({ problems }: { problems: readonly SourceProblem[] }) {
    const { t } = useTranslation('settings');
    const format = useFormat();
    const columns: Column<SourceProblem>[] = [
        {
            id: 'place',
            title: t('problems.place'),
            grow: true,
            value: (problem) => problem.file,
            cell: (problem) => {
                const place = problem.line > 0 ? `${problem.file}:${problem.line}` : problem.file;
                return (
                    <span className="tail" title={place}>
                        <bdi>{place}</bdi>
                    </span>
                );
            },
        },
        {
            id: 'reason',
            title: t('problems.reason'),
            value: (problem) => problem.reason,
            cell: (problem) => problem.reason,
        },
        {
            id: 'time',
            title: t('problems.time'),
            end: true,
            wideOnly: true,
            value: (problem) => problem.time,
            cell: (problem) => format.dateTime(problem.time),
        },
    ];
    return (
        <Panel
            title={t('problems.title')}
            sub={problems.length > 0 ? t('problems.sub', { count: problems.length }) : null}
        >
            {problems.length > 0 ? (
                <DataTable
                    label={t('problems.title')}
                    columns={columns}
                    rows={problems}
                    rowKey={(problem) => `${problem.file}:${problem.line}:${problem.time}`}
                    height={LIST_HEIGHT}
                />
            ) : (
                <p className="setting-foot">{t('problems.none')}</p>
            )}
        </Panel>
    );
}
