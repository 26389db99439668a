// Signing in by a certified provider, with the program as it ships.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { serve } from './program.mjs';
import { Browser, TestProvider, TrustingWorld } from './provider.mjs';

const CLIENT_SECRET = 'opal-meadow-secret';
const PASSWORD = 'violet harbour lantern';

let world;
let server;
let provider;
let origin;
let admin; // the first account's browser
let team;

const settings = (changed = {}) => ({
    enabled: true,
    name: 'Test ID',
    issuer: provider.issuer,
    client_id: 'tidemark',
    client_secret: CLIENT_SECRET,
    scopes: ['openid', 'profile', 'email', 'groups'],
    create_accounts: true,
    mail_domains: [],
    groups_claim: 'groups',
    roles: [{ group: 'leads', role: 'admin' }],
    teams: [{ group: 'north', team }],
    ...changed,
});

/** A call of the API by the page of this browser. */
async function call(browser, method, target, body) {
    const headers = { origin, 'x-tidemark-request': '1', ...(body ? { 'content-type': 'application/json' } : {}) };
    const answer = await browser.request(method, `${origin}/api/v1${target}`, { headers, body: body && JSON.stringify(body) });
    return { ...answer, json: answer.text && answer.headers['content-type']?.includes('json') ? JSON.parse(answer.text) : null };
}
async function configure(changed) {
    const saved = await call(admin, 'PUT', '/auth/provider', settings(changed));
    assert.equal(saved.status, 200, saved.text);
    return saved;
}
const START = '/api/v1/auth/oidc/start';
const CALLBACK = '/api/v1/auth/oidc/callback';

/** Goes to the provider as `who` and stops before coming back; gives the address to come back by. */
async function visit(browser, who, returnTo = '/') {
    provider.who = who;
    const places = await browser.follow(`${origin}${START}?return_to=${encodeURIComponent(returnTo)}`, origin + CALLBACK);
    return { places, back: places.at(-1) };
}
/** There and back; gives where the browser was sent in the end. */
async function signIn(browser, who, returnTo) {
    const { back } = await visit(browser, who, returnTo);
    const answer = await browser.request('GET', back);
    assert.equal(answer.status, 303, `${back}: ${answer.text}`);
    return answer.headers.location;
}
const me = async (browser) => (await call(browser, 'GET', '/auth/me')).json;
const newBrowser = () => new Browser(world.certificate);

before(async () => {
    world = new TrustingWorld();
    const added = world.run('user', 'add', 'root', '--role', 'enterprise', '--data', world.data);
    assert.equal(added.code, 0, added.err);
    server = await serve(world);
    origin = `http://127.0.0.1:${server.port}`;
    provider = new TestProvider(world.certificate);
    await provider.start([{ client_id: 'tidemark', client_secret: CLIENT_SECRET, redirect_uris: [origin + CALLBACK] }]);
    provider.people = {
        bea: { name: 'Bea Example', preferred_username: 'bea', email: 'bea@example.org', email_verified: true, groups: ['leads', 'north'] },
        carl: { name: 'Carl Example', preferred_username: 'root', email: 'carl@other.example', email_verified: true, groups: [] },
    };
    admin = newBrowser();
    const token = /#(\S+)/.exec(added.out + added.err)[1];
    assert.equal((await call(admin, 'POST', '/auth/reset', { token, password: PASSWORD })).status, 204);
    assert.equal((await call(admin, 'POST', '/auth/sign-in', { name: 'root', password: PASSWORD, trusted: true })).status, 200);
    team = (await call(admin, 'POST', '/teams', { name: 'North' })).json.id;
});
after(async () => {
    await provider?.stop();
    const { code } = (await server?.stop()) ?? {};
    world?.remove();
    assert.equal(code, 0);
});

test('without a provider there is no way to it', async () => {
    const browser = newBrowser();
    assert.equal((await call(browser, 'GET', '/auth/state')).json.provider, null);
    assert.equal((await browser.request('GET', origin + START)).headers.location, '/sign-in?problem=not_set');
});

