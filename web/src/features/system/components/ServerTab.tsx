/** The server itself: who is on it, its certificate, its disk. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { MasterKeyPanel } from '@/features/system/components/MasterKeyPanel';
import { useGetSystemQuery, useReloadTlsMutation } from '@/shared/api/generated';
import type { System } from '@/shared/api/model';
import { useFormat } from '@/shared/lib/format';
import { CopyButton } from '@/shared/ui/CopyButton';
import { useFaults } from '@/shared/ui/faults';
import { Panel } from '@/shared/ui/Panel';
import { SkeletonRows, SkeletonStats } from '@/shared/ui/Skeleton';
import { StatCard, StatRow } from '@/shared/ui/StatCard';
import { ErrorPanel } from '@/shared/ui/States';

const LOOK_EVERY = 30_000;
const WHILE_CHANGING = 1000;
/** Less than this share of what is stored left free is a warning. */
const LOW_DISK = 2;
const SOON = 21;

export function ServerTab() {
    const { t } = useTranslation('system');
    const format = useFormat();
    const [changing, setChanging] = useState(false);
    const { data, error, refetch } = useGetSystemQuery(undefined, {
        pollingInterval: changing ? WHILE_CHANGING : LOOK_EVERY,
    });
    // Looks often while a master key is changed, and no longer.
    const underWay = data ? data.master_key.change !== null : false;
    if (data && underWay !== changing) setChanging(underWay);
    if (!data) {
        return error ? (
            <Panel title={t('tab.server')}>
                <ErrorPanel error={error} onRetry={refetch} />
            </Panel>
        ) : (
            <div className="stack">
                <SkeletonStats count={4} />
                <Panel title={t('tls.title')}>
                    <SkeletonRows rows={4} />
                </Panel>
            </div>
        );
    }
    const low = data.disk_free_bytes < data.data_dir_bytes * LOW_DISK;
    return (
        <div className="stack">
            <StatRow label={t('tab.server')}>
                <StatCard
                    label={t('server.signed_in')}
                    value={format.count(data.signed_in)}
                    full={t('server.signed_in_full')}
                    note={t('server.signed_in_note')}
                />
                <StatCard
                    label={t('server.streams')}
                    value={format.count(data.streams)}
                    full={t('server.streams_full')}
                    note={t('server.streams_note')}
                />
                <StatCard
                    label={t('server.uptime')}
                    value={format.duration(data.uptime_seconds * 1000)}
                    full={t('server.uptime_full', { seconds: format.count(data.uptime_seconds) })}
                    note={data.listen.join(', ')}
                />
                <StatCard
                    label={t('server.free')}
                    value={format.bytes(data.disk_free_bytes)}
                    full={t('server.bytes', { count: data.disk_free_bytes })}
                    note={
                        low ? (
                            <span className="tone-warning">{t('server.low')}</span>
                        ) : (
                            t('server.used', { size: format.bytes(data.data_dir_bytes) })
                        )
                    }
                />
            </StatRow>
            <Tls system={data} />
            <Panel title={t('storage.title')}>
                <dl className="facts-list">
                    <div>
                        <dt>{t('storage.all')}</dt>
                        <dd>{format.bytes(data.data_dir_bytes)}</dd>
                    </div>
                    <div>
                        <dt>{t('storage.usage')}</dt>
                        <dd>{format.bytes(data.database_bytes)}</dd>
                    </div>
                    <div>
                        <dt>{t('storage.accounts')}</dt>
                        <dd>{format.bytes(data.accounts_bytes)}</dd>
                    </div>
                </dl>
            </Panel>
            <MasterKeyPanel masterKey={data.master_key} />
        </div>
    );
}

function Tls({ system }: { system: System }) {
    const { t } = useTranslation('system');
    const format = useFormat();
    const [reload, { isLoading, error }] = useReloadTlsMutation();
    const [done, setDone] = useState(false);
    const faults = useFaults()(error, []);
    const { tls } = system;
    if (!tls?.on) {
        return (
            <Panel title={t('tls.title')} sub={<span className="tag">{t('tls.off')}</span>}>
                <p className="panel-text">{t('tls.off_text')}</p>
            </Panel>
        );
    }
    const ended = tls.days_left <= 0;
    return (
        <Panel
            title={t('tls.title')}
            sub={<span className="tag tag-ok">{t('tls.on')}</span>}
            actions={
                <button
                    type="button"
                    className="button button-small"
                    disabled={isLoading}
                    onClick={() => {
                        setDone(false);
                        reload()
                            .unwrap()
                            .then(() => setDone(true))
                            .catch(() => undefined); // shown below
                    }}
                >
                    {t('tls.reload')}
                </button>
            }
        >
            <dl className="facts-list">
                <div>
                    <dt>{t('tls.names')}</dt>
                    <dd>{tls.names.join(', ')}</dd>
                </div>
                <div>
                    <dt>{t('tls.until')}</dt>
                    <dd>
                        {format.fullDate(tls.not_after)}{' '}
                        <span
                            className={
                                ended
                                    ? 'tone-over'
                                    : tls.days_left <= SOON
                                      ? 'tone-warning'
                                      : 'tone-quiet'
                            }
                        >
                            {ended ? t('tls.ended') : t('tls.left', { count: tls.days_left })}
                        </span>
                    </dd>
                </div>
                <div>
                    <dt>{t('tls.fingerprint')}</dt>
                    <dd>
                        <code className="command">{tls.fingerprint}</code>{' '}
                        <CopyButton text={tls.fingerprint} />
                        {tls.self_signed ? (
                            <div className="panel-text">{t('tls.self_signed')}</div>
                        ) : null}
                    </dd>
                </div>
            </dl>
            <p className={faults.rest ? 'tone-over' : 'form-hint'} role="status">
                {faults.rest ?? (done ? t('tls.reloaded') : '')}
            </p>
        </Panel>
    );
}
