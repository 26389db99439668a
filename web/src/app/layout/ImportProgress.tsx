/** While the first scan runs: how far it is, so that low figures are not taken for the truth. */
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/lib/format';
import { stream } from '@/shared/stream/client';
import type { ImportProgress as Progress } from '@/shared/stream/protocol';

export function ImportProgress() {
    const { t } = useTranslation('common');
    const format = useFormat();
    const [progress, setProgress] = useState<Progress | null>(null);
    // Follows the event stream.
    useEffect(
        () =>
            stream.subscribe((message) => {
                if (message.kind === 'progress') setProgress(message.progress);
            }),
        [],
    );
    if (!progress || progress.files_total === 0 || progress.files_done >= progress.files_total) {
        return null;
    }
    const share = progress.bytes_total > 0 ? progress.bytes_done / progress.bytes_total : 0;
    return (
        <div className="import" role="status">
            <span>
                {t('import.running', {
                    done: format.count(progress.files_done),
                    total: format.count(progress.files_total),
                    percent: format.percent(share),
                })}
            </span>
            <progress max={1} value={share} aria-label={t('import.label')} />
        </div>
    );
}
