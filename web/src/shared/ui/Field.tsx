/** A labelled field of a form, with a hint or what is wrong with it. */
import type { InputHTMLAttributes, ReactNode } from 'react';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Advice } from '@/shared/lib/password';

interface FieldFrameProps {
    label: string;
    /** Said below, unless something is wrong. */
    hint?: ReactNode;
    error?: string | null | undefined;
    children: (attributes: {
        id: string;
        'aria-describedby'?: string;
        'aria-invalid'?: true;
    }) => ReactNode;
}

export function FieldFrame({ label, hint, error, children }: FieldFrameProps) {
    const id = useId();
    const below = error ?? hint;
    return (
        <div className="form-field">
            <label htmlFor={id}>{label}</label>
            {children({
                id,
                ...(below ? { 'aria-describedby': `${id}-below` } : {}),
                ...(error ? { 'aria-invalid': true } : {}),
            })}
            {below ? (
                <div
                    id={`${id}-below`}
                    className={error ? 'form-error' : 'form-hint'}
                    role={error ? 'alert' : undefined}
                >
                    {below}
                </div>
            ) : null}
        </div>
    );
}

interface FieldProps
    extends Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'value' | 'id'> {
    label: string;
    hint?: ReactNode;
    error?: string | null | undefined;
    value: string;
    onChange: (value: string) => void;
}

export function Field({ label, hint, error, onChange, ...input }: FieldProps) {
    return (
        <FieldFrame label={label} hint={hint} error={error}>
            {(attributes) => (
                <input
                    className="input form-input"
                    {...input}
                    {...attributes}
                    onChange={(event) => onChange(event.target.value)}
                />
            )}
        </FieldFrame>
    );
}

interface CheckFieldProps {
    label: string;
    /** Said below. */
    hint?: string;
    checked: boolean;
    disabled?: boolean;
    onChange: (checked: boolean) => void;
}

export function CheckField({ label, hint, checked, disabled, onChange }: CheckFieldProps) {
    return (
        <label className="check">
            <input
                type="checkbox"
                checked={checked}
                disabled={disabled}
                onChange={(event) => onChange(event.target.checked)}
            />
            <span>
                {label}
                {hint ? <small>{hint}</small> : null}
            </span>
        </label>
    );
}

/** What is wrong with a form as a whole; before its buttons. */
export function FormFault({ text }: { text: string | null | undefined }) {
    return text ? (
        <p className="form-error" role="alert">
            {text}
        </p>
    ) : null;
}

interface PasswordFieldProps {
    label: string;
    value: string;
    onChange: (value: string) => void;
    error?: string | null | undefined;
    hint?: ReactNode;
    autoFocus?: boolean;
    required?: boolean;
    /** For a new password: how good it is so far. */
    advice?: Advice;
}

const STEPS: Record<Advice['state'], number> = {
    empty: 0,
    short: 1,
    simple: 1,
    personal: 1,
    fair: 3,
    good: 4,
};

export function PasswordField(props: PasswordFieldProps) {
    const { label, value, onChange, error, hint, advice, autoFocus, required = true } = props;
    const { t } = useTranslation('common');
    const [shown, setShown] = useState(false);
    const words = advice ? (
        <>
            <span className="strength" data-step={STEPS[advice.state]} aria-hidden="true">
                <i />
                <i />
                <i />
                <i />
            </span>
            <span>{t(`password.${advice.state}`, { count: advice.missing })}</span>
        </>
    ) : (
        hint
    );
    return (
        <FieldFrame label={label} hint={words} error={error}>
            {(attributes) => (
                <span className="password-box">
                    <input
                        className="input form-input"
                        {...attributes}
                        type={shown ? 'text' : 'password'}
                        autoComplete={advice ? 'new-password' : 'current-password'}
                        autoCapitalize="none"
                        spellCheck={false}
                        // biome-ignore lint/a11y/noAutofocus: the one field of a step that was just opened
                        autoFocus={autoFocus}
                        required={required}
                        value={value}
                        onChange={(event) => onChange(event.target.value)}
                    />
                    <button
                        type="button"
                        className="password-eye"
                        aria-pressed={shown}
                        aria-label={t('password.show')}
                        title={t('password.show')}
                        onClick={() => setShown(!shown)}
                    >
                        <svg
                            width="18"
                            height="18"
                            viewBox="0 0 18 18"
                            fill="none"
                            aria-hidden="true"
                        >
                            <g stroke="currentColor" strokeWidth="1.4" strokeLinecap="round">
                                <path d="M1.500 9c1.800-3.200 4.400-4.800 7.500-4.800s5.700 1.600 7.500 4.800c-1.800 3.200-4.400 4.800-7.500 4.800S3.300 12.200 1.500 9z" />
                                <circle cx="9" cy="9" r="2.2" />
                                {shown ? null : <path d="M3 15 15 3" />}
                            </g>
                        </svg>
                    </button>
                </span>
            )}
        </FieldFrame>
    );
}
