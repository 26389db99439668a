/** The figure above the chart with its change and daily average, and what makes it a lower bound. */
import { useTranslation } from 'react-i18next';
import { useAccess } from '@/shared/api/access';
import type { Metric } from '@/shared/api/generated';
import type { Summary } from '@/shared/api/model';
import type { Format } from '@/shared/lib/format';
import { formatUnit, useFormat } from '@/shared/lib/format';
import { Hint } from '@/shared/ui/Hint';
import { Change } from '@/shared/ui/StatCard';
import type { Headline } from '../headline';
import { metricInfo } from '../metrics';

interface TotalProps {
    metric: Metric;
    headline: Headline | null;
    summary: Summary | undefined;
}

/** On cards money and tokens have three digits that count; everything is in the hint. */
function short(format: Format, metric: Metric, value: number): string {
    const { unit } = metricInfo(metric);
    return unit === 'usd' ? format.money(value) : formatUnit(format, unit, value);
}

export function TotalFigure({ metric, headline, summary }: TotalProps) {
    const { t } = useTranslation(['explore', 'common']);
    const { me } = useAccess();
    const format = useFormat();
    const gaps = useGaps(metric, summary);
    if (!headline || !summary) {
        return (
            <span className="explore-total">
                <span className="sr-only">{t(`metric.${metric}`)}</span>&nbsp;
            </span>
        );
    }
    const withheld = summary.withheld && summary.request_count === 0;
    const value = withheld ? null : headline.value;
    const full = withheld
        ? t('common:withheld.none', { count: me?.minimum_people ?? 0 })
        : value === null
          ? t('headline.unknown')
          : formatUnit(format, metricInfo(metric).unit, value, 'full');
    return (
        <span className="explore-total">
            <span className="sr-only">{t(`metric.${metric}`)}: </span>
            <Hint text={[full, ...gaps].join('\n')} mark={gaps.length > 0}>
                {value === null ? '—' : short(format, metric, value)}
            </Hint>
        </span>
    );
}

function useGaps(metric: Metric, summary: Summary | undefined): string[] {
    const { t } = useTranslation('explore');
    const format = useFormat();
    const gaps: string[] = [];
    if (!summary) return gaps;
    const money = metric === 'cost' || metric === 'cost_per_request';
    if (money && summary.unpriced_count > 0) {
        gaps.push(
            t('headline.unpriced', {
                count: summary.unpriced_count,
                tokens: format.tokens(summary.unpriced_tokens),
                models: summary.unpriced_models.join(', '),
            }),
        );
    }
    if (
        summary.incomplete_count > 0 &&
        (money || metric === 'output_tokens' || metric === 'total_tokens')
    ) {
        gaps.push(t('headline.incomplete', { count: summary.incomplete_count }));
    }
    return gaps;
}

export function TotalNotes({ metric, headline, summary }: TotalProps) {
    const { t } = useTranslation('explore');
    const format = useFormat();
    if (!headline) return null;
    const days = Math.ceil(headline.days - 0.01);
    const { change, daily } = headline;
    return (
        <span className="explore-notes">
            {days >= 2 ? <span>{t('headline.days', { count: days })}</span> : null}
            {change !== null ? (
                <span>
                    {t('headline.against')}{' '}
                    <Hint
                        text={
                            summary?.previous_from && summary.previous_to
                                ? t('headline.before', {
                                      value: formatUnit(
                                          format,
                                          metricInfo(metric).unit,
                                          headline.previous,
                                      ),
                                      from: format.dateTime(summary.previous_from),
                                      to: format.dateTime(summary.previous_to),
                                  })
                                : formatUnit(format, metricInfo(metric).unit, headline.previous)
                        }
                    >
                        <Change
                            ratio={change}
                            text={format.change(change)}
                            more={metricInfo(metric).more}
                        />
                    </Hint>
                </span>
            ) : null}
            {daily !== null ? (
                <span>{t('headline.daily', { value: short(format, metric, daily) })}</span>
            ) : null}
        </span>
    );
}
