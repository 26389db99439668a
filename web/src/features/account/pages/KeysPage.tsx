/** Keys for programs: made, shown once, rotated with an overlap, revoked. */
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IssuedKeyDialog } from '@/features/account/components/IssuedKeyDialog';
import { MyState } from '@/features/account/components/MyState';
import { NewKeyDialog } from '@/features/account/components/NewKeyDialog';
import { ProofDialog } from '@/features/account/components/ProofDialog';
import { RotateDialog } from '@/features/account/components/RotateDialog';
import { keyState, sortKeys } from '@/features/account/lib/keys';
import { useAccess } from '@/shared/api/access';
import {
    useGetAuthStateQuery,
    useGetKeysQuery,
    useRevokeKeyMutation,
} from '@/shared/api/generated';
import type { ApiKey, IssuedKey, Me } from '@/shared/api/model';
import { useFormat } from '@/shared/lib/format';
import { useNow } from '@/shared/lib/now';
import { AntProvider } from '@/shared/ui/AntProvider';
import { Confirm } from '@/shared/ui/Confirm';
import type { Column } from '@/shared/ui/DataTable';
import { DataTable } from '@/shared/ui/DataTable';
import { PageHeader } from '@/shared/ui/PageHeader';
import { Panel } from '@/shared/ui/Panel';
import { SkeletonRows } from '@/shared/ui/Skeleton';
import { EmptyState, ErrorPanel } from '@/shared/ui/States';
import '@/features/account/account.css';

export default function KeysPage() {
    const { t } = useTranslation('account');
    const { me } = useAccess();
    const state = useGetAuthStateQuery();
    return (
        <AntProvider>
            <div className="page account-wide">
                <PageHeader title={t('keys.title')} />
                {me ? <Keys me={me} /> : <MyState query={state} />}
            </div>
            <ProofDialog />
        </AntProvider>
    );
}

type Asking = { what: 'new' } | { what: 'rotate' | 'revoke'; key: ApiKey } | null;

const TONES = { active: 'tag tag-ok', ending: 'tag tag-warn', expired: 'tag', revoked: 'tag' };

