import { createRoot } from 'react-dom/client';
import { App } from '@/app/App';
import { startTexts } from '@/app/i18n';
import { loadFirstPage } from '@/app/pages';
import { chosenLanguage, readStoredSettings, systemLook } from '@/shared/lib/settings';
import { startStream } from '@/shared/stream/client';
import '@/shared/ui/ui.css';
import '@/shared/charts/charts.css';
import '@/app/layout/shell.css';

const root = document.getElementById('root');
if (root) {
    const first = loadFirstPage(location.pathname);
    await startTexts(chosenLanguage(readStoredSettings(), systemLook()), [
        'common',
        first.namespace,
    ]);
    await first.ready;
    createRoot(root).render(<App />);
    startStream();
}
