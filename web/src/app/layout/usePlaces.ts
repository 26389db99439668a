import { useMemo } from 'react';
import { PERSONAL, placesFor } from '@/app/pages';
import { useAccess } from '@/shared/api/access';

/** The places of the main navigation. */
export function usePlaces() {
    const { me } = useAccess();
    return useMemo(() => placesFor(me), [me]);
}

/** These and the signed-in person's own: what the palette and the keys reach. */
export function useAllPlaces() {
    const { me } = useAccess();
    return useMemo(() => [...placesFor(me), ...(me ? PERSONAL : [])], [me]);
}
