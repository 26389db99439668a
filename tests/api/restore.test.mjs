// Going back to a backup from the page, against the program itself: what is asked, what comes back, what is refused.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { serve, World } from './program.mjs';
import { answer, append, expected, fileOf } from './transcripts.mjs';

const RANGE = 'from=2026-11-01T00:00:00Z&to=2026-11-06T00:00:00Z&tz=UTC';
const PASSWORD = 'violet harbour lantern';
const uuid = (n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
let world;
let server;
let ann;

const cookiesOf = (reply) => Object.fromEntries((reply.headers['set-cookie'] ?? []).map((line) => line.split(';')[0].split('=')));
const asPage = (cookies) => ({
    cookie: Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join('; '),
    origin: `http://127.0.0.1:${server.port}`,
    'x-tidemark-request': '1',
});
const api = async (method, target, value, status, headers = asPage(ann)) => {
    const reply = await server.request(method, `/api/v1${target}`, {
        headers: { ...(value === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        body: value === undefined ? undefined : JSON.stringify(value),
    });
    assert.equal(reply.status, status, `${method} ${target}: ${reply.text}`);
    return reply.text === '' ? null : JSON.parse(reply.text);
};
const signIn = async () => {
    const reply = await server.post('/api/v1/auth/sign-in', { name: 'ann', password: PASSWORD });
    assert.equal(reply.status, 200, reply.text);
    ann = cookiesOf(reply);
};
/** Asks until it is so. */
const until = async (what, ask) => {
    for (const end = Date.now() + 30_000; ; await new Promise((resolve) => setTimeout(resolve, 20))) {
        const got = await ask();
        if (got) return got;
        assert.ok(Date.now() < end, `${what} did not come`);
    }
};
const backups = () => api('GET', '/backups', undefined, 200);
const makeBackup = async () => {
    const known = (await backups()).backups.map((one) => one.name);
    await api('POST', '/backups', undefined, 202);
    const made = await until('the backup', async () => {
        const { running, backups: all } = await backups();
        return !running && all.find((one) => !known.includes(one.name));
    });
    assert.ok(made.verified_at);
    return made.name;
};
const restore = (name, status, password = PASSWORD) => api('POST', `/backups/${encodeURIComponent(name)}/restore`, { password }, status);
/** The port stays open: whoever asks at the moment of the change waits, or is hung up on and asks again. Then nobody is signed in. */
const signedOut = () =>
    until('the other state', async () => {
        const reply = await server.get('/api/v1/backups', asPage(ann)).catch((failure) => {
            assert.ok(['ECONNRESET', 'EPIPE'].includes(failure.code), failure.code);
            return { status: 0 };
        });
        assert.ok([0, 200, 401].includes(reply.status), reply.text);
        return reply.status === 401;
    });
const usage = () => api('GET', `/usage/summary?${RANGE}`, undefined, 200);
const use = (n, time) => {
    append(world.home, uuid(n), answer({ message: `msg_r${n}`, session: uuid(n), time, usage: [100, 10, 0, 0] }));
    return fileOf(world.home, uuid(n));
};
const readWhole = (requests) => until(`${requests} requests`, async () => (await usage()).request_count === requests);
const actions = async () => (await api('GET', '/audit?action=backup.', undefined, 200)).rows;

before(async () => {
    world = new World();
    server = await serve(world);
    const [, token] = await server.printed(/\/setup#(\S+)/);
    const made = await server.post('/api/v1/auth/setup', { token, username: 'ann', display_name: 'Ann', password: PASSWORD });
    assert.equal(made.status, 201, made.text);
    ann = cookiesOf(made);
});
after(async () => {
    const { code, err } = await server.stop();
    assert.equal(code, 0, err);
    world.remove();
});

test('the server goes back to a backup and serves on, and can come back', async () => {
    const first = await makeBackup();
    const then = await usage();
    assert.equal(then.request_count, expected.requests);

    const kept = use(501, '2026-11-03T10:00:00.000Z');
    const deleted = use(502, '2026-11-03T11:00:00.000Z');
    await readWhole(expected.requests + 2);
    rmSync(deleted);
    await api('POST', '/teams', { name: 'Later' }, 201);
    const { text: key } = await api('POST', '/keys', { name: 'later', scopes: ['read'], teams: [], projects: [] }, 201);

    const begun = await restore(first, 202);
    assert.equal(begun.restoring.name, first);
    assert.equal(begun.restoring.step, 'backup');
    await signedOut();
    assert.equal((await server.get('/api/v1/overview', { authorization: `Bearer ${key}` })).status, 401);
    const refresh = await server.request('POST', '/api/v1/auth/refresh', { headers: asPage(ann) });
    assert.equal(refresh.status, 401, refresh.text);

    await signIn();
    assert.deepEqual((await api('GET', '/teams', undefined, 200)).teams, []);
    await readWhole(expected.requests + 1); // what has its transcript still
    rmSync(kept);
    const rows = await actions();
    assert.deepEqual(rows.map((row) => [row.action, row.object, row.actor_name]), [
        ['backup.restored', first, 'ann'],
        ['backup.begin', 'backups', 'ann'],
    ].slice(0, rows.length));
    assert.equal(rows[0].remote, '127.0.0.1');
    assert.equal((await api('GET', '/audit/verdict', undefined, 200)).intact, true);
    const { backups: all, restoring, restore_problem: problem, running } = await backups();
    assert.deepEqual([restoring, problem, running], [null, null, false]);
    assert.equal(all.length, 2, 'and one of the state before');

    // Back to where it was, by the backup that was made before: all that was there is there again.
    const undo = all.find((one) => one.name !== first).name;
    await restore(undo, 202);
    await signedOut();
    await signIn();
    assert.equal((await usage()).request_count, expected.requests + 2);
    assert.deepEqual((await api('GET', '/teams', undefined, 200)).teams.map((team) => team.name), ['Later']);
    assert.equal((await server.get('/api/v1/overview', { authorization: `Bearer ${key}` })).status, 200);
    assert.deepEqual((await actions()).slice(0, 2).map((row) => [row.action, row.object]), [['backup.restored', undo], ['backup.restore', first]]);
    assert.equal((await api('GET', '/audit/verdict', undefined, 200)).intact, true);

    // And once more to the first: its totals are those of that time, as nothing of later is left to be read.
    await restore(first, 202);
    await signedOut();
    await signIn();
    const now = await usage();
    assert.deepEqual([now.request_count, now.total_cost, now.total_input_tokens], [then.request_count, then.total_cost, then.total_input_tokens]);
    const folder = readdirSync(world.data);
    assert.ok(!folder.includes('backup.work') && !folder.includes('restore.journal'), folder.join(' '));
    assert.equal(folder.filter((name) => /^tidemark\.db\.before-restore-\d{8}T\d{6}Z$/.test(name)).length, 3);

    // What they left is counted, and goes when it is told to.
    const { kept_bytes: bytes } = await backups();
    assert.ok(bytes > 3 * 4096, `${bytes}`);
    await api('DELETE', '/backups/kept', undefined, 204);
    assert.equal((await backups()).kept_bytes, 0);
    assert.ok(!readdirSync(world.data).some((name) => name.includes('before-restore')));
    assert.equal((await usage()).request_count, now.request_count);
    const removed = (await actions())[0];
    assert.deepEqual([removed.action, JSON.parse(removed.before).bytes], ['backup.kept_removed', `${bytes}`]);
});

test('what cannot be restored is refused, and nothing changes', async () => {
    const { request_count: known } = await usage();
    const rows = Array.from({ length: 3000 }, (_, n) =>
        answer({ message: `msg_${randomUUID()}`, session: uuid(600), time: `2026-11-04T10:${String(n % 60).padStart(2, '0')}:00.000Z`, usage: [n, 10, 0, 0], blocks: 1 })[0]);
    append(world.home, uuid(600), rows);
    await readWhole(known + rows.length);
    const good = await makeBackup();
    const kept = () => readdirSync(world.data).filter((name) => name.includes('before-restore')).length;
    const keptBefore = kept();
    const wrong = await restore(good, 400, 'not the password');
    assert.equal(wrong.errors[0].path, 'password');
    await api('POST', `/backups/${good}/restore`, {}, 400);
    for (const name of ['tidemark-20200101T000000Z.tmbk', 'nothing']) await restore(name, 404);
    copyFileSync(path.join(world.data, 'backups', good), path.join(world.data, 'outside.tmbk'));
    for (const name of ['..', '../outside.tmbk', `../backups/${good}`, `${world.data}/backups/${good}`, `./${good}`]) {
        const reply = await server.request('POST', `/api/v1/backups/${encodeURIComponent(name)}/restore`, {
            headers: { 'content-type': 'application/json', ...asPage(ann) },
            body: JSON.stringify({ password: PASSWORD }),
        });
        assert.ok([400, 404].includes(reply.status), `${name}: ${reply.status} ${reply.text}`); // no name, or no path at all
    }

    // A file that is cut at its beginning is known at once, one that is wrong further on when it is read.
    const folder = path.join(world.data, 'backups');
    const bytes = readFileSync(path.join(folder, good));
    writeFileSync(path.join(folder, 'tidemark-20250101T000000Z.tmbk'), bytes.subarray(0, 100));
    assert.match((await restore('tidemark-20250101T000000Z.tmbk', 409)).detail, /./);
    assert.ok(bytes.length > 70_000, 'more than one sealed piece');
    bytes[bytes.length - 20] ^= 1;
    writeFileSync(path.join(folder, 'tidemark-20250102T000000Z.tmbk'), bytes);
    const before = await usage();
    await restore('tidemark-20250102T000000Z.tmbk', 202);
    const failed = await until('the refusal', async () => {
        const state = await backups();
        return !state.restoring && !state.running && state;
    });
    assert.ok(failed.restore_problem, JSON.stringify(failed));
    assert.equal((await usage()).total_cost, before.total_cost);
    assert.equal(kept(), keptBefore);
    assert.ok(!existsSync(path.join(world.data, 'restore.journal')) && !existsSync(path.join(world.data, 'backup.work')));
    const told = await actions();
    assert.deepEqual(told.slice(0, 2).map((row) => row.action), ['backup.restore_failed', 'backup.restore']);
    assert.deepEqual(JSON.parse(told[0].after).reason, failed.restore_problem);

    const key = await api('POST', '/keys', { name: 'all', scopes: ['read', 'manage', 'ingest'], teams: [], projects: [] }, 201);
    const reply = await server.request('POST', `/api/v1/backups/${good}/restore`, {
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key.text}` },
        body: JSON.stringify({ password: PASSWORD }),
    });
    assert.equal(reply.status, 403, reply.text);
});

test('a backup by the command line comes back with a word in the audit log, and nobody signed in', async () => {
    const name = await makeBackup();
    await server.stop();
    const done = world.run('restore', name, '--data', world.data);
    assert.equal(done.code, 0, done.err);
    server = await serve(world);
    assert.equal((await server.get('/api/v1/backups', asPage(ann))).status, 401);
    await signIn();
    const [row] = await actions();
    assert.deepEqual([row.action, row.object, row.actor], ['backup.restored', name, 'system']);
    assert.equal((await api('GET', '/audit/verdict', undefined, 200)).intact, true);
});
