import { expect, it } from 'vitest';
import { sparkPoints } from './Sparkline';

it('draws from zero to its own top', () => {
    expect(sparkPoints([0, 5, 10], 100, 22)).toBe('0.0,21.0 50.0,11.0 100.0,1.0');
});

it('lies flat when there was nothing', () => {
    expect(sparkPoints([0, 0], 100, 22)).toBe('0.0,21.0 100.0,21.0');
});
