import { describe, expect, test } from 'vitest';
import type { Draft } from './overrides';
import { overrideFrom, withOverride, withoutOverride } from './overrides';

const own: Draft = {
    model: 'm',
    way: 'own',
    prices: { input: 3, output: 15, cache_write_5m: 3.75, cache_write_1h: 6, cache_read: 0.3 },
    like: null,
    multiplier: null,
    from: '',
};

describe('price overrides', () => {
    test('own prices must be complete and not negative', () => {
        expect(overrideFrom(own)).toEqual({
            model: 'm',
            input: 3,
            output: 15,
            cache_write_5m: 3.75,
            cache_write_1h: 6,
            cache_read: 0.3,
        });
        expect(overrideFrom({ ...own, prices: { ...own.prices, output: null } })).toBeNull();
        expect(overrideFrom({ ...own, prices: { ...own.prices, output: -1 } })).toBeNull();
        expect(overrideFrom({ ...own, prices: { ...own.prices, output: 0 } })).not.toBeNull();
    });

    test('a model may be priced like another, not like itself', () => {
        const like = {
            ...own,
            way: 'like' as const,
            like: 'n',
            multiplier: 0.5,
            from: '2026-11-01',
        };
        expect(overrideFrom(like)).toEqual({
            model: 'm',
            like: 'n',
            multiplier: 0.5,
            from: '2026-11-01T00:00:00Z',
        });
        expect(overrideFrom({ ...like, like: 'm' })).toBeNull();
        expect(overrideFrom({ ...like, like: null })).toBeNull();
    });

    test('a model has one override', () => {
        const list = [
            { model: 'm', like: 'a' },
            { model: 'n', like: 'b' },
        ];
        expect(withOverride(list, { model: 'm', like: 'c' })).toEqual([
            { model: 'n', like: 'b' },
            { model: 'm', like: 'c' },
        ]);
        expect(withoutOverride(list, 'm')).toEqual([{ model: 'n', like: 'b' }]);
    });
});
