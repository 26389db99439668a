/** What is grave asks for the password again. Inside AntProvider. */
import { Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DialogFoot } from '@/shared/ui/DialogFoot';
import { PasswordField } from '@/shared/ui/Field';
import { useFaults } from '@/shared/ui/faults';

interface PasswordConfirmProps {
    title: string;
    /** What will happen. */
    text: string;
    /** The same, one by one. */
    points?: string[];
    action: string;
    danger?: boolean;
    onConfirm: (password: string) => Promise<unknown>;
    onClose: () => void;
}

export function PasswordConfirm(props: PasswordConfirmProps) {
    const { title, text, points, action, danger, onConfirm, onClose } = props;
    const { t } = useTranslation('common');
    const [password, setPassword] = useState('');
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<unknown>(null);
    const faults = useFaults()(error, ['password']);
    const go = async () => {
        setBusy(true);
        setError(null);
        try {
            await onConfirm(password);
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
                {faults.rest ? (
                    <p className="tone-over" role="alert">
                        {faults.rest}
                    </p>
                ) : null}
                <DialogFoot
                    action={action}
                    disabled={busy || password === ''}
                    danger={danger ?? false}
                    onClose={onClose}
                />
            </form>
        </Modal>
    );
}
