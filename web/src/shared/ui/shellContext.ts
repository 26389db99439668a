/** What the shell offers to the page heads inside it. */
import type { ReactNode } from 'react';
import { createContext, useContext } from 'react';

export interface ShellOffers {
    openPalette: () => void;
    openHelp: () => void;
    /** The signed-in person's button; nothing while there are no accounts. */
    account: ReactNode;
}

export const ShellContext = createContext<ShellOffers>({
    openPalette: () => undefined,
    openHelp: () => undefined,
    account: null,
});

export function useShell(): ShellOffers {
    return useContext(ShellContext);
}
