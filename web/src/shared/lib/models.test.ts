import { expect, test } from 'vitest';
import { modelName, parseModel } from './models';

test.each([
    ['claude-opus-4-8', 'opus', '4.8', 'Opus 4.8'],
    ['claude-opus-4-8-20260115', 'opus', '4.8', 'Opus 4.8'],
    ['claude-sonnet-5', 'sonnet', '5', 'Sonnet 5'],
    ['claude-3-5-haiku-20241022', 'haiku', '3.5', 'Haiku 3.5'],
    ['us.anthropic.claude-opus-4-1-20250805-v1:0', 'opus', '4.1', 'Opus 4.1'],
])('%s', (id, family, version, name) => {
    expect(parseModel(id)).toEqual({ family, version });
    expect(modelName(id)).toBe(name);
});

test('what is no Claude model keeps its name', () => {
    expect(modelName('gpt-x')).toBe('gpt-x');
});
