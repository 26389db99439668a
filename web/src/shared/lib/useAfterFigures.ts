/**
 * The page that somebody opens first draws its figures, shows them, and then draws the rest. Gives
 * false until then; pages that are opened later draw everything at once.
 */
import { useDeferredValue, useEffect } from 'react';

let shown = false;

export function useAfterFigures(): boolean {
    const after = useDeferredValue(true, shown);
    useEffect(() => {
        if (after) shown = true;
    }, [after]);
    return after;
}
