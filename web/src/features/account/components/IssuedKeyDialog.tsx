import { Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import type { IssuedKey } from '@/shared/api/model';
import { useFormat } from '@/shared/lib/format';
import { Secret } from '@/shared/ui/CopyButton';

/** A key is shown this once: the server keeps only what it hashes to. */
export function IssuedKeyDialog({ issued, onClose }: { issued: IssuedKey; onClose: () => void }) {
    const { t } = useTranslation('account');
    const format = useFormat();
    const { expires_at: ends, scopes } = issued.key;
    return (
        <Modal
            open
            title={t('keys.made', { name: issued.key.name })}
            width={520}
            onCancel={onClose}
            mask={{ closable: false }}
            footer={
                <button type="button" className="button button-primary" onClick={onClose}>
                    {t('keys.kept')}
                </button>
            }
        >
            <div className="confirm">
                <p>{t('keys.once')}</p>
                <Secret text={issued.text} />
                {scopes.includes('read') ? (
                    <>
                        <p>{t('keys.try')}</p>
                        <Secret
                            text={`curl -H "Authorization: Bearer $TIDEMARK_KEY" ${location.origin}/api/v1/overview`}
                        />
                    </>
                ) : null}
                <p>
                    {ends
                        ? t('keys.works_until', { date: format.fullDate(ends) })
                        : t('keys.works')}
                </p>
            </div>
        </Modal>
    );
}
