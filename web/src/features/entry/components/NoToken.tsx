import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { EntryFrame } from '@/features/entry/components/EntryFrame';

/** The link came without its end, or was used and the page loaded again. */
export function NoToken({ title, first }: { title: string; first: boolean }) {
    const { t } = useTranslation('entry');
    return (
        <EntryFrame title={title} lead={t('link.incomplete')}>
            <div className="entry-body">
                <p>{first ? t('link.new_setup') : t('link.ask_new')}</p>
                {first ? (
                    <div>
                        <code className="command">tidemark user setup-link</code>
                    </div>
                ) : null}
                <div className="entry-links">
                    <Link className="link-button" to="/sign-in">
                        {t('link.to_sign_in')}
                    </Link>
                </div>
            </div>
        </EntryFrame>
    );
}
