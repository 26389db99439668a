/** The list on a phone: cards of one height, and only those in sight in the document. */
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { ContextBar } from '@/features/sessions/components/ContextBar';
import { Markers } from '@/features/sessions/components/Markers';
import { SessionCost, sessionPath } from '@/features/sessions/components/SessionTable';
import { useSessionNames, useWhen } from '@/features/sessions/hooks/useNames';
import { isActive } from '@/features/sessions/lib/figures';
import type { Session } from '@/shared/api/model';
import { colorOf } from '@/shared/charts/palette';
import { useFormat, usePreferences } from '@/shared/lib/format';
import { useNow } from '@/shared/lib/now';
import { Named } from '@/shared/ui/Named';

/** Also in sessions.css. */
const CARD = 118;
const MARGIN = 6;
const NEAR = 800;

interface SessionCardsProps {
    rows: readonly Session[];
    onEnd: () => void;
}

export function SessionCards({ rows, onEnd }: SessionCardsProps) {
    const { t } = useTranslation('sessions');
    const box = useRef<HTMLUListElement>(null);
    const [sight, setSight] = useState({ first: 0, last: 16 });
    const end = useRef(onEnd);
    end.current = onEnd;
    const count = rows.length;
    // Follows the page's scrolling.
    useEffect(() => {
        const look = () => {
            const top = box.current?.getBoundingClientRect().top ?? 0;
            const first = Math.max(0, Math.floor(-top / CARD) - MARGIN);
            const last = Math.ceil((window.innerHeight - top) / CARD) + MARGIN;
            setSight((old) => (old.first === first && old.last === last ? old : { first, last }));
            if (top + count * CARD < window.innerHeight + NEAR) end.current();
        };
        look();
        window.addEventListener('scroll', look, { passive: true });
        window.addEventListener('resize', look);
        return () => {
            window.removeEventListener('scroll', look);
            window.removeEventListener('resize', look);
        };
    }, [count]);
    const first = Math.min(sight.first, count);
    const last = Math.min(sight.last, count);
    return (
        <ul
            ref={box}
            className="session-cards"
            aria-label={t('list.label')}
            style={{ paddingTop: first * CARD, paddingBottom: (count - last) * CARD }}
        >
            {rows.slice(first, last).map((session, index) => (
                <Card key={session.id} session={session} place={first + index + 1} count={count} />
            ))}
        </ul>
    );
}

function Card({ session, place, count }: { session: Session; place: number; count: number }) {
    const { t } = useTranslation('sessions');
    const format = useFormat();
    const { theme } = usePreferences();
    const when = useWhen();
    const names = useSessionNames();
    const now = useNow(30_000);
    const { measures } = session;
    return (
        <li className="session-card" aria-posinset={place} aria-setsize={count}>
            <div className="session-card-line">
                <Link to={sessionPath(session.id)} className="session-card-link">
                    <Named
                        label={names.project(session)}
                        color={colorOf('project', session.project.key, theme)}
                    />
                    {session.branch ? (
                        <span className="session-branch">{session.branch}</span>
                    ) : null}
                </Link>
                <span className="session-card-cost">
                    <SessionCost session={session} />
                </span>
            </div>
            <div className="session-card-line session-card-quiet">
                <span className="session-time">
                    {isActive(session.last_activity, now) ? (
                        <>
                            <span className="active-dot" aria-hidden="true" />
                            {t('active')}
                        </>
                    ) : (
                        when(session.last_activity)
                    )}
                </span>
                <span className="session-card-dot">
                    {session.duration_ms < 1000
                        ? t('duration.moment')
                        : format.duration(session.duration_ms)}
                </span>
                <span className="session-card-dot session-card-models">
                    {names.models(session)}
                </span>
            </div>
            <div className="session-card-line session-card-quiet">
                <span>{t('card.requests', { count: measures.requests })}</span>
                <span className="session-card-dot">
                    {t('card.tokens', { tokens: format.tokens(measures.total_tokens) })}
                </span>
                {measures.cache_hit_ratio === null ? null : (
                    <span className="session-card-dot">
                        {t('card.cache', { ratio: format.percent(measures.cache_hit_ratio) })}
                    </span>
                )}
            </div>
            <div className="session-card-line session-card-quiet session-card-marks">
                <Markers session={session} />
                <span className="session-card-end">
                    <ContextBar session={session} />
                </span>
            </div>
        </li>
    );
}
