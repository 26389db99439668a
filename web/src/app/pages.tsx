/** The pages and where they live; each is its own chunk with its own texts. */
import type { ComponentType } from 'react';
import { lazy, useState } from 'react';
import { loadTexts } from '@/app/i18n';
import type { AppDispatch } from '@/shared/api/dispatch';
import type { Me, Right } from '@/shared/api/model';
import { isEntry } from '@/shared/lib/entry';
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
const people = new Page('people', () => import('@/features/people/pages/PeoplePage'));
const audit = new Page('audit', () => import('@/features/audit/pages/AuditPage'));
const system = new Page('system', () => import('@/features/system/pages/SystemPage'));
const profile = new Page('account', () => import('@/features/account/pages/ProfilePage'));
const security = new Page('account', () => import('@/features/account/pages/SecurityPage'));
const keys = new Page('account', () => import('@/features/account/pages/KeysPage'));
/** The pages outside the shell: sign-in, set-up and their like. */
export const entry = new Page('entry', () => import('@/features/entry/pages/EntryPage'));
const settings = new Page('settings', () => import('@/features/settings/pages/SettingsPage'));

interface Place {
    path: string;
    key: string;
    /** The key after `g`. */
    jump: string;
    page: Page;
    /** Only people with this right see it; left out: all. */
    right?: Right;
}

export const PLACES = [
    { path: '/', key: 'overview', jump: 'o', page: overview },
    { path: '/explore', key: 'explore', jump: 'e', page: explore },
    { path: '/sessions', key: 'sessions', jump: 's', page: sessions },
    { path: '/people', key: 'people', jump: 'p', page: people, right: 'manage_team' },
    { path: '/audit', key: 'audit', jump: 'a', page: audit, right: 'manage_all' },
    { path: '/system', key: 'system', jump: 'y', page: system, right: 'manage_all' },
    { path: '/settings', key: 'settings', jump: ',', page: settings },
] as const satisfies readonly Place[];

/** In the account menu. */
export const PERSONAL = [
    { path: '/profile', key: 'profile', jump: 'i', page: profile },
    { path: '/security', key: 'security', jump: 'c', page: security },
    { path: '/keys', key: 'keys', jump: 'k', page: keys },
] as const satisfies readonly Place[];

export type PlaceKey = (typeof PLACES | typeof PERSONAL)[number]['key'];

/** What the menus, the palette and the keys offer to whoever is here; `me` is null while there are no accounts. */
export function placesFor(me: Me | null): (Place & { key: PlaceKey })[] {
    const places: (Place & { key: PlaceKey })[] = [...PLACES];
    return places.filter(({ right }) => !right || (me?.rights.includes(right) ?? false));
}

/** The page that an address names. */
export function pageAt(path: string) {
    if (path.startsWith('/sessions/')) return session;
    if (isEntry(path)) return entry;
    const place = [...PLACES, ...PERSONAL].find(
        (one) => one.path !== '/' && path.startsWith(one.path),
    );
    return place?.page ?? overview;
}

/** Fetches a page's code and texts ahead of the visit. */
export async function preloadPlace(key: string): Promise<PageModule | undefined> {
    try {
        return await [...PLACES, ...PERSONAL].find((one) => one.key === key)?.page.ready();
    } catch {
        return undefined; // the visit asks again and says what is wrong
    }
}
