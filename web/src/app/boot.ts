/**
 * Runs before the application's code is there: dresses the document in the last known theme and
 * language and asks the server what the first page will need, so that both are done in parallel.
 */
import { readCatalogue } from '@/app/i18n/catalogues';
import { startEarly } from '@/shared/api/early';
import {
    chosenZone,
    dressDocument,
    preferencesFrom,
    readStoredSettings,
    systemLook,
} from '@/shared/lib/settings';

const settings = readStoredSettings();
const preferences = preferencesFrom(settings, systemLook());
dressDocument(preferences);
startEarly('/api/v1/settings');
if (location.pathname === '/') {
    startEarly(`/api/v1/overview?${new URLSearchParams({ tz: chosenZone(settings) })}`);
}
import('./main');
// The same chunks that main asks for in a moment; a failure is its to handle.
const place = location.pathname.split('/')[1] || 'overview';
for (const namespace of ['common', place]) {
    readCatalogue(preferences.language, namespace).catch(() => undefined);
}
