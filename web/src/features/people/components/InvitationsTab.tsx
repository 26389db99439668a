import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAccess } from '@/shared/api/access';
import { useGetInvitationsQuery, useWithdrawInvitationMutation } from '@/shared/api/generated';
import type { Invitation } from '@/shared/api/model';
import { useFormat } from '@/shared/lib/format';
import { Confirm } from '@/shared/ui/Confirm';
import type { Column } from '@/shared/ui/DataTable';
import { DataTable } from '@/shared/ui/DataTable';
import { Panel } from '@/shared/ui/Panel';
import { SkeletonRows } from '@/shared/ui/Skeleton';
import { EmptyState, ErrorPanel } from '@/shared/ui/States';

export function InvitationsTab({ add }: { add: React.ReactNode }) {
    const { t } = useTranslation(['people', 'common']);
    const format = useFormat();
    const { data, error, refetch } = useGetInvitationsQuery();
    const [withdraw] = useWithdrawInvitationMutation();
    const [asking, setAsking] = useState<Invitation | null>(null);
    const rows = data?.invitations ?? [];
    const off = useAccess().state?.registration === 'off';
    const columns: Column<Invitation>[] = [
        {
            id: 'role',
            title: t('person.role'),
            value: (row) => row.role,
            cell: (row) => t(`common:role.${row.role}`),
        },
        {
            id: 'team',
            title: t('add.team'),
            grow: true,
            value: (row) => row.team?.name ?? null,
            cell: (row) => row.team?.name ?? '—',
        },
        {
            id: 'made',
            title: t('invitations.made'),
            wideOnly: true,
            value: (row) => Date.parse(row.created_at),
            cell: (row) => format.dateTime(row.created_at),
        },
        {
            id: 'ends',
            title: t('invitations.ends'),
            value: (row) => Date.parse(row.expires_at),
            cell: (row) => format.dateTime(row.expires_at),
        },
        {
            id: 'actions',
            title: t('actions'),
            end: true,
            cell: (row) => (
                <button
                    type="button"
                    className="button button-quiet button-small button-danger"
                    onClick={() => setAsking(row)}
                >
                    {t('invitations.withdraw')}
                </button>
            ),
        },
    ];
    return (
        <Panel title={t('tab.invitations')} sub={t('invitations.sub')} actions={add}>
            {off && rows.length > 0 ? (
                <p className="banner banner-warning" role="status">
                    {t('invitations.off')}
                </p>
            ) : null}
            {data ? (
                rows.length > 0 ? (
                    <DataTable
                        label={t('tab.invitations')}
                        columns={columns}
                        rows={rows}
                        rowKey={(row) => String(row.id)}
                    />
                ) : (
                    <EmptyState title={t('invitations.none')} text={t('invitations.none_text')} />
                )
            ) : error ? (
                <ErrorPanel error={error} onRetry={refetch} />
            ) : (
                <SkeletonRows rows={3} />
            )}
            {asking ? (
                <Confirm
                    title={t('invitations.withdraw_title')}
                    action={t('invitations.withdraw')}
                    danger
                    onConfirm={() => withdraw({ id: asking.id }).unwrap()}
                    onClose={() => setAsking(null)}
                >
                    <p>{t('invitations.withdraw_text')}</p>
                </Confirm>
            ) : null}
        </Panel>
    );
}
