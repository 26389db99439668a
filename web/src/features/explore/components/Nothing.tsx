/** Why the chart is empty and the one thing that fills it. */
import { useTranslation } from 'react-i18next';
import { useAccess } from '@/shared/api/access';
import { hasFilters } from '@/shared/lib/filters';
import { EmptyState } from '@/shared/ui/States';
import type { Explore } from '../useExplore';

interface NothingProps {
    explore: Explore;
    /** There was usage, only none of what is measured. */
    used: boolean;
    /** Usage of others may be left out, for privacy. */
    withheld: boolean;
}

export function Nothing({ explore, used, withheld }: NothingProps) {
    const { t } = useTranslation(['explore', 'common']);
    const { me } = useAccess();
    const { view, filters, range, setFilters, setRange } = explore;
    if (withheld) {
        return <EmptyState title={t('common:withheld.none', { count: me?.minimum_people ?? 0 })} />;
    }
    if (used)
        return <EmptyState title={t('nothing.none', { metric: t(`metric.${view.metric}`) })} />;
    if (hasFilters(filters)) {
        return (
            <EmptyState
                title={t('common:chart.empty')}
                text={t('nothing.filtered')}
                action={
                    <button type="button" className="button" onClick={() => setFilters({})}>
                        {t('common:filter.clear')}
                    </button>
                }
            />
        );
    }
    const widest = 'preset' in range && range.preset === 'this_year';
    return (
        <EmptyState
            title={t('common:chart.empty')}
            text={
                <>
                    {t('nothing.start')} <code>claude</code>
                </>
            }
            action={
                widest ? undefined : (
                    <button
                        type="button"
                        className="button"
                        onClick={() => setRange({ preset: 'this_year' })}
                    >
                        {t('nothing.widen')}
                    </button>
                )
            }
        />
    );
}
