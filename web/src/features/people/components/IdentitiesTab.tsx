/** Whose usage is whose: names nobody owns, names that are owned, owners of projects. */
import { Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { AssignDialog } from '@/features/people/components/AssignDialog';
import { shownName } from '@/features/people/components/PersonName';
import { sumUnassigned } from '@/features/people/lib/unassigned';
import { useAccess } from '@/shared/api/access';
import {
    useGetIdentitiesQuery,
    useGetPeopleQuery,
    useGetProjectsQuery,
    useSetProjectOwnerMutation,
    useUnmapIdentityMutation,
} from '@/shared/api/generated';
import type { Identity, Unassigned } from '@/shared/api/model';
import { useFormat } from '@/shared/lib/format';
import { Confirm } from '@/shared/ui/Confirm';
import type { Column } from '@/shared/ui/DataTable';
import { DataTable } from '@/shared/ui/DataTable';
import { FieldFrame } from '@/shared/ui/Field';
import { useFaults } from '@/shared/ui/faults';
import { hasPseudonym, useEntityLabel } from '@/shared/ui/labels';
import { Panel } from '@/shared/ui/Panel';
import { SkeletonRows } from '@/shared/ui/Skeleton';
import { EmptyState, ErrorPanel } from '@/shared/ui/States';

const TABLE_HEIGHT = 420;

export function IdentitiesTab() {
    const { t } = useTranslation('people');
    const format = useFormat();
    const { may } = useAccess();
    const all = may('manage_all');
    const { data, error, refetch } = useGetIdentitiesQuery();
    const [unmap] = useUnmapIdentityMutation();
    const [assigning, setAssigning] = useState<Unassigned | 'new' | null>(null);
    const [removing, setRemoving] = useState<Identity | null>(null);
    if (!data) {
        return (
            <Panel title={t('unassigned.title')}>
                {error ? <ErrorPanel error={error} onRetry={refetch} /> : <SkeletonRows rows={5} />}
            </Panel>
        );
    }
    const hidden = sumUnassigned(data.unassigned).usage === null;
    const usage = ['requests', 'tokens', 'cost', 'last'];
    const unassigned: Column<Unassigned>[] = [
        {
            id: 'member',
            title: t('unassigned.member'),
            grow: true,
            value: (row) => row.member,
            cell: (row) => row.member || t('unassigned.nameless'),
        },
        {
            id: 'requests',
            title: t('assign.requests'),
            end: true,
            wideOnly: true,
            value: (row) => row.requests,
            cell: (row) => (row.requests === null ? '—' : format.count(row.requests)),
        },
        {
            id: 'tokens',
            title: t('assign.tokens'),
            end: true,
            wideOnly: true,
            value: (row) => row.tokens,
            cell: (row) => (row.tokens === null ? '—' : format.tokens(row.tokens)),
        },
        {
            id: 'cost',
            title: t('assign.cost'),
            end: true,
            value: (row) => row.cost_usd,
            cell: (row) => (row.cost_usd === null ? '—' : format.moneyTable(row.cost_usd)),
        },
        {
            id: 'last',
            title: t('unassigned.last'),
            end: true,
            wideOnly: true,
            value: (row) => (row.last_activity ? Date.parse(row.last_activity) : null),
            cell: (row) => (row.last_activity ? format.dateTime(row.last_activity) : '—'),
        },
        ...(all
            ? [
                  {
                      id: 'actions',
                      title: t('actions'),
                      end: true,
                      cell: (row: Unassigned) =>
                          row.member ? (
                              <button
                                  type="button"
                                  className="button button-small"
                                  aria-label={t('assign.do_of', { name: row.member })}
                                  onClick={() => setAssigning(row)}
                              >
                                  {t('assign.do')}
                              </button>
                          ) : null,
                  },
              ]
            : []),
    ];
    const mapped: Column<Identity>[] = [
        {
            id: 'value',
            title: t('unassigned.member'),
            grow: true,
            value: (row) => row.value,
            cell: (row) => row.value,
        },
        {
            id: 'kind',
            title: t('assign.kind'),
            wideOnly: true,
            value: (row) => row.kind,
            cell: (row) => t(`kind.${row.kind}`),
        },
        {
            id: 'person',
            title: t('assign.to'),
            value: (row) => row.username,
            cell: (row) => row.username,
        },
        ...(all
            ? [
                  {
                      id: 'actions',
                      title: t('actions'),
                      end: true,
                      cell: (row: Identity) => (
                          <button
                              type="button"
                              className="button button-quiet button-small"
                              aria-label={t('unmap.do_of', { name: row.value })}
                              onClick={() => setRemoving(row)}
                          >
                              {t('unmap.do')}
                          </button>
                      ),
                  },
              ]
            : []),
    ];
    return (
        <div className="stack">
            <Panel
                title={t('unassigned.title')}
                sub={t('unassigned.count', { count: data.unassigned.length })}
            >
                {hidden ? <p className="panel-text">{t('unassigned.hidden')}</p> : null}
                {data.unassigned.length > 0 ? (
                    <DataTable
                        label={t('unassigned.title')}
                        columns={
                            hidden
                                ? unassigned.filter((one) => !usage.includes(one.id))
                                : unassigned
                        }
                        rows={data.unassigned}
                        rowKey={(row) => row.member}
                        initialSort={
                            hidden
                                ? { id: 'member', descending: false }
                                : { id: 'cost', descending: true }
                        }
                        height={TABLE_HEIGHT}
                    />
                ) : (
                    <p className="panel-text">{t('unassigned.none')}</p>
                )}
            </Panel>
            <Panel
                title={t('mapped.title')}
                sub={t('mapped.count', { count: data.identities.length })}
                actions={
                    all ? (
                        <button
                            type="button"
                            className="button button-small"
                            onClick={() => setAssigning('new')}
                        >
                            {t('mapped.add')}
                        </button>
                    ) : null
                }
            >
                {data.identities.length > 0 ? (
                    <DataTable
                        label={t('mapped.title')}
                        columns={mapped}
                        rows={data.identities}
                        rowKey={(row) => String(row.id)}
                        initialSort={{ id: 'person', descending: false }}
                        height={TABLE_HEIGHT}
                    />
                ) : (
                    <EmptyState title={t('mapped.none')} text={t('mapped.none_text')} />
                )}
            </Panel>
            {all ? <ProjectOwners /> : null}
            {assigning ? (
                <AssignDialog
                    unassigned={assigning === 'new' ? null : assigning}
                    onClose={() => setAssigning(null)}
                />
            ) : null}
            {removing ? (
                <Confirm
                    title={t('unmap.title', { name: removing.value })}
                    action={t('unmap.do')}
                    onConfirm={() => unmap({ id: removing.id }).unwrap()}
                    onClose={() => setRemoving(null)}
                >
                    <p>{t('unmap.text', { name: removing.username })}</p>
                </Confirm>
            ) : null}
        </div>
    );
}

const NOBODY = 0;

function ProjectOwners() {
    const { t } = useTranslation('people');
    const label = useEntityLabel();
    const projects = useGetProjectsQuery({}).data?.projects ?? [];
    const people = useGetPeopleQuery().data?.people ?? [];
    const [set, { isLoading, isSuccess, error }] = useSetProjectOwnerMutation();
    const faults = useFaults()(error, []);
    // The ledger knows a project by its path: one that is not told cannot be named.
    const choices = projects.filter((one) => !hasPseudonym(one.key));
    const [project, setProject] = useState<string | null>(null);
    const [account, setAccount] = useState<number | null>(null);
    const send = () => {
        if (project === null || account === null) return;
        void set({ projectOwner: { project, account: account === NOBODY ? null : account } });
    };
    return (
        <Panel title={t('owner.title')}>
            <p className="panel-text">
                {t('owner.text')}
                {choices.length < projects.length ? ` ${t('owner.hidden')}` : ''}
            </p>
            <form
                className="owner-form"
                onSubmit={(event) => {
                    event.preventDefault();
                    send();
                }}
            >
                <FieldFrame label={t('owner.project')}>
                    {(attributes) => (
                        <Select
                            {...attributes}
                            showSearch={{ optionFilterProp: 'label' }}
                            options={choices.map((one) => ({
                                value: one.key,
                                label: label('project', one.key, one.label),
                            }))}
                            value={project}
                            onChange={setProject}
                        />
                    )}
                </FieldFrame>
                <FieldFrame label={t('owner.person')}>
                    {(attributes) => (
                        <Select
                            {...attributes}
                            showSearch={{ optionFilterProp: 'label' }}
                            options={[
                                { value: NOBODY, label: t('owner.nobody') },
                                ...people
                                    .filter((one) => one.state === 'active')
                                    .map((one) => ({ value: one.id, label: shownName(one) })),
                            ]}
                            value={account}
                            onChange={setAccount}
                        />
                    )}
                </FieldFrame>
                <button
                    type="submit"
                    className="button"
                    disabled={isLoading || project === null || account === null}
                >
                    {t('save')}
                </button>
            </form>
            <p className={faults.rest ? 'tone-over' : 'form-hint'} role="status">
                {faults.rest ?? (isSuccess ? t('owner.saved') : '')}
            </p>
        </Panel>
    );
}
