/** Asks for the password again, or for a new sign-in at the provider, when the server wants a fresh proof. */
import { Modal } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAccess } from '@/shared/api/access';
import { useConfirmMeMutation } from '@/shared/api/generated';
import { whenProofIsNeeded } from '@/shared/api/proof';
import { DialogFoot } from '@/shared/ui/DialogFoot';
import { PasswordConfirm } from '@/shared/ui/PasswordConfirm';

export function ProofDialog() {
    const { t } = useTranslation('account');
    const { me, state } = useAccess();
    const [confirm] = useConfirmMeMutation();
    const [answer, setAnswer] = useState<((proved: boolean) => void) | null>(null);
    useEffect(
        () => whenProofIsNeeded(() => new Promise<boolean>((resolve) => setAnswer(() => resolve))),
        [],
    );
    if (!answer || !me) return null;
    const close = () => {
        answer(false); // nothing when it was answered already
        setAnswer(null);
    };
    if (!me.has_password) {
        const here = location.pathname + location.search;
        return (
            <Modal open title={t('proof.title')} width={440} onCancel={close} footer={null}>
                <div className="confirm">
                    <p>{t('proof.provider_text', { name: state?.provider?.name ?? '' })}</p>
                    <DialogFoot
                        action={t('proof.provider_do')}
                        disabled={false}
                        onAction={() =>
                            location.assign(
                                `/api/v1/auth/oidc/start?${new URLSearchParams({ return_to: here })}`,
                            )
                        }
                        onClose={close}
                    />
                </div>
            </Modal>
        );
    }
    return (
        <PasswordConfirm
            title={t('proof.title')}
            text={t('proof.text')}
            action={t('proof.do')}
            code={me.second_factor}
            onConfirm={async (password, code) => {
                await confirm({
                    confirmation: { password, ...(code ? { code } : {}) },
                }).unwrap();
                answer(true);
            }}
            onClose={close}
        />
    );
}
