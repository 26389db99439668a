import { useSyncExternalStore } from 'react';

const QUERY = '(max-width: 767px)';

function watch(changed: () => void): () => void {
    const media = matchMedia(QUERY);
    media.addEventListener('change', changed);
    return () => media.removeEventListener('change', changed);
}

/** Whether the page is as narrow as the style sheet's phone layout. */
export function usePhone(): boolean {
    return useSyncExternalStore(watch, () => matchMedia(QUERY).matches);
}
