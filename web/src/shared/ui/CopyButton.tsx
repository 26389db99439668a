import { useState } from 'react';
import { useTranslation } from 'react-i18next';

/** Copies a text; says so on the button. */
export function CopyButton({ text, label }: { text: string; label?: string }) {
    const { t } = useTranslation('common');
    const [state, setState] = useState<'idle' | 'done' | 'failed'>('idle');
    const copy = async () => {
        try {
            await writeText(text);
            setState('done');
        } catch {
            setState('failed');
        }
    };
    return (
        <button type="button" className="button button-small" onClick={copy}>
            <span aria-live="polite">
                {state === 'done'
                    ? t('copy.done')
                    : state === 'failed'
                      ? t('copy.failed')
                      : (label ?? t('copy.copy'))}
            </span>
        </button>
    );
}

/** Browsers offer the clipboard to safe origins only; the old command works on a plain one. */
async function writeText(text: string): Promise<void> {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const area = document.createElement('textarea');
    area.value = text;
    area.style.position = 'fixed';
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    if (!done) throw new Error('not copied');
}

/** A value shown once, with its copy button. */
export function Secret({ text }: { text: string }) {
    return (
        <div className="secret">
            <code>{text}</code>
            <CopyButton text={text} />
        </div>
    );
}
