/** Somebody new: by an invitation link, or an account made for them. */
import { Modal, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { teamOptions } from '@/features/people/lib/tree';
import { useAccess } from '@/shared/api/access';
import {
    useCreatePersonMutation,
    useGetTeamsQuery,
    useInviteMutation,
    useMakeResetLinkMutation,
} from '@/shared/api/generated';
import type { OneTimeLink, Role } from '@/shared/api/model';
import { usePreferences } from '@/shared/lib/format';
import { Choice } from '@/shared/ui/Choice';
import { DialogFoot } from '@/shared/ui/DialogFoot';
import { Field, FieldFrame, FormFault } from '@/shared/ui/Field';
import { useFaults } from '@/shared/ui/faults';

interface AddPersonDialogProps {
    /** May make accounts of every role; else only invite users into own teams. */
    all: boolean;
    onLink: (link: OneTimeLink, what: 'invited' | 'mailed' | 'created') => void;
    onClose: () => void;
}

const ROLES: readonly Role[] = ['user', 'admin', 'enterprise'];

export function AddPersonDialog({ all, onLink, onClose }: AddPersonDialogProps) {
    const { t } = useTranslation(['people', 'common']);
    const { language } = usePreferences();
    const { state } = useAccess();
    const teams = useGetTeamsQuery().data?.teams ?? [];
    const [invite, inviting] = useInviteMutation();
    const [create, creating] = useCreatePersonMutation();
    const [reset, resetting] = useMakeResetLinkMutation();
    const faults = useFaults()(inviting.error ?? creating.error ?? resetting.error, [
        'username',
        'display_name',
        'team',
        'email',
    ]);
    const [way, setWay] = useState<'invite' | 'create'>('invite');
    const [role, setRole] = useState<Role>('user');
    const [team, setTeam] = useState<number | null>(all ? null : (teams[0]?.id ?? null));
    const [username, setUsername] = useState('');
    const [name, setName] = useState('');
    const [email, setEmail] = useState('');
    const busy = inviting.isLoading || creating.isLoading || resetting.isLoading;
    const send = async () => {
        try {
            if (way === 'invite') {
                const to = email.trim();
                const link = await invite({
                    newInvitation: { role, team, ...(to ? { email: to, language } : {}) },
                }).unwrap();
                onLink(link, to ? 'mailed' : 'invited');
                return;
            }
            const person = await create({
                newPerson: { username: username.trim(), display_name: name.trim(), role },
            }).unwrap();
            const link = await reset({
                id: person.id,
                resetLinkRequest: { remove_second_factor: false },
            }).unwrap();
            onLink(link, 'created');
        } catch {
            // Shown at the fields.
        }
    };
    return (
        <Modal open title={t('add.title')} width={460} onCancel={onClose} footer={null}>
            <form
                className="form confirm"
                onSubmit={(event) => {
                    event.preventDefault();
                    void send();
                }}
            >
                {all ? (
                    <div>
                        <Choice
                            name={t('add.way')}
                            options={[
                                { value: 'invite', label: t('add.invite') },
                                { value: 'create', label: t('add.create') },
                            ]}
                            value={way}
                            onChange={setWay}
                        />
                    </div>
                ) : null}
                <p>{way === 'invite' ? t('add.invite_text') : t('add.create_text')}</p>
                {way === 'create' ? (
                    <>
                        <Field
                            label={t('person.username')}
                            value={username}
                            onChange={setUsername}
                            error={faults.fields['username']}
                            autoComplete="off"
                            autoCapitalize="none"
                            spellCheck={false}
                            required
                        />
                        <Field
                            label={t('person.name')}
                            value={name}
                            onChange={setName}
                            error={faults.fields['display_name']}
                            autoComplete="off"
                        />
                    </>
                ) : null}
                {all ? (
                    <FieldFrame label={t('person.role')} hint={t(`reach.${role}`)}>
                        {(attributes) => (
                            <Select
                                {...attributes}
                                options={ROLES.map((value) => ({
                                    value,
                                    label: t(`common:role.${value}`),
                                }))}
                                value={role}
                                onChange={setRole}
                            />
                        )}
                    </FieldFrame>
                ) : null}
                {way === 'invite' ? (
                    <FieldFrame label={t('add.team')} error={faults.fields['team']}>
                        {(attributes) => (
                            <Select
                                {...attributes}
                                allowClear={all}
                                placeholder={t('add.no_team')}
                                options={teamOptions(teams, language)}
                                value={team}
                                onChange={(value) => setTeam(value ?? null)}
                            />
                        )}
                    </FieldFrame>
                ) : null}
                {way === 'invite' && state?.mail ? (
                    <Field
                        label={t('add.email')}
                        hint={t('add.email_text')}
                        error={faults.fields['email']}
                        value={email}
                        onChange={setEmail}
                        type="email"
                        autoComplete="off"
                        autoCapitalize="none"
                        spellCheck={false}
                    />
                ) : null}
                <FormFault text={faults.rest} />
                <DialogFoot
                    action={way === 'invite' ? t('add.make_link') : t('add.make_account')}
                    disabled={
                        busy ||
                        (way === 'create' && username.trim() === '') ||
                        (way === 'invite' && !all && team === null)
                    }
                    onClose={onClose}
                />
            </form>
        </Modal>
    );
}
