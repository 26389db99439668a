import { skipToken } from '@reduxjs/toolkit/query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { GetUsageSeriesApiArg } from '@/shared/api/generated';
import { useGetUsageSeriesQuery } from '@/shared/api/generated';
import type { SeriesAnswer } from '@/shared/api/model';
import type { PreparedSeries } from '@/shared/charts/prepare/series';
import { prepareSeries } from '@/shared/charts/prepare/series';
import { withWithheldLine } from '@/shared/charts/prepare/withheld';
import { usePreferences } from '@/shared/lib/format';
import { useNow } from '@/shared/lib/now';
import { useEntityLabel } from '@/shared/ui/labels';

/** The answer made ready to draw, again whenever it, the minute, the theme or the language changes. */
export function usePreparedSeries(
    answer: SeriesAnswer | undefined,
    dimension: string,
): PreparedSeries | null {
    const { t } = useTranslation('common');
    const { theme } = usePreferences();
    const label = useEntityLabel();
    const now = useNow(60_000);
    return useMemo(
        () =>
            answer
                ? prepareSeries(answer, {
                      dimension,
                      theme,
                      label,
                      now,
                      totalLabel: t('chart.total'),
                  })
                : null,
        [answer, dimension, theme, label, now, t],
    );
}

/** An answer with the line of what privacy keeps from being broken down; `adds`: its lines are parts of a sum. */
export function useWithheldLine(
    question: GetUsageSeriesApiArg,
    answer: SeriesAnswer | undefined,
    adds: boolean,
): SeriesAnswer | undefined {
    const wanted = answer?.withheld === true && adds && question.groupBy !== 'none';
    const { currentData: whole } = useGetUsageSeriesQuery(
        wanted
            ? {
                  ...question,
                  groupBy: 'none',
                  bucket: answer.bucket as NonNullable<GetUsageSeriesApiArg['bucket']>,
                  compare: 'none',
              }
            : skipToken,
    );
    return useMemo(
        () => (answer && wanted ? withWithheldLine(answer, whole) : answer),
        [answer, whole, wanted],
    );
}
