import { expect, test } from 'vitest';
import type { Policy } from '@/shared/api/model';
import { effectsOf, samePolicy, tidyDomains } from './policy';

const policy: Policy = {
    registration: 'invite',
    domains: [],
    require_2fa_user: false,
    require_2fa_admin: false,
    require_2fa_enterprise: false,
    provider_only: false,
    privacy: 'names',
    minimum_people: 5,
    audit_days: 0,
    session_days: 30,
    idle_days: 14,
};

test.each([
    [{ registration: 'domains' }, ['registration_open']],
    [{ registration: 'off' }, ['registration_off']],
    [{ require_2fa_admin: true }, ['factor']],
    [{ provider_only: true }, ['provider_only']],
    [{ privacy: 'totals' }, ['privacy']],
    [{ minimum_people: 9 }, []],
    [{ audit_days: 90 }, ['audit_cut']],
    [{ session_days: 7 }, ['session_shorter']],
    [{ session_days: 90 }, []],
    [{ idle_days: 7 }, ['idle_shorter']],
    [{ idle_days: 0 }, []],
    [{ domains: ['example.org'] }, []],
] as [Partial<Policy>, string[]][])('%j does %j', (patch, effects) => {
    expect(effectsOf(policy, { ...policy, ...patch })).toEqual(effects);
});

test('keeping the log for longer, or for good, removes nothing', () => {
    expect(effectsOf({ ...policy, audit_days: 90 }, { ...policy, audit_days: 0 })).toEqual([]);
    expect(effectsOf({ ...policy, audit_days: 90 }, { ...policy, audit_days: 30 })).toEqual([
        'audit_cut',
    ]);
});

test('a policy is the same when every field is', () => {
    expect(samePolicy(policy, { ...policy, domains: [] })).toBe(true);
    expect(samePolicy(policy, { ...policy, domains: ['a'] })).toBe(false);
});

test('mail domains are tidied as they are typed', () => {
    expect(tidyDomains([' @Example.org, example.com;', 'example.org', ''])).toEqual([
        'example.org',
        'example.com',
    ]);
});
