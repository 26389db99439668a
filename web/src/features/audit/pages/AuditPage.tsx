/** Who did what, when and from where. */
import { Select } from 'antd';
import i18next from 'i18next';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ChainBadge } from '@/features/audit/components/ChainBadge';
import { RowDetail } from '@/features/audit/components/RowDetail';
import { useAuditPages } from '@/features/audit/lib/useAuditPages';
import { useObjectNames } from '@/features/audit/lib/useObjectNames';
import { queryString } from '@/shared/api/base';
import { useGetPeopleQuery } from '@/shared/api/generated';
import type { AuditArg, AuditRow } from '@/shared/api/model';
import { useFormat } from '@/shared/lib/format';
import { useRange, useResolvedRange, useUrlChoice, useUrlText } from '@/shared/lib/urlState';
import { AntProvider } from '@/shared/ui/AntProvider';
import type { Column } from '@/shared/ui/DataTable';
import { DataTable } from '@/shared/ui/DataTable';
import { PageHeader } from '@/shared/ui/PageHeader';
import { Panel } from '@/shared/ui/Panel';
import { Caret, Popover } from '@/shared/ui/Popover';
import { RangePicker } from '@/shared/ui/RangePicker';
import { SkeletonRows } from '@/shared/ui/Skeleton';
import { EmptyState, ErrorPanel } from '@/shared/ui/States';
import '@/features/audit/audit.css';

/** The first word of an action; the server takes it with a dot for all that begin so. */
const AREAS = [
    'all',
    'sign_in',
    'session',
    'request',
    'password',
    'second_factor',
    'account',
    'invitation',
    'registration',
    'team',
    'identity',
    'project',
    'key',
    'policy',
    'setting',
    'mail',
    'prices',
    'backup',
    'master_key',
    'export',
    'audit',
] as const;

export default function AuditPage() {
    const { t } = useTranslation('audit');
    const [range, setRange] = useRange('30d');
    const resolved = useResolvedRange(range);
    const [area, setArea] = useUrlChoice('area', AREAS, 'all');
    const [actor, setActor] = useUrlText('actor');
    const [object, setObject] = useUrlText('object');
    const arg = useMemo<AuditArg>(
        () => ({
            from: new Date(resolved.from).toISOString(),
            ...(resolved.to === null ? {} : { to: new Date(resolved.to).toISOString() }),
            ...(area === 'all' ? {} : { action: `${area}.` }),
            ...(actor ? { actor } : {}),
            ...(object ? { object } : {}),
        }),
        [resolved, area, actor, object],
    );
    const people = useGetPeopleQuery().data?.people;
    const nameOf = useObjectNames();
    const actors = [
        { value: '', label: t('filter.everybody') },
        ...(people ?? []).map((person) => ({
            value: `account:${person.id}`,
            label: person.display_name || person.username,
        })),
        { value: 'system', label: t('actor.system') },
        { value: 'anonymous', label: t('actor.anonymous') },
    ];
    const file = (format: string) =>
        `/api/v1/audit/export${queryString({ ...(arg as Record<string, unknown>), format })}`;
    return (
        <AntProvider>
            <div className="page">
                <PageHeader title={t('title')}>
                    <ChainBadge />
                </PageHeader>
                <div className="audit-filters">
                    <RangePicker value={range} onChange={setRange} />
                    <Select
                        aria-label={t('filter.area')}
                        options={AREAS.map((value) => ({ value, label: t(`area.${value}`) }))}
                        value={area}
                        onChange={setArea}
                    />
                    <Select
                        aria-label={t('filter.actor')}
                        showSearch={{ optionFilterProp: 'label' }}
                        options={actors}
                        value={actor}
                        onChange={setActor}
                    />
                    {object ? (
                        <button
                            type="button"
                            className="chip"
                            aria-label={t('filter.any_object', { object: nameOf(object) })}
                            onClick={() => setObject('')}
                        >
                            <b>{nameOf(object)}</b> ×
                        </button>
                    ) : null}
                    <div className="audit-end">
                        <Popover
                            name={t('export.title')}
                            align="end"
                            label={
                                <>
                                    {t('export.title')} <Caret />
                                </>
                            }
                        >
                            {(close) =>
                                (['csv', 'json'] as const).map((format) => (
                                    <a
                                        key={format}
                                        className="menu-item"
                                        href={file(format)}
                                        download
                                        onClick={close}
                                    >
                                        {t(`export.${format}`)}
                                    </a>
                                ))
                            }
                        </Popover>
                    </div>
                </div>
                <Rows arg={arg} onObject={setObject} />
            </div>
        </AntProvider>
    );
}

