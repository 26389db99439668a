/** Asks before something is done that cannot simply be taken back; says what will happen. Inside AntProvider. */
import { Modal } from 'antd';
import type { ReactNode } from 'react';
import { useState } from 'react';
import { DialogFoot } from '@/shared/ui/DialogFoot';
import { Field, FormFault } from '@/shared/ui/Field';
import { useFaults } from '@/shared/ui/faults';

interface ConfirmProps {
    title: string;
    /** What will happen. */
    children: ReactNode;
    /** The button's verb. */
    action: string;
    danger?: boolean;
    /** Must be typed first, letter by letter. */
    typed?: { label: string; text: string };
    /** Something is still to be chosen. */
    blocked?: boolean;
    /** Rejects with the problem when the server refuses; the dialog then stays and shows it. */
    onConfirm: () => Promise<unknown>;
    onClose: () => void;
}

export function Confirm(props: ConfirmProps) {
    const { title, children, action, danger, typed, blocked, onConfirm, onClose } = props;
    const faultsOf = useFaults();
    const [text, setText] = useState('');
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<unknown>(null);
    const go = async () => {
        setBusy(true);
        setError(null);
        try {
            await onConfirm();
            onClose();
        } catch (failure) {
            setError(failure);
            setBusy(false);
        }
    };
    return (
        <Modal
            open
            title={title}
            width={460}
            onCancel={onClose}
            footer={
                <DialogFoot
                    action={action}
                    disabled={
                        busy || blocked === true || (typed !== undefined && text !== typed.text)
                    }
                    danger={danger ?? false}
                    onClose={onClose}
                    onAction={go}
                />
            }
        >
            <div className="confirm">
                {children}
                {typed ? (
                    <Field
                        label={typed.label}
                        value={text}
                        onChange={setText}
                        autoComplete="off"
                        autoCapitalize="none"
                        spellCheck={false}
                    />
                ) : null}
                <FormFault text={faultsOf(error, []).rest} />
            </div>
        </Modal>
    );
}
