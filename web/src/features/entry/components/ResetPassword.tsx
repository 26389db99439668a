import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { EntryAlert, EntryFrame } from '@/features/entry/components/EntryFrame';
import { NoToken } from '@/features/entry/components/NoToken';
import { useResetPasswordMutation } from '@/shared/api/generated';
import { noteSignedOut } from '@/shared/api/session';
import { linkToken } from '@/shared/lib/entry';
import { adviceFor } from '@/shared/lib/password';
import { PasswordField } from '@/shared/ui/Field';
import { useFaults } from '@/shared/ui/faults';

export function ResetPassword() {
    const { t } = useTranslation('entry');
    const [reset, { isLoading, isSuccess, error }] = useResetPasswordMutation();
    const [password, setPassword] = useState('');
    const faults = useFaults()(error, ['password']);
    const token = linkToken();
    const advice = adviceFor(password, []);
    if (!token) return <NoToken title={t('reset.title')} first={false} />;
    if (isSuccess) {
        return (
            <EntryFrame title={t('reset.done_title')} lead={t('reset.done_text')}>
                <div className="entry-body">
                    <Link className="button button-primary entry-submit" to="/sign-in">
                        {t('sign_in.go')}
                    </Link>
                </div>
            </EntryFrame>
        );
    }
    return (
        <EntryFrame title={t('reset.title')} lead={t('reset.lead')}>
            <form
                className="form"
                onSubmit={(event) => {
                    event.preventDefault();
                    // The server ends all sessions of the account, this browser's too.
                    reset({ reset: { token, password } })
                        .unwrap()
                        .then(noteSignedOut)
                        .catch(() => undefined); // shown above the field
                }}
            >
                {faults.rest ? <EntryAlert text={faults.rest} /> : null}
                <PasswordField
                    label={t('field.new_password')}
                    advice={advice}
                    error={faults.fields['password']}
                    value={password}
                    onChange={setPassword}
                    autoFocus
                />
                <button
                    type="submit"
                    className="button button-primary entry-submit"
                    disabled={isLoading || !(advice.state === 'fair' || advice.state === 'good')}
                >
                    {t('reset.go')}
                </button>
            </form>
        </EntryFrame>
    );
}
