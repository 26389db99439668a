import { Modal, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { expiryOf } from '@/features/account/lib/keys';
import {
    useCreateKeyMutation,
    useGetProjectsQuery,
    useGetTeamsQuery,
} from '@/shared/api/generated';
import type { IssuedKey, KeyScope, Me } from '@/shared/api/model';
import { DialogFoot } from '@/shared/ui/DialogFoot';
import { CheckField, Field, FieldFrame, FormFault } from '@/shared/ui/Field';
import { useFaults } from '@/shared/ui/faults';
import { useEntityLabel } from '@/shared/ui/labels';

/** Not `ingest`: no route takes usage in. */
const SCOPES: readonly KeyScope[] = ['read', 'manage'];
const ENDS = ['30', '90', '365', 'never'] as const;

interface NewKeyDialogProps {
    me: Me;
    onMade: (key: IssuedKey) => void;
    onClose: () => void;
}

export function NewKeyDialog({ me, onMade, onClose }: NewKeyDialogProps) {
    const { t } = useTranslation('account');
    const label = useEntityLabel();
    const [create, { isLoading, error }] = useCreateKeyMutation();
    const faults = useFaults()(error, ['name', 'scopes', 'expires_at']);
    const [name, setName] = useState('');
    const [scopes, setScopes] = useState<KeyScope[]>(['read']);
    const [teams, setTeams] = useState<number[]>([]);
    const [projects, setProjects] = useState<string[]>([]);
    const [ends, setEnds] = useState<(typeof ENDS)[number]>('90');
    const manages = me.rights.includes('manage_team');
    const reachable = useGetTeamsQuery(undefined, { skip: !manages }).data?.teams;
    const known = useGetProjectsQuery({}).data?.projects;
    const offered = reachable ?? me.teams;
    const send = async () => {
        const days = ends === 'never' ? null : Number(ends);
        try {
            onMade(
                await create({
                    newApiKey: {
                        name: name.trim(),
                        scopes,
                        teams,
                        projects,
                        expires_at: expiryOf(days, Date.now()),
                    },
                }).unwrap(),
            );
        } catch {
            // Shown at the fields.
        }
    };
    return (
        <Modal open title={t('keys.new')} width={500} onCancel={onClose} footer={null}>
            <form
                className="form confirm"
                onSubmit={(event) => {
                    event.preventDefault();
                    void send();
                }}
            >
                <Field
                    label={t('keys.name')}
                    hint={t('keys.name_hint')}
                    error={faults.fields['name']}
                    value={name}
                    onChange={setName}
                    maxLength={100}
                    autoComplete="off"
                    autoFocus
                    required
                />
                <fieldset className="scope-list">
                    <legend>{t('keys.scopes')}</legend>
                    {SCOPES.filter((scope) => scope !== 'manage' || manages).map((scope) => (
                        <CheckField
                            key={scope}
                            label={t(`keys.scope.${scope}`)}
                            hint={t(`keys.scope_text.${scope}`)}
                            checked={scopes.includes(scope)}
                            onChange={(checked) =>
                                setScopes(
                                    checked
                                        ? [...scopes, scope]
                                        : scopes.filter((one) => one !== scope),
                                )
                            }
                        />
                    ))}
                    <FormFault text={faults.fields['scopes']} />
                </fieldset>
                {offered.length > 0 ? (
                    <FieldFrame label={t('keys.teams')}>
                        {(attributes) => (
                            <Select
                                {...attributes}
                                mode="multiple"
                                placeholder={t('keys.no_limit')}
                                options={offered.map((team) => ({
                                    value: team.id,
                                    label: team.name,
                                }))}
                                value={teams}
                                onChange={setTeams}
                            />
                        )}
                    </FieldFrame>
                ) : null}
                <FieldFrame label={t('keys.projects')}>
                    {(attributes) => (
                        <Select
                            {...attributes}
                            mode="multiple"
                            placeholder={t('keys.no_limit')}
                            options={(known ?? []).map((project) => ({
                                value: project.key,
                                label: label('project', project.key, project.label),
                            }))}
                            value={projects}
                            onChange={setProjects}
                        />
                    )}
                </FieldFrame>
                <FieldFrame
                    label={t('keys.ends')}
                    hint={ends === 'never' ? t('keys.never_text') : null}
                    error={faults.fields['expires_at']}
                >
                    {(attributes) => (
                        <Select
                            {...attributes}
                            options={ENDS.map((value) => ({
                                value,
                                label: t(`keys.end.${value}`),
                            }))}
                            value={ends}
                            onChange={setEnds}
                        />
                    )}
                </FieldFrame>
                <FormFault text={faults.rest} />
                <DialogFoot
                    action={t('keys.create')}
                    disabled={isLoading || name.trim() === '' || scopes.length === 0}
                    onClose={onClose}
                />
            </form>
        </Modal>
    );
}
