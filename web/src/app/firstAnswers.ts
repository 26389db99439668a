/**
 * The answers that the boot script asked for, put into the store before the first drawing. On a quick
 * connection they are there before the code is, so the page is drawn once, with its figures, and not
 * first as grey shapes; on a slow one the shapes come after a moment.
 */
import { store } from '@/app/store';
import { api } from '@/shared/api/generated';
import type { AuthState } from '@/shared/api/model';
import { isEntry } from '@/shared/lib/entry';
import type { StoredSettings } from '@/shared/lib/settings';
import { chosenZone, ownLook, readStoredSettings } from '@/shared/lib/settings';

/** How long the drawing waits for them, ms. */
const PATIENCE = 400;

export interface FirstAnswers {
    /** The last known ones when the server's are late or refused. */
    settings: StoredSettings;
    /** undefined when it is late. */
    state: AuthState | undefined;
}

export async function firstAnswers(path: string): Promise<FirstAnswers> {
    const stored = readStoredSettings();
    const asked: (PromiseLike<unknown> & { unsubscribe(): void })[] = [
        store.dispatch(api.endpoints.getAuthState.initiate()),
    ];
    // Nobody is signed in there, so the server would refuse.
    if (!isEntry(path)) asked.push(store.dispatch(api.endpoints.getSettings.initiate()));
    if (path === '/') {
        const tz = chosenZone(stored);
        asked.push(store.dispatch(api.endpoints.getOverview.initiate({ tz })));
    }
    await Promise.race([
        Promise.all(asked),
        new Promise((resolve) => setTimeout(resolve, PATIENCE)),
    ]);
    // The cache keeps them until the page has taken them over.
    for (const answer of asked) answer.unsubscribe();
    const state = store.getState();
    return {
        settings: ownLook(api.endpoints.getSettings.select()(state).data ?? stored),
        state: api.endpoints.getAuthState.select()(state).data,
    };
}
