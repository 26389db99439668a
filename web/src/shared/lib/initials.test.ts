import { expect, test } from 'vitest';
import { initials } from './initials';

test.each([
    ['Lena Berg', 'LB'],
    ['lena', 'L'],
    ['mike.chen', 'MC'],
    ['Ana María de la Cruz', 'AC'],
    ['王芳', '王芳'],
    ['欧阳小明', '小明'],
    ['', '?'],
    ['   ', '?'],
    ['🦦 otter', '🦦O'],
])('%s becomes %s', (name, letters) => {
    expect(initials(name)).toBe(letters);
});
