/** One person: what is known, and what may be changed about them. */
import { Drawer, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LinkDialog } from '@/features/people/components/LinkDialog';
import { shownName } from '@/features/people/components/PersonName';
import { useAccess } from '@/shared/api/access';
import {
    useErasePersonMutation,
    useMakeResetLinkMutation,
    useSetActiveMutation,
    useSetBreakGlassMutation,
    useSetRoleMutation,
    useSignPersonOutMutation,
    useTransferPersonMutation,
} from '@/shared/api/generated';
import type { OneTimeLink, Person, Role } from '@/shared/api/model';
import { useFormat } from '@/shared/lib/format';
import { Avatar } from '@/shared/ui/Avatar';
import { Confirm } from '@/shared/ui/Confirm';
import { CheckField, FieldFrame } from '@/shared/ui/Field';

const ROLES: readonly Role[] = ['user', 'admin', 'enterprise'];
type Asking = 'role' | 'active' | 'out' | 'glass' | 'reset' | 'transfer' | 'erase' | null;

interface PersonDrawerProps {
    person: Person;
    people: readonly Person[];
    onClose: () => void;
}

export function PersonDrawer({ person, people, onClose }: PersonDrawerProps) {
    const { t } = useTranslation(['people', 'common']);
    const format = useFormat();
    const { me, may } = useAccess();
    const [setActive] = useSetActiveMutation();
    const [signOut] = useSignPersonOutMutation();
    const [setRole] = useSetRoleMutation();
    const [setGlass] = useSetBreakGlassMutation();
    const [makeLink] = useMakeResetLinkMutation();
    const [transfer] = useTransferPersonMutation();
    const [erase] = useErasePersonMutation();
    const [asking, setAsking] = useState<Asking>(null);
    const [role, chooseRole] = useState<Role>(person.role);
    const [removesFactor, setRemovesFactor] = useState(false);
    const [to, setTo] = useState<number | null>(null);
    const [link, setLink] = useState<OneTimeLink | null>(null);
    const all = may('manage_all');
    const self = me?.id === person.id;
    const erased = person.state === 'erased';
    const active = person.state === 'active';
    const name = shownName(person);
    const { id } = person;
    const others = people.filter((one) => one.id !== id && one.state === 'active');
    const close = () => setAsking(null);
    const facts: [string, string][] = [
        [t('person.email'), person.email ?? '—'],
        [t('person.teams'), person.teams.map((team) => team.name).join(', ') || '—'],
        [
            t('person.seen'),
            person.last_seen ? format.dateTime(person.last_seen) : t('person.not_seen'),
        ],
        [t('person.since'), format.fullDate(person.created_at)],
    ];
    return (
        <Drawer open onClose={onClose} size={440} title={t('person.title')}>
            <div className="stack">
                <div className="drawer-head">
                    <Avatar name={name} large />
                    <div>
                        <strong>{name}</strong>
                        <span>{person.username}</span>
                    </div>
                </div>
                <div className="drawer-tags">
                    <span className={active ? 'tag tag-ok' : 'tag'}>
                        {t(`state.${person.state}`)}
                    </span>
                    <span className="tag">{t(`common:role.${person.role}`)}</span>
                    <span className={person.second_factor ? 'tag' : 'tag tag-warn'}>
                        {person.second_factor ? t('person.factor') : t('person.no_factor')}
                    </span>
                    {person.by_provider ? (
                        <span className="tag">{t('person.provider')}</span>
                    ) : null}
                    {person.break_glass ? (
                        <span className="tag tag-warn">{t('person.glass')}</span>
                    ) : null}
                </div>
                <dl className="facts-list">
                    {facts.map(([title, value]) => (
                        <div key={title}>
                            <dt>{title}</dt>
                            <dd>{value}</dd>
                        </div>
                    ))}
                    <div>
                        <dt>{t('person.identities')}</dt>
                        <dd>
                            {person.identities.length === 0
                                ? t('person.no_identities')
                                : person.identities.map((one) => (
                                      <div key={one.id}>
                                          {one.value}{' '}
                                          <span className="tone-quiet">
                                              {t(`kind.${one.kind}`)}
                                          </span>
                                      </div>
                                  ))}
                        </dd>
                    </div>
                </dl>
                {all && !erased ? (
                    <div className="drawer-part">
                        <FieldFrame label={t('person.role')} hint={t(`reach.${role}`)}>
                            {(attributes) => (
                                <Select
                                    {...attributes}
                                    disabled={self}
                                    options={ROLES.map((value) => ({
                                        value,
                                        label: t(`common:role.${value}`),
                                    }))}
                                    value={role}
                                    onChange={(value) => {
                                        chooseRole(value);
                                        if (value !== person.role) setAsking('role');
                                    }}
                                />
                            )}
                        </FieldFrame>
                        {self ? <p className="form-hint">{t('person.self')}</p> : null}
                    </div>
                ) : null}
                {person.manageable && !erased && !self ? (
                    <div className="drawer-part">
                        <h3>{t('person.sign_in')}</h3>
                        <div className="drawer-actions">
                            <button
                                type="button"
                                className="button"
                                onClick={() => setAsking('reset')}
                            >
                                {t('reset.do')}
                            </button>
                            {active ? (
                                <button
                                    type="button"
                                    className="button"
                                    onClick={() => setAsking('out')}
                                >
                                    {t('out.do')}
                                </button>
                            ) : null}
                            <button
                                type="button"
                                className="button"
                                onClick={() => setAsking('active')}
                            >
                                {active ? t('active.off') : t('active.on')}
                            </button>
                            {all && person.role === 'enterprise' ? (
                                <button
                                    type="button"
                                    className="button"
                                    onClick={() => setAsking('glass')}
                                >
                                    {person.break_glass ? t('glass.off') : t('glass.on')}
                                </button>
                            ) : null}
                        </div>
                    </div>
                ) : null}
                {all && !erased ? (
                    <div className="drawer-part">
                        <h3>{t('person.data')}</h3>
                        <div className="drawer-actions">
                            <a className="button" href={`/api/v1/people/${id}/export`} download>
                                {t('person.export')}
                            </a>
                            {self ? null : (
                                <>
                                    <button
                                        type="button"
                                        className="button"
                                        onClick={() => setAsking('transfer')}
                                    >
                                        {t('transfer.do')}
                                    </button>
                                    <button
                                        type="button"
                                        className="button button-danger"
                                        onClick={() => setAsking('erase')}
                                    >
                                        {t('erase.do')}
                                    </button>
                                </>
                            )}
                        </div>
                    </div>
                ) : null}
            </div>
            {asking === 'role' ? (
                <Confirm
                    title={t('role.title', { name })}
                    action={t('role.do')}
                    onConfirm={() => setRole({ id, roleChange: { role } }).unwrap()}
                    onClose={() => {
                        close();
                        chooseRole(person.role);
                    }}
                >
                    <p>
                        {t('role.text', {
                            from: t(`common:role.${person.role}`),
                            to: t(`common:role.${role}`),
                        })}
                    </p>
                    <p>{t(`reach.${role}`)}</p>
                </Confirm>
            ) : null}
            {asking === 'active' ? (
                <Confirm
                    title={
                        active ? t('active.off_title', { name }) : t('active.on_title', { name })
                    }
                    action={active ? t('active.off') : t('active.on')}
                    danger={active}
                    onConfirm={() => setActive({ id, activeChange: { active: !active } }).unwrap()}
                    onClose={close}
                >
                    <p>{active ? t('active.off_text') : t('active.on_text')}</p>
                </Confirm>
            ) : null}
            {asking === 'out' ? (
                <Confirm
                    title={t('out.title', { name })}
                    action={t('out.action')}
                    onConfirm={() => signOut({ id }).unwrap()}
                    onClose={close}
                >
                    <p>{t('out.text')}</p>
                </Confirm>
            ) : null}
            {asking === 'glass' ? (
                <Confirm
                    title={person.break_glass ? t('glass.off') : t('glass.on')}
                    action={person.break_glass ? t('glass.off') : t('glass.on')}
                    onConfirm={() =>
                        setGlass({ id, breakGlassChange: { on: !person.break_glass } }).unwrap()
                    }
                    onClose={close}
                >
                    <p>{person.break_glass ? t('glass.off_text') : t('glass.on_text')}</p>
                </Confirm>
            ) : null}
            {asking === 'reset' ? (
                <Confirm
                    title={t('reset.title', { name })}
                    action={t('reset.make')}
                    onConfirm={async () => {
                        setLink(
                            await makeLink({
                                id,
                                resetLinkRequest: { remove_second_factor: removesFactor },
                            }).unwrap(),
                        );
                    }}
                    onClose={close}
                >
                    <p>{t('reset.text')}</p>
                    {person.second_factor ? (
                        <CheckField
                            label={t('reset.factor')}
                            hint={t('reset.factor_text')}
                            checked={removesFactor}
                            onChange={setRemovesFactor}
                        />
                    ) : null}
                </Confirm>
            ) : null}
            {asking === 'transfer' ? (
                <Confirm
                    title={t('transfer.title', { name })}
                    action={t('transfer.do')}
                    blocked={to === null}
                    onConfirm={() => transfer({ id, transfer: { to: to ?? 0 } }).unwrap()}
                    onClose={close}
                >
                    <p>{t('transfer.text')}</p>
                    <FieldFrame label={t('transfer.to')}>
                        {(attributes) => (
                            <Select
                                {...attributes}
                                showSearch={{ optionFilterProp: 'label' }}
                                options={others.map((one) => ({
                                    value: one.id,
                                    label: shownName(one),
                                }))}
                                value={to}
                                onChange={setTo}
                            />
                        )}
                    </FieldFrame>
                </Confirm>
            ) : null}
            {asking === 'erase' ? (
                <Confirm
                    title={t('erase.title', { name })}
                    action={t('erase.final_do')}
                    danger
                    typed={{
                        label: t('erase.type', { name: person.username }),
                        text: person.username,
                    }}
                    onConfirm={async () => {
                        await erase({
                            id,
                            erasureConfirmation: { username: person.username },
                        }).unwrap();
                        onClose();
                    }}
                    onClose={close}
                >
                    <ul>
                        <li>{t('erase.gone')}</li>
                        <li>{t('erase.totals')}</li>
                        <li>{t('erase.final')}</li>
                    </ul>
                </Confirm>
            ) : null}
            {link ? (
                <LinkDialog
                    title={t('reset.made', { name })}
                    text={t('reset.hand_over')}
                    link={link}
                    onClose={() => setLink(null)}
                />
            ) : null}
        </Drawer>
    );
}
