/** Backups: what there is, one now, the way back to one, and when they are made. */
import { InputNumber, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
    RestoreDialog,
    RestoreOutcome,
    RestoreProgress,
} from '@/features/system/components/Restore';
import { useAccess } from '@/shared/api/access';
import {
    useGetBackupSettingsQuery,
    useGetBackupsQuery,
    useMakeBackupMutation,
    usePutBackupSettingsMutation,
    useRemoveKeptMutation,
} from '@/shared/api/generated';
import type { Backup, BackupSettings } from '@/shared/api/model';
import { useFormat } from '@/shared/lib/format';
import { Confirm } from '@/shared/ui/Confirm';
import type { Column } from '@/shared/ui/DataTable';
import { DataTable } from '@/shared/ui/DataTable';
import { CheckField, FieldFrame, FormFault } from '@/shared/ui/Field';
import { useFaults } from '@/shared/ui/faults';
import { Panel } from '@/shared/ui/Panel';
import { SkeletonRows } from '@/shared/ui/Skeleton';
import { EmptyState, ErrorPanel } from '@/shared/ui/States';

const WHILE_RUNNING = 2000;
const WHILE_RESTORING = 500;
const TABLE_HEIGHT = 520;

export function BackupsTab() {
    const { t } = useTranslation('system');
    const format = useFormat();
    const { me, may } = useAccess();
    const [polling, setPolling] = useState(0);
    const { data, error, refetch } = useGetBackupsQuery(undefined, { pollingInterval: polling });
    const [make, making] = useMakeBackupMutation();
    const faults = useFaults()(making.error, []);
    const [chosen, setChosen] = useState<Backup | null>(null);
    const running = data?.running ?? false;
    // Looks again and again for as long as one is being made or put back, and no longer. Where everybody is signed
    // out in the end, that is how the page learns it.
    const interval = data?.restoring ? WHILE_RESTORING : running ? WHILE_RUNNING : 0;
    if (data && interval !== polling) setPolling(interval);
    const offered = me?.has_password === true && may('manage_secrets');
    const columns: Column<Backup>[] = [
        {
            id: 'made',
            title: t('backup.made'),
            value: (one) => Date.parse(one.made_at),
            cell: (one) => format.dateTime(one.made_at),
        },
        {
            id: 'name',
            title: t('backup.name'),
            grow: true,
            wideOnly: true,
            cell: (one) => one.name,
        },
        {
            id: 'kind',
            title: t('backup.kind'),
            wideOnly: true,
            value: (one) => one.kind,
            cell: (one) => t(`backup.is.${one.kind}`),
        },
        {
            id: 'size',
            title: t('backup.size'),
            end: true,
            value: (one) => one.bytes,
            cell: (one) => format.bytes(one.bytes),
        },
        {
            id: 'state',
            title: t('backup.state'),
            end: true,
            cell: (one) =>
                one.problem ? (
                    <span className="tag tag-over" title={one.problem}>
                        {t('backup.broken')}
                    </span>
                ) : one.verified_at ? (
                    <span className="tag tag-ok" title={format.dateTime(one.verified_at)}>
                        {t('backup.verified')}
                    </span>
                ) : (
                    <span className="tag">{t('backup.unverified')}</span>
                ),
        },
    ];
    if (offered) {
        columns.push({
            id: 'restore',
            title: t('restore.title'),
            end: true,
            cell: (one) => (
                <button
                    type="button"
                    className="button button-small"
                    aria-label={t('restore.named', { name: one.name })}
                    disabled={running || one.problem !== null}
                    onClick={() => setChosen(one)}
                >
                    {t('restore.button')}
                </button>
            ),
        });
    }
    const now = (
        <button
            type="button"
            className="button button-small button-primary"
            disabled={running || making.isLoading}
            onClick={() => void make()}
        >
            {running && !data?.restoring ? t('backup.running') : t('backup.now')}
        </button>
    );
    const newest = data?.backups.find((one) => !one.problem);
    return (
        <div className="stack">
            {data?.restoring ? (
                <RestoreProgress restoring={data.restoring} />
            ) : data ? (
                <RestoreOutcome problem={data.restore_problem} />
            ) : null}
            {data?.last_problem ? (
                <p className="banner banner-warning" role="alert">
                    {t('backup.failed', { reason: data.last_problem })}
                </p>
            ) : null}
            <Panel
                title={t('backup.title')}
                sub={data ? t('backup.count', { count: data.backups.length }) : null}
                actions={data && data.backups.length > 0 ? now : null}
            >
                <FormFault text={faults.rest} />
                {data ? (
                    data.backups.length > 0 ? (
                        <DataTable
                            label={t('backup.title')}
                            columns={columns}
                            rows={data.backups}
                            rowKey={(one) => one.name}
                            initialSort={{ id: 'made', descending: true }}
                            height={TABLE_HEIGHT}
                        />
                    ) : (
                        <EmptyState
                            title={t('backup.none')}
                            text={t('backup.none_text')}
                            action={now}
                        />
                    )
                ) : error ? (
                    <ErrorPanel error={error} onRetry={refetch} />
                ) : (
                    <SkeletonRows rows={5} />
                )}
            </Panel>
            {newest ? (
                <Panel title={t('restore.title')}>
                    <p className="panel-text">
                        {t(offered ? 'restore.text' : 'restore.text_command')}
                    </p>
                    <p>
                        <code className="command">tidemark restore {newest.name}</code>
                    </p>
                    {offered && data && data.kept_bytes > 0 ? (
                        <Kept bytes={data.kept_bytes} />
                    ) : null}
                </Panel>
            ) : null}
            <Schedule />
            {chosen ? <RestoreDialog backup={chosen} onClose={() => setChosen(null)} /> : null}
        </div>
    );
}

