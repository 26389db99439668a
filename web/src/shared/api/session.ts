/**
 * Who is signed in in this browser, as far as a page can know: the tokens are in cookies that no script
 * reads. What is kept is whose they are and when they were last renewed, so that they are renewed before
 * they end, by one tab at a time, and so that all tabs notice a sign-out. Also runs before the application.
 */
import { isEntry, signInAddress } from '@/shared/lib/entry';

/** Sent with every call: other sites cannot, so the server knows that the call is ours. */
export const OUR_CALL = { 'X-Tidemark-Request': '1' };

const STORAGE = 'tidemark.session';
/** Access tokens live 15 minutes; renewing earlier leaves time for a slow network (ms). */
export const RENEW_AFTER = 12 * 60_000;
const LOOK_EVERY = 30_000;

interface Session {
    account: number;
    /** Unix ms */
    renewed: number;
}

export function readSession(): Session | null {
    try {
        const value = JSON.parse(localStorage.getItem(STORAGE) ?? 'null') as Session | null;
        return value && typeof value.renewed === 'number' ? value : null;
    } catch {
        return null;
    }
}

/** After a sign-in; the cookies are there. */
export function noteSignedIn(account: number): void {
    write({ account, renewed: Date.now() });
}

export function noteSignedOut(): void {
    write(null);
}

function write(session: Session | null): void {
    try {
        if (session) localStorage.setItem(STORAGE, JSON.stringify(session));
        else localStorage.removeItem(STORAGE);
    } catch {
        // A browser that keeps nothing signs in again after a quarter of an hour.
    }
}

/** True when the access token has ended or is about to. */
export function isStale(now = Date.now()): boolean {
    const session = readSession();
    return session !== null && now - session.renewed > RENEW_AFTER;
}

/** `ended`: sign in again. `unknown`: the server did not say. */
export type Renewal = 'renewed' | 'ended' | 'unknown';

let running: Promise<Renewal> | null = null;

/**
 * New tokens for the old ones. Calls at the same time share one request, tabs take turns, and whoever
 * waited for another tab takes over its result. `asked`: when what was refused had been asked (Unix ms);
 * if the tokens are newer than that, it only has to be asked again.
 */
export function renew(asked = Date.now()): Promise<Renewal> {
    running ??= takeTurn(asked).finally(() => {
        running = null;
    });
    return running;
}

async function takeTurn(asked: number): Promise<Renewal> {
    const before = readSession();
    // Without a sign-in there is nothing to renew; a question would only be refused.
    if (!before) return 'ended';
    if (before.renewed > asked) return 'renewed';
    const once = async (): Promise<Renewal> => {
        const now = readSession();
        if (!now) return 'ended';
        if (now.renewed !== before.renewed) return 'renewed';
        try {
            const answer = await fetch('/api/v1/auth/refresh', {
                method: 'POST',
                headers: OUR_CALL,
            });
            if (answer.ok) {
                noteSignedIn(now.account);
                return 'renewed';
            }
            if (answer.status !== 401) return 'unknown';
            noteSignedOut();
            return 'ended';
        } catch {
            return 'unknown';
        }
    };
    // Browsers offer locks to safe origins only; elsewhere the server's grace for twins has to do.
    return navigator.locks ? navigator.locks.request('tidemark-renew', once) : once();
}

/** Keeps the sign-in fresh and follows what other tabs do. Called once by the application. */
export function keepSignedIn(): void {
    const mine = readSession()?.account ?? null;
    const look = () => {
        if (isStale()) void renew();
    };
    setInterval(look, LOOK_EVERY);
    document.addEventListener('visibilitychange', look);
    window.addEventListener('storage', (event) => {
        if (event.key !== STORAGE) return;
        const account = readSession()?.account ?? null;
        if (account === mine) return;
        if (account === null) goToSignIn();
        else location.reload(); // nothing of the one person may stay for the other
    });
}

let leaving = false;

/** Leaves for the sign-in page, which comes back here. The new document begins with an empty memory. */
export function goToSignIn(): void {
    if (leaving || isEntry(location.pathname)) return;
    leaving = true;
    location.replace(signInAddress(location));
}
