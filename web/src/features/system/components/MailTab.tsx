/** The server that takes mail: what was entered about it, a test, and how sending goes. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ServiceAwaited, ServiceForm } from '@/features/system/components/ServiceForm';
import { changeOf, draftOf, type MailDraft, withSecurity } from '@/features/system/lib/mail';
import { useAccess } from '@/shared/api/access';
import {
    type MailSettings,
    useGetMailQuery,
    usePutMailMutation,
    useTestMailMutation,
} from '@/shared/api/generated';
import { useFormat, usePreferences } from '@/shared/lib/format';
import { Choice } from '@/shared/ui/Choice';
import { CheckField, Field, FormFault } from '@/shared/ui/Field';
import { useFaults } from '@/shared/ui/faults';
import { Panel } from '@/shared/ui/Panel';

const LOOK_EVERY = 10_000;
const FIELDS = ['enabled', 'host', 'port', 'user', 'password', 'from_address', 'from_name'];
const SECURITY = ['tls', 'starttls', 'plain'] as const;

export function MailTab() {
    const { t } = useTranslation('system');
    const { data, error, refetch } = useGetMailQuery(undefined, { pollingInterval: LOOK_EVERY });
    if (!data) {
        return <ServiceAwaited title={t('mail.title')} error={error} onRetry={refetch} />;
    }
    return (
        <div className="stack">
            <MailForm settings={data} />
            {data.enabled ? (
                <>
                    <TestMail />
                    <Sending mail={data} />
                </>
            ) : null}
        </div>
    );
}

function MailForm({ settings }: { settings: MailSettings }) {
    const { t } = useTranslation('system');
    const [put, { isLoading, error, data: answered }] = usePutMailMutation();
    const faults = useFaults()(error, FIELDS);
    const [draft, setDraft] = useState<MailDraft>(() => draftOf(settings));
    const change = (patch: Partial<MailDraft>) => setDraft({ ...draft, ...patch });
    const saved = answered && JSON.stringify(draft) === JSON.stringify(draftOf(answered));
    return (
        <ServiceForm
            title={t('mail.title')}
            sub="SMTP"
            fault={faults.rest}
            action={t('save')}
            disabled={isLoading}
            done={saved ? t('mail.saved') : null}
            onSubmit={() => {
                put({ mailChange: changeOf(draft) })
                    .unwrap()
                    .then((answer) => setDraft(draftOf(answer)))
                    .catch(() => undefined); // shown at the fields
            }}
        >
            <CheckField
                label={t('mail.enabled')}
                hint={t('mail.enabled_text')}
                checked={draft.enabled}
                onChange={(checked) => change({ enabled: checked })}
            />
            <FormFault text={faults.fields['enabled']} />
            <div>
                <Choice
                    name={t('mail.security')}
                    options={SECURITY.map((value) => ({
                        value,
                        label: t(`mail.security_is.${value}`),
                    }))}
                    value={draft.security}
                    onChange={(security) => setDraft(withSecurity(draft, security))}
                />
                <p className={draft.security === 'plain' ? 'form-error' : 'form-hint'}>
                    {t(`mail.security_text.${draft.security}`)}
                </p>
            </div>
            <div className="mail-pair">
                <Field
                    label={t('mail.host')}
                    error={faults.fields['host']}
                    value={draft.host}
                    onChange={(host) => change({ host })}
                    placeholder="smtp.example.org"
                    autoComplete="off"
                    autoCapitalize="none"
                    spellCheck={false}
                />
                <Field
                    label={t('mail.port')}
                    error={faults.fields['port']}
                    value={draft.port}
                    onChange={(port) => change({ port })}
                    inputMode="numeric"
                    autoComplete="off"
                />
            </div>
            <Field
                label={t('mail.user')}
                hint={t('mail.user_text')}
                error={faults.fields['user']}
                value={draft.user}
                onChange={(user) => change({ user })}
                autoComplete="off"
                autoCapitalize="none"
                spellCheck={false}
            />
            {/* Never offered the password that the browser keeps for this server. */}
            <Field
                type="password"
                autoComplete="new-password"
                label={t('mail.password')}
                hint={settings.has_password ? t('mail.password_kept') : undefined}
                error={faults.fields['password']}
                value={draft.password}
                onChange={(password) => change({ password })}
            />
            <Field
                label={t('mail.from_address')}
                hint={t('mail.from_text')}
                error={faults.fields['from_address']}
                value={draft.from_address}
                onChange={(from_address) => change({ from_address })}
                placeholder="tidemark@example.org"
                inputMode="email"
                autoComplete="off"
                autoCapitalize="none"
                spellCheck={false}
            />
            <Field
                label={t('mail.from_name')}
                error={faults.fields['from_name']}
                value={draft.from_name}
                onChange={(from_name) => change({ from_name })}
                maxLength={100}
                autoComplete="off"
            />
        </ServiceForm>
    );
}

function TestMail() {
    const { t } = useTranslation('system');
    const { me } = useAccess();
    const { language } = usePreferences();
    const [test, { isLoading, isSuccess, error, originalArgs }] = useTestMailMutation();
    const faults = useFaults()(error, ['to']);
    const [to, setTo] = useState(me?.email ?? '');
    return (
        <ServiceForm
            title={t('mail.test')}
            fault={faults.rest ? t('mail.test_failed', { reason: faults.rest }) : null}
            action={isLoading ? t('mail.sending') : t('mail.test_go')}
            secondary
            disabled={isLoading || to.trim() === ''}
            done={isSuccess ? t('mail.test_sent', { to: originalArgs?.mailTest.to }) : null}
            onSubmit={() => {
                test({ mailTest: { to: to.trim(), language } })
                    .unwrap()
                    .catch(() => undefined); // shown below
            }}
        >
            <Field
                label={t('mail.test_to')}
                hint={t('mail.test_text')}
                error={faults.fields['to']}
                value={to}
                onChange={setTo}
                type="email"
                autoCapitalize="none"
                spellCheck={false}
                required
            />
        </ServiceForm>
    );
}

function Sending({ mail }: { mail: MailSettings }) {
    const { t } = useTranslation('system');
    const format = useFormat();
    return (
        <Panel title={t('mail.state')}>
            <dl className="facts-list">
                <div>
                    <dt>{t('mail.address')}</dt>
                    <dd className="mail-address">{mail.address}</dd>
                </div>
                <div>
                    <dt>{t('mail.sent')}</dt>
                    <dd>
                        {format.count(mail.sent)}
                        {mail.last_sent ? ` · ${format.dateTime(mail.last_sent)}` : ''}
                    </dd>
                </div>
                <div>
                    <dt>{t('mail.waiting')}</dt>
                    <dd>{format.count(mail.waiting)}</dd>
                </div>
                {mail.last_failure ? (
                    <div>
                        <dt>{t('mail.failure')}</dt>
                        <dd className="tone-over">
                            {format.dateTime(mail.last_failure.time)} · {mail.last_failure.reason}
                        </dd>
                    </div>
                ) : null}
            </dl>
            <p className="panel-text">{t('mail.state_text')}</p>
        </Panel>
    );
}
