import type { TFunction } from 'i18next';
import { expect, test } from 'vitest';
import { entityLabel, hasPseudonym } from './labels';

const t = ((key: string, values?: { code?: string }) =>
    key === 'entity.member' ? `Person ${values?.code}` : key) as unknown as TFunction<'common'>;

test('a pseudonym is told in the language of the page, wherever it stands', () => {
    expect(entityLabel(t, 'member', 'Member-K7QF2A', 'Member-K7QF2A')).toBe('Person K7QF2A');
    expect(entityLabel(t, 'project', '/home/Member-K7QF2A', 'home/Member-K7QF2A')).toBe(
        'home/Person K7QF2A',
    );
    expect(entityLabel(t, 'branch', 'Member-K7QF2A-fix')).toBe('Person K7QF2A-fix');
    expect(entityLabel(t, 'branch', 'Member-short')).toBe('Member-short');
    expect(hasPseudonym('/home/Member-K7QF2A/app')).toBe(true);
    expect(hasPseudonym('/home/ann/app')).toBe(false);
});
