/**
 * Numbers as text, as `Intl.NumberFormat` writes them in both languages of the application (commas
 * between thousands, a point, halves away from zero), without it: its first use takes a browser 15 ms
 * and more, which would stand before the first figure.
 */
export interface Digits {
    /** Of the fraction; 0 and 3 unless told, or none when significant digits are. */
    least?: number;
    most?: number;
    /** Significant digits; 1 and `mostSignificant` unless told. Then the two above do not count. */
    leastSignificant?: number;
    mostSignificant?: number;
    /** The number is multiplied by 10 to this before it is rounded: 2 for a percentage. */
    shift?: number;
}

/** The size of a number as text; the sign is left to the caller. */
export function unsigned(value: number, digits: Digits = {}): string {
    if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : '∞';
    // The shortest decimal that is this number: 1.005 is rounded as it is read, not as it is stored.
    const [mantissa = '0', exponent = '0'] = Math.abs(value).toExponential().split('e');
    let figures = mantissa.replace('.', '');
    // The number is 0.figures × 10 ^ point.
    let point = figures === '0' ? 1 : Number(exponent) + 1 + (digits.shift ?? 0);
    const { mostSignificant } = digits;
    const kept = mostSignificant ?? point + (digits.most ?? Math.max(digits.least ?? 0, 3));
    if (kept < figures.length) {
        const up = kept >= 0 && figures.charAt(kept) >= '5';
        figures = figures.slice(0, Math.max(0, kept));
        if (up) {
            const raised = String(BigInt(figures || '0') + 1n).padStart(figures.length, '0');
            if (raised.length > figures.length) point += 1;
            figures = raised;
        }
    }
    figures = figures.replace(/0+$/, '');
    if (figures === '') point = 1;
    const integer = point > 0 ? figures.slice(0, point).padEnd(point, '0') : '0';
    let fraction = point > 0 ? figures.slice(point) : '0'.repeat(-point) + figures;
    const least =
        mostSignificant === undefined
            ? (digits.least ?? 0)
            : figures === ''
              ? (digits.leastSignificant ?? 1) - 1
              : (digits.leastSignificant ?? 1) - point;
    fraction = fraction.padEnd(least, '0');
    const grouped = integer.replace(/\B(?=(\d{3})+$)/g, ',');
    return fraction ? `${grouped}.${fraction}` : grouped;
}

/** With a minus sign where it is below zero and does not round to it. */
export function decimal(value: number, digits: Digits = {}): string {
    const text = unsigned(value, digits);
    return value < 0 && /[1-9∞]/.test(text) ? `-${text}` : text;
}
