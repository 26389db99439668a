/** The OpenID Connect provider that signs people in: what was entered there and here, and what its groups mean. */
import { Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ProviderGroups } from '@/features/system/components/ProviderGroups';
import { ServiceAwaited, ServiceForm } from '@/features/system/components/ServiceForm';
import { tidyDomains } from '@/features/system/lib/policy';
import { changeOf, type ProviderDraft } from '@/features/system/lib/provider';
import {
    type ProviderSettings,
    useGetProviderQuery,
    useGetTeamsQuery,
    usePutProviderMutation,
} from '@/shared/api/generated';
import { Confirm } from '@/shared/ui/Confirm';
import { CopyButton } from '@/shared/ui/CopyButton';
import { CheckField, Field, FieldFrame } from '@/shared/ui/Field';
import { useFaults } from '@/shared/ui/faults';

const FIELDS = [
    'name',
    'issuer',
    'client_id',
    'client_secret',
    'scopes',
    'mail_domains',
    'groups_claim',
    'roles',
    'teams',
    'required_acr',
    'required_amr',
];
const ROLES = ['user', 'admin', 'enterprise'] as const;

export function ProviderPanel() {
    const { t } = useTranslation('system');
    const { data, error, refetch } = useGetProviderQuery();
    if (!data) {
        return <ServiceAwaited title={t('provider.title')} error={error} onRetry={refetch} />;
    }
    return <ProviderForm key={JSON.stringify(data)} settings={data} />;
}

function ProviderForm({ settings }: { settings: ProviderSettings }) {
    const { t } = useTranslation(['system', 'common']);
    const teams = useGetTeamsQuery().data?.teams ?? [];
    const [put, { isLoading, error }] = usePutProviderMutation();
    const faults = useFaults()(error, FIELDS);
    const [draft, setDraft] = useState<ProviderDraft>({ ...settings, client_secret: '' });
    const [asking, setAsking] = useState(false);
    const change = (patch: Partial<ProviderDraft>) => setDraft({ ...draft, ...patch });
    const effects = [
        ...(settings.enabled && !draft.enabled ? (['off'] as const) : []),
        ...(settings.enabled && settings.issuer !== draft.issuer ? (['issuer'] as const) : []),
    ];
    const save = () => put({ providerChange: changeOf(draft) }).unwrap();
    const words = (
        name: 'scopes' | 'mail_domains',
        hint: string,
        onChange: (values: string[]) => void,
    ) => (
        <FieldFrame label={t(`provider.${name}`)} hint={hint} error={faults.fields[name]}>
            {(attributes) => (
                <Select
                    {...attributes}
                    mode="tags"
                    tokenSeparators={[',', ' ', ';']}
                    open={false}
                    suffixIcon={null}
                    value={draft[name]}
                    onChange={onChange}
                />
            )}
        </FieldFrame>
    );
    return (
        <>
            <ServiceForm
                title={t('provider.title')}
                sub="OpenID Connect"
                fault={faults.rest}
                action={isLoading ? t('provider.asking') : t('save')}
                disabled={isLoading}
                onSubmit={() => {
                    if (effects.length > 0) setAsking(true);
                    else save().catch(() => undefined); // shown at the fields
                }}
            >
                <CheckField
                    label={t('provider.enabled')}
                    hint={t('provider.enabled_text')}
                    checked={draft.enabled}
                    onChange={(checked) => change({ enabled: checked })}
                />
                <FieldFrame label={t('provider.redirect_uri')} hint={t('provider.redirect_text')}>
                    {(attributes) => (
                        <span className="provider-copy">
                            <input
                                {...attributes}
                                className="input form-input"
                                readOnly
                                value={settings.redirect_uri}
                            />
                            <CopyButton text={settings.redirect_uri} />
                        </span>
                    )}
                </FieldFrame>
                <Field
                    label={t('provider.name')}
                    hint={t('provider.name_text')}
                    error={faults.fields['name']}
                    value={draft.name}
                    onChange={(name) => change({ name })}
                    maxLength={60}
                />
                <Field
                    label={t('provider.issuer')}
                    hint={t('provider.issuer_text')}
                    error={faults.fields['issuer']}
                    value={draft.issuer}
                    onChange={(issuer) => change({ issuer: issuer.trim() })}
                    inputMode="url"
                    spellCheck={false}
                />
                <Field
                    label={t('provider.client_id')}
                    error={faults.fields['client_id']}
                    value={draft.client_id}
                    onChange={(client_id) => change({ client_id: client_id.trim() })}
                    autoComplete="off"
                    spellCheck={false}
                />
                {/* Never offered the password that the browser keeps for this server. */}
                <Field
                    type="password"
                    autoComplete="new-password"
                    label={t('provider.client_secret')}
                    hint={
                        settings.has_client_secret
                            ? t('provider.secret_kept')
                            : t('provider.secret_none')
                    }
                    error={faults.fields['client_secret']}
                    value={draft.client_secret}
                    onChange={(client_secret) => change({ client_secret })}
                />
                {words('scopes', t('provider.scopes_text'), (scopes) => change({ scopes }))}
                {words('mail_domains', t('provider.domains_text'), (domains) =>
                    change({ mail_domains: tidyDomains(domains) }),
                )}
                <CheckField
                    label={t('provider.create')}
                    hint={t('provider.create_text')}
                    checked={draft.create_accounts}
                    onChange={(checked) => change({ create_accounts: checked })}
                />
                {(['required_acr', 'required_amr'] as const).map((name) => (
                    <Field
                        key={name}
                        label={t(`provider.${name}`)}
                        hint={t(`provider.${name}_text`)}
                        error={faults.fields[name]}
                        value={draft[name]}
                        onChange={(value) => change({ [name]: value })}
                        spellCheck={false}
                    />
                ))}
                <Field
                    label={t('provider.groups_claim')}
                    hint={t('provider.claim_text')}
                    error={faults.fields['groups_claim']}
                    value={draft.groups_claim}
                    onChange={(groups_claim) => change({ groups_claim: groups_claim.trim() })}
                    spellCheck={false}
                />
                <ProviderGroups
                    title={t('provider.roles')}
                    text={t('provider.roles_text')}
                    error={faults.fields['roles']}
                    column={t('provider.role')}
                    options={ROLES.map((role) => ({
                        value: role,
                        label: t(`common:role.${role}`),
                    }))}
                    rows={draft.roles.map(({ group, role }) => ({ group, value: role }))}
                    onChange={(rows) =>
                        change({ roles: rows.map(({ group, value }) => ({ group, role: value })) })
                    }
                />
                {teams.length > 0 ? (
                    <ProviderGroups
                        title={t('provider.teams')}
                        text={t('provider.teams_text')}
                        error={faults.fields['teams']}
                        column={t('provider.team')}
                        options={teams.map(({ id, name }) => ({ value: id, label: name }))}
                        rows={draft.teams.map(({ group, team }) => ({ group, value: team }))}
                        onChange={(rows) =>
                            change({
                                teams: rows.map(({ group, value }) => ({ group, team: value })),
                            })
                        }
                    />
                ) : null}
            </ServiceForm>
            {asking ? (
                <Confirm
                    title={t('provider.confirm')}
                    action={t('save')}
                    onConfirm={save}
                    onClose={() => setAsking(false)}
                >
                    <ul>
                        {effects.map((effect) => (
                            <li key={effect}>{t(`provider.effect.${effect}`)}</li>
                        ))}
                    </ul>
                </Confirm>
            ) : null}
        </>
    );
}