test('settings are for those who manage everything, and keep the secret to themselves', async () => {
    assert.equal((await call(newBrowser(), 'GET', '/auth/provider')).status, 401);
    for (const issuer of ['http://127.0.0.1:1', `${provider.issuer}/`, `${provider.issuer}/elsewhere`]) {
        const refused = await call(admin, 'PUT', '/auth/provider', settings({ issuer }));
        assert.equal(refused.status, 400, refused.text);
        assert.equal(refused.json.errors[0].path, 'issuer');
    }
    const saved = await configure();
    assert.equal(saved.json.has_client_secret, true);
    assert.equal(saved.json.redirect_uri, origin + CALLBACK);
    const { client_secret, ...without } = settings({ name: 'Work' });
    const kept = await call(admin, 'PUT', '/auth/provider', without);
    assert.equal(kept.json.has_client_secret, true);
    const read = await call(admin, 'GET', '/auth/provider');
    const audit = await call(admin, 'GET', '/audit?action=setting.change');
    assert.equal(audit.json.rows.length, 2);
    for (const text of [saved.text, kept.text, read.text, audit.text]) assert.ok(!text.includes(client_secret));
    // Another issuer would be sent the secret.
    const moved = await call(admin, 'PUT', '/auth/provider', { ...without, issuer: 'https://evil.example' });
    assert.equal(moved.json.errors[0].path, 'client_secret');
    assert.equal((await call(newBrowser(), 'GET', '/auth/state')).json.provider.name, 'Work');
});

test('a first sign-in makes the account, with role and team by its groups', async () => {
    const browser = newBrowser();
    const { places, back } = await visit(browser, 'bea', '/sessions?range=week');
    const sent = new URL(places[0]).searchParams;
    assert.equal(sent.get('code_challenge_method'), 'S256');
    assert.equal(sent.get('code_challenge').length, 43);
    const mark = browser.cookies.get(new URL(origin).host).get('tm_oidc').line;
    assert.match(mark, /; HttpOnly; SameSite=Lax$/);
    assert.match(mark, /; Path=\/api\/v1\/auth\/oidc;/);
    assert.equal(new URL(back).searchParams.get('iss'), provider.issuer, 'it answers as RFC 9207 says');

    const answer = await browser.request('GET', back);
    assert.equal(answer.status, 303);
    assert.equal(answer.headers.location, '/sessions?range=week');
    assert.equal(answer.headers['cache-control'], 'no-store');
    for (const line of answer.headers['set-cookie']) assert.match(line, /HttpOnly; SameSite=Strict/);
    const person = await me(browser);
    assert.equal(person.username, 'bea');
    assert.equal(person.email, 'bea@example.org');
    assert.equal(person.role, 'admin');
    assert.deepEqual(person.teams.map((one) => one.name), ['North']);
    assert.equal(person.has_password, false);

    // The way back works once, and nowhere else.
    assert.equal((await browser.request('GET', back)).headers.location, '/sign-in?problem=expired');
    // Coming again is the same account.
    const again = newBrowser();
    assert.equal(await signIn(again, 'bea'), '/');
    assert.equal((await me(again)).id, person.id);
    const audit = (await call(admin, 'GET', '/audit?actor=bea')).json.rows.map((row) => row.action);
    assert.deepEqual(audit, ['sign_in.provider', 'sign_in.provider', 'account.create']);
});

test('a name that is taken stays with whom it belongs to', async () => {
    const browser = newBrowser();
    await signIn(browser, 'carl');
    const person = await me(browser);
    assert.equal(person.username, 'root-2');
    assert.equal(person.role, 'user');
    assert.deepEqual(person.teams, []);
});

test('who loses a group loses what it gave', async () => {
    provider.people.bea.groups = [];
    const browser = newBrowser();
    await signIn(browser, 'bea');
    const person = await me(browser);
    assert.equal(person.role, 'user');
    assert.deepEqual(person.teams, []);
    provider.people.bea.groups = ['leads', 'north'];
});

test('a stolen answer is of no use', async () => {
    const victim = newBrowser();
    const { back } = await visit(victim, 'bea');
    // Put into another browser, with and without a sign-in of its own: code injection, and signing in as somebody else.
    const thief = newBrowser();
    assert.equal((await thief.request('GET', back)).headers.location, '/sign-in?problem=expired');
    const own = await visit(thief, 'carl');
    assert.equal((await thief.request('GET', back)).headers.location, '/sign-in?problem=expired');
    // The victim's code under the thief's own state: the challenge is another one.
    const mixed = new URL(own.back);
    mixed.searchParams.set('code', new URL(back).searchParams.get('code'));
    assert.equal((await thief.request('GET', mixed.href)).headers.location, '/sign-in?problem=provider');
    assert.equal((await me(thief))?.code, 'not_signed_in');
    const failed = (await call(admin, 'GET', '/audit?action=sign_in.failed')).json.rows[0];
    assert.match(failed.after, /invalid_grant/);
});

