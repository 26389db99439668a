/** The keys that secrets are sealed with, what still needs the older ones, and a new one. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAccess } from '@/shared/api/access';
import { useRotateMasterKeyMutation } from '@/shared/api/generated';
import type { MasterKey } from '@/shared/api/model';
import { useFormat } from '@/shared/lib/format';
import { Meter } from '@/shared/ui/Meter';
import { Panel } from '@/shared/ui/Panel';
import { PasswordConfirm } from '@/shared/ui/PasswordConfirm';

export function MasterKeyPanel({ masterKey }: { masterKey: MasterKey }) {
    const { t } = useTranslation('system');
    const format = useFormat();
    const { me, may } = useAccess();
    const [rotate] = useRotateMasterKeyMutation();
    const [asking, setAsking] = useState(false);
    const { change, keys, source, problem } = masterKey;
    // The environment of a running program stays as it is; without a password nobody can be asked for it.
    const offered = source !== 'environment' && me?.has_password === true && may('manage_secrets');
    return (
        <Panel
            title={t('master.title')}
            actions={
                offered ? (
                    <button
                        type="button"
                        className="button button-small"
                        disabled={change !== null}
                        onClick={() => setAsking(true)}
                    >
                        {t(source === 'file' ? 'master.new' : 'master.take')}
                    </button>
                ) : null
            }
        >
            <p className="panel-text">{t('master.text')}</p>
            {problem ? (
                <p className="banner banner-warning" role="alert">
                    {t('master.problem', { reason: problem })}
                </p>
            ) : null}
            {change ? (
                <div className="master-change" role="status">
                    <span>
                        {t('master.changing', {
                            done: format.count(change.total - change.left),
                            total: format.count(change.total),
                        })}
                    </span>
                    <Meter
                        value={change.total > 0 ? 1 - change.left / change.total : 1}
                        label={t('master.title')}
                    />
                </div>
            ) : null}
            <dl className="facts-list">
                {keys.map((key, index) => (
                    <div key={key.id}>
                        <dt>{t(index === 0 ? 'master.current' : 'master.older')}</dt>
                        <dd>
                            <code className="command">{key.id}</code>{' '}
                            <span className="tone-quiet">
                                {t('master.values', { count: key.values })}
                                {key.backups === null
                                    ? ''
                                    : ` · ${t('master.backups', { count: key.backups })}`}
                            </span>
                            {index > 0 && key.values === 0 && key.backups === 0 ? (
                                <div className="panel-text">
                                    {t('master.unneeded')}{' '}
                                    {source === 'file' ? (
                                        <code className="command">
                                            tidemark key retire-master {key.id}
                                        </code>
                                    ) : null}
                                </div>
                            ) : null}
                        </dd>
                    </div>
                ))}
                <div>
                    <dt>{t('master.from')}</dt>
                    <dd>
                        {t(`master.source.${source}`)}
                        <div className="panel-text">{t(`master.source_text.${source}`)}</div>
                    </dd>
                </div>
            </dl>
            {asking ? (
                <PasswordConfirm
                    title={t(source === 'file' ? 'master.new' : 'master.take')}
                    text={t(source === 'file' ? 'master.new_text' : 'master.take_text')}
                    action={t('master.begin')}
                    onConfirm={(password) => rotate({ passwordCheck: { password } }).unwrap()}
                    onClose={() => setAsking(false)}
                />
            ) : null}
        </Panel>
    );
}
