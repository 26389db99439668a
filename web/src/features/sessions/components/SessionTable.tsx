import { useCallback, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { ContextBar } from '@/features/sessions/components/ContextBar';
import { Markers } from '@/features/sessions/components/Markers';
import { useSessionNames, useWhen } from '@/features/sessions/hooks/useNames';
import { isActive } from '@/features/sessions/lib/figures';
import type { ListOrder, SessionSort } from '@/features/sessions/lib/list';
import { SORTS } from '@/features/sessions/lib/list';
import type { Session } from '@/shared/api/model';
import { colorOf } from '@/shared/charts/palette';
import { useFormat, usePreferences } from '@/shared/lib/format';
import { useNow } from '@/shared/lib/now';
import type { Column } from '@/shared/ui/DataTable';
import { DataTable } from '@/shared/ui/DataTable';
import { Hint } from '@/shared/ui/Hint';
import { Named } from '@/shared/ui/Named';

interface SessionTableProps {
    rows: readonly Session[];
    order: ListOrder;
    onOrder: (order: ListOrder) => void;
    height: number;
    onEnd: () => void;
}

function isSort(id: string): id is SessionSort {
    return (SORTS as readonly string[]).includes(id);
}

export function sessionPath(id: string): string {
    return `/sessions/${encodeURIComponent(id)}`;
}

export function SessionTable({ rows, order, onOrder, height, onEnd }: SessionTableProps) {
    const { t } = useTranslation('sessions');
    const navigate = useNavigate();
    const columns = useColumns();
    const visit = useCallback(
        (session: Session) => void navigate(sessionPath(session.id)),
        [navigate],
    );
    return (
        <DataTable
            label={t('list.label')}
            columns={columns}
            rows={rows}
            rowKey={(session) => session.id}
            onRow={visit}
            sort={{ id: order.sort, descending: order.descending }}
            onSort={({ id, descending }) => {
                // Another column starts with its largest; the same one turns round.
                if (isSort(id))
                    onOrder({ sort: id, descending: id === order.sort ? descending : true });
            }}
            height={height}
            remember="sessions"
            onEnd={onEnd}
        />
    );
}

function useColumns(): Column<Session>[] {
    const { t } = useTranslation('sessions');
    const format = useFormat();
    const { theme } = usePreferences();
    const when = useWhen();
    const names = useSessionNames();
    const now = useNow(30_000);
    return useMemo(
        () => [
            {
                id: 'session',
                title: t('column.session'),
                grow: true,
                cell: (session) => (
                    <Link
                        to={sessionPath(session.id)}
                        className="table-link session-name"
                        onClick={(event) => event.stopPropagation()}
                        title={session.project.key}
                    >
                        <Named
                            label={names.project(session)}
                            color={colorOf('project', session.project.key, theme)}
                        />
                        {session.branch ? (
                            <span className="session-branch">{session.branch}</span>
                        ) : null}
                    </Link>
                ),
            },
            {
                id: 'last_activity',
                title: t('column.last_activity'),
                value: (session) => session.last_activity,
                cell: (session) => (
                    <span className="session-time" title={format.fullTime(session.last_activity)}>
                        {isActive(session.last_activity, now) ? (
                            <>
                                <span className="active-dot" aria-hidden="true" />
                                {t('active')}
                            </>
                        ) : (
                            when(session.last_activity)
                        )}
                    </span>
                ),
            },
            {
                id: 'started',
                title: t('column.started'),
                optional: true,
                value: (session) => session.started,
                cell: (session) => (
                    <span title={format.fullTime(session.started)}>{when(session.started)}</span>
                ),
            },
            {
                id: 'models',
                title: t('column.models'),
                cell: (session) => (
                    <span className="session-models" title={names.models(session)}>
                        {names.models(session) || '—'}
                    </span>
                ),
            },
            {
                id: 'duration',
                title: t('column.duration'),
                end: true,
                value: (session) => session.duration_ms,
                cell: (session) =>
                    session.duration_ms < 1000
                        ? t('duration.moment')
                        : format.duration(session.duration_ms),
            },
            {
                id: 'requests',
                title: t('column.requests'),
                end: true,
                value: (session) => session.measures.requests,
                cell: (session) => format.count(session.measures.requests),
            },
            {
                id: 'total_tokens',
                title: t('column.tokens'),
                end: true,
                value: (session) => session.measures.total_tokens,
                cell: (session) => (
                    <span title={format.count(session.measures.total_tokens)}>
                        {format.tokens(session.measures.total_tokens)}
                    </span>
                ),
            },
            {
                id: 'cache_hit',
                title: t('column.cache_hit'),
                end: true,
                cell: (session) =>
                    session.measures.cache_hit_ratio === null ? (
                        <span title={t('cache.unknown')}>—</span>
                    ) : (
                        format.percent(session.measures.cache_hit_ratio)
                    ),
            },
            {
                id: 'context',
                title: t('column.context'),
                end: true,
                cell: (session) => <ContextBar session={session} />,
            },
            {
                id: 'lines',
                title: t('column.lines'),
                optional: true,
                end: true,
                cell: (session) =>
                    session.lines_added === null && session.lines_removed === null ? (
                        <span title={t('lines_unknown')}>—</span>
                    ) : (
                        t('lines', {
                            added: format.count(session.lines_added ?? 0),
                            removed: format.count(session.lines_removed ?? 0),
                        })
                    ),
            },
            {
                id: 'version',
                title: t('column.version'),
                optional: true,
                cell: (session) => session.version || '—',
            },
            {
                id: 'entrypoint',
                title: t('column.entrypoint'),
                optional: true,
                cell: (session) => session.entrypoint || '—',
            },
            {
                id: 'id',
                title: t('column.id'),
                optional: true,
                cell: (session) => <span title={session.id}>{session.id.slice(0, 8)}</span>,
            },
            {
                id: 'marks',
                title: t('column.marks'),
                cell: (session) => <Markers session={session} />,
            },
            {
                id: 'cost',
                title: t('column.cost'),
                end: true,
                value: (session) => session.measures.cost,
                cell: (session) => <SessionCost session={session} />,
            },
        ],
        [t, format, theme, when, names, now],
    );
}

/** A session's cost; a dotted underline when some of its usage has no price. */
export function SessionCost({ session }: { session: Session }) {
    const { t } = useTranslation('sessions');
    const format = useFormat();
    const { cost, unpriced_requests: unpriced } = session.measures;
    if (unpriced === 0) return <b className="session-figure">{format.moneyTable(cost)}</b>;
    return (
        <Hint text={t('cost.unpriced', { count: unpriced })} mark>
            <b className="session-figure">{format.moneyTable(cost)}</b>
        </Hint>
    );
}
