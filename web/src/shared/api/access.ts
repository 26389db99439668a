/** Who uses this browser and what that one may do. The server decides; the pages only leave out what it would refuse. */
import { useMemo } from 'react';
import { useGetAuthStateQuery } from '@/shared/api/generated';
import type { AuthState, Me, Right } from '@/shared/api/model';

export interface Access {
    /** undefined until the server has said it. */
    state: AuthState | undefined;
    /** null while there are no accounts, or nobody is signed in. */
    me: Me | null;
    /** True too when it is not known: then the server's answer tells. */
    may: (right: Right) => boolean;
}

export function useAccess(): Access {
    const { data } = useGetAuthStateQuery();
    return useMemo(() => {
        const me = data?.me ?? null;
        return {
            state: data,
            me,
            may: (right) => !data || data.open || (me?.rights.includes(right) ?? false),
        };
    }, [data]);
}
