// Links by mail, through a real mail server: lost passwords, registration by domain, invitations; with the program as it ships.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { MailServer } from './mail_server.mjs';
import { serve } from './program.mjs';
import { Browser, TrustingWorld } from './provider.mjs';

const SECRET = 'opal-smtp-secret';
const PASSWORD = 'violet harbour lantern';
const OTHER = 'gravel thimble orchard';

let world;
let server;
let mail; // the mail server
let origin;
let admin; // the first account's browser

const settings = (changed = {}) => ({
    enabled: true,
    host: '127.0.0.1',
    port: mail.port,
    security: 'tls',
    user: 'tide',
    password: SECRET,
    from_address: 'tidemark@example.org',
    from_name: 'Tidemark 用量',
    ...changed,
});

/** A call of the API by the page of this browser. */
async function call(browser, method, target, body, more = {}) {
    const headers = { origin, 'x-tidemark-request': '1', ...(body ? { 'content-type': 'application/json' } : {}), ...more };
    const answer = await browser.request(method, `${origin}/api/v1${target}`, { headers, body: body && JSON.stringify(body) });
    return { ...answer, json: answer.text && answer.headers['content-type']?.includes('json') ? JSON.parse(answer.text) : null };
}
async function configure(changed) {
    const saved = await call(admin, 'PUT', '/system/mail', settings(changed));
    assert.equal(saved.status, 200, saved.text);
    return saved;
}
async function setPolicy(changed) {
    const policy = (await call(admin, 'GET', '/policy')).json;
    return call(admin, 'PUT', '/policy', { ...policy, ...changed });
}
const newBrowser = () => new Browser(world.certificate);
const tokenOf = (letter) => letter.link.slice(letter.link.indexOf('#') + 1);
const signIn = (browser, name, password) => call(browser, 'POST', '/auth/sign-in', { name, password });

before(async () => {
    world = new TrustingWorld();
    const added = world.run('user', 'add', 'root', '--role', 'enterprise', '--data', world.data);
    assert.equal(added.code, 0, added.err);
    server = await serve(world);
    origin = `http://127.0.0.1:${server.port}`;
    mail = new MailServer(world.certificate);
    await mail.start();
    admin = newBrowser();
    const token = /#(\S+)/.exec(added.out + added.err)[1];
    assert.equal((await call(admin, 'POST', '/auth/reset', { token, password: PASSWORD })).status, 204);
    assert.equal((await signIn(admin, 'root', PASSWORD)).status, 200);
    assert.equal((await call(admin, 'PUT', '/auth/me', { display_name: 'Root', email: 'root@example.org' })).status, 200);
});
after(async () => {
    const { code, err } = (await server?.stop()) ?? {};
    await mail?.stop();
    world?.remove();
    assert.equal(code, 0);
    assert.ok(!err.includes('@example.org'), 'the log names no address');
});

test('without mail nothing is offered', async () => {
    assert.equal((await call(newBrowser(), 'GET', '/auth/state')).json.mail, false);
    assert.equal((await setPolicy({ registration: 'domains', domains: ['example.org'] })).status, 400);
    assert.equal((await call(newBrowser(), 'POST', '/auth/forgot', { name: 'root' })).status, 202);
    assert.equal((await call(admin, 'POST', '/invitations', { role: 'user', email: 'bea@example.org' })).status, 409);
    assert.equal((await call(admin, 'POST', '/system/mail/test', { to: 'x@example.org' })).status, 409);
    assert.equal((await call(admin, 'GET', '/system/mail')).json.enabled, false);
});

test('settings are for those who manage everything, and keep the password to themselves', async () => {
    assert.equal((await call(newBrowser(), 'GET', '/system/mail')).status, 401);
    assert.equal((await call(newBrowser(), 'POST', '/system/mail/test', { to: 'x@example.org' })).status, 401);
    const faults = { host: 'a b', port: 0, from_address: 'x@example.org\r\nBcc: y@example.org', from_name: 'a\r\nb' };
    for (const [field, value] of Object.entries(faults)) {
        const refused = await call(admin, 'PUT', '/system/mail', settings({ [field]: value }));
        assert.equal(refused.status, 400, refused.text);
        assert.equal(refused.json.errors[0].path, field);
    }
    const saved = await configure();
    assert.equal(saved.json.has_password, true);
    assert.equal(saved.json.address, origin);
    const { password, ...without } = settings({ from_name: 'Usage' });
    assert.equal((await call(admin, 'PUT', '/system/mail', without)).json.has_password, true);
    for (const elsewhere of [{ host: 'evil.example' }, { port: 25 }, { security: 'plain' }, { user: 'eve' }]) {
        const moved = await call(admin, 'PUT', '/system/mail', { ...without, ...elsewhere });
        assert.equal(moved.json.errors[0].path, 'password');
    }
    const read = await call(admin, 'GET', '/system/mail');
    const audit = await call(admin, 'GET', '/audit?action=setting.change');
    assert.equal(audit.json.rows.length, 2);
    for (const text of [saved.text, read.text, audit.text]) assert.ok(!text.includes(password));
    await configure();
});

