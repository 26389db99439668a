import { useTranslation } from 'react-i18next';
import { changesOf } from '@/features/audit/lib/changes';
import type { AuditRow } from '@/shared/api/model';
import { useFormat } from '@/shared/lib/format';

/** Everything about one row: what changed, from where, which request. */
export function RowDetail({ row }: { row: AuditRow }) {
    const { t } = useTranslation('audit');
    const format = useFormat();
    const changes = changesOf(row.before, row.after);
    const facts: [string, string][] = [
        [t('row.time'), format.fullTime(row.time)],
        [t('row.actor'), row.actor],
        [t('row.object'), row.object || '—'],
        [t('row.remote'), row.remote || '—'],
        [t('row.request'), row.request_id || '—'],
        [t('row.seq'), format.count(row.seq)],
    ];
    return (
        <div className="audit-detail">
            {changes.length > 0 ? (
                <table className="changes">
                    <thead>
                        <tr>
                            <th scope="col">{t('change.field')}</th>
                            <th scope="col">{t('change.before')}</th>
                            <th scope="col">{t('change.after')}</th>
                        </tr>
                    </thead>
                    <tbody>
                        {changes.map((change) => (
                            <tr key={change.name}>
                                <td>{change.name || t('change.text')}</td>
                                <td
                                    className={
                                        change.before === null ? 'tone-quiet' : 'change-before'
                                    }
                                >
                                    {change.before ?? '—'}
                                </td>
                                <td
                                    className={
                                        change.after === null ? 'tone-quiet' : 'change-after'
                                    }
                                >
                                    {change.after ?? '—'}
                                </td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            ) : (
                <p className="panel-text">{t('change.none')}</p>
            )}
            <dl className="audit-facts">
                {facts.map(([name, value]) => (
                    <div key={name}>
                        <dt>{name}</dt>
                        <dd>{value}</dd>
                    </div>
                ))}
            </dl>
        </div>
    );
}
