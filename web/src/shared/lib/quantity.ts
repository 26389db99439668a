/** Counts and ratios, with three significant digits on cards. */
const STEPS = [
    { size: 1e12, unit: 'T' },
    { size: 1e9, unit: 'B' },
    { size: 1e6, unit: 'M' },
    { size: 1e3, unit: 'k' },
] as const;

const numbers = new Map<string, Intl.NumberFormat>();

export function numberFormat(language: string, options: Intl.NumberFormatOptions) {
    const id = `${language}|${JSON.stringify(options)}`;
    let found = numbers.get(id);
    if (!found) {
        found = new Intl.NumberFormat(language, options);
        numbers.set(id, found);
    }
    return found;
}

export interface Scaled {
    value: string;
    /** '', 'k', 'M', 'B' or 'T' */
    unit: string;
}

/** 61_400_000 -> 61.4 and M. Rounding up to 1,000 moves to the next unit. */
export function scaled(count: number, language: string, digits = 3): Scaled {
    const size = Math.abs(count);
    const rounded = size === 0 ? 0 : Number(size.toPrecision(digits));
    const step = STEPS.find((candidate) => rounded >= candidate.size);
    const options = step
        ? { maximumSignificantDigits: digits }
        : { maximumFractionDigits: Number.isInteger(count) ? 0 : 1 };
    const value = numberFormat(language, options).format(step ? count / step.size : count);
    return { value, unit: step?.unit ?? '' };
}

/** The same as one piece of text: `61.4 M` with a no-break space. */
export function scaledText(count: number, language: string, digits = 3): string {
    const { value, unit } = scaled(count, language, digits);
    return unit ? `${value}\u00a0${unit}` : value;
}

export function countFull(count: number, language: string): string {
    return numberFormat(language, { maximumFractionDigits: 2 }).format(count);
}

/** 0.914 -> 91% (or 91.4% with one digit). */
export function percent(ratio: number, language: string, digits = 0): string {
    return numberFormat(language, {
        style: 'percent',
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
    }).format(ratio);
}

/** A change beyond this is told as a multiple: ×12 says more than +1,100%. */
const MULTIPLE_FROM = 9;

/** A change keeps its sign: +12%, -4.2%; far up it is the multiple: ×39. */
export function signedPercent(ratio: number, language: string): string {
    if (ratio >= MULTIPLE_FROM) {
        return `×${numberFormat(language, { maximumFractionDigits: 0 }).format(ratio + 1)}`;
    }
    const digits = Math.abs(ratio) < 0.1 ? 1 : 0;
    return numberFormat(language, {
        style: 'percent',
        signDisplay: 'exceptZero',
        minimumFractionDigits: 0,
        maximumFractionDigits: digits,
    }).format(ratio);
}

export function bytesText(bytes: number, language: string): string {
    const steps = [
        { size: 1024 ** 3, unit: 'GiB' },
        { size: 1024 ** 2, unit: 'MiB' },
        { size: 1024, unit: 'KiB' },
    ];
    const step = steps.find((candidate) => bytes >= candidate.size) ?? { size: 1, unit: 'B' };
    const value = numberFormat(language, { maximumSignificantDigits: 3 }).format(bytes / step.size);
    return `${value}\u00a0${step.unit}`;
}