/** What restores have left on the disk. */
function Kept({ bytes }: { bytes: number }) {
    const { t } = useTranslation('system');
    const size = useFormat().bytes(bytes);
    const [remove] = useRemoveKeptMutation();
    const [asking, setAsking] = useState(false);
    return (
        <div className="restore-kept">
            <p className="panel-text">{t('restore.kept', { size })}</p>
            <button type="button" className="button button-small" onClick={() => setAsking(true)}>
                {t('restore.kept_do')}
            </button>
            {asking ? (
                <Confirm
                    title={t('restore.kept_title')}
                    action={t('restore.kept_do')}
                    danger
                    onConfirm={() => remove().unwrap()}
                    onClose={() => setAsking(false)}
                >
                    <p>{t('restore.kept_text', { size })}</p>
                </Confirm>
            ) : null}
        </div>
    );
}

function Schedule() {
    const { t } = useTranslation('system');
    const { data, error, refetch } = useGetBackupSettingsQuery();
    return (
        <Panel title={t('schedule.title')}>
            {data ? (
                <ScheduleForm key={JSON.stringify(data)} settings={data} />
            ) : error ? (
                <ErrorPanel error={error} onRetry={refetch} />
            ) : (
                <SkeletonRows rows={3} />
            )}
        </Panel>
    );
}

const HOURS = Array.from({ length: 24 }, (_, hour) => ({
    value: hour,
    label: `${String(hour).padStart(2, '0')}:00`,
}));

function ScheduleForm({ settings }: { settings: BackupSettings }) {
    const { t } = useTranslation('system');
    const [put, { isLoading, error }] = usePutBackupSettingsMutation();
    const faults = useFaults()(error, ['keep_daily', 'keep_weekly', 'keep_monthly']);
    const [draft, setDraft] = useState(settings);
    const changed = JSON.stringify(draft) !== JSON.stringify(settings);
    const wrong = faults.rest ?? Object.values(faults.fields)[0];
    return (
        <form
            className="form"
            onSubmit={(event) => {
                event.preventDefault();
                void put({ backupSettings: draft });
            }}
        >
            <CheckField
                label={t('schedule.on')}
                hint={t('schedule.on_text')}
                checked={draft.enabled}
                onChange={(enabled) => setDraft({ ...draft, enabled })}
            />
            <div className="keeps">
                <FieldFrame label={t('schedule.hour')}>
                    {(attributes) => (
                        <Select
                            {...attributes}
                            disabled={!draft.enabled}
                            options={HOURS}
                            value={draft.hour}
                            onChange={(hour) => setDraft({ ...draft, hour })}
                        />
                    )}
                </FieldFrame>
                {(['keep_daily', 'keep_weekly', 'keep_monthly'] as const).map((name) => (
                    <FieldFrame key={name} label={t(`schedule.${name}`)}>
                        {(attributes) => (
                            <InputNumber
                                {...attributes}
                                disabled={!draft.enabled}
                                min={name === 'keep_daily' ? 1 : 0}
                                max={999}
                                precision={0}
                                value={draft[name]}
                                onChange={(value) => setDraft({ ...draft, [name]: value ?? 1 })}
                            />
                        )}
                    </FieldFrame>
                ))}
            </div>
            <div className="form-foot">
                <button
                    type="submit"
                    className="button button-primary"
                    disabled={!changed || isLoading}
                >
                    {t('save')}
                </button>
                <span role="status" className={wrong ? 'tone-over' : 'tone-quiet'}>
                    {wrong ?? ''}
                </span>
            </div>
        </form>
    );
}
