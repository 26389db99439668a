import { useTranslation } from 'react-i18next';
import { activeTime } from '@/features/sessions/lib/agents';
import {
    againstMedian,
    CONTEXT_TIGHT,
    cacheRebuilds,
    contextShare,
    countKinds,
    hoursMinutes,
} from '@/features/sessions/lib/figures';
import type { SessionDetail } from '@/shared/api/model';
import { useFormat } from '@/shared/lib/format';
import { Hint } from '@/shared/ui/Hint';
import { StatCard, StatRow } from '@/shared/ui/StatCard';

const DAY = 86_400_000;
const wholeDays = (length: number) => Math.round(length / DAY) * DAY;

/** Twice the usual is worth a colour. */
const MUCH = 2;

export function SessionFigures({ detail }: { detail: SessionDetail }) {
    const { t } = useTranslation('sessions');
    return (
        <StatRow label={t('figures')}>
            <CostFigure detail={detail} />
            <RequestsFigure detail={detail} />
            <DurationFigure detail={detail} />
            <CacheFigure detail={detail} />
            <ContextFigure detail={detail} />
        </StatRow>
    );
}

function CostFigure({ detail }: { detail: SessionDetail }) {
    const { t } = useTranslation('sessions');
    const format = useFormat();
    const { measures } = detail.session;
    const times = againstMedian(measures.cost, detail.median_cost);
    const gaps = [
        measures.unpriced_requests > 0
            ? t('cost.unpriced', { count: measures.unpriced_requests })
            : '',
        detail.unlogged ? t('cost.unlogged', { cost: format.moneyFull(detail.unlogged.cost) }) : '',
    ].filter(Boolean);
    return (
        <StatCard
            label={t('column.cost')}
            value={format.money(measures.cost)}
            full={[t('cost.full', { cost: format.moneyFull(measures.cost) }), ...gaps].join('\n')}
            inexact={gaps.length > 0}
            note={
                times === null ? (
                    t('median.none')
                ) : (
                    <Hint
                        text={t('median.full', {
                            median: format.moneyFull(detail.median_cost ?? 0),
                        })}
                    >
                        <span className={times >= MUCH ? 'tone-over' : undefined}>
                            {t('median.times', {
                                times: format.count(Number(times.toPrecision(2))),
                            })}
                        </span>
                    </Hint>
                )
            }
        />
    );
}

function RequestsFigure({ detail }: { detail: SessionDetail }) {
    const { t } = useTranslation('sessions');
    const format = useFormat();
    const kinds = countKinds(detail.requests);
    const total = detail.session.measures.requests;
    const parts = (['main', 'subagent', 'auxiliary'] as const)
        .filter((kind) => kinds[kind] > 0)
        .map((kind) => t(`requests.${kind}`, { number: format.count(kinds[kind]) }))
        .join(' · ');
    return (
        <StatCard
            label={t('column.requests')}
            value={format.count(total)}
            full={t('requests.full', { count: total, models: detail.session.models.join(', ') })}
            note={
                detail.truncated ? (
                    <Hint text={t('requests.newest', { count: detail.requests.length })} mark>
                        {parts}
                    </Hint>
                ) : (
                    parts
                )
            }
        />
    );
}

/** Of the whole time; with less work than this there were pauses worth a word. */
const PAUSED = 0.95;

function DurationFigure({ detail }: { detail: SessionDetail }) {
    const { t } = useTranslation('sessions');
    const format = useFormat();
    const { session } = detail;
    const active = activeTime(detail.agents, session);
    // Work without a pause needs no second figure.
    const paused = detail.agents.length > 0 && active < PAUSED * session.duration_ms;
    const started = t('duration.started', { time: format.clock(session.started) });
    const short = (length: number) =>
        hoursMinutes(length) ?? format.duration(length < DAY ? length : wholeDays(length));
    return (
        <StatCard
            label={t('column.duration')}
            value={short(session.duration_ms)}
            full={[
                t('duration.full', {
                    time: format.duration(session.duration_ms),
                    active: format.duration(active),
                    from: format.fullTime(session.started),
                    to: format.fullTime(session.last_activity),
                }),
                ...(session.version ? [t('duration.client', { version: session.version })] : []),
            ].join('\n')}
            note={
                paused ? (
                    <>
                        {t('duration.active', { time: short(active) })} · {started}
                    </>
                ) : (
                    started
                )
            }
        />
    );
}

function CacheFigure({ detail }: { detail: SessionDetail }) {
    const { t } = useTranslation('sessions');
    const format = useFormat();
    const ratio = detail.session.measures.cache_hit_ratio;
    const rebuilds = cacheRebuilds(detail.requests);
    return (
        <StatCard
            label={t('column.cache_hit')}
            value={ratio === null ? null : format.percent(ratio)}
            full={
                ratio === null
                    ? t('cache.unknown')
                    : t('cache.full', {
                          ratio: format.percent(ratio, 2),
                          read: format.count(detail.session.measures.cache_read_tokens),
                          written: format.count(detail.session.measures.cache_write_tokens),
                      })
            }
            note={
                rebuilds.count === 0 ? (
                    t('cache.no_rebuilds')
                ) : (
                    <Hint
                        text={t('cache.rebuilds_full', { tokens: format.count(rebuilds.tokens) })}
                    >
                        <span className="tone-warning">
                            {rebuilds.cost === null
                                ? t('cache.rebuilds', { count: rebuilds.count })
                                : t('cache.rebuilds_cost', {
                                      count: rebuilds.count,
                                      cost: format.money(rebuilds.cost),
                                  })}
                        </span>
                    </Hint>
                )
            }
        />
    );
}

function ContextFigure({ detail }: { detail: SessionDetail }) {
    const { t } = useTranslation('sessions');
    const format = useFormat();
    const { context_tokens: tokens, context_window: window, compactions } = detail.session;
    const share = contextShare(tokens, window);
    return (
        <StatCard
            label={t('column.context')}
            value={tokens === null ? null : format.tokens(tokens)}
            unit={window === null ? undefined : `/ ${format.tokens(window)}`}
            full={
                tokens === null
                    ? t('context.unknown')
                    : window === null
                      ? t('context.no_window', { tokens: format.count(tokens) })
                      : t('context.of', {
                            tokens: format.count(tokens),
                            window: format.count(window),
                            share: format.percent(share ?? 0),
                        })
            }
            tone={share !== null && share >= CONTEXT_TIGHT ? 'warning' : 'normal'}
            note={
                compactions === 0
                    ? t('context.never')
                    : t('context.compacted', { count: compactions })
            }
        />
    );
}