test('an answer of another provider is refused', async () => {
    const browser = newBrowser();
    const asked = provider.asked.filter((one) => one === 'POST /token').length;
    const mixed = new URL((await visit(browser, 'bea')).back);
    mixed.searchParams.set('iss', 'https://evil.example');
    assert.equal((await browser.request('GET', mixed.href)).headers.location, '/sign-in?problem=provider');
    const missing = new URL((await visit(browser, 'bea')).back);
    missing.searchParams.delete('iss');
    assert.equal((await browser.request('GET', missing.href)).headers.location, '/sign-in?problem=provider');
    assert.equal(provider.asked.filter((one) => one === 'POST /token').length, asked, 'the code went to nobody');
});

test('the page to come back to is one of this server', async () => {
    for (const target of ['/..//evil.example', '//evil.example', 'https://evil.example/', '/\\evil.example', '/api/v1/auth/oidc/start', '/%0d%0aX:1']) {
        const answer = await newBrowser().request('GET', `${origin}${START}?return_to=${encodeURIComponent(decodeURIComponent(target))}`);
        assert.equal(answer.status, 400, target);
    }
});

test('a page elsewhere cannot sign anybody in, it takes a click here', async () => {
    for (const [site, begun] of [['cross-site', false], ['same-site', false], ['same-origin', true], ['none', true]]) {
        const answer = await newBrowser().request('GET', origin + START, { headers: { 'sec-fetch-site': site } });
        assert.equal(answer.headers.location.startsWith(`${provider.issuer}/auth?`), begun, site);
        if (!begun) assert.equal(answer.headers.location, '/sign-in');
        assert.equal(answer.headers['set-cookie'] !== undefined, begun, site);
    }
});

test('who says no at the provider is told so', async () => {
    assert.equal(await signIn(newBrowser(), null), '/sign-in?problem=denied');
});

test('keys may be rotated, and be of another kind', async () => {
    for (const kind of ['rsa', 'ec']) {
        provider.rotate(kind);
        await configure({ name: `Work ${kind}` }); // asks for the keys when they are needed, not before
        const before_ = provider.asked.filter((one) => one === 'GET /jwks').length;
        const browser = newBrowser();
        assert.equal(await signIn(browser, 'bea'), '/');
        assert.equal(provider.asked.filter((one) => one === 'GET /jwks').length, before_ + 1);
    }
    provider.rotate('rsa');
    const browser = newBrowser();
    assert.equal(await signIn(browser, 'bea'), '/', 'with the old keys known and the new ones fetched');
    assert.equal((await me(browser)).username, 'bea');
});

test('only people of the allowed domains come in', async () => {
    await configure({ mail_domains: ['example.org'] });
    assert.equal(await signIn(newBrowser(), 'bea'), '/');
    assert.equal(await signIn(newBrowser(), 'carl'), '/sign-in?problem=domain');
    provider.people.bea.email_verified = false;
    assert.equal(await signIn(newBrowser(), 'bea'), '/sign-in?problem=domain');
    provider.people.bea.email_verified = true;
    await configure();
});

test('accounts are not made when they are not to be', async () => {
    await configure({ create_accounts: false });
    provider.people.dora = { preferred_username: 'dora', groups: [] };
    assert.equal(await signIn(newBrowser(), 'dora'), '/sign-in?problem=account');
    assert.equal(await signIn(newBrowser(), 'bea'), '/');
    await configure();
});

