/** What is grave asks for the password again. Inside AntProvider. */
import { Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DialogFoot } from '@/shared/ui/DialogFoot';
import { Field, FormFault, PasswordField } from '@/shared/ui/Field';
import { useFaults } from '@/shared/ui/faults';

interface PasswordConfirmProps {
    title: string;
    /** What will happen. */
    text: string;
    /** The same, one by one. */
    points?: string[];
    action: string;
    danger?: boolean;
    /** A code of the second factor too. */
    code?: boolean;
    onConfirm: (password: string, code: string) => Promise<unknown>;
    onClose: () => void;
}

export function PasswordConfirm(props: PasswordConfirmProps) {
    const { title, text, points, action, danger, code: withCode, onConfirm, onClose } = props;
    const { t } = useTranslation('common');
    const [password, setPassword] = useState('');
    const [code, setCode] = useState('');
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<unknown>(null);
    const faults = useFaults()(error, ['password', 'code']);
    const go = async () => {
        setBusy(true);
        setError(null);
        try {
            await onConfirm(password, code.replaceAll(' ', ''));
            onClose();
        } catch (failure) {
            setError(failure);
            setBusy(false);
        }
    };
    return (
        <Modal open title={title} width={440} onCancel={onClose} footer={null}>
            <form
                className="confirm"
                onSubmit={(event) => {
                    event.preventDefault();
                    void go();
                }}
            >
                <p>{text}</p>
                {points ? (
                    <ul>
                        {points.map((point) => (
                            <li key={point}>{point}</li>
                        ))}
                    </ul>
                ) : null}
                <PasswordField
                    label={t('confirm.password')}
                    value={password}
                    onChange={setPassword}
                    error={faults.fields['password']}
                    autoFocus
                />
                {withCode ? (
                    <Field
                        label={t('confirm.code')}
                        hint={t('confirm.code_text')}
                        value={code}
                        onChange={setCode}
                        error={faults.fields['code']}
                        autoComplete="one-time-code"
                        autoCapitalize="none"
                        spellCheck={false}
                    />
                ) : null}
                <FormFault text={faults.rest} />
                <DialogFoot
                    action={action}
                    disabled={busy || password === '' || (withCode === true && code.trim() === '')}
                    danger={danger ?? false}
                    onClose={onClose}
                />
            </form>
        </Modal>
    );
}
