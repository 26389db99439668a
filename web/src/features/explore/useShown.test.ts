import { renderHook } from '@testing-library/react';
import { expect, it } from 'vitest';
import { useShown } from './useShown';

interface Asked {
    data?: string;
    currentData?: string;
    error?: unknown;
    isFetching: boolean;
}

function start(asked: Asked, question: string) {
    return renderHook(({ asked, question }) => useShown<string, string>(asked, question), {
        initialProps: { asked, question },
    });
}

it('keeps the old answer, with its question, until the new one is there', () => {
    const hook = start({ data: 'a', currentData: 'a', isFetching: false }, 'project');
    hook.rerender({ asked: { data: 'a', isFetching: true }, question: 'model' });
    expect(hook.result.current).toMatchObject({ data: 'a', question: 'project', stale: true });
    hook.rerender({ asked: { data: 'b', currentData: 'b', isFetching: false }, question: 'model' });
    expect(hook.result.current).toMatchObject({ data: 'b', question: 'model', stale: false });
});

it('does not flicker while the same question is asked again', () => {
    const hook = start({ data: 'a', currentData: 'a', isFetching: true }, 'project');
    expect(hook.result.current).toMatchObject({ data: 'a', stale: false });
});

it('does not pass an old answer for the one that failed', () => {
    const hook = start({ data: 'a', currentData: 'a', isFetching: false }, 'project');
    hook.rerender({ asked: { data: 'a', error: 'no', isFetching: false }, question: 'model' });
    expect(hook.result.current).toMatchObject({ data: undefined, question: 'model', error: 'no' });
});

it('keeps the answer when asking again failed', () => {
    const hook = start({ data: 'a', currentData: 'a', error: 'no', isFetching: false }, 'project');
    expect(hook.result.current).toMatchObject({ data: 'a', error: 'no' });
});
