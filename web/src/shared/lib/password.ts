/** What a new password is like, by the server's rules as far as a page can know them. The server decides. */

export const MINIMUM = 12;
const ENOUGH = 18;
const FEW_SIGNS = 5;

export interface Advice {
    state: 'empty' | 'short' | 'simple' | 'personal' | 'fair' | 'good';
    /** Signs still missing when short. */
    missing: number;
}

/** `personal`: user name, shown name, mail address; a password that is mostly one of them is refused. */
export function adviceFor(password: string, personal: readonly string[]): Advice {
    const signs = [...password];
    const missing = Math.max(0, MINIMUM - signs.length);
    if (signs.length === 0) return { state: 'empty', missing };
    if (missing > 0) return { state: 'short', missing };
    if (new Set(signs).size < FEW_SIGNS || isRun(signs)) return { state: 'simple', missing };
    const lower = password.toLowerCase();
    const parts = personal
        .flatMap((one) => one.toLowerCase().split(/[\s@._-]+/))
        .filter((part) => part.length >= 4);
    const rest = parts.reduce((left, part) => left.replaceAll(part, ''), lower);
    if ([...rest].length * 2 <= signs.length) {
        return { state: 'personal', missing };
    }
    return { state: signs.length >= ENOUGH ? 'good' : 'fair', missing };
}

/** Neighbours of the alphabet: "abcdefghijkl", "987654321098". */
function isRun(signs: readonly string[]): boolean {
    let steps = 0;
    for (let index = 1; index < signs.length; index += 1) {
        const step = (signs[index]?.codePointAt(0) ?? 0) - (signs[index - 1]?.codePointAt(0) ?? 0);
        if (Math.abs(step) === 1) steps += 1;
    }
    return steps >= signs.length - 3;
}
