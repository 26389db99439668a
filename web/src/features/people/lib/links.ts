/** The whole address of a one-time link, to be given to somebody. */
export function linkAddress(path: string): string {
    return new URL(path, location.origin).href;
}
