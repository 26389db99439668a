/**
 * Cached answers follow the event stream.
 *
 * - Every usage event is kept in a ring. Whenever an answer arrives (first load, refetch, retry) the
 *   events beyond its `seq` are applied to it at once, so none is lost between the two.
 * - An event that comes later changes the cached answers within the next frame.
 * - What the changes do not tell is reconciled by asking again, at most every `RECONCILE` ms.
 */
import type { AppDispatch } from '@/shared/api/dispatch';
import { browserZone } from '@/shared/lib/zone';
import type { StreamClient } from '@/shared/stream/client';
import type { StreamMessage, UsageEvent } from '@/shared/stream/protocol';
import { applyToActive, applyToOverview, applyToSeries, applyToSummary } from './deltas';
import type {
    GetActiveSessionsApiResponse,
    GetOverviewApiArg,
    GetOverviewApiResponse,
    GetUsageSeriesApiArg,
    GetUsageSeriesApiResponse,
    GetUsageSummaryApiArg,
    GetUsageSummaryApiResponse,
} from './generated';
import { api } from './generated';

export const RECONCILE = 2000;
/** A session somebody looks at while it works (ms). */
export const RECONCILE_SESSION = 1000;
/** Heavier answers, that no change can be applied to, follow at a calmer pace (ms). */
export const RECONCILE_HEAVY = 5000;
const KEPT_EVENTS = 1024;

interface LifeCycle {
    cacheDataLoaded: Promise<unknown>;
    cacheEntryRemoved: Promise<void>;
    dispatch: AppDispatch;
}

/** Collects until the next frame; a hidden tab has no frames, there a short timer does. */
export function nextFrame(run: () => void): () => void {
    let scheduled = false;
    return () => {
        if (scheduled) return;
        scheduled = true;
        const go = () => {
            scheduled = false;
            run();
        };
        if (typeof document !== 'undefined' && document.hidden) setTimeout(go, 50);
        else requestAnimationFrame(go);
    };
}

/** At most one call per `pause`, the last one never dropped. */
export function paced(run: () => void, pause: number): { call: () => void; cancel: () => void } {
    let last = Number.NEGATIVE_INFINITY;
    let timer: ReturnType<typeof setTimeout> | undefined;
    return {
        call() {
            if (timer !== undefined) return;
            const wait = Math.max(0, last + pause - Date.now());
            timer = setTimeout(() => {
                timer = undefined;
                last = Date.now();
                run();
            }, wait);
        },
        cancel() {
            clearTimeout(timer);
            timer = undefined;
        },
    };
}

interface Following {
    /** undefined = only refetching helps. */
    apply?: (events: UsageEvent[]) => void;
    refetch: () => void;
    pause: number;
    /** Which usage events matter here; left out = all, false = none. */
    usage?: boolean | ((event: UsageEvent) => boolean);
    /** Which other messages make it ask again. */
    on?: StreamMessage['kind'][];
}

async function follow(stream: StreamClient, life: LifeCycle, what: Following): Promise<void> {
    const pending: UsageEvent[] = [];
    let loaded = false;
    const flush = nextFrame(() => what.apply?.(pending.splice(0)));
    const reconcile = paced(what.refetch, what.pause);
    const stop = stream.subscribe((message) => {
        if (message.kind === 'usage') {
            if (!loaded) return; // the answer on its way will be completed from the ring
            if (what.usage === false) return;
            if (typeof what.usage === 'function' && !what.usage(message.event)) return;
            if (what.apply) {
                pending.push(message.event);
                flush();
            }
            reconcile.call();
        } else if (message.kind === 'resync' || message.kind === 'poll') {
            what.refetch();
        } else if (what.on?.includes(message.kind)) {
            what.refetch();
        }
    });
    try {
        await life.cacheDataLoaded;
    } catch {
        // Not loaded yet or removed: a later answer is completed from the ring all the same.
    }
    loaded = true;
    await life.cacheEntryRemoved;
    stop();
    reconcile.cancel();
}

