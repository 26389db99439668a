import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { SeriesAnswer } from '@/shared/api/model';
import type { PreparedSeries } from '@/shared/charts/prepare/series';
import { prepareSeries } from '@/shared/charts/prepare/series';
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
