import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { AgentLanes } from '@/features/sessions/components/AgentLanes';
import { EventList } from '@/features/sessions/components/EventList';
import { MARK_ICONS } from '@/features/sessions/components/icons';
import { RequestChart } from '@/features/sessions/components/RequestChart';
import { RequestTable } from '@/features/sessions/components/RequestTable';
import { SessionFigures } from '@/features/sessions/components/SessionFigures';
import { sessionPath } from '@/features/sessions/components/SessionTable';
import { ToolTable } from '@/features/sessions/components/ToolTable';
import { useSessionNames, useWhen } from '@/features/sessions/hooks/useNames';
import { exploreLink } from '@/features/sessions/lib/exploreLink';
import { isActive } from '@/features/sessions/lib/figures';
import { useGetSessionQuery } from '@/shared/api/generated';
import type { Session, SessionDetail } from '@/shared/api/model';
import { asProblem } from '@/shared/api/problem';
import { useFormat, usePreferences } from '@/shared/lib/format';
import { useNow } from '@/shared/lib/now';
import { Hint } from '@/shared/ui/Hint';
import { LiveMark } from '@/shared/ui/LiveMark';
import { useEntityLabel } from '@/shared/ui/labels';
import { PageHeader } from '@/shared/ui/PageHeader';
import { SkeletonChart, SkeletonRows, SkeletonStats } from '@/shared/ui/Skeleton';
import { EmptyState, ErrorPanel } from '@/shared/ui/States';
import '@/features/sessions/sessions.css';

export default function SessionPage() {
    const { id = '' } = useParams();
    const { t } = useTranslation('sessions');
    // An answer about another session must not stand under this address.
    const { currentData: detail, error, refetch } = useGetSessionQuery({ id });
    if (detail) return <Shown key={id} detail={detail} />;
    return (
        <div className="page">
            <PageHeader title={t('title')} heading={<Crumbs>{id.slice(0, 8)}</Crumbs>} />
            {error ? (
                <section className="panel">
                    {asProblem(error)?.status === 404 ? (
                        <EmptyState
                            title={t('missing.title')}
                            text={t('missing.text', { id })}
                            action={
                                <Link className="button" to="/sessions">
                                    {t('missing.back')}
                                </Link>
                            }
                        />
                    ) : (
                        <ErrorPanel error={error} onRetry={refetch} />
                    )}
                </section>
            ) : (
                <div className="stack" aria-busy="true">
                    <SkeletonStats />
                    <section className="panel">
                        <SkeletonChart height={300} />
                    </section>
                    <div className="columns">
                        <section className="panel">
                            <SkeletonRows rows={5} />
                        </section>
                        <section className="panel">
                            <SkeletonRows rows={5} />
                        </section>
                    </div>
                </div>
            )}
        </div>
    );
}

function Crumbs({ children }: { children: React.ReactNode }) {
    const { t } = useTranslation('sessions');
    return (
        <span className="crumbs">
            <Link to="/sessions">{t('title')}</Link>
            <span aria-hidden="true"> / </span>
            <span className="crumbs-here">{children}</span>
        </span>
    );
}

function Shown({ detail }: { detail: SessionDetail }) {
    const { t } = useTranslation('sessions');
    const when = useWhen();
    const names = useSessionNames();
    const { zone } = usePreferences();
    const now = useNow(60_000);
    const [open, setOpen] = useState<string | null>(null);
    const { session } = detail;
    const name = t('name', { project: names.project(session), time: when(session.started) });
    const pick = useCallback((request: string) => {
        setOpen(request);
        document
            .querySelector('.request-panel')
            ?.scrollIntoView({ block: 'nearest', behavior: 'instant' });
    }, []);
    // Few lanes leave room beside the tools, which the events fill.
    const few = detail.agents.length <= FEW_AGENTS;
    return (
        <div className="page">
            <PageHeader
                title={name}
                heading={<Crumbs>{name}</Crumbs>}
                end={
                    <Link className="button" to={exploreLink(session, now, zone)}>
                        {t('to_explore')}
                    </Link>
                }
            >
                <Tags session={session} />
            </PageHeader>
            <div className="stack">
                <SessionFigures detail={detail} />
                <RequestChart detail={detail} onPick={pick} foot={<Unlogged detail={detail} />} />
                <div className="columns session-columns">
                    {few ? (
                        <div className="stack">
                            <AgentLanes detail={detail} />
                            <EventList detail={detail} />
                        </div>
                    ) : (
                        <AgentLanes detail={detail} />
                    )}
                    <ToolTable detail={detail} />
                </div>
                {few ? null : <EventList detail={detail} />}
                <RequestTable detail={detail} open={open} onOpen={setOpen} />
            </div>
        </div>
    );
}

const FEW_AGENTS = 4;

function Tags({ session }: { session: Session }) {
    const { t } = useTranslation('sessions');
    const label = useEntityLabel();
    const now = useNow(30_000);
    const active = isActive(session.last_activity, now);
    return (
        <>
            <span className="session-tags">
                {active ? <span className="tag tag-active">{t('active')}</span> : null}
                {session.branch ? (
                    <span className="tag tag-cut" title={session.branch}>
                        {session.branch}
                    </span>
                ) : null}
                {session.models.map((model) => (
                    <span key={model} className="tag" title={model}>
                        {label('model', model)}
                    </span>
                ))}
                {session.parent_session ? (
                    <Link className="tag tag-link" to={sessionPath(session.parent_session)}>
                        {MARK_ICONS.fork}
                        {t('fork_of', { id: session.parent_session.slice(0, 8) })}
                    </Link>
                ) : null}
            </span>
            {active ? <LiveMark newest={session.last_activity} /> : null}
        </>
    );
}

/** What the client counted and no row of the transcript shows. */
function Unlogged({ detail }: { detail: SessionDetail }) {
    const { t } = useTranslation('sessions');
    const format = useFormat();
    const { unlogged } = detail;
    if (!unlogged) return null;
    const tokens =
        unlogged.input_tokens +
        unlogged.output_tokens +
        unlogged.cache_read_tokens +
        unlogged.cache_write_tokens;
    return (
        <p className="unlogged">
            <Hint
                mark
                text={t('unlogged.full', {
                    cost: format.moneyFull(unlogged.cost),
                    input: format.count(unlogged.input_tokens),
                    output: format.count(unlogged.output_tokens),
                    read: format.count(unlogged.cache_read_tokens),
                    written: format.count(unlogged.cache_write_tokens),
                })}
            >
                {t('unlogged.amount', {
                    cost: format.money(unlogged.cost),
                    tokens: format.tokens(tokens),
                })}
            </Hint>{' '}
            {t('unlogged.why')}
        </p>
    );
}
