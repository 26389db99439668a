/**
 * Runs before the application's code is there: dresses the document in the last known theme and
 * language and asks the server what the first page will need, so that both are done in parallel.
 */
import { readCatalogue } from '@/app/i18n/catalogues';
import { startEarly } from '@/shared/api/early';
import {
    chosenLanguage,
    chosenTheme,
    chosenZone,
    dressDocument,
    readStoredSettings,
    systemLook,
} from '@/shared/lib/settings';

startEarly('/api/v1/settings');
const settings = readStoredSettings();
const system = systemLook();
const language = chosenLanguage(settings, system);
dressDocument({ language, theme: chosenTheme(settings, system) });
import('./main');
// The same chunks that main asks for in a moment; a failure is its to handle.
const place = location.pathname.split('/')[1] || 'overview';
for (const namespace of ['common', place]) {
    readCatalogue(language, namespace).catch(() => undefined);
}
// Last, as the first use of `Intl` takes longer than all of the above.
if (place === 'overview') {
    startEarly(`/api/v1/overview?${new URLSearchParams({ tz: chosenZone(settings) })}`);
}
