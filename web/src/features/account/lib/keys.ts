import type { ApiKey } from '@/shared/api/model';

export type KeyState = 'active' | 'ending' | 'expired' | 'revoked';

/** What a key is good for now. `ending`: it was rotated and works until `revoked_at`. */
export function keyState(key: ApiKey, now: number): KeyState {
    const revoked = key.revoked_at === null ? Number.POSITIVE_INFINITY : Date.parse(key.revoked_at);
    if (revoked <= now) return 'revoked';
    if (key.expires_at !== null && Date.parse(key.expires_at) <= now) return 'expired';
    return revoked === Number.POSITIVE_INFINITY ? 'active' : 'ending';
}

/** Those that work first, then the newest first. */
export function sortKeys(keys: readonly ApiKey[], now: number): ApiKey[] {
    const works = (key: ApiKey) => {
        const state = keyState(key, now);
        return state === 'active' || state === 'ending' ? 0 : 1;
    };
    return [...keys].sort(
        (a, b) => works(a) - works(b) || Date.parse(b.created_at) - Date.parse(a.created_at),
    );
}

const DAY = 86_400_000;

/** The end of a key made now; null = it has none. */
export function expiryOf(days: number | null, now: number): string | null {
    return days === null ? null : new Date(now + days * DAY).toISOString();
}
