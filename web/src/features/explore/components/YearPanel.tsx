/** A year of days, whatever the range: a click on a day makes it the range. */
import { memo, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useAccess } from '@/shared/api/access';
import { useGetUsageSeriesQuery } from '@/shared/api/generated';
import type { HeatCell } from '@/shared/charts/prepare/heat';
import { prepareCalendar } from '@/shared/charts/prepare/heat';
import { useFormat, usePreferences } from '@/shared/lib/format';
import { useNow } from '@/shared/lib/now';
import { formatWall } from '@/shared/lib/range';
import { yearQuestion } from '../questions';
import type { Explore } from '../useExplore';
import { useShown } from '../useShown';
import { HeatPanel } from './HeatPanel';

export const YearPanel = memo(function YearPanel({ explore }: { explore: Explore }) {
    const { t } = useTranslation(['explore', 'common']);
    const format = useFormat();
    const { me } = useAccess();
    const { zone, weekStart, language } = usePreferences();
    const now = useNow(60_000);
    const { view, filters, resolved, zoom } = explore;
    const asked = useGetUsageSeriesQuery(yearQuestion(view, filters, { zone, weekStart }, now));
    const { data, question, stale, error } = useShown(asked, view.metric);
    const heat = useMemo(
        () => (data ? prepareCalendar(data, { language, zone, weekStart, now }) : null),
        [data, language, zone, weekStart, now],
    );
    const day = (cell: HeatCell) => (cell.span ? format.fullDate(cell.span[0]) : '');
    const end = resolved.axisTo ?? resolved.to;
    return (
        <HeatPanel
            title={t('heat.year')}
            sub={t('heat.year_sub', { metric: t(`metric.${question}`) })}
            file={`tidemark-${question.replaceAll('_', '-')}-year`}
            heat={heat}
            stale={stale}
            error={error}
            onRetry={asked.refetch}
            name={day}
            timeTitle={t('heat.day')}
            valueTitle={t(`metric.${question}`)}
            emptyText={t('heat.year_empty')}
            withheld={
                data?.withheld
                    ? t('common:withheld.none', { count: me?.minimum_people ?? 0 })
                    : null
            }
            fileTime={(cell) => (cell.span ? formatWall(cell.span[0], zone).slice(0, 10) : '')}
            onPick={(cell) => {
                if (cell.span) zoom(...cell.span);
            }}
            chosen={(cell) => cell.span?.[0] === resolved.from && cell.span[1] === end}
            foot={<span>{t('heat.year_hint')}</span>}
        />
    );
});
