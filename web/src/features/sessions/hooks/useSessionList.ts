/**
 * The list of sessions, page after page, kept up to date.
 *
 * The first page is asked anew while usage goes on (`shared/api/live`), so new sessions appear and
 * active ones move. Rows of later pages follow the event stream by its differences.
 */
import { useCallback, useEffect, useRef, useState } from 'react';
import { useDispatch } from 'react-redux';
import type { ListOrder, SessionList } from '@/features/sessions/lib/list';
import { emptyList, takeEvent, takePage } from '@/features/sessions/lib/list';
import type { AppDispatch } from '@/shared/api/dispatch';
import type { GetSessionsApiArg } from '@/shared/api/generated';
import { api, useGetSessionsQuery } from '@/shared/api/generated';
import { nextFrame } from '@/shared/api/live';
import type { CommonArg, Session } from '@/shared/api/model';
import { stream } from '@/shared/stream/client';
import type { UsageEvent } from '@/shared/stream/protocol';

const PAGE = 100;
const KEPT_EVENTS = 256;

/** The first page of a list. */
export function listQuestion(arg: CommonArg, order: ListOrder, search: string): GetSessionsApiArg {
    return {
        ...arg,
        sort: order.sort,
        order: order.descending ? 'desc' : 'asc',
        limit: PAGE,
        ...(search ? { q: search } : {}),
    };
}

interface Holder {
    arg: GetSessionsApiArg;
    list: SessionList;
    /** undefined = the first page has not come yet; null = all is there. */
    cursor: string | null | undefined;
    loading: boolean;
    /** The server said that what we know may be wrong: the next first page replaces it all. */
    stale: boolean;
    events: UsageEvent[];
}

export interface SessionPages {
    /** undefined = nothing has come yet. */
    rows: readonly Session[] | undefined;
    /** How many there are in all. */
    total: number;
    /** For privacy, those of others are not among them. */
    withheld: boolean;
    /** The rows are of an earlier question while the new answer is on its way. */
    pending: boolean;
    error: unknown;
    /** The next page is on its way. */
    loadingMore: boolean;
    /** The next page failed. */
    moreFailed: boolean;
    /** Whether the last row is the last session. */
    complete: boolean;
    more: () => void;
    retry: () => void;
}

function hold(arg: GetSessionsApiArg, order: ListOrder): Holder {
    return {
        arg,
        list: emptyList(order),
        cursor: undefined,
        loading: false,
        stale: false,
        events: [],
    };
}

/** `arg` has to stay the same object for as long as it means the same. */
export function useSessionList(arg: GetSessionsApiArg): SessionPages {
    const dispatch = useDispatch<AppDispatch>();
    const { currentData, error, isFetching, refetch } = useGetSessionsQuery(arg);
    const order: ListOrder = {
        sort: arg.sort ?? 'last_activity',
        descending: arg.order !== 'asc',
    };
    const holder = useRef<Holder>(hold(arg, order));
    const shown = useRef<{ rows: readonly Session[]; total: number } | null>(null);
    const [, setVersion] = useState(0);
    const [failed, setFailed] = useState<GetSessionsApiArg | null>(null);
    const changed = useCallback(() => setVersion((version) => version + 1), []);

    // Follows the stream for the rows at hand.
    useEffect(() => {
        const waiting: UsageEvent[] = [];
        const flush = nextFrame(() => {
            let any = false;
            for (const event of waiting.splice(0)) {
                any = takeEvent(holder.current.list, event) || any;
            }
            if (any) changed();
        });
        return stream.subscribe((message) => {
            if (message.kind === 'resync') {
                holder.current.stale = true;
                holder.current.events = [];
            } else if (message.kind === 'usage') {
                const { events } = holder.current;
                events.push(message.event);
                if (events.length > KEPT_EVENTS) events.shift();
                waiting.push(message.event);
                flush();
            }
        });
    }, [changed]);

    if (holder.current.arg !== arg) holder.current = hold(arg, order);
    const held = holder.current;
    const taken = useRef<unknown>(null);
    if (currentData && taken.current !== currentData) {
        taken.current = currentData;
        const first = held.cursor === undefined || held.stale;
        if (held.stale) held.list = emptyList(order);
        held.stale = false;
        takePage(held.list, currentData);
        for (const event of held.events) takeEvent(held.list, event);
        if (first) held.cursor = currentData.next_cursor;
    }
    if (currentData) shown.current = { rows: [...held.list.rows], total: currentData.total };

    const more = useCallback(() => {
        const target = holder.current;
        if (target.loading || typeof target.cursor !== 'string') return;
        target.loading = true;
        setFailed(null);
        changed();
        const question = api.endpoints.getSessions.initiate(
            { ...target.arg, cursor: target.cursor },
            { subscribe: false, forceRefetch: true },
        );
        void dispatch(question).then((answer) => {
            target.loading = false;
            if (answer.data) {
                takePage(target.list, answer.data);
                for (const event of target.events) takeEvent(target.list, event);
                target.cursor = answer.data.next_cursor;
            } else setFailed(target.arg);
            changed();
        });
    }, [dispatch, changed]);

    return {
        rows: shown.current?.rows,
        total: shown.current?.total ?? 0,
        withheld: currentData?.withheld ?? false,
        pending: isFetching && !currentData,
        error: currentData ? undefined : error,
        loadingMore: held.loading,
        moreFailed: failed === arg,
        complete: held.cursor === null,
        more,
        retry: refetch,
    };
}
