import { describe, expect, test } from 'vitest';
import type { Digits } from './decimal';
import { decimal } from './decimal';

/** The same question in the words of `Intl`. */
function byIntl(language: string, digits: Digits): (value: number) => string {
    const options: Intl.NumberFormatOptions = {};
    if (digits.mostSignificant !== undefined) {
        options.maximumSignificantDigits = digits.mostSignificant;
        if (digits.leastSignificant !== undefined) {
            options.minimumSignificantDigits = digits.leastSignificant;
        }
    } else {
        if (digits.least !== undefined) options.minimumFractionDigits = digits.least;
        if (digits.most !== undefined) options.maximumFractionDigits = digits.most;
    }
    if (digits.shift === 2) options.style = 'percent';
    const format = new Intl.NumberFormat(language, options);
    // A loss too small to be told is none: Intl writes "-0".
    return (value) =>
        format
            .format(value)
            .replace('%', '')
            .replace(/^-(?=[0.,]*$)/, '');
}

const ASKED: Digits[] = [
    {},
    { least: 0, most: 0 },
    { least: 2, most: 2 },
    { least: 3, most: 3 },
    { least: 2, most: 6 },
    { most: 1 },
    { most: 2 },
    { mostSignificant: 3 },
    { leastSignificant: 1, mostSignificant: 2 },
    { leastSignificant: 3, mostSignificant: 3 },
    { least: 0, most: 0, shift: 2 },
    { least: 1, most: 1, shift: 2 },
];

const EDGES = [
    0, 1, 5, 9.5, 10, 99.5, 99.95, 100, 999, 999.5, 999.995, 1000, 1234.5, 999_999.9, 1e6,
    12_345_678, 1e15, 123_456_789_012_345, 9_007_199_254_740_991, 1e21, 0.1, 0.05, 0.005, 0.0049,
    0.0005, 0.00012, 1.005, 2.675, 1.45, 0.995, 0.145, 1e-7, 5e-7, 9.99e-8, 0.5, 1.5, 2.5, 0.125,
    0.07, 0.29, 0.57,
];

describe('numbers as text', () => {
    test('are what Intl writes, in both languages', () => {
        // A generator of its own (mulberry32), so that a failure comes again.
        let state = 20261123;
        const random = () => {
            state = (state + 0x6d2b79f5) | 0;
            let t = Math.imul(state ^ (state >>> 15), 1 | state);
            t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
            return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
        };
        const values = [...EDGES];
        for (let count = 0; count < 3000; ++count) {
            const value = random() * 10 ** Math.floor(random() * 18 - 7);
            values.push(value, Math.round(value), Math.round(value * 1000) / 1000);
        }
        for (const language of ['en', 'zh-CN']) {
            for (const digits of ASKED) {
                const expected = byIntl(language, digits);
                const wrong = values
                    .flatMap((value) => [value, -value])
                    .filter((value) => decimal(value, digits) !== expected(value))
                    .map((value) => [value, decimal(value, digits), expected(value)]);
                expect(wrong, `${language} ${JSON.stringify(digits)}`).toEqual([]);
            }
        }
    });

    test('what is no number says so', () => {
        expect(decimal(Number.NaN)).toBe('NaN');
        expect(decimal(Number.POSITIVE_INFINITY)).toBe('∞');
        expect(decimal(Number.NEGATIVE_INFINITY)).toBe('-∞');
    });
});
