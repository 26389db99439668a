import { describe, expect, it } from 'vitest';
import { activeTime, agentTree, prepareTimeline, union } from '@/features/sessions/lib/agents';
import type { Measures, SessionDetail } from '@/shared/api/model';

type Agent = SessionDetail['agents'][number];
const MINUTE = 60_000;
const at = (minute: number) => new Date(Date.UTC(2026, 10, 20, 9) + minute * MINUTE).toISOString();

function agent(id: string, parent: string | null, ...spans: [number, number][]): Agent {
    return {
        id,
        name: id,
        type: id,
        parent_id: parent,
        started: at(spans[0]?.[0] ?? 0),
        ended: at(spans[spans.length - 1]?.[1] ?? 0),
        measures: {} as Measures,
        spans: spans.map(([from, to]) => ({ from: at(from), to: at(to) })),
    };
}

const room = { most: 6, width: () => 0.1 };

describe('union', () => {
    it('joins what overlaps or touches', () => {
        expect(
            union([
                [5, 9],
                [0, 3],
                [3, 4],
                [6, 7],
            ]),
        ).toEqual([
            [0, 4],
            [5, 9],
        ]);
    });
});

describe('activeTime', () => {
    it('counts work at the same time once', () => {
        const agents = [agent('main', null, [0, 10], [20, 30]), agent('a', 'main', [5, 15])];
        expect(activeTime(agents, { started: at(0), last_activity: at(30) })).toBe(25 * MINUTE);
    });

    it('is never longer than the session, which starts with its first answer', () => {
        const agents = [agent('main', null, [0, 12])];
        expect(activeTime(agents, { started: at(2), last_activity: at(12) })).toBe(10 * MINUTE);
        expect(activeTime(agents, { started: at(12), last_activity: at(12) })).toBe(0);
    });
});

describe('agentTree', () => {
    const order = (agents: Agent[]) =>
        agentTree(agents).map(({ agent: one, depth }) => `${one.id}:${depth}`);

    it('puts children under their parents by their start', () => {
        const agents = [
            agent('late', 'main', [9, 10]),
            agent('main', null, [0, 20]),
            agent('early', 'main', [2, 3]),
            agent('deep', 'early', [2, 3]),
        ];
        expect(order(agents)).toEqual(['main:0', 'early:1', 'deep:2', 'late:1']);
    });

    it('keeps agents whose parent is unknown, missing or circular', () => {
        const agents = [
            agent('main', null, [0, 20]),
            agent('orphan', 'gone', [1, 2]),
            agent('x', 'y', [3, 4]),
            agent('y', 'x', [3, 4]),
        ];
        expect(order(agents)).toEqual(['main:0', 'orphan:1', 'x:1', 'y:2']);
    });

    it('shows subagents when nothing of the conversation is logged', () => {
        expect(order([agent('a', 'main', [0, 1])])).toEqual(['a:0']);
    });
});

describe('prepareTimeline', () => {
    it('places work to scale', () => {
        const { lanes, idle } = prepareTimeline(
            [agent('main', null, [0, 100]), agent('a', 'main', [25, 50])],
            room,
        );
        expect(lanes[1]?.stretches[0]).toMatchObject({ left: 0.25, width: 0.25 });
        expect(idle).toEqual([]);
    });

    it('squeezes a long idle stretch, so that work keeps the room', () => {
        const { lanes, idle } = prepareTimeline(
            [agent('main', null, [0, 60], [60 * 24, 60 * 25])],
            room,
        );
        expect(idle).toEqual([{ left: 0.48, width: 0.04, length: 23 * 60 * MINUTE }]);
        expect(lanes[0]?.stretches[1]?.left).toBeCloseTo(0.52);
        expect(lanes[0]?.stretches[1]?.width).toBeCloseTo(0.48);
    });

    it('never gives idle stretches more than three tenths', () => {
        const days = Array.from({ length: 40 }, (_, day): [number, number] => [
            day * 1440,
            day * 1440 + 30,
        ]);
        const { idle } = prepareTimeline([agent('main', null, ...days)], room);
        expect(idle.reduce((sum, one) => sum + one.width, 0)).toBeCloseTo(0.3);
    });

    it('labels the start and round times that have room', () => {
        const { ticks } = prepareTimeline([agent('main', null, [3, 123])], room);
        expect(ticks.map((tick) => new Date(tick.time).toISOString().slice(11, 16))).toEqual([
            '09:03',
            '09:20',
            '09:40',
            '10:00',
            '10:20',
            '10:40',
        ]);
    });

    it('survives an agent without work and a session of one moment', () => {
        expect(prepareTimeline([], room)).toMatchObject({ lanes: [], ticks: [] });
        const { lanes } = prepareTimeline([agent('main', null, [5, 5])], room);
        expect(lanes[0]?.stretches[0]).toMatchObject({ left: 0, width: 0 });
    });
});
