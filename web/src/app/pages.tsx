/** The pages and where they live; each is its own chunk with its own texts. */
import type { ComponentType } from 'react';
import { lazy, useState } from 'react';
import { loadTexts } from '@/app/i18n';
import type { AppDispatch } from '@/shared/api/dispatch';
import type { Preferences } from '@/shared/lib/format';

interface PageModule {
    default: ComponentType;
    /** Asks the server what the page will ask. */
    askAhead?: (dispatch: AppDispatch, preferences: Preferences) => void;
}

function once<T>(load: () => Promise<T>): () => Promise<T> {
    let promise: Promise<T> | undefined;
    return () => {
        promise ??= load().catch((failure: unknown) => {
            promise = undefined; // the next visit tries again
            throw failure;
        });
        return promise;
    };
}

/**
 * A page that was made ready before its visit is drawn at once. (React's `lazy` alone always waits the
 * first time, which draws everything twice.)
 */
export class Page {
    readonly code: () => Promise<PageModule>;
    readonly ready: () => Promise<PageModule>;
    private readonly later: ComponentType;
    private drawn: ComponentType | undefined;

    constructor(
        readonly namespace: string,
        load: () => Promise<PageModule>,
    ) {
        this.code = once(load);
        this.ready = once(async () => {
            const [module] = await Promise.all([this.code(), loadTexts(namespace)]);
            this.drawn = module.default;
            return module;
        });
        this.later = lazy(this.ready);
    }

    /** What to draw now; the shell shows it when that has to wait. */
    body(): ComponentType {
        return this.drawn ?? this.later;
    }
}

/** Keeps what it began with, so that nothing is lost when the code arrives meanwhile. */
export function PageBody({ page }: { page: Page }) {
    const [Body] = useState(() => page.body());
    return <Body />;
}

const overview = new Page('overview', () => import('@/features/overview/pages/OverviewPage'));
const explore = new Page('explore', () => import('@/features/explore/pages/ExplorePage'));
const sessions = new Page('sessions', () => import('@/features/sessions/pages/SessionsPage'));
export const session = new Page('sessions', () => import('@/features/sessions/pages/SessionPage'));
const settings = new Page('settings', () => import('@/features/settings/pages/SettingsPage'));

export const PLACES = [
    { path: '/', key: 'overview', jump: 'o', page: overview },
    { path: '/explore', key: 'explore', jump: 'e', page: explore },
    { path: '/sessions', key: 'sessions', jump: 's', page: sessions },
    { path: '/settings', key: 'settings', jump: ',', page: settings },
] as const;

/** The page that an address names. */
export function pageAt(path: string) {
    if (path.startsWith('/sessions/')) return session;
    const place = PLACES.find((one) => one.path !== '/' && path.startsWith(one.path));
    return place?.page ?? overview;
}

/** Fetches a page's code and texts ahead of the visit. */
export async function preloadPlace(key: string): Promise<PageModule | undefined> {
    try {
        return await PLACES.find((one) => one.key === key)?.page.ready();
    } catch {
        return undefined; // the visit asks again and says what is wrong
    }
}
