// Started by root: the server opens what needs root and gives it up for good. Skipped for anybody else.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { binary, serve, World } from './program.mjs';

const ID = 65533; // nobody's, so that no file of the machine is in its reach by owner
const asRoot = { skip: process.getuid() === 0 ? false : 'only root can give up root' };
let world;

before(() => {
    world = new World();
    chmodSync(world.folder, 0o755); // so that the account reaches what is its own below
});
after(() => world.remove());

const statusOf = (pid) =>
    Object.fromEntries(readFileSync(`/proc/${pid}/status`, 'utf8').split('\n').map((line) => line.split(/:\s+/, 2)));

test('it becomes the account, with a data folder of its own, and stays it', asRoot, async () => {
    // LeakSanitizer traces its process, which this one forbids.
    const asan = process.env.ASAN_OPTIONS;
    if (asan) process.env.ASAN_OPTIONS = `${asan}:detect_leaks=0`;
    const server = await serve(world, '--user', `${ID}:${ID - 1}`);
    if (asan) process.env.ASAN_OPTIONS = asan;
    const status = statusOf(server.pid);
    assert.equal(status.Uid, `${ID}\t${ID}\t${ID}\t${ID}`);
    assert.equal(status.Gid, `${ID - 1}\t${ID - 1}\t${ID - 1}\t${ID - 1}`);
    assert.equal((status.Groups ?? '').trim(), '');
    assert.equal(status.NoNewPrivs, '1');
    for (const name of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) assert.match(status[name], /^0+$/, name);
    assert.match(readFileSync(`/proc/${server.pid}/limits`, 'utf8'), /Max core file size\s+0\s+0/);
    for (const name of ['', 'tidemark.db', 'accounts.db', 'master.key']) assert.equal(statSync(path.join(world.data, name)).uid, ID, name);
    assert.equal(statSync(world.data).mode & 0o777, 0o700);
    assert.equal((await server.get('/healthz')).status, 200);
    const { code, err } = await server.stop();
    assert.equal(code, 0, err);
    assert.ok(!err.includes('this is root'), err);
});

test('a port below 1024 and a key that only root reads are open before', asRoot, async () => {
    const tls = path.join(world.folder, 'tls');
    mkdirSync(tls, { mode: 0o700 });
    const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost',
        '-keyout', path.join(tls, 'key.pem'), '-out', path.join(tls, 'certificate.pem')]);
    assert.equal(made.status, 0, String(made.stderr));
    chmodSync(path.join(tls, 'key.pem'), 0o600);
    // Below 1024, where it is free: the outcome is the server's own word.
    const { spawn } = await import('node:child_process');
    const child = spawn(binary, ['serve', '--listen', '127.0.0.1:987', ...world.folders, '--user', `${ID}:${ID - 1}`, '--tls-certificate', path.join(tls, 'certificate.pem'),
        '--tls-key', path.join(tls, 'key.pem')], { env: { ...world.environment, ...(process.env.ASAN_OPTIONS ? { ASAN_OPTIONS: `${process.env.ASAN_OPTIONS}:detect_leaks=0` } : {}) } });
    let out = '';
    let err = '';
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (err += data));
    const seen = async (text, where) => {
        for (const end = Date.now() + 20_000; !where().includes(text); await new Promise((resolve) => setTimeout(resolve, 20))) {
            assert.ok(Date.now() < end && child.exitCode === null, `${text} was not said: ${out}${err}`);
        }
    };
    try {
        await seen('https://127.0.0.1:987', () => out);
        assert.match(statusOf(child.pid).Uid, new RegExp(`^${ID}\t`));
        child.kill('SIGHUP');
        await seen('certificate_kept', () => out + err);
        assert.match(out + err, new RegExp(`Permission denied.*read as ${ID}:${ID - 1}`));
    } finally {
        child.kill();
        await new Promise((resolve) => child.on('exit', resolve));
    }
});

test('root without an account is told, and what cannot be is refused', asRoot, async () => {
    const own = new World();
    try {
        const server = await serve(own);
        const { err } = await server.stop();
        assert.match(err, /this is root, which the server does not need: name an account of its own, --user NAME/);
        for (const [user, message] of [['root', /root's rights/], ['0:5', /root's rights/], ['no-such-account', /there is no account "no-such-account"/]]) {
            const { code, err: said } = own.run('serve', '--listen', '127.0.0.1:0', ...own.folders, '--user', user);
            assert.notEqual(code, 0);
            assert.match(said, message);
        }
        const other = path.join(own.folder, 'other');
        mkdirSync(path.join(other, 'things'), { recursive: true, mode: 0o700 });
        const { code, err: said } = own.run('serve', '--listen', '127.0.0.1:0', '--data', other, '--user', `${ID}:${ID}`);
        assert.equal(code, 1);
        assert.match(said, /holds other things/);
        assert.equal(statSync(path.join(other, 'things')).uid, 0);
    } finally {
        own.remove();
    }
});
