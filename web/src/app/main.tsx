import { createRoot } from 'react-dom/client';
import { App } from '@/app/App';
import { firstAnswers } from '@/app/firstAnswers';
import { startTexts } from '@/app/i18n';
import { pageAt } from '@/app/pages';
import { keepSignedIn, noteSignedIn, readSession } from '@/shared/api/session';
import { isEntry } from '@/shared/lib/entry';
import { chosenLanguage, chosenTheme, dressDocument, systemLook } from '@/shared/lib/settings';
import { startStream } from '@/shared/stream/client';

/** Called by the boot script, once: what runs at its import would hold up the pages that share its file. */
export async function start(): Promise<void> {
    const page = pageAt(location.pathname);
    const code = page.code().catch(() => undefined); // drawing it asks again and says what is wrong
    const entry = isEntry(location.pathname);
    const { settings, state } = await firstAnswers(location.pathname);
    // A provider's sign-in ends on the server; this browser learns of it here.
    if (state?.me && readSession()?.account !== state.me.id) noteSignedIn(state.me.id);
    const system = systemLook();
    const language = chosenLanguage(settings, system);
    dressDocument({ language, theme: chosenTheme(settings, system) });
    await Promise.all([startTexts(language, ['common', page.namespace]), code, documentRead()]);
    await page.ready().catch(() => undefined);
    const root = document.getElementById('root');
    if (root) createRoot(root).render(<App />);
    if (!entry) {
        keepSignedIn();
        startStream();
    }
}

/** The scripts do not wait for the document's end, so they may be there before it. */
function documentRead(): Promise<void> {
    if (document.readyState !== 'loading') return Promise.resolve();
    return new Promise((resolve) => {
        document.addEventListener('DOMContentLoaded', () => resolve(), { once: true });
    });
}