test('an account that is there is joined by its owner, and by nobody else', async () => {
    provider.people.frida = { name: 'Frida Example', groups: ['leads'] };
    const browser = newBrowser();
    assert.equal((await call(admin, 'POST', '/people', { username: 'frida', display_name: '', password: PASSWORD, role: 'user' })).status, 201);
    const withPassword = (who) => call(who, 'POST', '/auth/sign-in', { name: 'frida', password: PASSWORD, trusted: false });
    assert.equal((await withPassword(browser)).status, 200);
    /** From the click on the page to the provider and back; stops before the answer is brought here when told so. */
    const join = async (who, as) => {
        const begun = await call(who, 'POST', '/auth/oidc/join');
        assert.equal(begun.status, 200, begun.text);
        provider.who = as;
        return (await who.follow(begun.json.url, origin + CALLBACK)).at(-1);
    };
    const bring = async (who, back) => (await who.request('GET', back)).headers.location;

    // Not without the page, not signed out, not as somebody who has a place here.
    assert.equal((await browser.request('POST', `${origin}/api/v1/auth/oidc/join`, { headers: { origin: 'https://evil.example' } })).status, 403);
    assert.equal((await call(newBrowser(), 'POST', '/auth/oidc/join')).status, 401);
    const mistaken = newBrowser();
    await withPassword(mistaken);
    assert.equal(await bring(mistaken, await join(mistaken, 'bea')), '/security?problem=taken');
    assert.equal(await bring(browser, await join(browser, null)), '/security?problem=denied');
    assert.equal((await me(browser)).by_provider, false);

    // In another browser the answer is of no use, and it joins nothing once its sign-in has ended.
    const back = await join(browser, 'frida');
    assert.equal(await bring(newBrowser(), back), '/sign-in?problem=expired');
    const later = newBrowser();
    await withPassword(later);
    const late = await join(later, 'frida');
    assert.equal((await call(later, 'POST', '/auth/sign-out')).status, 204);
    assert.equal(await bring(later, late), '/security?problem=gone');

    assert.equal(await bring(browser, back), '/security');
    const joined = await me(browser);
    assert.deepEqual([joined.by_provider, joined.role], [true, 'user']);
    const elsewhere = newBrowser();
    assert.equal(await signIn(elsewhere, 'frida'), '/');
    assert.deepEqual([(await me(elsewhere)).id, (await me(elsewhere)).role], [joined.id, 'admin'], 'the same account, by its groups');
    assert.equal((await call(browser, 'POST', '/auth/oidc/join')).status, 409);

    assert.equal((await call(browser, 'POST', '/auth/oidc/leave')).status, 204);
    assert.equal((await call(elsewhere, 'GET', '/auth/me')).status, 401, 'who came in that way is out');
    assert.equal((await me(browser)).by_provider, false);
    const actions = (await call(admin, 'GET', '/audit?actor=frida&action=account.')).json.rows.map((row) => row.action);
    assert.deepEqual(actions, ['account.provider_leave', 'account.role', 'account.provider_join', 'account.provider_join_failed', 'account.provider_join_failed']);
});

test('passwords can be switched off, but for emergencies', async () => {
    const added = await call(admin, 'POST', '/people', { username: 'emil', display_name: '', password: PASSWORD, role: 'user' });
    assert.equal(added.status, 201, added.text);
    const policy = { ...(await call(admin, 'GET', '/policy')).json, provider_only: true };
    assert.equal((await call(admin, 'PUT', '/policy', policy)).status, 409, 'nobody could come in when the provider is down');
    const root = (await me(admin)).id;
    assert.equal((await call(admin, 'PUT', `/people/${root}/break-glass`, { on: true })).status, 204);
    const off = await call(admin, 'PUT', '/policy', policy);
    assert.equal(off.status, 200, off.text);

    const withPassword = (name) => call(newBrowser(), 'POST', '/auth/sign-in', { name, password: PASSWORD, trusted: false });
    assert.equal((await withPassword('emil')).status, 401);
    assert.equal((await withPassword('root')).status, 200, 'the break-glass account');
    assert.equal((await call(newBrowser(), 'GET', '/auth/state')).json.provider_only, true);
    assert.equal(await signIn(newBrowser(), 'bea'), '/');
    const disabled = await call(admin, 'PUT', '/auth/provider', settings({ enabled: false }));
    assert.equal(disabled.status, 409, 'first passwords, then the provider');
    assert.equal((await call(admin, 'PUT', '/policy', { ...policy, provider_only: false })).status, 200);
    assert.equal((await call(admin, 'PUT', '/auth/provider', settings({ enabled: false }))).status, 200);
    assert.equal((await call(admin, 'PUT', '/policy', policy)).status, 400, 'and not without a provider');
    await configure();
});

test('settings outlive a restart, and the files do not tell the secret', async () => {
    const { code } = await server.stop();
    assert.equal(code, 0);
    world.port = server.port;
    server = await serve(world);
    assert.equal(await signIn(newBrowser(), 'bea'), '/');
    const { readdirSync, readFileSync } = await import('node:fs');
    for (const file of readdirSync(world.data).filter((name) => name.startsWith('accounts.db'))) {
        const bytes = readFileSync(`${world.data}/${file}`);
        for (const secret of [CLIENT_SECRET, 'bea@example.org']) assert.ok(!bytes.includes(secret), `${file} has ${secret}`);
    }
});

test('when the provider is gone the page says so', async () => {
    await configure(); // forgets what it knew
    await provider.stop();
    assert.equal((await newBrowser().request('GET', origin + START)).headers.location, '/sign-in?problem=unreachable');
    const joining = await call(admin, 'POST', '/auth/oidc/join');
    assert.equal(joining.status, 503);
    assert.equal(joining.json.detail, 'the provider cannot be reached now', 'and not why: that is for the log');
});
