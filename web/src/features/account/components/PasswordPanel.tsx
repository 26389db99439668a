import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChangePasswordMutation } from '@/shared/api/generated';
import type { Me } from '@/shared/api/model';
import { adviceFor } from '@/shared/lib/password';
import { FormFault, PasswordField } from '@/shared/ui/Field';
import { useFaults } from '@/shared/ui/faults';
import { Panel } from '@/shared/ui/Panel';

export function PasswordPanel({ me }: { me: Me }) {
    const { t } = useTranslation('account');
    const [put, { isLoading, isSuccess, error, reset }] = useChangePasswordMutation();
    const [open, setOpen] = useState(false);
    const [current, setCurrent] = useState('');
    const [fresh, setFresh] = useState('');
    const found = useFaults()(error, ['current', 'password', 'fresh']);
    // Both fields are passwords to the server; only the current one can be "wrong".
    const wrong = found.fields['current'];
    const bad = found.fields['fresh'] ?? found.fields['password'];
    const advice = adviceFor(fresh, [me.username, me.display_name, me.email ?? '']);
    const close = () => {
        setOpen(false);
        setCurrent('');
        setFresh('');
    };
    return (
        <Panel title={t('password.title')}>
            {open ? (
                <form
                    className="form"
                    onSubmit={(event) => {
                        event.preventDefault();
                        put({ passwordChange: { current, fresh } })
                            .unwrap()
                            .then(close)
                            .catch(() => undefined); // shown at the fields
                    }}
                >
                    <input
                        type="text"
                        hidden
                        readOnly
                        autoComplete="username"
                        value={me.username}
                    />
                    {me.has_password ? (
                        <PasswordField
                            label={t('password.current')}
                            value={current}
                            onChange={setCurrent}
                            error={wrong}
                            autoFocus
                        />
                    ) : null}
                    <PasswordField
                        label={t('password.fresh')}
                        value={fresh}
                        onChange={setFresh}
                        advice={advice}
                        error={bad}
                    />
                    <FormFault text={found.rest} />
                    <div className="form-foot">
                        <button
                            type="submit"
                            className="button button-primary"
                            disabled={
                                isLoading ||
                                (me.has_password && current === '') ||
                                !(advice.state === 'fair' || advice.state === 'good')
                            }
                        >
                            {t('password.save')}
                        </button>
                        <button type="button" className="button" onClick={close}>
                            {t('cancel')}
                        </button>
                    </div>
                </form>
            ) : (
                <div className="panel-intro">
                    <p className="panel-text" role="status">
                        {isSuccess
                            ? t('password.saved')
                            : me.has_password
                              ? t('password.text')
                              : t('password.none')}
                    </p>
                    <button
                        type="button"
                        className="button"
                        onClick={() => {
                            reset();
                            setOpen(true);
                        }}
                    >
                        {me.has_password ? t('password.change') : t('password.set')}
                    </button>
                </div>
            )}
        </Panel>
    );
}