function Keys({ me }: { me: Me }) {
    const { t } = useTranslation('account');
    const format = useFormat();
    const { data, error, refetch, fulfilledTimeStamp } = useGetKeysQuery();
    // What was just revoked is so at once, not at the next tick.
    const now = Math.max(useNow(60_000), fulfilledTimeStamp ?? 0);
    const [revoke] = useRevokeKeyMutation();
    const [asking, setAsking] = useState<Asking>(null);
    const [issued, setIssued] = useState<IssuedKey | null>(null);
    const keys = useMemo(() => sortKeys(data?.keys ?? [], now), [data, now]);
    const others = keys.some((key) => key.account.id !== me.id);
    const close = () => setAsking(null);
    const made = (key: IssuedKey) => {
        setAsking(null);
        setIssued(key);
    };
    const create = (
        <button
            type="button"
            className="button button-primary"
            onClick={() => setAsking({ what: 'new' })}
        >
            {t('keys.new')}
        </button>
    );
    const limits = (key: ApiKey) =>
        [
            ...key.teams.map((team) => team.name),
            ...key.projects.map((project) => project.split('/').pop() ?? project),
        ].join(', ') || t('keys.no_limit');
    const columns: Column<ApiKey>[] = [
        {
            id: 'name',
            title: t('keys.name'),
            grow: true,
            value: (key) => key.name,
            cell: (key) => (
                <span className="key-name">
                    {key.name}{' '}
                    <span className="mono tone-quiet wide-only">{`tmk_…${key.hint}`}</span>
                </span>
            ),
        },
        ...(others
            ? [
                  {
                      id: 'owner',
                      title: t('keys.owner'),
                      value: (key: ApiKey) => key.account.username,
                      cell: (key: ApiKey) => key.account.username,
                  },
              ]
            : []),
        {
            id: 'state',
            title: t('keys.state'),
            value: (key) => keyState(key, now),
            cell: (key) => {
                const state = keyState(key, now);
                return (
                    <span className={TONES[state]}>
                        {state === 'ending' && key.revoked_at
                            ? t('keys.ending', { time: format.dateTime(key.revoked_at) })
                            : t(`keys.is.${state}`)}
                    </span>
                );
            },
        },
        {
            id: 'scopes',
            title: t('keys.scopes'),
            wideOnly: true,
            cell: (key) => (
                <span className="key-scopes">
                    {key.scopes.map((scope) => (
                        <span className="tag" key={scope}>
                            {t(`keys.scope_short.${scope}`)}
                        </span>
                    ))}
                </span>
            ),
        },
        {
            id: 'limits',
            title: t('keys.limits'),
            wideOnly: true,
            cell: limits,
        },
        {
            id: 'used',
            title: t('keys.used'),
            wideOnly: true,
            value: (key) => (key.last_used ? Date.parse(key.last_used) : null),
            cell: (key) =>
                key.last_used
                    ? format.ago(Math.max(0, now - Date.parse(key.last_used)))
                    : t('keys.never_used'),
        },
        {
            id: 'ends',
            title: t('keys.ends'),
            wideOnly: true,
            value: (key) => (key.expires_at ? Date.parse(key.expires_at) : null),
            cell: (key) => (key.expires_at ? format.fullDate(key.expires_at) : t('keys.end.never')),
        },
        {
            id: 'actions',
            title: t('keys.actions'),
            end: true,
            cell: (key) => {
                const state = keyState(key, now);
                if (state === 'revoked' || state === 'expired') return null;
                return (
                    <span className="rows-actions">
                        {key.account.id === me.id && state === 'active' ? (
                            <button
                                type="button"
                                className="button button-quiet button-small"
                                aria-label={t('keys.rotate_of', { name: key.name })}
                                onClick={() => setAsking({ what: 'rotate', key })}
                            >
                                {t('keys.rotate')}
                            </button>
                        ) : null}
                        <button
                            type="button"
                            className="button button-quiet button-small button-danger"
                            aria-label={t('keys.revoke_of', { name: key.name })}
                            onClick={() => setAsking({ what: 'revoke', key })}
                        >
                            {t('keys.revoke')}
                        </button>
                    </span>
                );
            },
        },
    ];
    return (
        <>
            <Panel
                title={t('keys.list')}
                sub={data ? t('keys.count', { count: keys.length }) : null}
                actions={keys.length > 0 ? create : null}
            >
                {data ? (
                    keys.length > 0 ? (
                        <DataTable
                            label={t('keys.list')}
                            columns={columns}
                            rows={keys}
                            rowKey={(key) => String(key.id)}
                        />
                    ) : (
                        <EmptyState
                            title={t('keys.none')}
                            text={t('keys.none_text')}
                            action={create}
                        />
                    )
                ) : error ? (
                    <ErrorPanel error={error} onRetry={refetch} />
                ) : (
                    <SkeletonRows rows={4} />
                )}
            </Panel>
            {asking?.what === 'new' ? <NewKeyDialog me={me} onMade={made} onClose={close} /> : null}
            {asking?.what === 'rotate' ? (
                <RotateDialog apiKey={asking.key} onMade={made} onClose={close} />
            ) : null}
            {asking?.what === 'revoke' ? (
                <Confirm
                    title={t('keys.revoke_title', { name: asking.key.name })}
                    action={t('keys.revoke')}
                    danger
                    onConfirm={() => revoke({ id: asking.key.id }).unwrap()}
                    onClose={close}
                >
                    <p>
                        {asking.key.last_used
                            ? t('keys.revoke_used', {
                                  time: format.dateTime(asking.key.last_used),
                              })
                            : t('keys.revoke_unused')}
                    </p>
                </Confirm>
            ) : null}
            {issued ? <IssuedKeyDialog issued={issued} onClose={() => setIssued(null)} /> : null}
        </>
    );
}
