import { Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { linkAddress } from '@/features/people/lib/links';
import type { OneTimeLink } from '@/shared/api/model';
import { useFormat } from '@/shared/lib/format';
import { Secret } from '@/shared/ui/CopyButton';

interface LinkDialogProps {
    title: string;
    /** What whoever opens it can do. */
    text: string;
    link: OneTimeLink;
    onClose: () => void;
}

/** A link that is shown once, to be handed over. */
export function LinkDialog({ title, text, link, onClose }: LinkDialogProps) {
    const { t } = useTranslation('people');
    const format = useFormat();
    return (
        <Modal
            open
            title={title}
            width={520}
            onCancel={onClose}
            mask={{ closable: false }}
            footer={
                <button type="button" className="button button-primary" onClick={onClose}>
                    {t('link.done')}
                </button>
            }
        >
            <div className="confirm">
                <p>{text}</p>
                <Secret text={linkAddress(link.url_path)} />
                <p>{t('link.ends', { time: format.dateTime(link.expires_at) })}</p>
            </div>
        </Modal>
    );
}
