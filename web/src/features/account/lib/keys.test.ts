import { expect, test } from 'vitest';
import type { ApiKey } from '@/shared/api/model';
import { expiryOf, keyState, sortKeys } from './keys';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const key = (patch: Partial<ApiKey>): ApiKey => ({
    id: 1,
    name: 'k',
    hint: 'abcd',
    account: { id: 1, username: 'lena' },
    scopes: ['read'],
    teams: [],
    projects: [],
    created_at: '2026-01-01T00:00:00Z',
    expires_at: null,
    last_used: null,
    revoked_at: null,
    rotated_from: null,
    ...patch,
});

test('a rotated key works until its end, a revoked one never again', () => {
    expect(keyState(key({}), NOW)).toBe('active');
    expect(keyState(key({ revoked_at: '2026-11-23T12:00:01Z' }), NOW)).toBe('ending');
    expect(keyState(key({ revoked_at: '2026-11-23T12:00:00Z' }), NOW)).toBe('revoked');
    expect(keyState(key({ expires_at: '2026-11-23T12:00:00Z' }), NOW)).toBe('expired');
    expect(
        keyState(
            key({ revoked_at: '2026-11-24T00:00:00Z', expires_at: '2026-11-23T00:00:00Z' }),
            NOW,
        ),
    ).toBe('expired');
});

test('keys that work stand first, then the newest', () => {
    const ids = sortKeys(
        [
            key({ id: 1, revoked_at: '2026-11-01T00:00:00Z', created_at: '2026-11-01T00:00:00Z' }),
            key({ id: 2, created_at: '2026-02-01T00:00:00Z' }),
            key({ id: 3, created_at: '2026-03-01T00:00:00Z' }),
        ],
        NOW,
    ).map((one) => one.id);
    expect(ids).toEqual([3, 2, 1]);
});

test('an end is so many days from now', () => {
    expect(expiryOf(30, NOW)).toBe('2026-12-23T12:00:00.000Z');
    expect(expiryOf(null, NOW)).toBeNull();
});
