/** What a session and the parts of it are called: project, branch and time, never a title. */
import { useCallback, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Session } from '@/shared/api/model';
import { useFormat, usePreferences } from '@/shared/lib/format';
import { useNow } from '@/shared/lib/now';
import { dayStart, startOfDay } from '@/shared/lib/zone';
import { useEntityLabel } from '@/shared/ui/labels';

/** "Today 13:12", "Yesterday 13:12", "Nov 3, 13:12". */
export function useWhen(): (time: string) => string {
    const { t } = useTranslation('sessions');
    const format = useFormat();
    const { zone } = usePreferences();
    const now = useNow(60_000);
    const today = startOfDay(now, zone);
    const yesterday = dayStart(now, -1, zone);
    return useCallback(
        (time: string) => {
            const day = startOfDay(Date.parse(time), zone);
            if (day === today) return t('when.today', { clock: format.clock(time) });
            if (day === yesterday) return t('when.yesterday', { clock: format.clock(time) });
            return format.dateTime(time);
        },
        [t, format, zone, today, yesterday],
    );
}

export function useSessionNames(): {
    project: (session: Session) => string;
    models: (session: Session) => string;
} {
    const label = useEntityLabel();
    const { t } = useTranslation('common');
    return useMemo(
        () => ({
            project: (session: Session) =>
                label('project', session.project.key, session.project.label),
            models: (session: Session) =>
                session.models.map((model) => label('model', model)).join(t('filter.separator')),
        }),
        [label, t],
    );
}

/** Who made a request: the conversation, a subagent by name, or the client itself. */
export function useSource(): (kind: string, agent: string | null) => string {
    const { t } = useTranslation('sessions');
    return useCallback(
        (kind: string, agent: string | null) => {
            if (kind === 'main') return t('source.main');
            if (kind === 'auxiliary') return t('source.auxiliary');
            return agent ? t('source.subagent_named', { name: agent }) : t('source.subagent');
        },
        [t],
    );
}
