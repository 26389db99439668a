/** Reading and changing the settings: what is chosen shows at once, the server follows. */
import { useCallback, useEffect, useState } from 'react';
import { useDispatch } from 'react-redux';
import { useAccess } from '@/shared/api/access';
import type { AppDispatch } from '@/shared/api/dispatch';
import { api, useGetSettingsQuery, usePutSettingsMutation } from '@/shared/api/generated';
import type { Settings } from '@/shared/api/model';
import { isEntry } from '@/shared/lib/entry';
import { LOOK_CHANGED, ownLook, readStoredSettings, storeOwnLook } from '@/shared/lib/settings';

/** While there are no accounts, the one person's look is kept by the server. With accounts it is each browser's own. */
function useSharedLook(): boolean {
    return useAccess().state?.open ?? false;
}

function useServerSettings(): Settings {
    const { data } = useGetSettingsQuery(undefined, { skip: isEntry(location.pathname) });
    return data ?? readStoredSettings();
}

export function useSettings(): Settings {
    const settings = useServerSettings();
    const shared = useSharedLook();
    const [, setChanges] = useState(0);
    // Draws again when this browser's own look changes.
    useEffect(() => {
        const changed = () => setChanges((before) => before + 1);
        window.addEventListener(LOOK_CHANGED, changed);
        return () => window.removeEventListener(LOOK_CHANGED, changed);
    }, []);
    return shared ? settings : ownLook(settings);
}

/** Changes some settings; rejects with the problem when the server refuses, and shows the old ones again. */
export function useChangeSettings(): (patch: Partial<Settings>) => Promise<void> {
    const dispatch = useDispatch<AppDispatch>();
    const [put] = usePutSettingsMutation();
    const settings = useServerSettings();
    const shared = useSharedLook();
    return useCallback(
        async (patch: Partial<Settings>) => {
            let rest = patch;
            if (!shared) {
                const { language, theme, ...others } = patch;
                storeOwnLook({ ...(language ? { language } : {}), ...(theme ? { theme } : {}) });
                if (Object.keys(others).length === 0) return;
                rest = others;
            }
            const next = { ...settings, ...rest };
            dispatch(api.util.upsertQueryData('getSettings', undefined, next));
            try {
                await put({ settings: next }).unwrap();
            } catch (failure) {
                dispatch(api.util.upsertQueryData('getSettings', undefined, settings));
                throw failure;
            }
        },
        [dispatch, put, settings, shared],
    );
}
