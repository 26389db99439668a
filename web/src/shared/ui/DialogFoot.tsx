import { useTranslation } from 'react-i18next';

interface DialogFootProps {
    /** What the dialog does when it is confirmed. */
    action: string;
    disabled: boolean;
    danger?: boolean;
    onClose: () => void;
    /** Outside a form: what the action's button calls. In one it submits it. */
    onAction?: () => void;
}

/** Cancel on the left, the action on the right. */
export function DialogFoot({ action, disabled, danger, onClose, onAction }: DialogFootProps) {
    const { t } = useTranslation('common');
    return (
        <div className="confirm-foot">
            <button type="button" className="button" onClick={onClose}>
                {t('confirm.cancel')}
            </button>
            <button
                type={onAction ? 'button' : 'submit'}
                className={danger ? 'button button-danger-solid' : 'button button-primary'}
                disabled={disabled}
                onClick={onAction}
            >
                {action}
            </button>
        </div>
    );
}
