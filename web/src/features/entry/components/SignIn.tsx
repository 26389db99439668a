/** Name and password, then the second factor where the account has one. */
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { EntryAlert, EntryFrame } from '@/features/entry/components/EntryFrame';
import { ProviderSignIn, useProviderProblem } from '@/features/entry/components/ProviderSignIn';
import { enter } from '@/features/entry/lib/leave';
import { useWait } from '@/features/entry/lib/useWait';
import { useGetAuthStateQuery, useSignInMutation } from '@/shared/api/generated';
import { asProblem } from '@/shared/api/problem';
import { safeTarget } from '@/shared/lib/entry';
import { CheckField, Field, PasswordField } from '@/shared/ui/Field';
import { useFaults } from '@/shared/ui/faults';

const CODE_LENGTH = 6;

export function SignIn() {
    const { t } = useTranslation('entry');
    const [params] = useSearchParams();
    const wanted = params.get('to');
    const state = useGetAuthStateQuery();
    const [signIn, { isLoading }] = useSignInMutation();
    const faultsOf = useFaults();
    const [name, setName] = useState('');
    const [password, setPassword] = useState('');
    const [trusted, setTrusted] = useState(false);
    const [step, setStep] = useState<'password' | 'code'>('password');
    const [code, setCode] = useState('');
    const [problem, setProblem] = useState<{ at: 'form' | 'code'; text: string } | null>(null);
    const [wait, setWait] = useWait();
    const [done, setDone] = useState(false);
    const [byPassword, setByPassword] = useState(false);
    const cameBack = useProviderProblem(params.get('problem'));
    const provider = state.data?.provider;
    const busy = isLoading || done;
    const me = state.data?.me;
    const open = state.data?.open ?? false;

    // Whoever is signed in already, or needs not be, has no business here.
    useEffect(() => {
        if (me && !done) enter(me, wanted);
        else if (open) location.replace(safeTarget(wanted, location.origin));
    }, [me, done, open, wanted]);

    const send = async (withCode: string) => {
        setProblem(null);
        try {
            const answer = await signIn({
                signIn: { name, password, trusted, ...(withCode ? { code: withCode } : {}) },
            }).unwrap();
            setDone(true);
            enter(answer, wanted);
        } catch (failure) {
            const found = asProblem(failure);
            setCode('');
            if (found?.code === 'second_factor_required') setStep('code');
            else if (found?.code === 'second_factor_wrong') {
                setProblem({ at: 'code', text: t('code.wrong') });
            } else if (found?.code === 'bad_credentials') {
                setStep('password');
                setProblem({ at: 'form', text: t('sign_in.refused') });
            } else if (found?.code === 'wait' || found?.code === 'busy') {
                setWait(found.retryAfter ?? 5);
            } else {
                setProblem({ at: 'form', text: faultsOf(failure, []).rest ?? '' });
            }
        }
    };

    const alert =
        wait > 0 ? (
            <EntryAlert wait text={t('sign_in.wait', { count: wait })} />
        ) : problem?.at === 'form' ? (
            <EntryAlert text={problem.text} />
        ) : cameBack ? (
            <EntryAlert text={cameBack} />
        ) : null;

    if (state.data?.setup_required) return <NotSetUp />;
    if (step === 'code') {
        return (
            <SecondStep
                code={code}
                onCode={setCode}
                busy={busy || wait > 0}
                error={problem?.at === 'code' ? problem.text : null}
                alert={alert}
                onSend={(value) => void send(value)}
                onBack={() => {
                    setStep('password');
                    setPassword('');
                    setProblem(null);
                }}
            />
        );
    }
    if (provider && state.data?.provider_only && !byPassword) {
        return (
            <EntryFrame
                title={t('sign_in.title')}
                lead={wanted ? t('sign_in.lead_back') : t('sign_in.lead')}
            >
                <div className="form">
                    {alert}
                    <ProviderSignIn name={provider.name} wanted={wanted} only />
                    <div className="entry-links">
                        <button
                            type="button"
                            className="link-button"
                            onClick={() => setByPassword(true)}
                        >
                            {t('provider.emergency')}
                        </button>
                    </div>
                </div>
            </EntryFrame>
        );
    }
    return (
        <EntryFrame
            title={t('sign_in.title')}
            lead={wanted ? t('sign_in.lead_back') : t('sign_in.lead')}
        >
            <form
                className="form"
                onSubmit={(event) => {
                    event.preventDefault();
                    void send('');
                }}
            >
                {alert}
                {provider ? (
                    <>
                        <ProviderSignIn name={provider.name} wanted={wanted} />
                        <p className="entry-or">{t('provider.or')}</p>
                    </>
                ) : null}
                <Field
                    label={t('field.name')}
                    value={name}
                    onChange={setName}
                    autoComplete="username"
                    autoCapitalize="none"
                    spellCheck={false}
                    autoFocus
                    required
                />
                <PasswordField
                    label={t('field.password')}
                    value={password}
                    onChange={setPassword}
                />
                <CheckField
                    label={t('sign_in.trusted')}
                    hint={t('sign_in.trusted_text')}
                    checked={trusted}
                    onChange={setTrusted}
                />
                <button
                    type="submit"
                    className="button button-primary entry-submit"
                    disabled={busy || wait > 0}
                >
                    {busy ? t('sign_in.busy') : t('sign_in.go')}
                </button>
                <div className="entry-links">
                    <Link className="link-button" to="/forgot">
                        {t('sign_in.forgot')}
                    </Link>
                    {state.data?.registration === 'domains' &&
                    state.data.mail &&
                    !state.data.provider_only ? (
                        <Link className="link-button" to="/request-registration">
                            {t('sign_in.register')}
                        </Link>
                    ) : null}
                </div>
            </form>
        </EntryFrame>
    );
}

