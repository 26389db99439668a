/** Going back to a backup: the question, how far it is, and that it is done. */
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRestoreBackupMutation } from '@/shared/api/generated';
import type { Backup, Restoring } from '@/shared/api/model';
import { useFormat } from '@/shared/lib/format';
import { Meter } from '@/shared/ui/Meter';
import { PasswordConfirm } from '@/shared/ui/PasswordConfirm';

const POINTS = ['undo', 'figures', 'accounts', 'everybody'] as const;
/** The time of the backup that this browser went back to: it has to sign in anew in between. */
const STORAGE = 'tidemark.restored';

export function RestoreDialog({ backup, onClose }: { backup: Backup; onClose: () => void }) {
    const { t } = useTranslation('system');
    const format = useFormat();
    const [restore] = useRestoreBackupMutation();
    return (
        <PasswordConfirm
            title={t('restore.ask')}
            text={t('restore.ask_text', { time: format.dateTime(backup.made_at) })}
            points={POINTS.map((point) => t(`restore.point.${point}`))}
            action={t('restore.do')}
            danger
            onConfirm={async (password) => {
                await restore({ name: backup.name, passwordCheck: { password } }).unwrap();
                sessionStorage.setItem(STORAGE, backup.made_at);
            }}
            onClose={onClose}
        />
    );
}

const STEPS: Record<Restoring['step'], number> = { backup: 0, check: 1, restart: 2 };

export function RestoreProgress({ restoring }: { restoring: Restoring }) {
    const { t } = useTranslation('system');
    const text = t(`restore.step.${restoring.step}`);
    return (
        <div className="banner restore-progress">
            <span role="status">{text}</span>
            <Meter
                value={(STEPS[restoring.step] + restoring.share) / Object.keys(STEPS).length}
                label={text}
            />
        </div>
    );
}

/** Said once, to whoever did it. */
export function RestoreOutcome({ problem }: { problem: string | null }) {
    const { t } = useTranslation('system');
    const format = useFormat();
    const [time] = useState(() => sessionStorage.getItem(STORAGE));
    useEffect(() => {
        if (problem || time) sessionStorage.removeItem(STORAGE);
    }, [problem, time]);
    if (problem) {
        return (
            <p className="banner banner-warning" role="alert">
                {t('restore.failed', { reason: problem })}
            </p>
        );
    }
    if (!time) return null;
    return (
        <p className="banner" role="status">
            {t('restore.done', { time: format.dateTime(time) })}
        </p>
    );
}
