/** The table's question, its answer, and the same as a file with all rows. */
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/shared/api/generated';
import type { Breakdown } from '@/shared/api/model';
import { saveText } from '@/shared/charts/download';
import { toCsv } from '@/shared/charts/prepare/csv';
import type { FilterName } from '@/shared/lib/filters';
import { useEntityLabel } from '@/shared/ui/labels';
import type { PivotColumn } from './pivot';
import { pivotTable } from './pivot';
import { FIRST_ROWS, pivotGroup, pivotQuestion } from './questions';
import type { Explore } from './useExplore';
import type { Shown } from './useShown';
import { useShown } from './useShown';

/** The most the server gives at once. */
const MOST = 1000;

export interface Pivot {
    group: FilterName;
    shown: Shown<Breakdown, FilterName>;
    refetch: () => void;
    more: (() => void) | null;
    columnTitle: (column: PivotColumn) => string;
    save: () => Promise<void>;
}

export function usePivot(explore: Explore): Pivot {
    const { t } = useTranslation(['explore', 'common']);
    const label = useEntityLabel();
    const { view, arg, file } = explore;
    const group = pivotGroup(view);
    const [wanted, setWanted] = useState({ group, limit: FIRST_ROWS });
    const limit = wanted.group === group ? wanted.limit : FIRST_ROWS;
    const question = pivotQuestion(view, arg, limit);
    const asked = api.endpoints.getUsageBreakdown.useQuery(question);
    const [askAll] = api.endpoints.getUsageBreakdown.useLazyQuery();
    const shown = useShown<Breakdown, FilterName>(asked, group);
    const { data } = shown;
    const columnTitle = useCallback(
        (column: PivotColumn) =>
            column.id === 'share' || column.id === 'change'
                ? t(`pivot.${column.id}`)
                : t(`metric.${column.id as 'cost'}`),
        [t],
    );
    return {
        group,
        shown,
        refetch: asked.refetch,
        more:
            data && data.rows.length < Math.min(MOST, data.total_rows)
                ? () => setWanted({ group, limit: Math.min(MOST, limit * 4) })
                : null,
        columnTitle,
        save: async () => {
            const whole =
                data && !shown.stale && data.rows.length >= data.total_rows
                    ? data
                    : await askAll({ ...question, limit: MOST, trend: 0 }, true).unwrap();
            const table = pivotTable(
                whole,
                group,
                t(`common:dimension.${group}`),
                columnTitle,
                t('common:chart.total'),
                (row) => label(group, row.key, row.label),
            );
            saveText(`${file}-table.csv`, 'text/csv', toCsv(table));
        },
    };
}