interface SecondStepProps {
    code: string;
    onCode: (code: string) => void;
    busy: boolean;
    error: string | null;
    alert: React.ReactNode;
    onSend: (code: string) => void;
    onBack: () => void;
}

function SecondStep({ code, onCode, busy, error, alert, onSend, onBack }: SecondStepProps) {
    const { t } = useTranslation('entry');
    const [recovery, setRecovery] = useState(false);
    const sent = useRef('');
    const change = (text: string) => {
        if (recovery) {
            onCode(text);
            return;
        }
        const digits = text.replace(/\D/g, '').slice(0, CODE_LENGTH);
        onCode(digits);
        // The last digit sends it, once; whoever corrects one presses the button.
        if (digits.length === CODE_LENGTH && digits !== sent.current && !busy) {
            sent.current = digits;
            onSend(digits);
        }
    };
    return (
        <EntryFrame
            title={t('code.title')}
            lead={recovery ? t('code.recovery_lead') : t('code.lead')}
        >
            <form
                className="form"
                onSubmit={(event) => {
                    event.preventDefault();
                    if (code) onSend(code.trim());
                }}
            >
                {alert}
                <Field
                    key={recovery ? 'recovery' : 'code'}
                    label={recovery ? t('code.recovery') : t('code.code')}
                    className={
                        recovery
                            ? 'input form-input entry-code entry-code-long'
                            : 'input form-input entry-code'
                    }
                    value={code}
                    onChange={change}
                    error={error}
                    autoComplete="one-time-code"
                    inputMode={recovery ? 'text' : 'numeric'}
                    autoCapitalize="none"
                    spellCheck={false}
                    autoFocus
                    required
                />
                <button
                    type="submit"
                    className="button button-primary entry-submit"
                    disabled={busy || code === ''}
                >
                    {t('code.go')}
                </button>
                <div className="entry-links">
                    <button type="button" className="link-button" onClick={onBack}>
                        {t('code.back')}
                    </button>
                    <button
                        type="button"
                        className="link-button"
                        onClick={() => {
                            setRecovery(!recovery);
                            onCode('');
                        }}
                    >
                        {recovery ? t('code.use_app') : t('code.use_recovery')}
                    </button>
                </div>
            </form>
        </EntryFrame>
    );
}

/** Nobody can sign in where there is no account yet. */
function NotSetUp() {
    const { t } = useTranslation('entry');
    return (
        <EntryFrame title={t('not_set_up.title')} lead={t('not_set_up.lead')}>
            <div className="entry-body">
                <p>{t('not_set_up.text')}</p>
                <div>
                    <code className="command">tidemark user setup-link</code>
                </div>
            </div>
        </EntryFrame>
    );
}
