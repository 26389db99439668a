/** The signed-in person at the top right: own pages, the organisation's on a phone, sign-out. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { usePlaces } from '@/app/layout/usePlaces';
import { PERSONAL } from '@/app/pages';
import { useAccess } from '@/shared/api/access';
import { useSignOutMutation } from '@/shared/api/generated';
import { noteSignedOut } from '@/shared/api/session';
import { Avatar } from '@/shared/ui/Avatar';
import { Popover } from '@/shared/ui/Popover';

export function AccountButton() {
    const { t } = useTranslation('common');
    const { me } = useAccess();
    const places = usePlaces();
    const [signOut, { isLoading }] = useSignOutMutation();
    const [failed, setFailed] = useState(false);
    if (!me) return null;
    const name = me.display_name || me.username;
    const leave = async () => {
        setFailed(false);
        try {
            await signOut().unwrap();
        } catch (failure) {
            // Whose sign-in has ended already is out; else the cookies are still good and must not be left behind.
            if ((failure as { status?: number }).status !== 401) {
                setFailed(true);
                return;
            }
        }
        noteSignedOut();
        location.assign('/sign-in');
    };
    return (
        <Popover
            name={t('account.menu')}
            title={t('account.menu_of', { name })}
            align="end"
            buttonClass="avatar-button"
            label={<Avatar name={name} />}
        >
            {(close) => (
                <>
                    <div className="account-head">
                        <Avatar name={name} large />
                        <span className="account-words">
                            <strong>{name}</strong>
                            <span>
                                {me.username} · {t(`role.${me.role}`)}
                            </span>
                        </span>
                    </div>
                    {places
                        .filter((place) => place.right)
                        .map((place) => (
                            <Link
                                key={place.key}
                                to={place.path}
                                className="menu-item phone-only"
                                onClick={close}
                            >
                                {t(`place.${place.key}`)}
                            </Link>
                        ))}
                    {PERSONAL.map((place) => (
                        <Link key={place.key} to={place.path} className="menu-item" onClick={close}>
                            {t(`place.${place.key}`)}
                        </Link>
                    ))}
                    <button
                        type="button"
                        className="menu-item account-out"
                        disabled={isLoading}
                        onClick={leave}
                    >
                        {t('account.sign_out')}
                    </button>
                    {failed ? (
                        <p className="popover-title tone-over" role="alert">
                            {t('account.sign_out_failed')}
                        </p>
                    ) : null}
                </>
            )}
        </Popover>
    );
}
