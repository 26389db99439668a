import { expect, test } from 'vitest';
import { sumUnassigned } from './unassigned';

test('what is nobody’s is added up', () => {
    const row = { member: 'x', requests: 2, tokens: 30, cost_usd: 0.25, last_activity: null };
    expect(sumUnassigned([])).toEqual({ members: 0, usage: { requests: 0, tokens: 0, cost: 0 } });
    expect(sumUnassigned([row, { ...row, member: 'y' }])).toEqual({
        members: 2,
        usage: { requests: 4, tokens: 60, cost: 0.5 },
    });
    const hidden = { ...row, requests: null, tokens: null, cost_usd: null };
    expect(sumUnassigned([hidden])).toEqual({ members: 1, usage: null });
});
