/**
 * The answers that the boot script asked for, put into the store before the first drawing. On a quick
 * connection they are there before the code is, so the page is drawn once, with its figures, and not
 * first as grey shapes; on a slow one the shapes come after a moment.
 */
import { store } from '@/app/store';
import { api } from '@/shared/api/generated';
import type { StoredSettings } from '@/shared/lib/settings';
import { chosenZone, readStoredSettings } from '@/shared/lib/settings';

/** How long the drawing waits for them, ms. */
const PATIENCE = 400;

/** Gives the server's settings, or the last known ones when the server's are late or refused. */
export async function firstAnswers(path: string): Promise<StoredSettings> {
    const stored = readStoredSettings();
    const settings = store.dispatch(api.endpoints.getSettings.initiate());
    const asked: (PromiseLike<unknown> & { unsubscribe(): void })[] = [settings];
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
    return api.endpoints.getSettings.select()(store.getState()).data ?? stored;
}
