import { expect, test } from 'vitest';
import { changeOf, draftOf, type MailDraft, withSecurity } from '@/features/system/lib/mail';

const draft: MailDraft = {
    enabled: true,
    host: ' mail.example.org ',
    port: '465',
    security: 'tls',
    user: 'tide',
    password: '',
    from_address: ' tidemark@example.org',
    from_name: 'Tidemark',
};

test('the password is left out to keep it, and emptied with the user', () => {
    expect('password' in changeOf(draft)).toBe(false);
    expect(changeOf({ ...draft, password: 'x ' }).password).toBe('x ');
    expect(changeOf({ ...draft, user: ' ' }).password).toBe('');
    expect(changeOf(draft).host).toBe('mail.example.org');
    expect(changeOf(draft).from_address).toBe('tidemark@example.org');
});

test('a port that is no number is sent as none', () => {
    expect(changeOf({ ...draft, port: ' 587 ' }).port).toBe(587);
    for (const port of ['', 'x', '1e3', '-1', '999999']) {
        expect(changeOf({ ...draft, port }).port).toBe(0);
    }
});

test('each encryption brings its usual port, but a port of one’s own stays', () => {
    expect(withSecurity(draft, 'starttls').port).toBe('587');
    expect(withSecurity({ ...draft, port: '2525' }, 'plain').port).toBe('2525');
    expect(withSecurity({ ...draft, port: '587' }, 'tls')).toMatchObject({
        port: '465',
        security: 'tls',
    });
});

test('what the server has becomes the form, without a password', () => {
    const settings = {
        enabled: false,
        host: 'h',
        port: 25,
        security: 'plain' as const,
        user: '',
        has_password: false,
        from_address: '',
        from_name: '',
        address: '',
        waiting: 0,
        sent: 0,
        last_sent: null,
        last_failure: null,
    };
    expect(draftOf(settings)).toEqual({
        enabled: false,
        host: 'h',
        port: '25',
        security: 'plain',
        user: '',
        password: '',
        from_address: '',
        from_name: '',
    });
});
