/** The first account from the set-up link, or one's own from an invitation. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { EntryAlert, EntryFrame } from '@/features/entry/components/EntryFrame';
import { enter } from '@/features/entry/lib/leave';
import {
    useGetAuthStateQuery,
    useRegisterAccountMutation,
    useSetUpMutation,
} from '@/shared/api/generated';
import { linkToken } from '@/shared/lib/entry';
import { adviceFor } from '@/shared/lib/password';
import { Field, PasswordField } from '@/shared/ui/Field';
import { useFaults } from '@/shared/ui/faults';
import { NoToken } from './NoToken';

const OWN = ['username', 'display_name', 'password'];

export function NewAccount({ first }: { first: boolean }) {
    const { t } = useTranslation('entry');
    const { data: state } = useGetAuthStateQuery();
    const [setUp, setting] = useSetUpMutation();
    const [register, registering] = useRegisterAccountMutation();
    const [username, setUsername] = useState('');
    const [name, setName] = useState('');
    const [password, setPassword] = useState('');
    const [done, setDone] = useState(false);
    const token = linkToken();
    const faults = useFaults()(setting.error ?? registering.error, OWN);
    const advice = adviceFor(password, [username, name]);
    // On the machine itself the printed link signs in, so the one person there needs no password.
    const optional = first && (state?.loopback ?? false);
    const words = first ? 'setup' : 'register';

    if (first && state && !state.setup_required) {
        return (
            <EntryFrame title={t('make.setup.done_title')} lead={t('make.setup.done_text')}>
                <div className="entry-body">
                    <Link className="button button-primary entry-submit" to="/sign-in">
                        {t('sign_in.go')}
                    </Link>
                </div>
            </EntryFrame>
        );
    }
    if (!token) return <NoToken title={t(`make.${words}.title`)} first={first} />;
    const send = async () => {
        const account = { token, username: username.trim(), display_name: name.trim() };
        try {
            const me = first
                ? await setUp({
                      setUp: { ...account, ...(password ? { password } : {}) },
                  }).unwrap()
                : await register({ register: { ...account, password } }).unwrap();
            setDone(true);
            enter(me);
        } catch {
            // Shown at the fields.
        }
    };
    const busy = setting.isLoading || registering.isLoading || done;
    const strongEnough = advice.state === 'fair' || advice.state === 'good';
    return (
        <EntryFrame title={t(`make.${words}.title`)} lead={t(`make.${words}.lead`)}>
            <form
                className="form"
                onSubmit={(event) => {
                    event.preventDefault();
                    void send();
                }}
            >
                {faults.rest ? <EntryAlert text={faults.rest} /> : null}
                <Field
                    label={t('field.username')}
                    hint={t('field.username_hint')}
                    error={faults.fields['username']}
                    value={username}
                    onChange={setUsername}
                    autoComplete="username"
                    autoCapitalize="none"
                    spellCheck={false}
                    maxLength={64}
                    autoFocus
                    required
                />
                <Field
                    label={t('field.display_name')}
                    error={faults.fields['display_name']}
                    value={name}
                    onChange={setName}
                    autoComplete="name"
                    maxLength={100}
                />
                <PasswordField
                    label={optional ? t('field.password_optional') : t('field.password')}
                    {...(optional && !password
                        ? { hint: t('make.setup.no_password') }
                        : { advice })}
                    error={faults.fields['password']}
                    value={password}
                    onChange={setPassword}
                    required={!optional}
                />
                <button
                    type="submit"
                    className="button button-primary entry-submit"
                    disabled={
                        busy ||
                        username.trim() === '' ||
                        !(strongEnough || (optional && password === ''))
                    }
                >
                    {t(`make.${words}.go`)}
                </button>
            </form>
        </EntryFrame>
    );
}
