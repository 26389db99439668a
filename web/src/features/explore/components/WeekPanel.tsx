/** When in the week the range's usage falls, as a mean of the hours that occurred in it. */
import { memo, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useGetUsageHoursQuery } from '@/shared/api/generated';
import type { HeatCell } from '@/shared/charts/prepare/heat';
import { prepareHours } from '@/shared/charts/prepare/heat';
import { usePreferences } from '@/shared/lib/format';
import { timeFormat } from '@/shared/lib/time';
import { metricInfo } from '../metrics';
import { hoursQuestion } from '../questions';
import type { Explore } from '../useExplore';
import { useShown } from '../useShown';
import { HeatPanel } from './HeatPanel';

export const WeekPanel = memo(function WeekPanel({ explore }: { explore: Explore }) {
    const { t } = useTranslation(['explore', 'common']);
    const { weekStart, language } = usePreferences();
    const { view, arg, file } = explore;
    const possible = view.metric !== 'tool_errors';
    const asked = useGetUsageHoursQuery(hoursQuestion(view, arg), { skip: !possible });
    const { data, question, stale, error } = useShown(asked, view.metric);
    const heat = useMemo(
        () => (data && possible ? prepareHours(data, { language, weekStart }) : null),
        [data, possible, language, weekStart],
    );
    const hour = useMemo(() => {
        // 1970-01-04 was a Sunday.
        const days = Array.from({ length: 7 }, (_, row) =>
            timeFormat(language, 'UTC', { weekday: 'long' }).format(
                (3 + ((weekStart + row) % 7)) * 86_400_000,
            ),
        );
        const clock = (column: number) => `${String(column).padStart(2, '0')}:00`;
        const hours = Array.from({ length: 24 }, (_, column) =>
            t('common:chart.span', { from: clock(column), to: clock(column + 1) }),
        );
        return (cell: HeatCell) => `${days[cell.row]} ${hours[cell.column]}`;
    }, [language, weekStart, t]);
    const metric = t(`metric.${question}`);
    return (
        <HeatPanel
            title={t('heat.week')}
            sub={
                metricInfo(question).sum
                    ? t('heat.week_sub', { metric })
                    : t('heat.week_sub_ratio', { metric })
            }
            file={`${file}-hours`}
            heat={heat}
            stale={stale}
            error={error}
            onRetry={asked.refetch}
            name={hour}
            timeTitle={t('heat.hour')}
            valueTitle={metric}
            emptyText={t('common:chart.empty_advice')}
            withheld={data?.withheld ? t('heat.hours_withheld') : null}
            fileTime={hour}
            {...(possible ? {} : { instead: t('heat.no_hours') })}
        />
    );
});
