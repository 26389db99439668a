// From the first start to a team, against the program itself: what it prints, what cookies do, who sees what, and what
// lies on the disk.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { openStream, serve, World } from './program.mjs';
import { expected, sessions } from './transcripts.mjs';

const RANGE = 'from=2026-11-01T00:00:00Z&to=2026-11-03T00:00:00Z&tz=UTC';
const PASSWORD = 'violet harbour lantern';
const ADDRESS = 'very.private@example.org';
let world;
let server;
let ann; // cookies of the first account
const secrets = [PASSWORD, ADDRESS];

/** name -> value of the cookies that an answer sets. */
const cookiesOf = (answer) => Object.fromEntries((answer.headers['set-cookie'] ?? []).map((line) => line.split(';')[0].split('=')));
const asPage = (cookies) => ({
    cookie: Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join('; '),
    origin: `http://127.0.0.1:${server.port}`,
    'x-tidemark-request': '1',
});
const api = async (method, target, value, headers, status) => {
    const answer = await server.request(method, `/api/v1${target}`, {
        headers: { ...(value === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        body: value === undefined ? undefined : JSON.stringify(value),
    });
    assert.equal(answer.status, status, `${method} ${target}: ${answer.text}`);
    return answer.text === '' || !answer.headers['content-type'].includes('json') ? answer.text : JSON.parse(answer.text);
};
/** Somebody comes in by invitation; gives the cookies and who it is. */
async function join(username, invitation) {
    const { url_path } = await api('POST', '/invitations', invitation, asPage(ann), 201);
    const token = url_path.split('#')[1];
    secrets.push(token);
    const made = await server.post('/api/v1/auth/register', { token, username, display_name: '', password: PASSWORD });
    assert.equal(made.status, 201, made.text);
    return { cookies: cookiesOf(made), me: JSON.parse(made.text) };
}

before(async () => {
    world = new World();
    server = await serve(world);
});
after(async () => {
    const { code } = await server.stop();
    assert.equal(code, 0);
    world.remove();
});

test('the first start prints a link that makes the first account, once', async () => {
    const state = await server.json('/api/v1/auth/state');
    assert.deepEqual([state.open, state.setup_required, state.me], [true, true, null]);
    await server.json(`/api/v1/usage/summary?${RANGE}`);
    const [, token] = await server.printed(/\/setup#(\S+)/);
    secrets.push(token);
    const account = { token, username: 'ann', display_name: 'Ann', password: PASSWORD };
    const made = await server.post('/api/v1/auth/setup', account);
    assert.equal(made.status, 201, made.text);
    ann = cookiesOf(made);
    secrets.push(...Object.values(ann));
    for (const line of made.headers['set-cookie']) assert.match(line, /; HttpOnly; SameSite=Strict$/);
    assert.equal((await server.post('/api/v1/auth/setup', account)).status, 404);
    assert.equal((await server.get(`/api/v1/usage/summary?${RANGE}`)).status, 401);
    assert.equal((await server.get('/api/v1/auth/me', asPage(ann))).status, 200);
    await api('PUT', '/auth/me', { display_name: 'Ann', email: ADDRESS }, asPage(ann), 200);
});

test('a cookie changes nothing without the marks of an own page', async () => {
    const { cookie, ...marks } = asPage(ann);
    for (const headers of [{ cookie }, { cookie, origin: marks.origin }, { cookie, 'x-tidemark-request': '1' }, { cookie, ...marks, origin: 'https://evil.example' }]) {
        const answer = await server.post('/api/v1/teams', { name: 'T' }, headers);
        assert.equal(answer.status, 403, answer.text);
    }
});

test('usage is nobody\'s until it is somebody\'s, and then that one\'s only', async () => {
    const { id: team } = await api('POST', '/teams', { name: 'North' }, asPage(ann), 201);
    const uma = await join('uma', { role: 'user', team });
    const otto = await join('otto', { role: 'user' });
    const adam = await join('adam', { role: 'admin', team });
    const cost = async (who) => (await api('GET', `/usage/summary?${RANGE}`, undefined, asPage(who.cookies), 200)).total_cost;
    assert.deepEqual([await cost({ cookies: ann }), await cost(uma), await cost(adam)].map((sum) => sum > 0), [true, false, false]);

    const { unassigned } = await api('GET', '/identities', undefined, asPage(ann), 200);
    assert.equal(unassigned.length, 1);
    assert.equal(unassigned[0].requests, expected.requests);
    const stream = openStream(server.port, asPage(uma.cookies));
    await stream.next((event) => event.event === 'hello');
    await api('POST', '/identities', { kind: 'os_user', value: unassigned[0].member, account: uma.me.id }, asPage(ann), 201);
    await stream.ended; // opened with another reach

    for (const who of [uma, adam]) assert.ok(Math.abs((await cost(who)) - expected.cost) < 1e-9);
    assert.equal(await cost(otto), 0);
    for (const [who, status] of [[uma, 200], [adam, 200], [otto, 404]]) {
        await api('GET', `/sessions/${sessions.main}`, undefined, asPage(who.cookies), status);
    }
    for (const target of ['/sessions', '/projects', `/facets?${RANGE}`, `/usage/records?${RANGE}`, '/overview', '/sources']) {
        const text = JSON.stringify(await api('GET', target, undefined, asPage(otto.cookies), 200));
        assert.ok(!text.includes(sessions.main) && !text.includes(world.folder), `${target} tells otto: ${text}`);
    }
    assert.deepEqual((await api('GET', '/people', undefined, asPage(adam.cookies), 200)).people.map((one) => one.username).sort(), ['adam', 'uma']);
    await api('PUT', `/people/${otto.me.id}/active`, { active: false }, asPage(adam.cookies), 404);
    await api('PUT', `/people/${uma.me.id}/active`, { active: false }, asPage(adam.cookies), 204);
    await api('GET', '/overview', undefined, asPage(uma.cookies), 401);
});

test('who manages a person signs them out, on all devices and from the live page', async () => {
    const vic = await join('vic', { role: 'user' });
    const tom = await join('tom', { role: 'user' });
    const stream = openStream(server.port, asPage(vic.cookies));
    await stream.next((event) => event.event === 'hello');
    await api('POST', `/people/${vic.me.id}/sign-out`, undefined, asPage(tom.cookies), 403);
    await api('GET', '/auth/me', undefined, asPage(vic.cookies), 200);
    await api('POST', `/people/${vic.me.id}/sign-out`, undefined, asPage(ann), 204);
    await stream.ended;
    await api('GET', '/auth/me', undefined, asPage(vic.cookies), 401);
    assert.equal((await server.request('POST', '/api/v1/auth/refresh', { headers: asPage(vic.cookies) })).status, 401);
    await api('GET', '/auth/me', undefined, asPage(tom.cookies), 200);
    const { rows } = await api('GET', `/audit?action=session.revoke_all&object=account:${vic.me.id}`, undefined, asPage(ann), 200);
    assert.deepEqual(rows.map((row) => row.actor_name), ['ann']);
});

test('whoever is signed in proves it again by the password', async () => {
    await api('POST', '/auth/me/confirm', { password: 'not this one here' }, asPage(ann), 400);
    await api('POST', '/auth/me/confirm', { password: PASSWORD }, asPage(ann), 204);
    await api('POST', '/auth/me/confirm', { password: PASSWORD }, {}, 401);
});

test('a key is shown once, works for what it is for, and ends at once', async () => {
    const { text, key } = await api('POST', '/keys', { name: 'CI', scopes: ['read'], teams: [], projects: [] }, asPage(ann), 201);
    secrets.push(text);
    const bearer = { authorization: `Bearer ${text}` };
    await api('GET', '/overview', undefined, bearer, 200);
    await api('GET', '/people', undefined, bearer, 403);
    await api('POST', '/keys', { name: 'x', scopes: ['read'], teams: [], projects: [] }, bearer, 403);
    await api('DELETE', `/keys/${key.id}`, undefined, asPage(ann), 204);
    await api('GET', '/overview', undefined, bearer, 401);
});

test('the second factor is asked for', async () => {
    const { secret } = await api('POST', '/auth/me/second-factor', undefined, asPage(ann), 200);
    secrets.push(secret);
    await api('POST', '/auth/me/second-factor/confirm', { code: '000000' }, asPage(ann), 400);
});

test('the command line works beside the server, which says the same as without it', async () => {
    const data = ['--data', world.data];
    const made = world.run('user', 'add', 'vera', ...data);
    assert.equal(made.code, 0, made.err);
    const link = new URL(made.out.trim());
    assert.equal(link.port, String(server.port));
    secrets.push(link.hash.slice(1));
    const fresh = { token: link.hash.slice(1), password: 'gravel thimble orchard' };
    assert.equal((await server.post('/api/v1/auth/reset', fresh)).status, 204);
    const again = world.run('user', 'add', 'vera', ...data);
    assert.equal(again.code, 1);
    assert.match(again.err, /is taken/);
    assert.equal(world.run('user', 'role', 'vera', '--role', 'king', ...data).code, 2);
    const vera = { authorization: `Bearer ${JSON.parse((await server.post('/api/v1/auth/token', { name: 'vera', password: fresh.password })).text).access_token}` };
    await api('GET', '/auth/me', undefined, vera, 200);
    assert.equal(world.run('user', 'deactivate', 'vera', ...data).code, 0);
    await api('GET', '/auth/me', undefined, vera, 401);
    const key = world.run('key', 'create', 'beside', '--account', 'ann', '--scopes', 'read', ...data).out.trim();
    secrets.push(key);
    await api('GET', '/overview', undefined, { authorization: `Bearer ${key}` }, 200);
    assert.match(world.run('verify', ...data).out, /is whole/);
});

test('the master key is changed while the server runs, by who knows the password', async () => {
    const before = (await api('GET', '/system', undefined, asPage(ann), 200)).master_key;
    assert.equal(before.source, 'file');
    const rotate = '/system/master-key/rotate';
    await api('POST', rotate, { password: 'not this one here' }, asPage(ann), 400);
    const { text } = await api('POST', '/keys', { name: 'all', scopes: ['manage'], teams: [], projects: [] }, asPage(ann), 201);
    secrets.push(text);
    await api('POST', rotate, { password: PASSWORD }, { authorization: `Bearer ${text}` }, 403);
    assert.deepEqual((await api('GET', '/system', undefined, asPage(ann), 200)).master_key.keys, before.keys);
    let now = (await api('POST', rotate, { password: PASSWORD }, asPage(ann), 202)).master_key;
    while (now.change) now = (await api('GET', '/system', undefined, asPage(ann), 200)).master_key;
    assert.equal(now.problem, null);
    assert.equal(now.keys[1].id, before.keys[0].id);
    assert.deepEqual([now.keys[0].values, now.keys[1].values], [before.keys[0].values, 0]);
    assert.equal((await api('GET', '/people', undefined, asPage(ann), 200)).people.find((one) => one.username === 'ann').email, ADDRESS);
    const listed = world.run('key', 'list-master', '--data', world.data);
    assert.match(listed.out, new RegExp(`^${now.keys[0].id} +${now.keys[0].values} `, 'm'));
    const { rows } = await api('GET', '/audit?action=master_key.', undefined, asPage(ann), 200);
    assert.deepEqual(rows.map((row) => [row.action, row.actor_name ?? row.actor]), [['master_key.rotated', 'system'], ['master_key.rotate', 'ann']]);
});

test('the audit log holds, and knows who it was', async () => {
    const { rows } = await api('GET', '/audit?limit=1000', undefined, asPage(ann), 200);
    for (const action of ['account.set_up', 'team.create', 'identity.map', 'account.deactivate', 'key.create', 'key.revoke']) {
        assert.ok(rows.some((row) => row.action === action), action);
    }
    assert.equal(rows.find((row) => row.action === 'team.create').actor_name, 'ann');
    assert.equal((await api('GET', '/audit/verdict', undefined, asPage(ann), 200)).intact, true);
});

test('signing in again: by password, never by a guess, and out', async () => {
    const wrong = await server.post('/api/v1/auth/sign-in', { name: 'ann', password: 'not this one here' });
    const nobody = await server.post('/api/v1/auth/sign-in', { name: 'nobody', password: 'not this one here' });
    assert.deepEqual([wrong.status, nobody.status], [401, 401]);
    assert.equal(JSON.parse(wrong.text).detail, JSON.parse(nobody.text).detail);
    const right = await server.post('/api/v1/auth/sign-in', { name: ADDRESS, password: PASSWORD });
    assert.equal(right.status, 200, right.text);
    const cookies = cookiesOf(right);
    const refreshed = await server.request('POST', '/api/v1/auth/refresh', { headers: asPage(cookies) });
    assert.equal(refreshed.status, 204);
    secrets.push(...Object.values(cookies), ...Object.values(cookiesOf(refreshed)));
    await api('POST', '/auth/sign-out', undefined, asPage(cookiesOf(refreshed)), 204);
    await api('GET', '/auth/me', undefined, asPage(cookiesOf(refreshed)), 401);
});

test('nothing secret lies in the data folder or in what was printed', async () => {
    const { err } = await server.stop();
    for (const name of readdirSync(world.data)) {
        const bytes = readFileSync(path.join(world.data, name)).toString('latin1');
        for (const secret of secrets) assert.ok(!bytes.includes(secret), `${name} holds ${secret.slice(0, 12)}…`);
    }
    for (const secret of secrets) assert.ok(!err.includes(secret), 'the log');
    server = await serve(world);
    assert.equal((await server.json('/api/v1/auth/state')).open, false, 'it stays closed');
    await api('GET', '/auth/me', undefined, asPage(ann), 200);
});
