import { describe, expect, test } from 'vitest';
import { moneyAxis, moneyFull, moneyShort, moneyTable, shownCurrency } from './money';

const usd = { currency: 'USD', rate: null, language: 'en' };

describe('money', () => {
    test('cards show about three significant digits', () => {
        expect(moneyShort(48.274, usd)).toBe('$48.27');
        expect(moneyShort(1284.4, usd)).toBe('$1,284');
        expect(moneyShort(0.0823, usd)).toBe('$0.082');
        expect(moneyShort(0, usd)).toBe('$0.00');
    });

    test('tables keep tenths of a cent below one', () => {
        expect(moneyTable(9.417, usd)).toBe('$9.42');
        expect(moneyTable(0.0817, usd)).toBe('$0.082');
        expect(moneyTable(0.00012, usd)).toBe('$0.00012');
    });

    test('axes have no decimals that say nothing, and never one alone', () => {
        expect([0, 0.5, 1, 1.2, 150.5, 1200].map((value) => moneyAxis(value, usd))).toEqual([
            '$0',
            '$0.50',
            '$1',
            '$1.20',
            '$151',
            '$1,200',
        ]);
        expect(moneyAxis(0.025, usd)).toBe('$0.025');
    });

    test('everything known on hover', () => {
        expect(moneyFull(1.234567, usd)).toBe('$1.234567');
        expect(moneyFull(2, usd)).toBe('$2.00');
    });

    test('another currency needs a rate, else it stays in dollars', () => {
        const yuan = { currency: 'CNY', rate: 7.1, language: 'zh-CN' };
        expect(moneyShort(10, yuan)).toBe('¥71.00');
        expect(moneyShort(-10, yuan)).toBe('-¥71.00');
        expect(moneyTable(10, { currency: 'CHF', rate: 0.8, language: 'en' })).toBe(
            'CHF\u00a08.00',
        );
        expect(shownCurrency({ ...yuan, rate: null })).toBe('USD');
        expect(moneyShort(10, { ...yuan, rate: null })).toBe('$10.00');
    });
});
