/** What the shell offers to the page heads inside it. */
import { createContext, useContext } from 'react';

export interface ShellOffers {
    openPalette: () => void;
    openHelp: () => void;
}

export const ShellContext = createContext<ShellOffers>({
    openPalette: () => undefined,
    openHelp: () => undefined,
});

export function useShell(): ShellOffers {
    return useContext(ShellContext);
}
