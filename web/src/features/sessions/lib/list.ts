/**
 * The rows of the list while pages are added and usage goes on. Pages are cut at a place in the
 * order, and the order moves: so rows are kept by id, every answer and every event changes or moves
 * single rows, and none is lost or shown twice. Pure, but the rows of one list are changed in place.
 */
import { addMeasures } from '@/shared/api/deltas';
import type { Session } from '@/shared/api/model';
import type { UsageEvent } from '@/shared/stream/protocol';

export const SORTS = [
    'last_activity',
    'started',
    'cost',
    'total_tokens',
    'requests',
    'duration',
] as const;
export type SessionSort = (typeof SORTS)[number];

export interface ListOrder {
    sort: SessionSort;
    descending: boolean;
}

export interface SessionList {
    order: ListOrder;
    rows: Session[];
    byId: Map<string, { row: Session; seq: number }>;
}

export interface Page {
    seq: number;
    sessions: readonly Session[];
}

const instants = new WeakMap<Session, number>();

/** Rows are compared far more often than they change; reading a time takes a microsecond. */
function instantOf(session: Session, sort: 'last_activity' | 'started'): number {
    let at = instants.get(session);
    if (at === undefined) {
        at = Date.parse(session[sort]);
        instants.set(session, at);
    }
    return at;
}

function sortValue(session: Session, sort: SessionSort): number {
    switch (sort) {
        case 'last_activity':
        case 'started':
            return instantOf(session, sort);
        case 'cost':
            return session.measures.cost;
        case 'total_tokens':
            return session.measures.total_tokens;
        case 'requests':
            return session.measures.requests;
        case 'duration':
            return session.duration_ms;
    }
}

function before(a: Session, b: Session, order: ListOrder): boolean {
    const left = sortValue(a, order.sort);
    const right = sortValue(b, order.sort);
    if (left !== right) return order.descending ? left > right : left < right;
    return a.id < b.id;
}

export function emptyList(order: ListOrder): SessionList {
    return { order, rows: [], byId: new Map() };
}

function insert(list: SessionList, row: Session): void {
    let low = 0;
    let high = list.rows.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        const there = list.rows[middle];
        if (there && before(there, row, list.order)) low = middle + 1;
        else high = middle;
    }
    list.rows.splice(low, 0, row);
}

/** Puts a changed row where it belongs now. */
function move(list: SessionList, old: Session, row: Session): void {
    const at = list.rows.indexOf(old);
    if (sortValue(old, list.order.sort) === sortValue(row, list.order.sort)) {
        list.rows[at] = row;
        return;
    }
    list.rows.splice(at, 1);
    insert(list, row);
}

/** Adds a page's rows, or takes over what is newer in them. */
export function takePage(list: SessionList, page: Page): void {
    const fresh: Session[] = [];
    const replaced = new Set<Session>();
    for (const row of page.sessions) {
        const known = list.byId.get(row.id);
        if (known && known.seq > page.seq) continue;
        list.byId.set(row.id, { row, seq: page.seq });
        if (known?.row === row) continue;
        if (known) replaced.add(known.row);
        fresh.push(row);
    }
    if (fresh.length === 0) return;
    fresh.sort((a, b) => (before(a, b, list.order) ? -1 : 1));
    const merged: Session[] = [];
    let next = 0;
    for (const row of list.rows) {
        if (replaced.has(row)) continue;
        for (let one = fresh[next]; one && before(one, row, list.order); one = fresh[++next]) {
            merged.push(one);
        }
        merged.push(row);
    }
    for (; next < fresh.length; next++) {
        const one = fresh[next];
        if (one) merged.push(one);
    }
    list.rows = merged;
}

/** Moves the rows that the event is about; true when there was one. */
export function takeEvent(list: SessionList, event: UsageEvent): boolean {
    const changed = new Map<string, Session>();
    for (const change of event.changes) {
        const known = list.byId.get(change.session_id);
        if (!known || known.seq >= event.seq) continue;
        const row = changed.get(known.row.id) ?? {
            ...known.row,
            measures: { ...known.row.measures },
        };
        addMeasures(row.measures, change.measures);
        changed.set(row.id, row);
    }
    for (const row of changed.values()) {
        if (row.last_activity < event.time) {
            row.last_activity = event.time;
            row.duration_ms = Math.max(
                row.duration_ms,
                Date.parse(event.time) - Date.parse(row.started),
            );
        }
        const old = list.byId.get(row.id);
        if (old) move(list, old.row, row);
        list.byId.set(row.id, { row, seq: event.seq });
    }
    return changed.size > 0;
}