test('a test mail says whether it works', async () => {
    assert.equal((await call(admin, 'POST', '/system/mail/test', { to: 'x@example.org', language: 'zh-CN' })).status, 204);
    const letter = await mail.next('x@example.org');
    assert.equal(letter.subject, 'Tidemark 测试邮件');
    assert.equal(letter.from, 'tidemark@example.org');
    assert.match(letter.text, new RegExp(origin));
    assert.match(letter.headers.from, /^=\?UTF-8\?B\?.*<tidemark@example\.org>$/);
    assert.match(letter.headers['message-id'], /^<[0-9a-f]{32}@example\.org>$/);
    assert.ok(Math.abs(Date.parse(letter.headers.date) - Date.now()) < 60_000, letter.headers.date);
    assert.deepEqual(mail.sessions.at(-1), { secure: true, method: 'PLAIN' });
    const failing = async (changed, expected) => {
        await configure(changed);
        const failed = await call(admin, 'POST', '/system/mail/test', { to: 'x@example.org' });
        assert.equal(failed.status, 502, failed.text);
        assert.equal(failed.json.code, 'mail_failed');
        assert.match(failed.json.detail, expected);
        assert.ok(!failed.text.includes('not-the-secret'));
    };
    await failing({ password: 'not-the-secret' }, /refused user name and password: 535/);
    await failing({ host: 'localhost' }, /certificate is not trusted/);
    await failing({ port: 1 }, /cannot connect/);
    const open = new MailServer(world.certificate, { secure: false, plain: true });
    await open.start();
    await failing({ port: open.port, security: 'starttls' }, /offers no STARTTLS/);
    assert.equal(open.sessions.length, 0, 'no password in the clear');
    await configure({ port: open.port, security: 'plain' });
    assert.equal((await call(admin, 'POST', '/system/mail/test', { to: 'x@example.org' })).status, 204);
    await open.stop();
    const upgrading = new MailServer(world.certificate, { secure: false });
    await upgrading.start();
    await configure({ port: upgrading.port, security: 'starttls' });
    assert.equal((await call(admin, 'POST', '/system/mail/test', { to: 'x@example.org' })).status, 204);
    assert.deepEqual(upgrading.sessions, [{ secure: true, method: 'PLAIN' }]);
    await upgrading.stop();
    await configure();
});

test('a lost password: the mailed link sets a new one, once, and ends all sessions', async () => {
    const browser = newBrowser();
    assert.equal((await signIn(browser, 'root', PASSWORD)).status, 200);
    const asked = await call(newBrowser(), 'POST', '/auth/forgot', { name: 'root@example.org' }, { 'accept-language': 'zh-CN,zh;q=0.9' });
    assert.equal(asked.status, 202);
    const letter = await mail.next('root@example.org');
    assert.equal(letter.subject, '重设 Tidemark 密码');
    assert.ok(letter.link.startsWith(`${origin}/reset#`), letter.link);
    assert.ok(letter.html.includes(letter.link));
    const token = tokenOf(letter);
    // Guesses: cut, made longer, of another kind, by the hundred.
    for (const guess of ['', token.slice(1), `${token}A`, token.toUpperCase(), 'A'.repeat(43)]) {
        assert.equal((await call(newBrowser(), 'POST', '/auth/reset', { token: guess, password: OTHER })).status, 404);
    }
    for (let i = 0; i < 200; ++i) {
        const guess = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url');
        assert.equal((await call(newBrowser(), 'POST', '/auth/reset', { token: guess, password: OTHER })).status, 404);
    }
    assert.equal((await call(newBrowser(), 'POST', '/auth/register', { token, username: 'eve', display_name: '', password: OTHER })).status, 404);
    assert.equal((await call(newBrowser(), 'POST', '/auth/reset', { token, password: 'short' })).status, 400);
    assert.equal((await call(newBrowser(), 'POST', '/auth/reset', { token, password: OTHER })).status, 204);
    assert.equal((await call(newBrowser(), 'POST', '/auth/reset', { token, password: PASSWORD })).status, 404, 'once');
    for (const old of [browser, admin]) assert.equal((await call(old, 'GET', '/auth/me')).status, 401);
    assert.equal((await signIn(newBrowser(), 'root', PASSWORD)).status, 401);
    admin = newBrowser();
    assert.equal((await signIn(admin, 'root', OTHER)).status, 200);
    const actions = (await call(admin, 'GET', '/audit?action=password.')).json.rows.map((row) => row.action);
    assert.ok(actions.includes('password.forgot') && actions.includes('password.reset'));
});

