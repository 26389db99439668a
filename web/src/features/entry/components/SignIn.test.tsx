import { configureStore } from '@reduxjs/toolkit';
import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { Provider } from 'react-redux';
import { MemoryRouter } from 'react-router';
import { beforeAll, beforeEach, expect, test, vi } from 'vitest';
import EntryPage from '@/features/entry/pages/EntryPage';
import { api } from '@/shared/api/generated';
import common from '@/shared/locales/en.json';
import entry from '../locales/en.json';

const leave = vi.hoisted(() => ({ enter: vi.fn() }));
vi.mock('@/features/entry/lib/leave', () => leave);

const STATE = {
    open: false,
    setup_required: false,
    loopback: false,
    registration: 'invite',
    provider: null,
    provider_only: false,
    mail: false,
    me: null,
};
const ME = { id: 7, username: 'lena', must_enrol: false };

let state: object;
let sent: Record<string, unknown>[];
/** The answers to sign-in, one after the other. */
let answers: [number, object, Record<string, string>?][];

beforeAll(async () => {
    await i18next.use(initReactI18next).init({
        lng: 'en',
        defaultNS: 'common',
        resources: { en: { common, entry } },
        interpolation: { escapeValue: false },
    });
});

beforeEach(() => {
    state = STATE;
    sent = [];
    answers = [];
    leave.enter.mockClear();
    vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
        if (url === '/api/v1/auth/state') return new Response(JSON.stringify(state));
        sent.push(JSON.parse(String(init.body)) as Record<string, unknown>);
        const [status, body, headers] = answers.shift() ?? [500, {}];
        return new Response(JSON.stringify(body), { status, ...(headers ? { headers } : {}) });
    });
    return () => {
        cleanup(); // before the answers end
        vi.unstubAllGlobals();
    };
});

function show(path: string) {
    const store = configureStore({
        reducer: { [api.reducerPath]: api.reducer },
        middleware: (defaults) => defaults().concat(api.middleware),
    });
    render(
        <Provider store={store}>
            <MemoryRouter initialEntries={[path]}>
                <EntryPage />
            </MemoryRouter>
        </Provider>,
    );
    return userEvent.setup();
}

async function signIn(user: ReturnType<typeof userEvent.setup>) {
    await user.type(await screen.findByLabelText('User name or mail address'), 'lena');
    await user.type(screen.getByLabelText('Password'), 'otters cross quiet rivers');
    await user.click(screen.getByRole('button', { name: 'Sign in' }));
}

test('signs in and goes on to where one wanted to go', async () => {
    answers = [[200, ME]];
    await signIn(show('/sign-in?to=%2Fexplore'));
    await vi.waitFor(() => expect(leave.enter).toHaveBeenCalledWith(ME, '/explore'));
    expect(sent).toEqual([{ name: 'lena', password: 'otters cross quiet rivers', trusted: false }]);
});

test('a wrong password is told without saying which of the two is wrong', async () => {
    answers = [[401, { code: 'bad_credentials' }]];
    await signIn(show('/sign-in'));
    expect((await screen.findByRole('alert')).textContent).toBe('Name or password is wrong.');
    expect(leave.enter).not.toHaveBeenCalled();
});

test('the second factor is a step of its own; its last digit sends it', async () => {
    answers = [
        [401, { code: 'second_factor_required' }],
        [401, { code: 'second_factor_wrong' }],
        [200, ME],
    ];
    const user = show('/sign-in');
    await signIn(user);
    const code = await screen.findByLabelText('Code');
    expect(code.getAttribute('autocomplete')).toBe('one-time-code');
    await user.type(code, '123 456');
    expect((await screen.findByRole('alert')).textContent).toContain('wrong or was used');
    await user.type(screen.getByLabelText('Code'), '654321');
    await vi.waitFor(() => expect(leave.enter).toHaveBeenCalledTimes(1));
    expect(sent.map((one) => one['code'])).toEqual([undefined, '123456', '654321']);
});

test('too many attempts: the page counts down and the button waits', async () => {
    answers = [[429, { code: 'wait' }, { 'retry-after': '42' }]];
    await signIn(show('/sign-in'));
    expect((await screen.findByRole('alert')).textContent).toMatch(/in 4[12] seconds/);
    const button = screen.getByRole('button', { name: 'Sign in' }) as HTMLButtonElement;
    expect(button.disabled).toBe(true);
});

test('a server without an account says how to make one', async () => {
    state = { ...STATE, setup_required: true };
    show('/sign-in');
    expect(await screen.findByText('tidemark user setup-link')).toBeTruthy();
    expect(screen.queryByLabelText('Password')).toBeNull();
});

test('forgot password says who can help where no mail is sent', async () => {
    show('/forgot');
    expect(await screen.findByText(/sends no mail/)).toBeTruthy();
});

test('forgot password answers the same for every name', async () => {
    state = { ...STATE, mail: true };
    answers = [[202, {}]];
    const user = show('/forgot');
    await user.type(await screen.findByLabelText('User name or mail address'), 'nobody');
    await user.click(await screen.findByRole('button', { name: 'Send link' }));
    expect(await screen.findByText(/If “nobody” has an account/)).toBeTruthy();
});

test('a provider is a way in beside the password', async () => {
    state = { ...STATE, provider: { name: 'Work' } };
    show('/sign-in?to=%2Fexplore%3Fa%3D1');
    const link = await screen.findByRole('link', { name: 'Continue with Work' });
    expect(link.getAttribute('href')).toBe('/api/v1/auth/oidc/start?return_to=%2Fexplore%3Fa%3D1');
    expect(screen.getByLabelText('Password')).toBeTruthy();
});

test('with a provider only, the password is for emergencies', async () => {
    state = { ...STATE, provider: { name: 'Work' }, provider_only: true };
    const user = show('/sign-in?to=%2F%2Fevil.example');
    const link = await screen.findByRole('link', { name: 'Continue with Work' });
    expect(link.getAttribute('href')).toBe('/api/v1/auth/oidc/start?return_to=%2F');
    expect(screen.queryByLabelText('Password')).toBeNull();
    await user.click(screen.getByRole('button', { name: /in an emergency/ }));
    expect(await screen.findByLabelText('Password')).toBeTruthy();
});

test('who comes back from the provider without being signed in is told why', async () => {
    state = { ...STATE, provider: { name: 'Work' } };
    show('/sign-in?problem=domain');
    expect((await screen.findByRole('alert')).textContent).toContain('verified address');
    cleanup();
    show('/sign-in?problem=%3Cscript%3E');
    expect((await screen.findByRole('alert')).textContent).toContain('could not be accepted');
});
