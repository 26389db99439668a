/** Who I am here: name, address, role, teams; and what is stored about me, to take along or to remove. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { MyState } from '@/features/account/components/MyState';
import { ProofDialog } from '@/features/account/components/ProofDialog';
import { useAccess } from '@/shared/api/access';
import { useEraseMeMutation, useGetAuthStateQuery, usePutMeMutation } from '@/shared/api/generated';
import type { Me } from '@/shared/api/model';
import { noteSignedOut } from '@/shared/api/session';
import { useFormat } from '@/shared/lib/format';
import { AntProvider } from '@/shared/ui/AntProvider';
import { Confirm } from '@/shared/ui/Confirm';
import { Field } from '@/shared/ui/Field';
import { useFaults } from '@/shared/ui/faults';
import { PageHeader } from '@/shared/ui/PageHeader';
import { Panel } from '@/shared/ui/Panel';
import '@/features/account/account.css';

export default function ProfilePage() {
    const { t } = useTranslation('account');
    const { me } = useAccess();
    const state = useGetAuthStateQuery();
    return (
        <AntProvider>
            <div className="page account">
                <PageHeader title={t('profile.title')} />
                {me ? <Profile me={me} /> : <MyState query={state} />}
            </div>
            <ProofDialog />
        </AntProvider>
    );
}

function Profile({ me }: { me: Me }) {
    const { t } = useTranslation(['account', 'common']);
    const format = useFormat();
    return (
        <div className="stack">
            <Panel title={t('profile.about')}>
                <ProfileForm key={`${me.display_name}|${me.email ?? ''}`} me={me} />
            </Panel>
            <Panel title={t('profile.place')}>
                <dl className="facts-list">
                    <div>
                        <dt>{t('profile.username')}</dt>
                        <dd>{me.username}</dd>
                    </div>
                    <div>
                        <dt>{t('profile.role')}</dt>
                        <dd>
                            {t(`common:role.${me.role}`)}
                            <div className="panel-text">{t(`profile.reach.${me.role}`)}</div>
                        </dd>
                    </div>
                    <div>
                        <dt>{t('profile.teams')}</dt>
                        <dd>{me.teams.map((team) => team.name).join(', ') || t('profile.none')}</dd>
                    </div>
                    {me.managed_teams.length > 0 ? (
                        <div>
                            <dt>{t('profile.managed')}</dt>
                            <dd>{me.managed_teams.map((team) => team.name).join(', ')}</dd>
                        </div>
                    ) : null}
                    <div>
                        <dt>{t('profile.privacy')}</dt>
                        <dd>
                            {t(`profile.privacy_is.${me.privacy}`, { count: me.minimum_people })}
                        </dd>
                    </div>
                    <div>
                        <dt>{t('profile.since')}</dt>
                        <dd>{format.fullDate(me.created_at)}</dd>
                    </div>
                </dl>
            </Panel>
            <YourData me={me} />
        </div>
    );
}

function ProfileForm({ me }: { me: Me }) {
    const { t } = useTranslation('account');
    const [put, { isLoading, isSuccess, error }] = usePutMeMutation();
    const [name, setName] = useState(me.display_name);
    const [email, setEmail] = useState(me.email ?? '');
    const faults = useFaults()(error, ['display_name', 'email']);
    const changed = name !== me.display_name || email !== (me.email ?? '');
    return (
        <form
            className="form"
            onSubmit={(event) => {
                event.preventDefault();
                void put({ profile: { display_name: name.trim(), email: email.trim() } });
            }}
        >
            <Field
                label={t('profile.name')}
                hint={t('profile.name_hint')}
                error={faults.fields['display_name']}
                value={name}
                onChange={setName}
                autoComplete="name"
                maxLength={100}
            />
            <Field
                label={t('profile.email')}
                hint={t('profile.email_hint')}
                type="email"
                error={faults.fields['email']}
                value={email}
                onChange={setEmail}
                autoComplete="email"
            />
            <div className="form-foot">
                <button
                    type="submit"
                    className="button button-primary"
                    disabled={!changed || isLoading}
                >
                    {t('save')}
                </button>
                <span role="status" className={faults.rest ? 'tone-over' : 'tone-quiet'}>
                    {faults.rest ?? (isSuccess && !changed ? t('saved') : '')}
                </span>
            </div>
        </form>
    );
}

function YourData({ me }: { me: Me }) {
    const { t } = useTranslation('account');
    const [erase] = useEraseMeMutation();
    const [asking, setAsking] = useState(false);
    return (
        <Panel title={t('data.title')}>
            <div className="stack">
                <div className="panel-intro">
                    <p className="panel-text">{t('data.download_text')}</p>
                    <a className="button" href="/api/v1/auth/me/export" download>
                        {t('data.download')}
                    </a>
                </div>
                <div className="panel-intro">
                    <p className="panel-text">{t('data.erase_text')}</p>
                    <button
                        type="button"
                        className="button button-danger"
                        onClick={() => setAsking(true)}
                    >
                        {t('data.erase')}
                    </button>
                </div>
            </div>
            {asking ? (
                <Confirm
                    title={t('data.erase_title')}
                    action={t('data.erase_do')}
                    danger
                    typed={{ label: t('data.type', { name: me.username }), text: me.username }}
                    onConfirm={async () => {
                        await erase({ erasureConfirmation: { username: me.username } }).unwrap();
                        noteSignedOut();
                        location.assign('/sign-in');
                    }}
                    onClose={() => setAsking(false)}
                >
                    <ul>
                        <li>{t('data.gone')}</li>
                        <li>{t('data.totals')}</li>
                        <li>{t('data.final')}</li>
                    </ul>
                </Confirm>
            ) : null}
        </Panel>
    );
}
