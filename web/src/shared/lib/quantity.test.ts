import { expect, test } from 'vitest';
import { bytesText, percent, scaled, scaledText, signedPercent } from './quantity';

test('three significant digits, and rounding up moves to the next unit', () => {
    expect(scaled(61_423_000, 'en')).toEqual({ value: '61.4', unit: 'M' });
    expect(scaled(999_950, 'en')).toEqual({ value: '1', unit: 'M' });
    expect(scaled(512, 'en')).toEqual({ value: '512', unit: '' });
    expect(scaled(999, 'en').unit).toBe('');
    expect(scaledText(48_100, 'zh-CN')).toBe('48.1\u00a0k');
});

test('ratios', () => {
    expect(percent(0.914, 'en')).toBe('91%');
    expect(percent(0.914, 'en', 1)).toBe('91.4%');
    expect(signedPercent(0.123, 'en')).toBe('+12%');
    expect(signedPercent(-0.042, 'en')).toBe('-4.2%');
    expect(signedPercent(38, 'en')).toBe('×39');
});

test('bytes', () => {
    expect(bytesText(1_932_735_283, 'en')).toBe('1.8\u00a0GiB');
});
