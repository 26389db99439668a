import { afterEach, expect, test, vi } from 'vitest';
import { entryAt, linkToken, safeTarget, signInAddress, takeToken } from './entry';

const ORIGIN = 'https://tidemark.example.org:8377';

afterEach(() => vi.unstubAllGlobals());

test('a page of this origin is a target, with its view', () => {
    expect(safeTarget('/sessions?range=7d&model=a%26b#x', ORIGIN)).toBe(
        '/sessions?range=7d&model=a%26b#x',
    );
    expect(safeTarget('/', ORIGIN)).toBe('/');
});

test.each([
    null,
    '',
    'sessions',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '/%5C/../\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '\\\\evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    ' //evil.example',
    '/..//evil.example',
    '/.//evil.example',
    '/sign-in?to=/sign-in',
    '/link#token',
    '/api/v1/auth/me/export',
    '//api/v1/x',
    '/metrics',
])('%j is no target', (wanted) => {
    const target = safeTarget(wanted, ORIGIN);
    expect(new URL(target, ORIGIN).origin).toBe(ORIGIN);
    expect(target).toBe('/');
});

test('the sign-in page comes back to where one was', () => {
    const address = signInAddress({ pathname: '/explore', search: '?a=1&b=2', hash: '' });
    expect(new URL(address, ORIGIN).searchParams.get('to')).toBe('/explore?a=1&b=2');
    expect(signInAddress({ pathname: '/', search: '', hash: '' })).toBe('/sign-in');
});

test('the pages before the door are known, with and without a slash at the end', () => {
    expect(entryAt('/sign-in')).toBe('/sign-in');
    expect(entryAt('/reset/')).toBe('/reset');
    expect(entryAt('/')).toBeNull();
    expect(entryAt('/setup2')).toBeNull();
});

test('a link’s secret leaves the address at once, and only on the pages for it', () => {
    const replaced: string[] = [];
    vi.stubGlobal('history', {
        state: null,
        replaceState: (_state: unknown, _title: string, url: string) => replaced.push(url),
    });
    vi.stubGlobal('location', { pathname: '/explore', search: '', hash: '#part' });
    takeToken();
    expect(linkToken()).toBe('');
    vi.stubGlobal('location', { pathname: '/reset', search: '?lang=en', hash: '#s3cret' });
    takeToken();
    expect(linkToken()).toBe('s3cret');
    expect(replaced).toEqual(['/reset?lang=en']);
});