test('links never lead where a request says', async () => {
    for (const host of ['evil.example', `evil.example:${server.port}`, `127.0.0.1:${server.port}@evil.example`]) {
        assert.equal((await call(newBrowser(), 'POST', '/auth/forgot', { name: 'root' }, { host })).status, 421);
    }
    const forged = {
        host: `localhost:${server.port}`,
        origin: `http://localhost:${server.port}`,
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'https',
        forwarded: 'host=evil.example',
        'x-original-url': 'https://evil.example/',
    };
    assert.equal((await call(newBrowser(), 'POST', '/auth/forgot', { name: 'root', language: 'en' }, forged)).status, 202);
    const letter = await mail.next('root@example.org');
    assert.ok(letter.link.startsWith(`${origin}/reset#`), letter.link);
    assert.ok(!letter.source.includes('evil.example') && !letter.text.includes('evil.example'));
});

test('registration by mail domain: the link proves the address', async () => {
    assert.equal((await setPolicy({ registration: 'domains', domains: ['example.org'] })).status, 200);
    const refused = await call(admin, 'PUT', '/system/mail', settings({ enabled: false }));
    assert.equal(refused.status, 409, refused.text);
    for (const email of ['eve@evil.example', 'eve@sub.example.org', 'root@example.org', 'eve@example.org@evil.example', 'eve@example.org\r\nbcc: x@evil.example', '']) {
        const answer = await call(newBrowser(), 'POST', '/auth/request-registration', { email });
        assert.equal(answer.status, 202);
        assert.equal(answer.text, '');
    }
    assert.equal((await call(newBrowser(), 'POST', '/auth/request-registration', { email: 'Bea@Example.org', language: 'en' })).status, 202);
    const letter = await mail.next('bea@example.org');
    assert.equal(letter.subject, 'Confirm your address for Tidemark');
    assert.ok(letter.link.startsWith(`${origin}/register#`));
    assert.ok(!mail.mails.some((one) => one.link?.includes('/register#')), 'nobody else got one');
    const told = await mail.next('root@example.org');
    assert.ok(told.text.includes(`${origin}/sign-in`) && !told.text.includes('#'), told.text);
    const browser = newBrowser();
    const account = { token: tokenOf(letter), username: 'bea', display_name: 'Bea', password: PASSWORD };
    const made = await call(browser, 'POST', '/auth/register', account);
    assert.equal(made.status, 201, made.text);
    assert.equal(made.json.role, 'user');
    assert.equal(made.json.email, 'bea@example.org');
    assert.equal((await call(newBrowser(), 'POST', '/auth/register', { ...account, username: 'bea2' })).status, 404, 'once');
    // A link of a time when the domain was open.
    await call(newBrowser(), 'POST', '/auth/request-registration', { email: 'carl@example.org' });
    const late = await mail.next('carl@example.org');
    assert.equal((await setPolicy({ registration: 'invite', domains: [] })).status, 200);
    assert.equal((await call(newBrowser(), 'POST', '/auth/register', { ...account, token: tokenOf(late), username: 'carl' })).status, 409);
});

