import { configureStore } from '@reduxjs/toolkit';
import { installAccountTags } from '@/shared/api/accounts';
import { api } from '@/shared/api/base';
import { installLiveUpdates } from '@/shared/api/live';
import { stream } from '@/shared/stream/client';

installLiveUpdates(stream);
installAccountTags();

export const store = configureStore({
    reducer: { [api.reducerPath]: api.reducer },
    middleware: (defaults) =>
        defaults({ serializableCheck: false, immutableCheck: false }).concat(api.middleware),
    // Live changes are collected to one a frame already; a second frame of waiting would show.
    enhancers: (defaults) => defaults({ autoBatch: { type: 'tick' } }),
});
