/** Who worked when, and what it cost: one lane for the conversation, one for each subagent. */
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePhone } from '@/features/sessions/hooks/usePhone';
import type { Lane, Timeline } from '@/features/sessions/lib/agents';
import { prepareTimeline } from '@/features/sessions/lib/agents';
import type { SessionDetail } from '@/shared/api/model';
import { useFormat, usePreferences } from '@/shared/lib/format';
import { startOfDay } from '@/shared/lib/zone';
import { Panel } from '@/shared/ui/Panel';
import { EmptyState } from '@/shared/ui/States';

const SHOWN = 10;
/** Pixels of the scale and of a label on it, about. */
const TRACK = 390;
const TRACK_PHONE = 160;
const LABEL = 44;
const LABEL_DATED = 100;

/** The day is said where it is another than before, in a session of several days. */
function isDated(
    time: number,
    before: number | null,
    agents: SessionDetail['agents'],
    zone: string,
): boolean {
    const day = startOfDay(time, zone);
    if (before !== null) return startOfDay(before, zone) !== day;
    return agents.some((agent) => startOfDay(Date.parse(agent.ended), zone) !== day);
}

export function AgentLanes({ detail }: { detail: SessionDetail }) {
    const { t } = useTranslation('sessions');
    const { zone } = usePreferences();
    const track = usePhone() ? TRACK_PHONE : TRACK;
    const timeline = useMemo(
        () =>
            prepareTimeline(detail.agents, {
                most: track / 64,
                width: (time, before) =>
                    (isDated(time, before, detail.agents, zone) ? LABEL_DATED : LABEL) / track,
            }),
        [detail.agents, track, zone],
    );
    const [all, setAll] = useState(false);
    const lanes = all ? timeline.lanes : timeline.lanes.slice(0, SHOWN);
    const hidden = timeline.lanes.length - lanes.length;
    return (
        <Panel title={t('agents.title')} sub={t('agents.sub')}>
            {timeline.lanes.length === 0 ? (
                <EmptyState title={t('agents.empty')} text={t('agents.empty_text')} />
            ) : (
                <>
                    <ul className="lanes" aria-label={t('agents.title')}>
                        {lanes.map((lane) => (
                            <LaneRow key={lane.id} lane={lane} timeline={timeline} />
                        ))}
                    </ul>
                    <Ticks timeline={timeline} agents={detail.agents} />
                    {hidden > 0 || all ? (
                        <button
                            type="button"
                            className="button button-quiet button-small lanes-more"
                            onClick={() => setAll(!all)}
                        >
                            {all ? t('agents.fewer') : t('agents.more', { count: hidden })}
                        </button>
                    ) : null}
                </>
            )}
        </Panel>
    );
}

const part = (share: number) => `${(share * 100).toFixed(3)}%`;

function LaneRow({ lane, timeline }: { lane: Lane; timeline: Timeline }) {
    const { t } = useTranslation('sessions');
    const format = useFormat();
    const { measures } = lane.agent;
    const name = lane.id === 'main' ? t('source.main') : lane.name;
    const cost =
        measures.unpriced_requests > 0 && measures.cost === 0 ? '—' : format.money(measures.cost);
    const says = t('agents.lane', {
        name,
        from: format.clock(lane.agent.started),
        to: format.clock(lane.agent.ended),
        count: measures.requests,
        cost,
    });
    return (
        <li className="lane" title={says}>
            <span className="lane-name" style={{ paddingLeft: Math.min(lane.depth, 4) * 14 }}>
                {lane.depth > 0 ? <span className="lane-branch" aria-hidden="true" /> : null}
                <span>{name}</span>
            </span>
            <span className="lane-track" aria-hidden="true">
                {timeline.idle.map((idle) => (
                    <span
                        key={idle.left}
                        className="lane-idle"
                        style={{ left: part(idle.left), width: part(idle.width) }}
                    />
                ))}
                {lane.stretches.map((stretch) => (
                    <span
                        key={stretch.from}
                        className={lane.depth === 0 ? 'lane-bar' : 'lane-bar lane-bar-sub'}
                        style={{ left: part(stretch.left), width: part(stretch.width) }}
                        title={t('agents.stretch', {
                            from: format.clock(stretch.from, true),
                            to: format.clock(stretch.to, true),
                            time: format.duration(stretch.to - stretch.from),
                        })}
                    />
                ))}
            </span>
            <span className="lane-cost">{cost}</span>
            <span className="sr-only">{says}</span>
        </li>
    );
}

interface TicksProps {
    timeline: Timeline;
    agents: SessionDetail['agents'];
}

function Ticks({ timeline, agents }: TicksProps) {
    const { t } = useTranslation('sessions');
    const format = useFormat();
    const { zone } = usePreferences();
    return (
        <div className="lane-axis">
            <div className="lane-ticks" aria-hidden="true">
                {timeline.ticks.map((tick, index) => (
                    <span key={tick.time} style={{ left: part(tick.left) }}>
                        {isDated(tick.time, timeline.ticks[index - 1]?.time ?? null, agents, zone)
                            ? format.dateTime(tick.time)
                            : format.clock(tick.time)}
                    </span>
                ))}
            </div>
            {timeline.idle.length > 0 ? (
                <p className="lane-foot">
                    <span className="lane-idle-key" aria-hidden="true" />
                    {t('agents.idle', {
                        count: timeline.idle.length,
                        time: format.duration(
                            timeline.idle.reduce((sum, idle) => sum + idle.length, 0),
                        ),
                    })}
                </p>
            ) : null}
        </div>
    );
}
