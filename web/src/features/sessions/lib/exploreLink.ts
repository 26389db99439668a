/** Explore with this session and its time only. Pure. */

import { isActive } from '@/features/sessions/lib/figures';
import type { Session } from '@/shared/api/model';
import { formatWall } from '@/shared/lib/range';
import { startOfDay } from '@/shared/lib/zone';

const MINUTE = 60_000;

export function exploreLink(session: Session, now: number, zone: string): string {
    const params = new URLSearchParams({ session: session.id });
    const started = Date.parse(session.started);
    if (isActive(session.last_activity, now) && started >= startOfDay(now, zone)) {
        // It goes on: a range that ended would miss the rest.
        params.set('range', 'today');
    } else {
        params.set('from', formatWall(started, zone));
        params.set('to', formatWall(Date.parse(session.last_activity) + MINUTE, zone));
    }
    return `/explore?${params}`;
}
