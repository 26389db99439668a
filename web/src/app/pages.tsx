/** The pages and where they live; each is its own chunk with its own texts. */
import type { ComponentType } from 'react';
import { lazy } from 'react';
import { loadTexts } from '@/app/i18n';

interface PageModule {
    default: ComponentType;
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

const overview = once(() => import('@/features/overview/pages/OverviewPage'));
const explore = once(() => import('@/features/explore/pages/ExplorePage'));
const sessions = once(() => import('@/features/sessions/pages/SessionsPage'));
const session = once(() => import('@/features/sessions/pages/SessionPage'));
const settings = once(() => import('@/features/settings/pages/SettingsPage'));

function page(load: () => Promise<PageModule>, namespace: string) {
    return lazy(async () => {
        const [module] = await Promise.all([load(), loadTexts(namespace)]);
        return module;
    });
}

export const OverviewPage = page(overview, 'overview');
export const ExplorePage = page(explore, 'explore');
export const SessionsPage = page(sessions, 'sessions');
export const SessionPage = page(session, 'sessions');
export const SettingsPage = page(settings, 'settings');

export const PLACES = [
    { path: '/', key: 'overview', jump: 'o', load: overview },
    { path: '/explore', key: 'explore', jump: 'e', load: explore },
    { path: '/sessions', key: 'sessions', jump: 's', load: sessions },
    { path: '/settings', key: 'settings', jump: ',', load: settings },
] as const;

/** Starts the chunk of the page the address names; the first paint waits for it, not for a spinner. */
export function loadFirstPage(path: string): { namespace: string; ready: Promise<unknown> } {
    const place =
        PLACES.find((one) => one.path !== '/' && path.startsWith(one.path)) ??
        PLACES.find((one) => one.path === '/');
    const ready = place ? place.load().catch(() => undefined) : Promise.resolve();
    return { namespace: place?.key ?? 'overview', ready };
}

/** Fetches a page's code and texts ahead of the visit (on hover or focus of its link). */
export function preloadPlace(key: string): void {
    const place = PLACES.find((one) => one.key === key);
    if (!place) return;
    void place.load().catch(() => undefined);
    void loadTexts(place.key);
}
