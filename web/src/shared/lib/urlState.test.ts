import { describe, expect, test } from 'vitest';
import { filtersPatch, patchParams, rangePatch, readFilters, readRange } from './urlState';

const params = (text: string) => new URLSearchParams(text);

describe('the URL is the view', () => {
    test('a preset, its default left out', () => {
        expect(readRange(params(''), 'today')).toEqual({ preset: 'today' });
        expect(readRange(params('range=7d'), 'today')).toEqual({ preset: '7d' });
        expect(readRange(params('range=nonsense'), 'today')).toEqual({ preset: 'today' });
        expect(patchParams(params('range=7d'), rangePatch({ preset: 'today' }, 'today')).size).toBe(
            0,
        );
    });

    test('a free range goes there and back', () => {
        const range = { from: '2026-11-01T00:00', to: '2026-11-08T12:30' };
        const url = patchParams(params('range=7d'), rangePatch(range, 'today'));
        expect(url.has('range')).toBe(false);
        expect(readRange(url, 'today')).toEqual(range);
        expect(readRange(params('from=x&to=y'), 'today')).toEqual({ preset: 'today' });
    });

    test('filters repeat, keep the empty value and leave other parameters alone', () => {
        const filters = { project: ['/a b', '/c'], branch: [''] };
        const url = patchParams(params('metric=cost&model=old'), filtersPatch(filters));
        expect(readFilters(params(url.toString()))).toEqual(filters);
        expect(url.get('metric')).toBe('cost');
        expect(readFilters(params('project=a&project=a'))).toEqual({ project: ['a'] });
    });
});
