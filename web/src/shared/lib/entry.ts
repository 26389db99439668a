/** The pages outside the shell, for people who are not signed in. */

export const ENTRY_PATHS = [
    '/sign-in',
    '/setup',
    '/link',
    '/register',
    '/request-registration',
    '/forgot',
    '/reset',
] as const;

export type EntryPath = (typeof ENTRY_PATHS)[number];

export function entryAt(path: string): EntryPath | null {
    const bare = path.length > 1 ? path.replace(/\/+$/, '') : path;
    return ENTRY_PATHS.find((one) => one === bare) ?? null;
}

let token = '';

/**
 * Takes the secret of a one-time link out of the address, before anything could keep it: it stands behind
 * the `#`, which browsers send to no server, and must not stay in the history.
 */
export function takeToken(): void {
    if (!isEntry(location.pathname) || location.hash.length < 2) return;
    token = location.hash.slice(1);
    history.replaceState(history.state, '', location.pathname + location.search);
}

export function linkToken(): string {
    return token;
}

export function isEntry(path: string): boolean {
    return entryAt(path) !== null;
}

/**
 * Where to go after the sign-in: a page of this origin, else the overview. A link to the sign-in page
 * must not be a way to send people elsewhere (`//evil`, `/\evil`, `javascript:`).
 */
export function safeTarget(wanted: string | null, origin: string): string {
    if (!wanted?.startsWith('/') || /^\/[/\\]|[\\\p{Cc}]/u.test(wanted)) return '/';
    let url: URL;
    try {
        url = new URL(wanted, origin);
    } catch {
        return '/';
    }
    // `/..//evil` is of this origin until its dots are gone; nor is an address of the API a page.
    if (
        url.pathname.startsWith('//') ||
        url.origin !== origin ||
        isEntry(url.pathname) ||
        /^\/+(api|metrics)\b/.test(url.pathname)
    ) {
        return '/';
    }
    return url.pathname + url.search + url.hash;
}

/** The sign-in page's address that comes back to this place. */
export function signInAddress(place: Pick<Location, 'pathname' | 'search' | 'hash'>): string {
    const here = place.pathname + place.search + place.hash;
    return here === '/' ? '/sign-in' : `/sign-in?${new URLSearchParams({ to: here })}`;
}
