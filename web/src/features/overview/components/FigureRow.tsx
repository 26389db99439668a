import { useTranslation } from 'react-i18next';
import type { Figures, Span } from '@/features/overview/hooks/useFigures';
import type { Overview } from '@/shared/api/model';
import { useFormat, usePreferences } from '@/shared/lib/format';
import { monthText } from '@/shared/lib/time';
import { Hint } from '@/shared/ui/Hint';
import type { Tone } from '@/shared/ui/StatCard';
import { Change, StatCard, StatRow } from '@/shared/ui/StatCard';

interface FigureRowProps {
    figures: Figures;
    overview: Overview;
    /** null = today. */
    rangeLabel: string | null;
}

function ratio(now: number, before: number | null | undefined): number | null {
    return before ? now / before - 1 : null;
}

export function FigureRow({ figures, overview, rangeLabel }: FigureRowProps) {
    const { t } = useTranslation('overview');
    const format = useFormat();
    const { language, zone } = usePreferences();
    const { range, before } = figures;
    const today = rangeLabel === null;
    const versus = today ? t('versus.yesterday') : t('versus.before');
    const month = monthText(overview.month.from, language, zone);
    const tokens = format.tokensParts(range.total_tokens);
    const atLeast = (span: Span) =>
        span.unpriced_requests > 0 ? `\n${t('at_least', { count: span.unpriced_requests })}` : '';
    const change = (value: number | null, more: 'bad' | 'good' | null) =>
        value === null ? null : (
            <Change ratio={value} text={format.changeSize(value)} more={more} />
        );
    const costChange = ratio(range.cost, before?.cost);
    const tokensChange = ratio(range.total_tokens, before?.total_tokens);
    const burnChange = ratio(figures.costPerHour, figures.costPerHourBefore);
    const monthChange = ratio(figures.month.cost, figures.monthBefore?.cost);
    const sessionsMore =
        figures.sessionsBefore === null ? null : figures.sessions - figures.sessionsBefore;

    return (
        <StatRow label={t('figures')}>
            <StatCard
                label={
                    <>
                        {today ? t('cost.today') : t('cost.range', { range: rangeLabel })}
                        <StateTag
                            state={figures.state.today}
                            text={t('state.today', {
                                usual: format.money(figures.usualCost ?? 0),
                            })}
                        />
                    </>
                }
                value={format.money(range.cost)}
                full={
                    t('cost.full', {
                        cost: format.moneyFull(range.cost),
                        before: before ? format.moneyFull(before.cost) : '—',
                    }) + atLeast(range)
                }
                inexact={range.unpriced_requests > 0}
                tone={toneOf(figures.state.today)}
                note={
                    costChange === null ? (
                        t('versus.nothing')
                    ) : (
                        <>
                            {change(costChange, 'bad')} {versus}
                        </>
                    )
                }
            />
            <StatCard
                label={today ? t('tokens.today') : t('tokens.range')}
                value={tokens.value}
                unit={tokens.unit}
                full={t('tokens.full', {
                    total: format.count(range.total_tokens),
                    output: format.count(range.output_tokens),
                    before: before ? format.count(before.total_tokens) : '—',
                })}
                note={
                    <>
                        {change(tokensChange, null)}
                        {tokensChange === null ? '' : ' · '}
                        {range.cache_hit_ratio === null
                            ? t('tokens.no_cache')
                            : t('tokens.cache', { ratio: format.percent(range.cache_hit_ratio) })}
                    </>
                }
            />
            <StatCard
                label={
                    <>
                        {t('burn.label')}
                        <StateTag state={figures.state.burn} text={t('state.burn')} />
                    </>
                }
                value={format.money(figures.costPerHour)}
                unit={t('burn.unit')}
                full={t('burn.full', {
                    minutes: overview.burn.window_minutes,
                    tokens: format.tokens(overview.burn.tokens_per_minute),
                })}
                tone={toneOf(figures.state.burn)}
                note={
                    <>
                        {change(burnChange, 'bad')}
                        {burnChange === null ? '' : ' · '}
                        {figures.peakCostPerHour === null
                            ? t('burn.window', { minutes: overview.burn.window_minutes })
                            : t('burn.peak', { cost: format.money(figures.peakCostPerHour) })}
                    </>
                }
            />
            <StatCard
                label={t('sessions.label')}
                value={format.count(figures.active)}
                unit={
                    today
                        ? t('sessions.today', { count: figures.sessions })
                        : t('sessions.range', { count: figures.sessions })
                }
                full={t('sessions.full')}
                note={
                    sessionsMore === null ? (
                        t('versus.nothing')
                    ) : sessionsMore === 0 ? (
                        t(today ? 'versus.yesterday_same' : 'versus.before_same')
                    ) : (
                        <>
                            <Change
                                ratio={sessionsMore}
                                text={format.count(Math.abs(sessionsMore))}
                                more={null}
                            />{' '}
                            {versus}
                        </>
                    )
                }
            />
            <StatCard
                label={t('month.label', { month })}
                value={format.money(figures.month.cost)}
                unit={
                    figures.monthProjected === null ? null : (
                        <Hint mark text={t('month.projected_full')}>
                            {t('month.projected', { cost: format.money(figures.monthProjected) })}
                        </Hint>
                    )
                }
                full={
                    t('month.full', {
                        cost: format.moneyFull(figures.month.cost),
                        before: figures.monthBefore
                            ? format.moneyFull(figures.monthBefore.cost)
                            : '—',
                    }) + atLeast(figures.month)
                }
                inexact={figures.month.unpriced_requests > 0}
                note={
                    monthChange === null ? (
                        t('versus.nothing')
                    ) : (
                        <>
                            {change(monthChange, 'bad')} {t('versus.month')}
                        </>
                    )
                }
            />
        </StatRow>
    );
}

type State = Overview['state']['today'];

function toneOf(state: State): Tone {
    return state === 'warning' || state === 'over' ? state : 'normal';
}

/** Says in words what the colour says. */
function StateTag({ state, text }: { state: State; text: string }) {
    const { t } = useTranslation('overview');
    if (state !== 'warning' && state !== 'over') return null;
    return (
        <Hint text={text}>
            <span className={`state-tag state-tag-${state}`}>{t(`state.${state}`)}</span>
        </Hint>
    );
}
