import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { PageHeader } from '@/shared/ui/PageHeader';
import { EmptyState } from '@/shared/ui/States';

export function NotFoundPage() {
    const { t } = useTranslation('common');
    return (
        <div className="page">
            <PageHeader title={t('not_found.title')} />
            <section className="panel">
                <EmptyState
                    title={t('not_found.title')}
                    text={t('not_found.text')}
                    action={
                        <Link className="button" to="/">
                            {t('not_found.home')}
                        </Link>
                    }
                />
            </section>
        </div>
    );
}