function Rows({ arg, onObject }: { arg: AuditArg; onObject: (object: string) => void }) {
    const { t } = useTranslation('audit');
    const format = useFormat();
    const { rows, pending, error, retry, more, loading, moreError } = useAuditPages(arg);
    const nameOf = useObjectNames();
    const [open, setOpen] = useState<string | null>(null);
    const actorName = (row: AuditRow) =>
        row.actor === 'system' || row.actor === 'anonymous'
            ? t(`actor.${row.actor}`)
            : row.actor_name || row.actor;
    const columns: Column<AuditRow>[] = [
        {
            id: 'time',
            title: t('row.time'),
            cell: (row) => format.dateTime(row.time),
        },
        {
            id: 'action',
            title: t('row.action'),
            grow: true,
            cell: (row) => (
                <button
                    type="button"
                    className="audit-open"
                    aria-expanded={open === String(row.seq)}
                    onClick={(event) => {
                        event.stopPropagation();
                        setOpen(open === String(row.seq) ? null : String(row.seq));
                    }}
                >
                    {actionName(row.action)}
                </button>
            ),
        },
        { id: 'actor', title: t('row.actor'), cell: actorName },
        {
            id: 'object',
            title: t('row.object'),
            wideOnly: true,
            cell: (row) =>
                row.object ? (
                    <button
                        type="button"
                        className="audit-open tone-quiet"
                        title={t('filter.only', { object: nameOf(row.object) })}
                        onClick={(event) => {
                            event.stopPropagation();
                            onObject(row.object);
                        }}
                    >
                        {nameOf(row.object)}
                    </button>
                ) : (
                    '—'
                ),
        },
        {
            id: 'remote',
            title: t('row.remote'),
            wideOnly: true,
            end: true,
            cell: (row) => row.remote || '—',
        },
    ];
    return (
        <Panel title={t('list')} busy={pending}>
            {rows ? (
                rows.length > 0 ? (
                    <>
                        <DataTable
                            label={t('list')}
                            columns={columns}
                            rows={rows}
                            rowKey={(row) => String(row.seq)}
                            onRow={(row) =>
                                setOpen(open === String(row.seq) ? null : String(row.seq))
                            }
                            detail={{ key: open, render: (row) => <RowDetail row={row} /> }}
                        />
                        {more ? (
                            <div className="audit-more">
                                <button
                                    type="button"
                                    className="button"
                                    disabled={loading}
                                    onClick={() => void more()}
                                >
                                    {loading ? t('loading') : t('more')}
                                </button>
                                {moreError ? (
                                    <span className="tone-over" role="alert">
                                        {t('more_failed')}
                                    </span>
                                ) : null}
                            </div>
                        ) : null}
                    </>
                ) : (
                    <EmptyState title={t('none')} text={t('none_text')} />
                )
            ) : error ? (
                <ErrorPanel error={error} onRetry={retry} />
            ) : (
                <SkeletonRows rows={8} />
            )}
        </Panel>
    );
}

/** An action this page does not know yet is shown by its own name. */
function actionName(action: string): string {
    const key = `audit:action.${action}`;
    return i18next.exists(key) ? String(i18next.t(key as 'audit:title')) : action;
}
