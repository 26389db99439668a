import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
    useGetDevicesQuery,
    useRevokeDeviceMutation,
    useRevokeOtherDevicesMutation,
} from '@/shared/api/generated';
import type { Device } from '@/shared/api/model';
import { useFormat } from '@/shared/lib/format';
import { useNow } from '@/shared/lib/now';
import { Confirm } from '@/shared/ui/Confirm';
import { Panel } from '@/shared/ui/Panel';
import { SkeletonRows } from '@/shared/ui/Skeleton';
import { ErrorPanel } from '@/shared/ui/States';

export function DevicesPanel() {
    const { t } = useTranslation('account');
    const format = useFormat();
    const now = useNow(60_000);
    const { data, error, refetch } = useGetDevicesQuery();
    const [revoke] = useRevokeDeviceMutation();
    const [revokeOthers] = useRevokeOtherDevicesMutation();
    const [asking, setAsking] = useState<Device | 'others' | null>(null);
    const devices = [...(data?.sessions ?? [])].sort(
        (a, b) => Number(b.current) - Number(a.current) || b.last_used.localeCompare(a.last_used),
    );
    const others = devices.filter((device) => !device.current).length;
    return (
        <Panel
            title={t('devices.title')}
            sub={data ? t('devices.count', { count: devices.length }) : null}
            actions={
                others > 0 ? (
                    <button
                        type="button"
                        className="button button-small button-danger"
                        onClick={() => setAsking('others')}
                    >
                        {t('devices.revoke_others')}
                    </button>
                ) : null
            }
        >
            {data ? (
                <ul className="device-list">
                    {devices.map((device) => (
                        <li key={device.id}>
                            <div className="device-words">
                                <strong>
                                    {device.agent || t('devices.unknown')}
                                    {device.current ? (
                                        <span className="tag tag-ok">{t('devices.current')}</span>
                                    ) : null}
                                    {device.trusted ? (
                                        <span className="tag">{t('devices.trusted')}</span>
                                    ) : null}
                                </strong>
                                <span>
                                    {t('devices.line', {
                                        address: device.address,
                                        used: format.ago(
                                            Math.max(0, now - Date.parse(device.last_used)),
                                        ),
                                        since: format.dateTime(device.created_at),
                                    })}
                                </span>
                            </div>
                            {device.current ? null : (
                                <button
                                    type="button"
                                    className="button button-small"
                                    aria-label={t('devices.revoke_of', {
                                        device: device.agent || t('devices.unknown'),
                                    })}
                                    onClick={() => setAsking(device)}
                                >
                                    {t('devices.revoke')}
                                </button>
                            )}
                        </li>
                    ))}
                </ul>
            ) : error ? (
                <ErrorPanel error={error} onRetry={refetch} />
            ) : (
                <SkeletonRows rows={3} />
            )}
            {asking === 'others' ? (
                <Confirm
                    title={t('devices.others_title')}
                    action={t('devices.revoke_others')}
                    danger
                    onConfirm={() => revokeOthers().unwrap()}
                    onClose={() => setAsking(null)}
                >
                    <p>{t('devices.others_text', { count: others })}</p>
                </Confirm>
            ) : asking ? (
                <Confirm
                    title={t('devices.one_title')}
                    action={t('devices.revoke')}
                    danger
                    onConfirm={() => revoke({ id: asking.id }).unwrap()}
                    onClose={() => setAsking(null)}
                >
                    <p>
                        {t('devices.one_text', {
                            device: asking.agent || t('devices.unknown'),
                            address: asking.address,
                        })}
                    </p>
                </Confirm>
            ) : null}
        </Panel>
    );
}
