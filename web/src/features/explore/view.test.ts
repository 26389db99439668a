import { describe, expect, it } from 'vitest';
import { patchParams } from '@/shared/lib/urlState';
import type { View } from './view';
import { DEFAULT_VIEW, offeredShapes, readView, viewPatch } from './view';

const read = (text: string) => readView(new URLSearchParams(text));
const write = (view: Partial<View>) =>
    patchParams(new URLSearchParams(), viewPatch(view)).toString();

describe('the view in the address', () => {
    it('is the default when nothing is said, and says nothing then', () => {
        expect(read('')).toEqual(DEFAULT_VIEW);
        expect(write(DEFAULT_VIEW)).toBe('');
    });

    it('comes back as it was written', () => {
        const view: View = {
            metric: 'output_tokens',
            group: 'effort',
            bucket: '1w',
            shape: 'area',
            compare: false,
            sort: 'requests',
            ascending: true,
        };
        expect(read(write(view))).toEqual(view);
    });

    it('does not clash with the filters, which have names of their own', () => {
        const params = new URLSearchParams('kind=main&session=abc&metric=requests');
        const next = patchParams(params, viewPatch({ shape: 'line', group: 'kind' }));
        expect(next.getAll('kind')).toEqual(['main']);
        expect(next.getAll('session')).toEqual(['abc']);
        expect(readView(next)).toMatchObject({ metric: 'requests', shape: 'line', group: 'kind' });
    });

    it('takes what it does not know as the default', () => {
        expect(read('metric=prompts&group=mood&bucket=1s&view=pie&sort=x&order=up')).toEqual(
            DEFAULT_VIEW,
        );
    });

    it('gives the nearest that goes together', () => {
        expect(read('metric=cache_read_tokens&group=tool').group).toBe('project');
        expect(read('metric=tool_errors&group=model').group).toBe('tool');
        expect(read('metric=tool_calls&group=tool').group).toBe('tool');
    });

    it('stacks only what adds up', () => {
        expect(read('metric=cache_hit_ratio').shape).toBe('line');
        expect(read('metric=cache_hit_ratio&view=table').shape).toBe('table');
        expect(read('metric=sessions&group=model&view=area').shape).toBe('line');
        expect(read('metric=sessions&group=project&view=area').shape).toBe('area');
        expect(offeredShapes(false)).toEqual(['line', 'table']);
    });
});
