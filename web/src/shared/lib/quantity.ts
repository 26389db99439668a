/** Counts and ratios, with three significant digits on cards. */
import { decimal, unsigned } from '@/shared/lib/decimal';

const STEPS = [
    { size: 1e12, unit: 'T' },
    { size: 1e9, unit: 'B' },
    { size: 1e6, unit: 'M' },
    { size: 1e3, unit: 'k' },
] as const;

export interface Scaled {
    value: string;
    /** '', 'k', 'M', 'B' or 'T' */
    unit: string;
}

/** 61_400_000 -> 61.4 and M. Rounding up to 1,000 moves to the next unit. */
export function scaled(count: number, digits = 3): Scaled {
    const size = Math.abs(count);
    const rounded = size === 0 ? 0 : Number(size.toPrecision(digits));
    const step = STEPS.find((candidate) => rounded >= candidate.size);
    const value = step
        ? decimal(count / step.size, { mostSignificant: digits })
        : decimal(count, { most: Number.isInteger(count) ? 0 : 1 });
    return { value, unit: step?.unit ?? '' };
}

/** The same as one piece of text: `61.4 M` with a no-break space. */
export function scaledText(count: number, digits = 3): string {
    const { value, unit } = scaled(count, digits);
    return unit ? `${value}\u00a0${unit}` : value;
}

export function countFull(count: number): string {
    return decimal(count, { most: 2 });
}

/** 0.914 -> 91% (or 91.4% with one digit). */
export function percent(ratio: number, digits = 0): string {
    return `${decimal(ratio, { least: digits, most: digits, shift: 2 })}%`;
}

/** A change beyond this is told as a multiple: ×12 says more than +1,100%. */
const MULTIPLE_FROM = 9;

/** A change keeps its sign: +12%, -4.2%; far up it is the multiple: ×39. */
export function signedPercent(ratio: number): string {
    if (ratio >= MULTIPLE_FROM) {
        return `×${decimal(ratio + 1, { most: 0 })}`;
    }
    const size = unsigned(ratio, { most: Math.abs(ratio) < 0.1 ? 1 : 0, shift: 2 });
    if (size === '0') return '0%';
    return `${ratio < 0 ? '-' : '+'}${size}%`;
}

export function bytesText(bytes: number): string {
    const steps = [
        { size: 1024 ** 3, unit: 'GiB' },
        { size: 1024 ** 2, unit: 'MiB' },
        { size: 1024, unit: 'KiB' },
    ];
    const step = steps.find((candidate) => bytes >= candidate.size) ?? { size: 1, unit: 'B' };
    const value = decimal(bytes / step.size, { mostSignificant: 3 });
    return `${value}\u00a0${step.unit}`;
}
