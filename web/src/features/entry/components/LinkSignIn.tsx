/** The printed link of a laptop signs its one person in. */
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { EntryAlert, EntryFrame } from '@/features/entry/components/EntryFrame';
import { NoToken } from '@/features/entry/components/NoToken';
import { enter } from '@/features/entry/lib/leave';
import { useSignInByLinkMutation } from '@/shared/api/generated';
import { linkToken } from '@/shared/lib/entry';
import { useFaults } from '@/shared/ui/faults';

export function LinkSignIn() {
    const { t } = useTranslation('entry');
    const [signIn, { error }] = useSignInByLinkMutation();
    const faultsOf = useFaults();
    const token = linkToken();
    const asked = useRef(false);
    // A link works once, so it is sent once, however often the page is drawn.
    useEffect(() => {
        if (!token || asked.current) return;
        asked.current = true;
        signIn({ linkToken: { token } })
            .unwrap()
            .then((me) => enter(me))
            .catch(() => undefined); // shown below
    }, [signIn, token]);
    if (!token) return <NoToken title={t('link.title')} first />;
    if (!error) {
        return (
            <EntryFrame title={t('link.title')}>
                <div className="entry-body" role="status">
                    {t('link.busy')}
                </div>
            </EntryFrame>
        );
    }
    return (
        <EntryFrame title={t('link.failed')}>
            <div className="entry-body">
                <EntryAlert text={faultsOf(error, []).rest ?? ''} />
                <p>{t('link.new_setup')}</p>
                <div>
                    <code className="command">tidemark user setup-link</code>
                </div>
                <div className="entry-links">
                    <Link className="link-button" to="/sign-in">
                        {t('link.to_sign_in')}
                    </Link>
                </div>
            </div>
        </EntryFrame>
    );
}
