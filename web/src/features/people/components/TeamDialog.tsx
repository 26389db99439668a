import { Modal, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { teamOptions, withNested } from '@/features/people/lib/tree';
import { useChangeTeamMutation, useCreateTeamMutation } from '@/shared/api/generated';
import type { Team } from '@/shared/api/model';
import { usePreferences } from '@/shared/lib/format';
import { DialogFoot } from '@/shared/ui/DialogFoot';
import { Field, FieldFrame, FormFault } from '@/shared/ui/Field';
import { useFaults } from '@/shared/ui/faults';

interface TeamDialogProps {
    teams: readonly Team[];
    /** null = a new one. */
    team: Team | null;
    onClose: () => void;
}

export function TeamDialog({ teams, team, onClose }: TeamDialogProps) {
    const { t } = useTranslation('people');
    const { language } = usePreferences();
    const [create, creating] = useCreateTeamMutation();
    const [change, changing] = useChangeTeamMutation();
    const faults = useFaults()(creating.error ?? changing.error, ['name', 'parent']);
    const [name, setName] = useState(team?.name ?? '');
    const [parent, setParent] = useState<number | null>(team?.parent ?? null);
    const send = async () => {
        const teamChange = { name: name.trim(), parent };
        try {
            if (team) await change({ id: team.id, teamChange }).unwrap();
            else await create({ teamChange }).unwrap();
            onClose();
        } catch {
            // Shown at the fields.
        }
    };
    return (
        <Modal
            open
            title={team ? t('team.change_title', { name: team.name }) : t('team.new')}
            width={440}
            onCancel={onClose}
            footer={null}
        >
            <form
                className="form confirm"
                onSubmit={(event) => {
                    event.preventDefault();
                    void send();
                }}
            >
                <Field
                    label={t('team.name')}
                    value={name}
                    onChange={setName}
                    error={faults.fields['name']}
                    autoComplete="off"
                    autoFocus
                    required
                />
                <FieldFrame
                    label={t('team.parent')}
                    hint={t('team.parent_text')}
                    error={faults.fields['parent']}
                >
                    {(attributes) => (
                        <Select
                            {...attributes}
                            allowClear
                            placeholder={t('team.top')}
                            options={teamOptions(
                                teams,
                                language,
                                team ? withNested(teams, team.id) : undefined,
                            )}
                            value={parent}
                            onChange={(value) => setParent(value ?? null)}
                        />
                    )}
                </FieldFrame>
                <FormFault text={faults.rest} />
                <DialogFoot
                    action={t('save')}
                    disabled={creating.isLoading || changing.isLoading || name.trim() === ''}
                    onClose={onClose}
                />
            </form>
        </Modal>
    );
}
