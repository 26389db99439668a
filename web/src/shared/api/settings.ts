/** Reading and changing the settings: what is chosen shows at once, the server follows. */
import { useCallback } from 'react';
import { useDispatch } from 'react-redux';
import type { AppDispatch } from '@/shared/api/dispatch';
import { api, useGetSettingsQuery, usePutSettingsMutation } from '@/shared/api/generated';
import type { Settings } from '@/shared/api/model';
import { readStoredSettings } from '@/shared/lib/settings';

export function useSettings(): Settings {
    const { data } = useGetSettingsQuery();
    return data ?? readStoredSettings();
}

/** Changes some settings; rejects with the problem when the server refuses, and shows the old ones again. */
export function useChangeSettings(): (patch: Partial<Settings>) => Promise<void> {
    const dispatch = useDispatch<AppDispatch>();
    const [put] = usePutSettingsMutation();
    const settings = useSettings();
    return useCallback(
        async (patch: Partial<Settings>) => {
            const next = { ...settings, ...patch };
            dispatch(api.util.upsertQueryData('getSettings', undefined, next));
            try {
                await put({ settings: next }).unwrap();
            } catch (failure) {
                dispatch(api.util.upsertQueryData('getSettings', undefined, settings));
                throw failure;
            }
        },
        [dispatch, put, settings],
    );
}
