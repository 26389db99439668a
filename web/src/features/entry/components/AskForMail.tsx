/** Forgot password, and an account by mail domain: both send a link and say the same to everybody. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { EntryAlert, EntryFrame } from '@/features/entry/components/EntryFrame';
import {
    useForgotPasswordMutation,
    useGetAuthStateQuery,
    useRequestRegistrationMutation,
} from '@/shared/api/generated';
import { usePreferences } from '@/shared/lib/format';
import { Field } from '@/shared/ui/Field';
import { useFaults } from '@/shared/ui/faults';

export function AskForMail({ what }: { what: 'forgot' | 'request' }) {
    const { t } = useTranslation('entry');
    const { language } = usePreferences();
    const { data: state } = useGetAuthStateQuery();
    const [forgot, forgetting] = useForgotPasswordMutation();
    const [request, requesting] = useRequestRegistrationMutation();
    const [text, setText] = useState('');
    const asking = what === 'forgot' ? forgetting : requesting;
    const faults = useFaults()(asking.error, ['name', 'email']);
    const field = what === 'forgot' ? 'name' : 'email';
    const possible =
        state?.mail &&
        !state.provider_only &&
        (what === 'forgot' || state.registration === 'domains');
    const back = (
        <div className="entry-links">
            <Link className="link-button" to="/sign-in">
                {t('link.to_sign_in')}
            </Link>
        </div>
    );
    if (state && !possible) {
        return (
            <EntryFrame title={t(`ask.${what}.title`)} lead={t(`ask.${what}.no_mail`)}>
                <div className="entry-body">
                    {what === 'forgot' ? (
                        <>
                            <p>{t('ask.forgot.command')}</p>
                            <div>
                                <code className="command">tidemark user reset</code>
                            </div>
                        </>
                    ) : null}
                    {back}
                </div>
            </EntryFrame>
        );
    }
    if (asking.isSuccess) {
        return (
            <EntryFrame title={t('sent.title')} lead={t(`ask.${what}.sent`, { name: text })}>
                <div className="entry-body">
                    <p>{t('sent.text')}</p>
                    {back}
                </div>
            </EntryFrame>
        );
    }
    const send = () => {
        const value = text.trim();
        if (what === 'forgot') void forgot({ forgot: { name: value, language } });
        else void request({ requestRegistration: { email: value, language } });
    };
    return (
        <EntryFrame title={t(`ask.${what}.title`)} lead={t(`ask.${what}.lead`)}>
            <form
                className="form"
                onSubmit={(event) => {
                    event.preventDefault();
                    send();
                }}
            >
                {faults.rest ? <EntryAlert text={faults.rest} /> : null}
                <Field
                    label={what === 'forgot' ? t('field.name') : t('field.email')}
                    type={what === 'forgot' ? 'text' : 'email'}
                    autoComplete={what === 'forgot' ? 'username' : 'email'}
                    autoCapitalize="none"
                    spellCheck={false}
                    error={faults.fields[field]}
                    value={text}
                    onChange={setText}
                    autoFocus
                    required
                />
                <button
                    type="submit"
                    className="button button-primary entry-submit"
                    disabled={asking.isLoading || text.trim() === ''}
                >
                    {t(`ask.${what}.go`)}
                </button>
                {back}
            </form>
        </EntryFrame>
    );
}
