/** Two letters for a name's avatar: first and last word; the last two signs of a Chinese one. */
export function initials(name: string): string {
    const words = name
        .trim()
        .split(/[\s._-]+/)
        .filter(Boolean);
    const letters = words.map((word) => [...word][0] ?? '');
    const first = letters[0] ?? '';
    if (/\p{Script=Han}/u.test(first)) return [...(words[0] ?? '')].slice(-2).join('');
    const last = letters.length > 1 ? (letters[letters.length - 1] ?? '') : '';
    return (first + last).toUpperCase() || '?';
}
