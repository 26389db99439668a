import { useTranslation } from 'react-i18next';
import type { MarkName } from '@/features/sessions/components/icons';
import { MARK_ICONS } from '@/features/sessions/components/icons';
import type { Session } from '@/shared/api/model';
import { useFormat } from '@/shared/lib/format';

const TONES: Partial<Record<MarkName, string>> = {
    api_errors: 'tone-warning',
    limit_hits: 'tone-over',
};

/** What happened in a session, as small counted marks; nothing for what did not. */
export function Markers({ session }: { session: Session }) {
    const { t } = useTranslation('sessions');
    const format = useFormat();
    const marks: [MarkName, number][] = [
        ['fork', session.parent_session ? 1 : 0],
        ['subagents', session.subagents],
        ['compactions', session.compactions],
        ['api_errors', session.api_errors],
        ['limit_hits', session.limit_hits],
        ['pull_requests', session.pull_requests],
    ];
    return (
        <span className="session-marks">
            {marks.map(([name, count]) =>
                count > 0 ? (
                    <span
                        key={name}
                        className={`session-mark ${TONES[name] ?? ''}`}
                        title={t(`mark.${name}`, { count })}
                    >
                        {MARK_ICONS[name]}
                        {name === 'fork' ? null : (
                            <span aria-hidden="true">{format.count(count)}</span>
                        )}
                        <span className="sr-only">{t(`mark.${name}`, { count })}</span>
                    </span>
                ) : null,
            )}
        </span>
    );
}
