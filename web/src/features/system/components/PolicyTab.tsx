/** Who may come in and how, and what is kept. Saved as a whole, after saying what it does. */
import { InputNumber, Select } from 'antd';
import type { ReactNode } from 'react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { effectsOf, samePolicy, tidyDomains } from '@/features/system/lib/policy';
import { useAccess } from '@/shared/api/access';
import { useGetPolicyQuery, usePutPolicyMutation } from '@/shared/api/generated';
import type { Policy } from '@/shared/api/model';
import { Choice } from '@/shared/ui/Choice';
import { Confirm } from '@/shared/ui/Confirm';
import { CheckField } from '@/shared/ui/Field';
import { useFaults } from '@/shared/ui/faults';
import { Panel } from '@/shared/ui/Panel';
import { SkeletonRows } from '@/shared/ui/Skeleton';
import { ErrorPanel } from '@/shared/ui/States';

const ROLES = ['user', 'admin', 'enterprise'] as const;
const PRIVACY = ['names', 'pseudonyms', 'totals'] as const;
const FIELDS = [
    'registration',
    'domains',
    'provider_only',
    'privacy',
    'minimum_people',
    'audit_days',
    'session_days',
    'idle_days',
];

export function PolicyTab() {
    const { t } = useTranslation('system');
    const { data, error, refetch } = useGetPolicyQuery();
    if (!data) {
        return (
            <Panel title={t('tab.policy')}>
                {error ? <ErrorPanel error={error} onRetry={refetch} /> : <SkeletonRows rows={6} />}
            </Panel>
        );
    }
    return <PolicyForm key={JSON.stringify(data)} policy={data} />;
}

function Row({ title, text, children }: { title: string; text?: string; children: ReactNode }) {
    return (
        <div className="policy-row">
            <div className="policy-words">
                <strong>{title}</strong>
                {text ? <p>{text}</p> : null}
            </div>
            <div className="policy-control">{children}</div>
        </div>
    );
}

function PolicyForm({ policy }: { policy: Policy }) {
    const { t } = useTranslation(['system', 'common']);
    const [put, { isLoading, error }] = usePutPolicyMutation();
    const faults = useFaults()(error, FIELDS);
    const [draft, setDraft] = useState(policy);
    const { state } = useAccess();
    // What needs mail is offered where there is mail.
    const ways = (['off', 'invite', 'domains'] as const).filter(
        (way) => way !== 'domains' || state?.mail || policy.registration === 'domains',
    );
    const [asking, setAsking] = useState(false);
    const change = (patch: Partial<Policy>) => setDraft({ ...draft, ...patch });
    const changed = !samePolicy(policy, draft);
    const effects = effectsOf(policy, draft);
    const save = () => put({ policy: draft }).unwrap();
    const wrong = faults.rest ?? Object.values(faults.fields)[0];
    const number = (
        name: 'session_days' | 'idle_days' | 'audit_days' | 'minimum_people',
        label: string,
        min: number,
        max: number,
    ) => (
        <InputNumber
            aria-label={label}
            min={min}
            max={max}
            precision={0}
            value={draft[name]}
            onChange={(value) => change({ [name]: value ?? min })}
        />
    );
    return (
        <div className="stack">
            <Panel title={t('policy.registration')}>
                <Row title={t('policy.who')} text={t(`policy.who_text.${draft.registration}`)}>
                    <Choice
                        name={t('policy.who')}
                        options={ways.map((value) => ({
                            value,
                            label: t(`policy.who_is.${value}`),
                        }))}
                        value={draft.registration}
                        onChange={(registration) => change({ registration })}
                    />
                </Row>
                {draft.registration === 'domains' ? (
                    <Row title={t('policy.domains')} text={t('policy.domains_text')}>
                        <Select
                            mode="tags"
                            aria-label={t('policy.domains')}
                            tokenSeparators={[',', ' ', ';']}
                            open={false}
                            suffixIcon={null}
                            placeholder="example.org"
                            value={draft.domains}
                            onChange={(domains) => change({ domains: tidyDomains(domains) })}
                        />
                    </Row>
                ) : null}
            </Panel>
            <Panel title={t('policy.sign_in')}>
                <Row title={t('policy.factor')} text={t('policy.factor_text')}>
                    {ROLES.map((role) => (
                        <CheckField
                            key={role}
                            label={t(`common:role.${role}`)}
                            checked={draft[`require_2fa_${role}`]}
                            onChange={(checked) => change({ [`require_2fa_${role}`]: checked })}
                        />
                    ))}
                </Row>
                <Row title={t('policy.session')} text={t('policy.session_text')}>
                    {number('session_days', t('policy.session'), 1, 365)}
                </Row>
                <Row title={t('policy.idle')} text={t('policy.idle_text')}>
                    {number('idle_days', t('policy.idle'), 0, 365)}
                </Row>
                {state?.provider ? (
                    <Row title={t('policy.provider')} text={t('policy.provider_text')}>
                        <CheckField
                            label={t('policy.provider_only')}
                            checked={draft.provider_only}
                            onChange={(checked) => change({ provider_only: checked })}
                        />
                    </Row>
                ) : null}
            </Panel>
            <Panel title={t('policy.privacy')}>
                <Row title={t('policy.sees')} text={t(`policy.sees_text.${draft.privacy}`)}>
                    <Choice
                        name={t('policy.sees')}
                        options={PRIVACY.map((value) => ({
                            value,
                            label: t(`policy.sees_is.${value}`),
                        }))}
                        value={draft.privacy}
                        onChange={(privacy) => change({ privacy })}
                    />
                </Row>
                {draft.privacy === 'totals' ? (
                    <Row title={t('policy.minimum')} text={t('policy.minimum_text')}>
                        {number('minimum_people', t('policy.minimum'), 3, 100)}
                    </Row>
                ) : null}
            </Panel>
            <Panel title={t('policy.kept')}>
                <Row title={t('policy.audit')} text={t('policy.audit_text')}>
                    {number('audit_days', t('policy.audit'), 0, 36_500)}
                </Row>
            </Panel>
            {changed ? (
                <div className="policy-save">
                    <span className={wrong ? 'tone-over' : undefined} role="status">
                        {wrong ?? t('policy.unsaved')}
                    </span>
                    <button type="button" className="button" onClick={() => setDraft(policy)}>
                        {t('policy.undo')}
                    </button>
                    <button
                        type="button"
                        className="button button-primary"
                        disabled={isLoading}
                        onClick={() => {
                            if (effects.length > 0) setAsking(true);
                            else save().catch(() => undefined); // shown beside the button
                        }}
                    >
                        {t('save')}
                    </button>
                </div>
            ) : null}
            {asking ? (
                <Confirm
                    title={t('policy.confirm')}
                    action={t('save')}
                    onConfirm={save}
                    onClose={() => setAsking(false)}
                >
                    <ul>
                        {effects.map((effect) => (
                            <li key={effect}>
                                {t(`effect.${effect}`, {
                                    days:
                                        effect === 'audit_cut'
                                            ? draft.audit_days
                                            : effect === 'idle_shorter'
                                              ? draft.idle_days
                                              : draft.session_days,
                                })}
                            </li>
                        ))}
                    </ul>
                </Confirm>
            ) : null}
        </div>
    );
}
