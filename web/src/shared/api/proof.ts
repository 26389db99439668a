/**
 * Some changes need a fresh proof of who is there: the server answers 403 confirmation_needed. The page then asks the
 * person, and the call is made again. What asks says here that it is there.
 */

/** True: the person proved it, ask again. */
type Ask = () => Promise<boolean>;

let ask: Ask | null = null;
let running: Promise<boolean> | null = null;

/** Gives how to stop. */
export function whenProofIsNeeded(how: Ask): () => void {
    ask = how;
    return () => {
        if (ask === how) ask = null;
    };
}

/** Calls at the same time wait for one answer. False where nobody can be asked. */
export function askForProof(): Promise<boolean> {
    if (!ask) return Promise.resolve(false);
    running ??= ask().finally(() => {
        running = null;
    });
    return running;
}
