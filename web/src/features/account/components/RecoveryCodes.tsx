import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '@/shared/ui/CopyButton';
import { CheckField } from '@/shared/ui/Field';

interface RecoveryCodesProps {
    codes: readonly string[];
    username: string;
    onDone: () => void;
}

/** Shown once: the server keeps only what they hash to. */
export function RecoveryCodes({ codes, username, onDone }: RecoveryCodesProps) {
    const { t } = useTranslation('account');
    const [kept, setKept] = useState(false);
    const file = () => {
        const text = `Tidemark ${location.host} ${username}\n\n${codes.join('\n')}\n`;
        const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
        const link = document.createElement('a');
        link.href = url;
        link.download = `tidemark-recovery-codes-${username}.txt`;
        link.click();
        URL.revokeObjectURL(url);
    };
    return (
        <div className="stack" role="status">
            <p className="panel-text">{t('codes.text')}</p>
            <ol className="codes" aria-label={t('codes.label')}>
                {codes.map((code) => (
                    <li key={code}>{code}</li>
                ))}
            </ol>
            <div className="form-foot">
                <CopyButton text={codes.join('\n')} label={t('codes.copy')} />
                <button type="button" className="button button-small" onClick={file}>
                    {t('codes.download')}
                </button>
            </div>
            <CheckField label={t('codes.kept')} checked={kept} onChange={setKept} />
            <div>
                <button
                    type="button"
                    className="button button-primary"
                    disabled={!kept}
                    onClick={onDone}
                >
                    {t('codes.done')}
                </button>
            </div>
        </div>
    );
}
