/**
 * Runs before the application's code is there: dresses the document in the last known theme and
 * language and asks the server what the first page will need, so that both are done in parallel.
 */
import { readCatalogue } from '@/app/i18n/catalogues';
import { startEarly } from '@/shared/api/early';
import { isStale, renew } from '@/shared/api/session';
import { isEntry, takeToken } from '@/shared/lib/entry';
import {
    chosenLanguage,
    chosenTheme,
    chosenZone,
    dressDocument,
    ownLook,
    readStoredSettings,
    systemLook,
} from '@/shared/lib/settings';

takeToken();
const entry = isEntry(location.pathname);
// Whoever comes back after a while gets new tokens first, so that nothing has to be asked twice.
const fresh = !entry && isStale() ? renew() : undefined;
startEarly('/api/v1/auth/state', fresh);
if (!entry) startEarly('/api/v1/settings', fresh);
const settings = ownLook(readStoredSettings());
const system = systemLook();
const language = chosenLanguage(settings, system);
dressDocument({ language, theme: chosenTheme(settings, system) });
void import('./main').then((main) => main.start());
// The same chunks that main asks for in a moment; a failure is its to handle.
const place = entry ? 'entry' : location.pathname.split('/')[1] || 'overview';
const texts = ['profile', 'security', 'keys'].includes(place) ? 'account' : place;
for (const namespace of ['common', texts]) {
    readCatalogue(language, namespace).catch(() => undefined);
}
// Last: in browsers without `Temporal` the zone takes longer than all of the above.
if (place === 'overview') {
    startEarly(`/api/v1/overview?${new URLSearchParams({ tz: chosenZone(settings) })}`, fresh);
}

/** On a slow connection grey shapes come before the page, ms; drawing them for a moment only would hold it up. */
const SHAPES_AFTER = 600;
const shape = (name: string, ...inside: HTMLElement[]) => {
    const element = document.createElement('div');
    element.className = name;
    element.append(...inside);
    return element;
};
setTimeout(() => {
    const root = document.getElementById('root');
    if (!root || root.childElementCount > 0) return;
    const main = shape('boot-main', shape('boot-row'), shape('boot-panel'));
    root.append(shape('boot', shape('boot-nav'), main));
}, SHAPES_AFTER);
