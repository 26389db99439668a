/** The own account and the identity provider: joined to it by going there once, and parted again. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { useJoinProviderMutation, useLeaveProviderMutation } from '@/shared/api/generated';
import type { Me } from '@/shared/api/model';
import { Confirm } from '@/shared/ui/Confirm';
import { FormFault } from '@/shared/ui/Field';
import { useFaults } from '@/shared/ui/faults';
import { Panel } from '@/shared/ui/Panel';

/** What the server says in `?problem=` when somebody comes back unjoined; for any other: `other`. */
const PROBLEMS = ['taken', 'gone', 'expired', 'denied', 'unreachable', 'domain'] as const;

interface ProviderPanelProps {
    me: Me;
    /** What the provider is called. */
    name: string;
    /** Passwords let nobody in but in an emergency. */
    only: boolean;
}

export function ProviderPanel({ me, name, only }: ProviderPanelProps) {
    const { t } = useTranslation('account');
    const [join, joining] = useJoinProviderMutation();
    const [leave] = useLeaveProviderMutation();
    const [asking, setAsking] = useState(false);
    const [search] = useSearchParams();
    const problem = me.by_provider ? null : search.get('problem');
    const known = PROBLEMS.find((one) => one === problem) ?? 'other';
    const failed = useFaults()(joining.error, []).rest;
    const start = async () => {
        try {
            location.assign((await join().unwrap()).url);
        } catch {
            // Shown below.
        }
    };
    return (
        <Panel
            title={t('provider.title')}
            sub={
                <span className={me.by_provider ? 'tag tag-ok' : 'tag'}>
                    {me.by_provider ? t('provider.on') : t('provider.off')}
                </span>
            }
        >
            <div className="panel-intro">
                <p className="panel-text">
                    {t(
                        !me.by_provider
                            ? 'provider.text'
                            : only
                              ? 'provider.only'
                              : me.has_password
                                ? 'provider.joined'
                                : 'provider.sole',
                        { name },
                    )}
                </p>
                {me.by_provider ? (
                    me.has_password && !only ? (
                        <button type="button" className="button" onClick={() => setAsking(true)}>
                            {t('provider.leave')}
                        </button>
                    ) : null
                ) : (
                    <button
                        type="button"
                        className="button"
                        disabled={joining.isLoading}
                        onClick={start}
                    >
                        {t('provider.join', { name })}
                    </button>
                )}
            </div>
            <FormFault
                text={
                    failed ?? (problem === null ? null : t(`provider.problem.${known}`, { name }))
                }
            />
            {asking ? (
                <Confirm
                    title={t('provider.leave_title', { name })}
                    action={t('provider.leave')}
                    onConfirm={() => leave().unwrap()}
                    onClose={() => setAsking(false)}
                >
                    <p>{t('provider.leave_text', { name })}</p>
                </Confirm>
            ) : null}
        </Panel>
    );
}
