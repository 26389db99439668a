/**
 * Who worked when: one lane for the conversation and each of its subagents, on one time scale that
 * leaves out long idle stretches (a session that is resumed the next day would be all gap). Pure.
 */
import type { Session, SessionDetail } from '@/shared/api/model';

type Agent = SessionDetail['agents'][number];

export interface Stretch {
    /** Unix ms */
    from: number;
    to: number;
    /** Share of the scale, 0 to 1. */
    left: number;
    width: number;
}

export interface Lane {
    id: string;
    name: string;
    /** How deep below the conversation: 0 for itself. */
    depth: number;
    stretches: Stretch[];
    agent: Agent;
}

export interface Idle {
    left: number;
    width: number;
    /** ms that nobody worked */
    length: number;
}

export interface Timeline {
    lanes: Lane[];
    idle: Idle[];
    ticks: { left: number; time: number }[];
    from: number;
    to: number;
}

type Interval = readonly [number, number];

const MINUTE = 60_000;
const LONG_IDLE = 30 * MINUTE;
const STEPS = [1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 360, 720, 1440].map((step) => step * MINUTE);

/** Overlapping intervals made one. */
export function union(intervals: readonly Interval[]): [number, number][] {
    const sorted = [...intervals].sort((a, b) => a[0] - b[0]);
    const result: [number, number][] = [];
    for (const [from, to] of sorted) {
        const last = result[result.length - 1];
        if (last && from <= last[1]) last[1] = Math.max(last[1], to);
        else result.push([from, to]);
    }
    return result;
}

function intervals(agents: readonly Agent[]): Interval[] {
    return agents.flatMap((agent) =>
        agent.spans.map((span): Interval => [Date.parse(span.from), Date.parse(span.to)]),
    );
}

/**
 * How long anybody worked within the session, in ms; who worked at the same time counts once. A
 * session starts with its first answer, a stretch of work with the request before it.
 */
export function activeTime(
    agents: readonly Agent[],
    { started, last_activity }: Pick<Session, 'started' | 'last_activity'>,
): number {
    const first = Date.parse(started);
    const last = Date.parse(last_activity);
    return union(intervals(agents)).reduce(
        (sum, [from, to]) => sum + Math.max(0, Math.min(to, last) - Math.max(from, first)),
        0,
    );
}

/** Children under their parents by their start; who has no known parent stands under the conversation. */
export function agentTree(agents: readonly Agent[]): { agent: Agent; depth: number }[] {
    const known = new Set(agents.map((agent) => agent.id));
    const children = new Map<string, Agent[]>();
    const roots: Agent[] = [];
    for (const agent of agents) {
        if (agent.id === 'main') {
            roots.unshift(agent);
            continue;
        }
        const parent =
            agent.parent_id !== null && agent.parent_id !== agent.id && known.has(agent.parent_id)
                ? agent.parent_id
                : 'main';
        const list = children.get(parent);
        if (list) list.push(agent);
        else children.set(parent, [agent]);
    }
    if (roots.length === 0) roots.push(...(children.get('main') ?? []));
    const result: { agent: Agent; depth: number }[] = [];
    const seen = new Set<string>();
    const walk = (agent: Agent, depth: number) => {
        if (seen.has(agent.id)) return;
        seen.add(agent.id);
        result.push({ agent, depth });
        const own = children.get(agent.id) ?? [];
        own.sort((a, b) => Date.parse(a.started) - Date.parse(b.started));
        for (const child of own) walk(child, depth + 1);
    };
    for (const root of roots) walk(root, 0);
    // A circle of parents has no root to be reached from.
    for (const agent of agents) walk(agent, 1);
    return result;
}

interface Piece {
    from: number;
    to: number;
    left: number;
    width: number;
    idle: boolean;
}

/** Time to place, in pieces: work to scale, long idle stretches squeezed to a narrow band. */
function scalePieces(work: readonly Interval[]): Piece[] {
    const joined: [number, number][] = [];
    for (const [from, to] of work) {
        const last = joined[joined.length - 1];
        if (last && from - last[1] < LONG_IDLE) last[1] = to;
        else joined.push([from, to]);
    }
    const gaps = Math.max(0, joined.length - 1);
    const band = gaps === 0 ? 0 : Math.min(0.04, 0.3 / gaps);
    const length = joined.reduce((sum, [from, to]) => sum + to - from, 0);
    const pieces: Piece[] = [];
    let left = 0;
    joined.forEach(([from, to], index) => {
        const share = length > 0 ? (to - from) / length : 1 / joined.length;
        const width = share * (1 - gaps * band);
        pieces.push({ from, to, left, width, idle: false });
        left += width;
        const next = joined[index + 1];
        if (!next) return;
        pieces.push({ from: to, to: next[0], left, width: band, idle: true });
        left += band;
    });
    return pieces;
}

function placed(pieces: readonly Piece[], time: number): number {
    for (const piece of pieces) {
        if (time <= piece.to) {
            const length = piece.to - piece.from;
            const share = length > 0 ? Math.max(0, time - piece.from) / length : 0;
            return piece.left + share * piece.width;
        }
    }
    return 1;
}

export interface TickRoom {
    /** How many labels fit, about. */
    most: number;
    /** Share of the scale that the label of a time takes, after the one before it. */
    width: (time: number, before: number | null) => number;
}

/** The starts of work and round times inside it, as far as their labels have room. */
function ticksOf(pieces: readonly Piece[], room: TickRoom): { left: number; time: number }[] {
    const work = pieces.filter((piece) => !piece.idle);
    const length = work.reduce((sum, piece) => sum + piece.to - piece.from, 0);
    const step = STEPS.find((one) => length / one <= room.most) ?? 1440 * MINUTE;
    const ticks: { left: number; time: number }[] = [];
    let free = 0;
    const add = (time: number) => {
        const left = placed(pieces, time);
        const width = room.width(time, ticks[ticks.length - 1]?.time ?? null);
        if (left < free || left + width > 1.02) return;
        ticks.push({ left, time });
        free = left + width;
    };
    for (const piece of work) {
        add(piece.from);
        for (let time = Math.ceil((piece.from + 1) / step) * step; time <= piece.to; time += step) {
            add(time);
        }
    }
    return ticks;
}

export function prepareTimeline(agents: readonly Agent[], room: TickRoom): Timeline {
    const work = union(intervals(agents));
    const pieces = scalePieces(work);
    const lanes = agentTree(agents).map(({ agent, depth }) => ({
        id: agent.id,
        name: agent.name,
        depth,
        agent,
        stretches: agent.spans.map((span) => {
            const from = Date.parse(span.from);
            const to = Date.parse(span.to);
            const left = placed(pieces, from);
            return { from, to, left, width: placed(pieces, to) - left };
        }),
    }));
    return {
        lanes,
        idle: pieces
            .filter((piece) => piece.idle)
            .map((piece) => ({
                left: piece.left,
                width: piece.width,
                length: piece.to - piece.from,
            })),
        ticks: ticksOf(pieces, room),
        from: work[0]?.[0] ?? 0,
        to: work[work.length - 1]?.[1] ?? 0,
    };
}
