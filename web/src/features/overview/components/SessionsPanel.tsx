import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import type { ActiveSession } from '@/shared/api/model';
import { colorOf } from '@/shared/charts/palette';
import { useFormat, usePreferences } from '@/shared/lib/format';
import type { Column } from '@/shared/ui/DataTable';
import { DataTable } from '@/shared/ui/DataTable';
import { useEntityLabel } from '@/shared/ui/labels';
import { Named } from '@/shared/ui/Named';
import { Panel } from '@/shared/ui/Panel';
import { EmptyState } from '@/shared/ui/States';

const SHOWN = 6;
const FULL = 0.8;

export function SessionsPanel({ sessions }: { sessions: readonly ActiveSession[] }) {
    const { t } = useTranslation('overview');
    const format = useFormat();
    const { theme } = usePreferences();
    const label = useEntityLabel();
    const navigate = useNavigate();
    const address = (session: ActiveSession) => `/sessions/${encodeURIComponent(session.id)}`;
    const context = (session: ActiveSession) =>
        session.context_tokens !== null && session.context_window
            ? session.context_tokens / session.context_window
            : null;
    const columns: Column<ActiveSession>[] = [
        {
            id: 'project',
            title: t('active.project'),
            grow: true,
            cell: (session) => (
                <Link
                    className="table-link"
                    to={address(session)}
                    onClick={(event) => event.stopPropagation()}
                >
                    <Named
                        label={label('project', session.project.key, session.project.label)}
                        color={colorOf('project', session.project.key, theme)}
                        title={session.project.key}
                    />
                </Link>
            ),
        },
        {
            id: 'branch',
            title: t('active.branch'),
            wideOnly: true,
            cell: (session) => <Named label={session.branch || '—'} />,
        },
        {
            id: 'model',
            title: t('active.model'),
            wideOnly: true,
            cell: (session) => {
                const first = session.models[0];
                const name = first ? label('model', first) : '—';
                return session.subagents > 0
                    ? t('active.with_agents', { model: name, count: session.subagents })
                    : name;
            },
        },
        {
            id: 'context',
            title: t('active.context'),
            end: true,
            wideOnly: true,
            cell: (session) => {
                const share = context(session);
                if (share === null) return '—';
                return (
                    <span className={share >= FULL ? 'tone-warning' : undefined}>
                        {format.percent(share)}
                    </span>
                );
            },
        },
        {
            id: 'rate',
            title: t('active.rate'),
            end: true,
            cell: (session) => format.tokens(Math.round(session.tokens_per_minute)),
        },
        {
            id: 'cost',
            title: t('active.cost'),
            end: true,
            cell: (session) => format.moneyTable(session.measures.cost),
        },
    ];
    return (
        <Panel
            title={t('active.title')}
            sub={sessions.length > 0 ? format.count(sessions.length) : null}
            actions={
                <Link className="panel-link" to="/sessions">
                    {t('active.all')} <span aria-hidden="true">→</span>
                </Link>
            }
        >
            {sessions.length > 0 ? (
                <DataTable
                    label={t('active.title')}
                    columns={columns}
                    rows={sessions.slice(0, SHOWN)}
                    rowKey={(session) => session.id}
                    onRow={(session) => void navigate(address(session))}
                />
            ) : (
                <EmptyState
                    title={t('active.none')}
                    text={t('active.none_text')}
                    action={<code>claude</code>}
                />
            )}
        </Panel>
    );
}
