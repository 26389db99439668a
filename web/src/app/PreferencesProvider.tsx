/** Settings of the server and the system become the preferences every page reads. */
import i18next from 'i18next';
import type { ReactNode } from 'react';
import { useEffect, useMemo, useState } from 'react';
import { useGetSettingsQuery } from '@/shared/api/generated';
import { PreferencesContext } from '@/shared/lib/format';
import type { SystemLook } from '@/shared/lib/settings';
import {
    dressDocument,
    preferencesFrom,
    readStoredSettings,
    storeSettings,
    systemLook,
} from '@/shared/lib/settings';

function useSystemLook(): SystemLook {
    const [look, setLook] = useState(systemLook);
    // Follows the system's theme.
    useEffect(() => {
        const query = matchMedia('(prefers-color-scheme: dark)');
        const update = () => setLook(systemLook());
        query.addEventListener('change', update);
        return () => query.removeEventListener('change', update);
    }, []);
    return look;
}

export function PreferencesProvider({ children }: { children: ReactNode }) {
    const { data } = useGetSettingsQuery();
    const [stored] = useState(readStoredSettings);
    const system = useSystemLook();
    const settings = data ?? stored;
    const wanted = useMemo(() => preferencesFrom(settings, system), [settings, system]);
    const [shown, setShown] = useState(wanted);

    // Synchronises the document and this browser's storage; a language is shown once its texts are there.
    useEffect(() => {
        if (data) storeSettings(data);
    }, [data]);
    useEffect(() => {
        let current = true;
        const show = () => {
            if (!current) return;
            dressDocument(wanted);
            setShown(wanted);
        };
        if (i18next.language === wanted.language) show();
        else void i18next.changeLanguage(wanted.language).then(show);
        return () => {
            current = false;
        };
    }, [wanted]);

    return <PreferencesContext value={shown}>{children}</PreferencesContext>;
}
