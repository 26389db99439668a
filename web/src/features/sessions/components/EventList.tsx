import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { MARK_ICONS } from '@/features/sessions/components/icons';
import { useWhen } from '@/features/sessions/hooks/useNames';
import type { EventLine } from '@/features/sessions/lib/events';
import { prepareEvents, pullRequestUrl } from '@/features/sessions/lib/events';
import type { SessionDetail } from '@/shared/api/model';
import { useFormat } from '@/shared/lib/format';
import { Panel } from '@/shared/ui/Panel';
import { EmptyState } from '@/shared/ui/States';

const SHOWN = 8;

const LOOK = {
    api_error: { icon: MARK_ICONS.api_errors, tone: 'tone-warning' },
    limit_hit: { icon: MARK_ICONS.limit_hits, tone: 'tone-over' },
    compaction: { icon: MARK_ICONS.compactions, tone: 'tone-quiet' },
    pull_request: { icon: MARK_ICONS.pull_requests, tone: 'tone-ok' },
} as const;

/** What happened besides requests; turns only as figures. */
export function EventList({ detail }: { detail: SessionDetail }) {
    const { t } = useTranslation('sessions');
    const format = useFormat();
    const { lines, turns } = useMemo(() => prepareEvents(detail.events), [detail.events]);
    const [all, setAll] = useState(false);
    const shown = all ? lines : lines.slice(0, SHOWN);
    const summary =
        turns.count === 0
            ? undefined
            : turns.median === null || turns.longest === null
              ? t('turns.count', { count: turns.count })
              : t('turns.summary', {
                    count: turns.count,
                    median: format.duration(turns.median),
                    longest: format.duration(turns.longest),
                });
    return (
        <Panel title={t('events.title')} sub={summary}>
            {lines.length === 0 ? (
                <EmptyState title={t('events.empty')} text={t('events.empty_text')} />
            ) : (
                <>
                    <ul className="session-events">
                        {shown.map((line) => (
                            <EventRow
                                key={`${line.type}${line.from}${line.detail.number}`}
                                line={line}
                            />
                        ))}
                    </ul>
                    {lines.length > SHOWN ? (
                        <button
                            type="button"
                            className="button button-quiet button-small lanes-more"
                            onClick={() => setAll(!all)}
                        >
                            {all
                                ? t('events.fewer')
                                : t('events.more', { count: lines.length - SHOWN })}
                        </button>
                    ) : null}
                </>
            )}
        </Panel>
    );
}

function EventRow({ line }: { line: EventLine }) {
    const { t } = useTranslation('sessions');
    const format = useFormat();
    const when = useWhen();
    const { icon, tone } = LOOK[line.type];
    return (
        <li className="session-event">
            <span className={`session-event-icon ${tone}`}>{icon}</span>
            <span className="session-event-name">{t(`events.${line.type}`)}</span>
            <span className="session-event-text">
                <EventText line={line} />
            </span>
            <time
                className="session-event-time"
                dateTime={new Date(line.from).toISOString()}
                title={format.fullTime(line.from)}
            >
                {when(new Date(line.from).toISOString())}
            </time>
        </li>
    );
}

function EventText({ line }: { line: EventLine }) {
    const { t } = useTranslation('sessions');
    const format = useFormat();
    const when = useWhen();
    const { detail } = line;
    switch (line.type) {
        case 'api_error': {
            const what = [detail.status, detail.error].filter((one) => one !== null).join(' ');
            const said = what || t('events.no_reason');
            return line.count > 1
                ? t('events.api_error_times', {
                      what: said,
                      count: line.count,
                      time: format.duration(Math.max(1000, line.to - line.from)),
                  })
                : said;
        }
        case 'limit_hit': {
            const limit = limitName(t, detail.limit);
            return detail.resets_at === null
                ? t('events.limit_unknown_reset', { limit })
                : t('events.limit_reset', { limit, time: when(detail.resets_at) });
        }
        case 'compaction': {
            const { tokens_before: before, tokens_after: after } = detail;
            const trigger =
                detail.trigger === 'auto'
                    ? t('events.trigger_auto')
                    : detail.trigger === 'manual'
                      ? t('events.trigger_manual')
                      : '';
            const size =
                before === null
                    ? ''
                    : after === null
                      ? t('events.compacted_from', { before: format.tokens(before) })
                      : t('events.compacted', {
                            before: format.tokens(before),
                            after: format.tokens(after),
                        });
            return [size, trigger].filter(Boolean).join(' · ') || t('events.no_size');
        }
        case 'pull_request': {
            const url = pullRequestUrl(detail.repository, detail.number);
            const name = `${detail.repository ?? ''}${detail.number === null ? '' : ` #${detail.number}`}`;
            return url ? (
                <a className="session-event-link" href={url} target="_blank" rel="noreferrer">
                    {name}
                </a>
            ) : (
                name
            );
        }
    }
}

const LIMITS = ['five_hour', 'seven_day', 'seven_day_opus', 'seven_day_sonnet', 'spend'] as const;

function limitName(t: ReturnType<typeof useTranslation<'sessions'>>['t'], limit: string | null) {
    const known = LIMITS.find((one) => one === limit);
    return known ? t(`limit.${known}`) : (limit ?? t('limit.unknown'));
}
