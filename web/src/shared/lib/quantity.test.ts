import { expect, test } from 'vitest';
import { bytesText, percent, scaled, scaledText, signedPercent } from './quantity';

test('three significant digits, and rounding up moves to the next unit', () => {
    expect(scaled(61_423_000)).toEqual({ value: '61.4', unit: 'M' });
    expect(scaled(999_950)).toEqual({ value: '1', unit: 'M' });
    expect(scaled(512)).toEqual({ value: '512', unit: '' });
    expect(scaled(999).unit).toBe('');
    expect(scaledText(48_100)).toBe('48.1\u00a0k');
});

test('ratios', () => {
    expect(percent(0.914)).toBe('91%');
    expect(percent(0.914, 1)).toBe('91.4%');
    expect(signedPercent(0.123)).toBe('+12%');
    expect(signedPercent(-0.0001)).toBe('0%');
    expect(signedPercent(-0.042)).toBe('-4.2%');
    expect(signedPercent(38)).toBe('×39');
});

test('bytes', () => {
    expect(bytesText(1_932_735_283)).toBe('1.8\u00a0GiB');
});
