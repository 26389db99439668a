import { useTranslation } from 'react-i18next';
import { useGetAuditVerdictQuery } from '@/shared/api/generated';
import { useFormat } from '@/shared/lib/format';
import { Hint } from '@/shared/ui/Hint';

/** Whether every row still is what it was when it was written. */
export function ChainBadge() {
    const { t } = useTranslation('audit');
    const format = useFormat();
    const { data, error } = useGetAuditVerdictQuery();
    if (error) return <span className="tag">{t('chain.unknown')}</span>;
    if (!data) return <span className="tag">{t('chain.checking')}</span>;
    return data.intact ? (
        <Hint text={t('chain.intact_text', { rows: format.count(data.rows) })}>
            <span className="tag tag-ok">{t('chain.intact')}</span>
        </Hint>
    ) : (
        <Hint text={data.reason}>
            <span className="tag tag-over" role="alert">
                {t('chain.broken', { seq: format.count(data.bad_seq) })}
            </span>
        </Hint>
    );
}
