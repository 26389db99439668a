import { Modal, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRotateKeyMutation } from '@/shared/api/generated';
import type { ApiKey, IssuedKey } from '@/shared/api/model';
import { DialogFoot } from '@/shared/ui/DialogFoot';
import { FieldFrame, FormFault } from '@/shared/ui/Field';
import { useFaults } from '@/shared/ui/faults';

const OVERLAPS = ['0', '1', '24', '168'] as const;

interface RotateDialogProps {
    apiKey: ApiKey;
    onMade: (key: IssuedKey) => void;
    onClose: () => void;
}

export function RotateDialog({ apiKey, onMade, onClose }: RotateDialogProps) {
    const { t } = useTranslation('account');
    const [rotate, { isLoading, error }] = useRotateKeyMutation();
    const faults = useFaults()(error, []);
    const [overlap, setOverlap] = useState<(typeof OVERLAPS)[number]>('24');
    const send = async () => {
        try {
            onMade(
                await rotate({
                    id: apiKey.id,
                    keyRotation: { overlap_hours: Number(overlap) },
                }).unwrap(),
            );
        } catch {
            // Shown below.
        }
    };
    return (
        <Modal
            open
            title={t('keys.rotate_title', { name: apiKey.name })}
            width={460}
            onCancel={onClose}
            footer={
                <DialogFoot
                    action={t('keys.rotate')}
                    disabled={isLoading}
                    onClose={onClose}
                    onAction={send}
                />
            }
        >
            <div className="confirm">
                <p>{t('keys.rotate_text')}</p>
                <FieldFrame
                    label={t('keys.overlap')}
                    hint={overlap === '0' ? t('keys.overlap_none') : null}
                >
                    {(attributes) => (
                        <Select
                            {...attributes}
                            options={OVERLAPS.map((value) => ({
                                value,
                                label: t(`keys.overlap_for.${value}`),
                            }))}
                            value={overlap}
                            onChange={setOverlap}
                        />
                    )}
                </FieldFrame>
                <FormFault text={faults.rest} />
            </div>
        </Modal>
    );
}
