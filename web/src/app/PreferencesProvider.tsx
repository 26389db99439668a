/** Settings of the server and the system become the preferences every page reads. */
import i18next from 'i18next';
import type { ReactNode } from 'react';
import { useEffect, useMemo, useState } from 'react';
import { useGetAuthStateQuery, useGetSettingsQuery } from '@/shared/api/generated';
import { isEntry } from '@/shared/lib/entry';
import { PreferencesContext } from '@/shared/lib/format';
import type { SystemLook } from '@/shared/lib/settings';
import {
    dressDocument,
    LOOK_CHANGED,
    ownLook,
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

/** How often this browser's own look was changed. */
function useLookChanges(): number {
    const [changes, setChanges] = useState(0);
    // Follows this tab's choices and, by the storage, those of others.
    useEffect(() => {
        const changed = () => setChanges((before) => before + 1);
        window.addEventListener(LOOK_CHANGED, changed);
        window.addEventListener('storage', changed);
        return () => {
            window.removeEventListener(LOOK_CHANGED, changed);
            window.removeEventListener('storage', changed);
        };
    }, []);
    return changes;
}

export function PreferencesProvider({ children }: { children: ReactNode }) {
    // On the pages outside the shell nobody is signed in, and the server would refuse.
    const { data } = useGetSettingsQuery(undefined, { skip: isEntry(location.pathname) });
    const { data: access } = useGetAuthStateQuery();
    const [stored] = useState(readStoredSettings);
    const looks = useLookChanges();
    const system = useSystemLook();
    const settings = data ?? stored;
    const shared = access?.open ?? false;
    // biome-ignore lint/correctness/useExhaustiveDependencies: counts the changes of what ownLook reads
    const wanted = useMemo(
        () => preferencesFrom(shared ? settings : ownLook(settings), system),
        [settings, system, looks, shared],
    );
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
