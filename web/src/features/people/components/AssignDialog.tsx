/** Gives a name of usage to a person; says first what that moves. */
import { Modal, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { shownName } from '@/features/people/components/PersonName';
import { useGetPeopleQuery, useMapIdentityMutation } from '@/shared/api/generated';
import type { IdentityKind, Unassigned } from '@/shared/api/model';
import { useFormat } from '@/shared/lib/format';
import { DialogFoot } from '@/shared/ui/DialogFoot';
import { Field, FieldFrame, FormFault } from '@/shared/ui/Field';
import { useFaults } from '@/shared/ui/faults';

const KINDS: readonly IdentityKind[] = [
    'os_user',
    'mail',
    'machine',
    'account_id',
    'otel_attribute',
];

interface AssignDialogProps {
    /** Usage that is nobody's; null = a name that is still to come. */
    unassigned: Unassigned | null;
    onClose: () => void;
}

export function AssignDialog({ unassigned, onClose }: AssignDialogProps) {
    const { t } = useTranslation('people');
    const format = useFormat();
    const people = useGetPeopleQuery().data?.people ?? [];
    const [map, { isLoading, error }] = useMapIdentityMutation();
    const faults = useFaults()(error, ['value', 'account', 'kind']);
    const [value, setValue] = useState(unassigned?.member ?? '');
    const [kind, setKind] = useState<IdentityKind>(value.includes('@') ? 'mail' : 'os_user');
    const [account, setAccount] = useState<number | null>(null);
    const person = people.find((one) => one.id === account);
    const teams = person?.teams.map((team) => team.name).join(', ');
    const send = async () => {
        if (account === null) return;
        try {
            await map({ newIdentity: { kind, value: value.trim(), account } }).unwrap();
            onClose();
        } catch {
            // Shown at the fields.
        }
    };
    return (
        <Modal
            open
            title={
                unassigned ? t('assign.title', { name: unassigned.member }) : t('assign.new_title')
            }
            width={500}
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
                {unassigned ? null : (
                    <Field
                        label={t('assign.value')}
                        hint={t('assign.value_hint')}
                        value={value}
                        onChange={setValue}
                        error={faults.fields['value']}
                        autoComplete="off"
                        spellCheck={false}
                        required
                    />
                )}
                <FieldFrame label={t('assign.kind')} error={faults.fields['kind']}>
                    {(attributes) => (
                        <Select
                            {...attributes}
                            options={KINDS.map((one) => ({ value: one, label: t(`kind.${one}`) }))}
                            value={kind}
                            onChange={setKind}
                        />
                    )}
                </FieldFrame>
                <FieldFrame label={t('assign.to')} error={faults.fields['account']}>
                    {(attributes) => (
                        <Select
                            {...attributes}
                            showSearch={{ optionFilterProp: 'label' }}
                            placeholder={t('assign.choose')}
                            options={people
                                .filter((one) => one.state === 'active')
                                .map((one) => ({ value: one.id, label: shownName(one) }))}
                            value={account}
                            onChange={setAccount}
                        />
                    )}
                </FieldFrame>
                {unassigned ? (
                    <section aria-label={t('assign.moves')} aria-live="polite">
                        {unassigned.requests !== null &&
                        unassigned.tokens !== null &&
                        unassigned.cost_usd !== null ? (
                            <dl className="moves">
                                <div>
                                    <dt>{t('assign.requests')}</dt>
                                    <dd>{format.count(unassigned.requests)}</dd>
                                </div>
                                <div>
                                    <dt>{t('assign.tokens')}</dt>
                                    <dd>{format.tokens(unassigned.tokens)}</dd>
                                </div>
                                <div>
                                    <dt>{t('assign.cost')}</dt>
                                    <dd>{format.money(unassigned.cost_usd)}</dd>
                                </div>
                            </dl>
                        ) : null}
                        <p className="form-hint">
                            {person
                                ? teams
                                    ? t('assign.becomes_team', { name: shownName(person), teams })
                                    : t('assign.becomes', { name: shownName(person) })
                                : t('assign.all_time')}
                        </p>
                    </section>
                ) : null}
                <FormFault text={faults.rest} />
                <DialogFoot
                    action={t('assign.do')}
                    disabled={isLoading || account === null || value.trim() === ''}
                    onClose={onClose}
                />
            </form>
        </Modal>
    );
}
