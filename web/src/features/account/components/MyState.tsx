/** In place of a personal page: loading, failed, or there are no accounts. */
import { useTranslation } from 'react-i18next';
import { Panel } from '@/shared/ui/Panel';
import { SkeletonRows } from '@/shared/ui/Skeleton';
import { EmptyState, ErrorPanel } from '@/shared/ui/States';

interface MyStateProps {
    query: { data?: unknown; error?: unknown; refetch: () => unknown };
}

export function MyState({ query }: MyStateProps) {
    const { t } = useTranslation('account');
    return (
        <Panel title={t('nobody.panel')}>
            {query.error ? (
                <ErrorPanel error={query.error} onRetry={() => void query.refetch()} />
            ) : query.data ? (
                <EmptyState
                    title={t('nobody.title')}
                    text={t('nobody.text')}
                    action={<code>tidemark user setup-link</code>}
                />
            ) : (
                <SkeletonRows rows={4} />
            )}
        </Panel>
    );
}