/** Called once, when the store is made. */
export function installLiveUpdates(stream: StreamClient): void {
    const ring: UsageEvent[] = [];
    stream.subscribe((message) => {
        if (message.kind === 'usage') {
            ring.push(message.event);
            if (ring.length > KEPT_EVENTS) ring.shift();
        } else if (message.kind === 'resync') {
            ring.length = 0;
        }
    });
    const force = { forceRefetch: true, subscribe: false } as const;
    /** Events beyond the answer; the answer is fresh from JSON, so it may be changed in place. */
    const completed = <T extends { seq: number }>(
        answer: T,
        apply: (answer: T, event: UsageEvent) => void,
    ): T => {
        for (const event of ring) if (event.seq > answer.seq) apply(answer, event);
        return answer;
    };
    const { endpoints } = api;

    api.enhanceEndpoints({
        endpoints: {
            getOverview: {
                transformResponse: (
                    answer: GetOverviewApiResponse,
                    _meta: unknown,
                    arg: GetOverviewApiArg,
                ) =>
                    completed(answer, (draft, event) =>
                        applyToOverview(draft, event, arg.tz ?? browserZone()),
                    ),
                onCacheEntryAdded: (arg, life) =>
                    follow(stream, life, {
                        apply: (events) =>
                            life.updateCachedData((draft) => {
                                const zone = arg.tz ?? browserZone();
                                for (const event of events) applyToOverview(draft, event, zone);
                            }),
                        refetch: () =>
                            void life.dispatch(endpoints.getOverview.initiate(arg, force)),
                        pause: RECONCILE,
                        on: ['prices', 'settings', 'progress'],
                    }),
            },
            getUsageSummary: {
                transformResponse: (
                    answer: GetUsageSummaryApiResponse,
                    _meta: unknown,
                    arg: GetUsageSummaryApiArg,
                ) => completed(answer, (draft, event) => applyToSummary(draft, event, arg)),
                onCacheEntryAdded: (arg, life) =>
                    follow(stream, life, {
                        apply: (events) =>
                            life.updateCachedData((draft) => {
                                for (const event of events) applyToSummary(draft, event, arg);
                            }),
                        refetch: () =>
                            void life.dispatch(endpoints.getUsageSummary.initiate(arg, force)),
                        pause: RECONCILE,
                        usage: stillOpen(arg.to),
                        on: ['prices'],
                    }),
            },
            getUsageSeries: {
                transformResponse: (
                    answer: GetUsageSeriesApiResponse,
                    _meta: unknown,
                    arg: GetUsageSeriesApiArg,
                ) => completed(answer, (draft, event) => applyToSeries(draft, event, arg)),
                onCacheEntryAdded: (arg, life) =>
                    follow(stream, life, {
                        apply: (events) =>
                            life.updateCachedData((draft) => {
                                for (const event of events) applyToSeries(draft, event, arg);
                            }),
                        refetch: () =>
                            void life.dispatch(endpoints.getUsageSeries.initiate(arg, force)),
                        pause: RECONCILE,
                        usage: stillOpen(arg.to),
                        on: ['prices'],
                    }),
            },
            getActiveSessions: {
                transformResponse: (answer: GetActiveSessionsApiResponse) =>
                    completed(answer, applyToActive),
                onCacheEntryAdded: (arg, life) =>
                    follow(stream, life, {
                        apply: (events) =>
                            life.updateCachedData((draft) => {
                                for (const event of events) applyToActive(draft, event);
                            }),
                        refetch: () =>
                            void life.dispatch(endpoints.getActiveSessions.initiate(arg, force)),
                        pause: RECONCILE,
                        on: ['prices'],
                    }),
            },
            getUsageBreakdown: {
                onCacheEntryAdded: (arg, life) =>
                    follow(stream, life, {
                        refetch: () =>
                            void life.dispatch(endpoints.getUsageBreakdown.initiate(arg, force)),
                        pause: RECONCILE,
                        usage: stillOpen(arg.to),
                        on: ['prices'],
                    }),
            },
            getUsageHours: {
                onCacheEntryAdded: (arg, life) =>
                    follow(stream, life, {
                        refetch: () =>
                            void life.dispatch(endpoints.getUsageHours.initiate(arg, force)),
                        pause: RECONCILE_HEAVY,
                        usage: stillOpen(arg.to),
                        on: ['prices'],
                    }),
            },
            getSessions: {
                onCacheEntryAdded: (arg, life) =>
                    follow(stream, life, {
                        refetch: () =>
                            void life.dispatch(endpoints.getSessions.initiate(arg, force)),
                        pause: RECONCILE,
                        // Later pages are parts of a list that keeps its rows itself.
                        usage: arg.cursor === undefined && stillOpen(arg.to),
                        on: ['prices'],
                    }),
            },
            getSession: {
                onCacheEntryAdded: (arg, life) =>
                    follow(stream, life, {
                        refetch: () =>
                            void life.dispatch(endpoints.getSession.initiate(arg, force)),
                        pause: RECONCILE_SESSION,
                        usage: (event) =>
                            event.changes.some((change) => change.session_id === arg.id),
                        on: ['prices'],
                    }),
            },
            getLimits: {
                onCacheEntryAdded: (arg, life) =>
                    follow(stream, life, {
                        refetch: () => void life.dispatch(endpoints.getLimits.initiate(arg, force)),
                        pause: RECONCILE_HEAVY,
                        on: ['prices'],
                    }),
            },
            getSources: {
                onCacheEntryAdded: (arg, life) =>
                    follow(stream, life, {
                        refetch: () =>
                            void life.dispatch(endpoints.getSources.initiate(arg, force)),
                        pause: RECONCILE_HEAVY,
                        on: ['progress'],
                    }),
            },
            getPrices: {
                onCacheEntryAdded: (arg, life) =>
                    follow(stream, life, {
                        refetch: () => void life.dispatch(endpoints.getPrices.initiate(arg, force)),
                        pause: RECONCILE_HEAVY,
                        usage: false,
                        on: ['prices'],
                    }),
            },
            getSettings: {
                onCacheEntryAdded: (arg, life) =>
                    follow(stream, life, {
                        refetch: () =>
                            void life.dispatch(endpoints.getSettings.initiate(arg, force)),
                        pause: RECONCILE_HEAVY,
                        usage: false,
                        on: ['settings'],
                    }),
            },
            putSettings: {
                // The form's own answer is the newest truth; no second question needed.
                onQueryStarted: async (_arg, { dispatch, queryFulfilled }) => {
                    try {
                        const { data } = await queryFulfilled;
                        dispatch(api.util.upsertQueryData('getSettings', undefined, data));
                    } catch {
                        // The page shows the problem.
                    }
                },
            },
        },
    });
}

/** A range that ended can still be repriced, but new usage falls behind its end. */
function stillOpen(to: string | undefined): boolean {
    return to === undefined || Date.parse(to) > Date.now();
}
