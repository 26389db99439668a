import { expect, test } from 'vitest';
import { changesOf } from './changes';

test('only what changed is shown', () => {
    expect(changesOf('{"role":"user","name":"Lena"}', '{"role":"admin","name":"Lena"}')).toEqual([
        { name: 'role', before: 'user', after: 'admin' },
    ]);
});

test('new and removed fields have one side', () => {
    expect(changesOf('{"a":"1"}', '{"b":"2"}')).toEqual([
        { name: 'a', before: '1', after: null },
        { name: 'b', before: null, after: '2' },
    ]);
    expect(changesOf('', '{"name":"Platform"}')).toEqual([
        { name: 'name', before: null, after: 'Platform' },
    ]);
});

test('settings stored as JSON in one field are taken apart', () => {
    const before = JSON.stringify({ policy: JSON.stringify({ days: 30, roles: ['a', 'b'] }) });
    const after = JSON.stringify({ policy: JSON.stringify({ days: 14, roles: ['a', 'b'] }) });
    expect(changesOf(before, after)).toEqual([{ name: 'days', before: '30', after: '14' }]);
    expect(changesOf('{"policy":""}', after).map((one) => one.name)).toEqual(['days', 'roles']);
});

test('what is no JSON, or lies too deep, is shown as it is', () => {
    expect(changesOf('plain', '')).toEqual([{ name: '', before: 'plain', after: null }]);
    const deep = '{"a":{"b":{"c":{"d":{"e":1}}}}}';
    expect(changesOf('', deep)).toEqual([{ name: 'a.b.c.d', before: null, after: '{"e":1}' }]);
    expect(changesOf('{"x":"{broken"}', '{"x":"<b>"}')).toEqual([
        { name: 'x', before: '{broken', after: '<b>' },
    ]);
});
