import { expect, test } from 'vitest';
import { adviceFor } from './password';

test.each([
    ['', 'empty'],
    ['short', 'short'],
    ['elevenchars', 'short'],
    ['密码密码密码密码密码', 'short'],
    ['aaaaaaaaaaaaaaaa', 'simple'],
    ['abababababababab', 'simple'],
    ['abcdefghijklmnop', 'simple'],
    ['987654321098', 'simple'],
    ['lena.berg-2026', 'personal'],
    ['Lena-Lena-2026', 'personal'],
    ['twelve signs', 'fair'],
    ['otters cross quiet rivers', 'good'],
    ['lena and her otters cross', 'good'],
])('%s is %s', (password, state) => {
    expect(adviceFor(password, ['lena', 'Lena Berg', '']).state).toBe(state);
});

test('signs are counted as people see them', () => {
    expect(adviceFor('🦦🦦', []).missing).toBe(10);
});