test('an invitation goes by mail too, and what cannot be sent is seen', async () => {
    for (const email of ['x', 'x@example.org\r\nBcc: y@example.org']) {
        const refused = await call(admin, 'POST', '/invitations', { role: 'user', email });
        assert.equal(refused.json.errors[0].path, 'email');
    }
    const invited = await call(admin, 'POST', '/invitations', { role: 'user', email: 'dora@example.org', language: 'zh-CN' });
    assert.equal(invited.status, 201);
    const letter = await mail.next('dora@example.org');
    assert.equal(letter.link, origin + invited.json.url_path);
    assert.equal(letter.subject, '邀请您使用 Tidemark');
    const joined = await call(newBrowser(), 'POST', '/auth/register', { token: tokenOf(letter), username: 'dora', display_name: '', password: PASSWORD });
    assert.equal(joined.status, 201, joined.text);
    mail.refuse = Object.assign(new Error('no such person: gone@example.org'), { responseCode: 550 });
    await call(admin, 'POST', '/invitations', { role: 'user', email: 'gone@example.org' });
    let rows = [];
    for (const end = Date.now() + 15_000; rows.length === 0 && Date.now() < end; ) rows = (await call(admin, 'GET', '/audit?action=mail.failed')).json.rows;
    assert.equal(rows.length, 1);
    assert.ok(!JSON.stringify(rows).includes('gone@'));
    const state = (await call(admin, 'GET', '/system/mail')).json;
    assert.match(state.last_failure.reason, /refused the recipient: 550/);
    assert.equal(state.waiting, 0);
    assert.ok(state.sent >= 5);
    mail.refuse = null;
});

test('behind a proxy links begin with the name that people use', async () => {
    for (const [hosts, expected] of [
        ['tidemark.example', 'https://tidemark.example'],
        ['tidemark.example:8443,other.example', 'https://tidemark.example:8443'],
        ['tidemark.example:*', 'https://tidemark.example'],
        ['[fd00::5]:8443', 'https://[fd00::5]:8443'],
    ]) {
        const other = new TrustingWorld();
        other.run('user', 'add', 'root', '--role', 'enterprise', '--data', other.data);
        const made = other.run('key', 'create', 'test', '--account', 'root', '--scopes', 'manage', '--data', other.data);
        const key = /tmk_\S+/.exec(made.out)[0];
        const behind = await serve(other, '--allowed-hosts', hosts, '--trusted-proxies', '127.0.0.1');
        const answer = await behind.get('/api/v1/system/mail', { authorization: `Bearer ${key}` });
        await behind.stop();
        other.remove();
        assert.equal(JSON.parse(answer.text).address, expected, hosts);
    }
});

test('who asks learns nothing: the same answer in the same time', async () => {
    const times = { known: [], unknown: [] };
    const shapes = new Set();
    for (let i = 0; i < 80; ++i) {
        for (const [kind, name] of [['known', 'root@example.org'], ['unknown', `nobody${i}@example.org`]]) {
            const begin = performance.now();
            const answer = await call(newBrowser(), 'POST', '/auth/forgot', { name });
            times[kind].push(performance.now() - begin);
            shapes.add(`${answer.status} ${Object.keys(answer.headers).sort()} ${answer.text}`);
        }
    }
    assert.equal(shapes.size, 1, [...shapes].join('\n'));
    assert.match([...shapes][0], /^202 /);
    const median = (values) => values.sort((a, b) => a - b)[values.length / 2];
    const [known, unknown] = [median(times.known), median(times.unknown)];
    console.log(`forgot: known ${known.toFixed(2)} ms, unknown ${unknown.toFixed(2)} ms (medians of 80)`);
    assert.ok(Math.abs(known - unknown) < 3, `${known} ms and ${unknown} ms`);
    assert.ok(mail.mails.length <= 5, `nobody's mailbox is filled: ${mail.mails.length}`);
});

test('the files tell neither the password nor a token nor an address', async () => {
    await call(newBrowser(), 'POST', '/auth/forgot', { name: 'dora' }); // no address: no mail
    assert.equal((await call(admin, 'PUT', '/auth/me', { display_name: 'Root', email: 'root.new@example.org' })).status, 200);
    const files = readdirSync(world.data).map((name) => path.join(world.data, name)).filter((name) => /accounts\.db/.test(name));
    assert.ok(files.length > 0);
    const bytes = Buffer.concat(files.map((name) => readFileSync(name))).toString('latin1');
    assert.ok(bytes.includes('mail.failed'), 'the files are read');
    for (const secret of [SECRET, 'bea@example.org', 'dora@example.org', 'carl@example.org', 'root.new@example.org']) assert.ok(!bytes.includes(secret), secret);
});
