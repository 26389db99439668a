/** The second factor: set up with an app, recovery codes shown once, switched off with the password. */
import { QRCode } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { RecoveryCodes } from '@/features/account/components/RecoveryCodes';
import {
    useBeginSecondFactorMutation,
    useConfirmSecondFactorMutation,
    useDisableSecondFactorMutation,
    useRenewRecoveryCodesMutation,
} from '@/shared/api/generated';
import type { Enrolment, Me } from '@/shared/api/model';
import { Secret } from '@/shared/ui/CopyButton';
import { Field, FormFault } from '@/shared/ui/Field';
import { useFaults } from '@/shared/ui/faults';
import { Panel } from '@/shared/ui/Panel';
import { PasswordConfirm } from '@/shared/ui/PasswordConfirm';

const FEW_CODES = 3;

export function SecondFactorPanel({ me }: { me: Me }) {
    const { t } = useTranslation('account');
    const [begin, beginning] = useBeginSecondFactorMutation();
    const [renew] = useRenewRecoveryCodesMutation();
    const [disable] = useDisableSecondFactorMutation();
    const [enrolment, setEnrolment] = useState<Enrolment | null>(null);
    const [codes, setCodes] = useState<string[] | null>(null);
    const [asking, setAsking] = useState<'renew' | 'disable' | null>(null);
    const faults = useFaults()(beginning.error, []);
    const start = async () => {
        try {
            setEnrolment(await begin().unwrap());
        } catch {
            // Shown below.
        }
    };
    const state = (
        <span className={me.second_factor ? 'tag tag-ok' : 'tag'}>
            {me.second_factor ? t('factor.on') : t('factor.off')}
        </span>
    );
    return (
        <Panel title={t('factor.title')} sub={state}>
            {codes ? (
                <RecoveryCodes codes={codes} username={me.username} onDone={() => setCodes(null)} />
            ) : enrolment ? (
                <Enrol
                    enrolment={enrolment}
                    onDone={(made) => {
                        setEnrolment(null);
                        setCodes(made);
                    }}
                    onCancel={() => setEnrolment(null)}
                />
            ) : me.second_factor ? (
                <div className="panel-intro">
                    <p className="panel-text">
                        <span
                            className={
                                me.recovery_codes_left <= FEW_CODES ? 'tone-warning' : undefined
                            }
                        >
                            {t('factor.left', { count: me.recovery_codes_left })}
                        </span>
                    </p>
                    <span className="form-foot">
                        <button type="button" className="button" onClick={() => setAsking('renew')}>
                            {t('factor.renew')}
                        </button>
                        <button
                            type="button"
                            className="button button-danger"
                            onClick={() => setAsking('disable')}
                        >
                            {t('factor.disable')}
                        </button>
                    </span>
                </div>
            ) : (
                <div className="panel-intro">
                    <p className="panel-text">{t('factor.text')}</p>
                    <button
                        type="button"
                        className="button button-primary"
                        disabled={beginning.isLoading}
                        onClick={start}
                    >
                        {t('factor.set_up')}
                    </button>
                    <FormFault text={faults.rest} />
                </div>
            )}
            {asking === 'renew' ? (
                <PasswordConfirm
                    title={t('factor.renew_title')}
                    text={t('factor.renew_text')}
                    action={t('factor.renew')}
                    onConfirm={async (password) => {
                        const made = await renew({ passwordCheck: { password } }).unwrap();
                        setCodes(made.codes);
                    }}
                    onClose={() => setAsking(null)}
                />
            ) : null}
            {asking === 'disable' ? (
                <PasswordConfirm
                    title={t('factor.disable_title')}
                    text={t('factor.disable_text')}
                    action={t('factor.disable')}
                    danger
                    onConfirm={(password) => disable({ passwordCheck: { password } }).unwrap()}
                    onClose={() => setAsking(null)}
                />
            ) : null}
        </Panel>
    );
}

interface EnrolProps {
    enrolment: Enrolment;
    onDone: (codes: string[]) => void;
    onCancel: () => void;
}

function Enrol({ enrolment, onDone, onCancel }: EnrolProps) {
    const { t } = useTranslation('account');
    const [confirm, { isLoading, error }] = useConfirmSecondFactorMutation();
    const [code, setCode] = useState('');
    const faults = useFaults()(error, ['code']);
    return (
        <div className="enrol">
            <div className="enrol-qr">
                <QRCode
                    aria-label={t('factor.qr')}
                    value={enrolment.uri}
                    type="svg"
                    size={176}
                    bordered={false}
                    color="#10201e"
                    bgColor="#ffffff"
                />
            </div>
            <div className="enrol-steps">
                <p>{t('factor.scan')}</p>
                <Secret text={enrolment.secret} />
                <form
                    className="form"
                    onSubmit={(event) => {
                        event.preventDefault();
                        confirm({ secondFactorCode: { code } })
                            .unwrap()
                            .then(({ codes }) => onDone(codes))
                            .catch(() => setCode(''));
                    }}
                >
                    <Field
                        label={t('factor.code')}
                        value={code}
                        onChange={(text) => setCode(text.replace(/\D/g, '').slice(0, 6))}
                        error={faults.fields['code'] ?? faults.rest}
                        inputMode="numeric"
                        autoComplete="one-time-code"
                        autoFocus
                    />
                    <div className="form-foot">
                        <button
                            type="submit"
                            className="button button-primary"
                            disabled={isLoading || code.length !== 6}
                        >
                            {t('factor.confirm')}
                        </button>
                        <button type="button" className="button" onClick={onCancel}>
                            {t('cancel')}
                        </button>
                    </div>
                </form>
            </div>
        </div>
    );
}
