// docs/guide/server.md, followed literally as far as a machine without a system service goes: its configuration file, the
// link it prints, four invitations, whose usage is whose, a key for a program, all by TLS. Tells how long each step took.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { binary } from './program.mjs';
import { answer } from './transcripts.mjs';

const GUIDE = readFileSync(fileURLToPath(new URL('../../docs/guide/server.md', import.meta.url)), 'utf8');
const HOST = 'tidemark.example.org';
const PEOPLE = ['ann', 'ben', 'chen', 'dara', 'eli'];
const PASSWORD = 'copper meadow lighthouse';
const folder = mkdtempSync(path.join(tmpdir(), 'tidemark-guide-'));
const environment = { PATH: process.env.PATH, HOME: folder, TZ: 'UTC', LANG: 'C.UTF-8', TIDEMARK_DATA: path.join(folder, 'data'), TIDEMARK_CONFIG: path.join(folder, 'tidemark.toml') };
let server;

before(() => {
    for (const [number, name] of PEOPLE.entries()) {
        const project = path.join(folder, 'srv', name, 'projects', `-home-${name}-app`);
        mkdirSync(project, { recursive: true });
        const rows = answer({ message: `msg_${name}`, session: `00000000-0000-4000-8000-00000000010${number}`, cwd: `/home/${name}/app`, time: new Date().toISOString(), usage: [10, 1000 * (number + 1), 0, 0] });
        writeFileSync(path.join(project, `${name}.jsonl`), `${rows.join('\n')}\n`);
    }
    const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', `/CN=${HOST}`,
        '-addext', `subjectAltName=DNS:${HOST}`, '-keyout', path.join(folder, 'key.pem'), '-out', path.join(folder, 'fullchain.pem')]);
    assert.equal(made.status, 0, String(made.stderr));
});
after(async () => {
    if (server) {
        const ended = new Promise((resolve) => server.process.on('exit', resolve));
        server.process.kill('SIGTERM');
        assert.equal(await ended, 0);
    }
    rmSync(folder, { recursive: true, force: true });
});

/** The text between `begin` and `end` in the guide. */
function passage(begin, end) {
    const from = GUIDE.indexOf(begin);
    assert.ok(from >= 0, `the guide has no ${begin}`);
    return GUIDE.slice(from + begin.length, GUIDE.indexOf(end, from + begin.length));
}

function ask(method, target, { value, cookies, bearer, status = 200 } = {}) {
    const headers = { host: `${HOST}:${server.port}` };
    if (value !== undefined) headers['content-type'] = 'application/json';
    if (cookies) Object.assign(headers, { cookie: cookies, origin: `https://${HOST}:${server.port}`, 'x-tidemark-request': '1' });
    if (bearer) headers.authorization = `Bearer ${bearer}`;
    return new Promise((resolve, reject) => {
        const sent = https.request({ host: '127.0.0.1', port: server.port, servername: HOST, ca: readFileSync(path.join(folder, 'fullchain.pem')), method, path: `/api/v1${target}`, headers, agent: false }, (got) => {
            let text = '';
            got.on('data', (part) => (text += part));
            got.on('end', () => {
                try {
                    assert.equal(got.statusCode, status, `${method} ${target}: ${text}`);
                    resolve({ body: text && JSON.parse(text), cookies: (got.headers['set-cookie'] ?? []).map((line) => line.split(';')[0]).join('; ') });
                } catch (error) {
                    reject(error);
                }
            });
        });
        sent.on('error', reject);
        sent.end(value === undefined ? undefined : JSON.stringify(value));
    });
}

test('a team of five comes in as the guide says', { timeout: 300_000 }, async (t) => {
    const began = performance.now();
    const step = (what) => t.diagnostic(`${((performance.now() - began) / 1000).toFixed(1)} s: ${what}`);

    // 2. Its configuration, on this machine's own address; the second row of its table for the encryption.
    const own = { '0.0.0.0:8377': '127.0.0.1:0', '/srv/claude': path.join(folder, 'srv'), '/etc/tidemark/tls': folder };
    let configuration = `${passage("tidemark.toml <<'END'\n", 'END')}${passage('| a certificate of yours | `', '` and `')}\n${passage('fullchain.pem"` and `', '`')}\n`;
    for (const [theirs, here] of Object.entries(own)) {
        assert.ok(configuration.includes(theirs), configuration);
        configuration = configuration.replaceAll(theirs, here);
    }
    writeFileSync(environment.TIDEMARK_CONFIG, configuration);
    server = { process: spawn(binary, ['serve'], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] }) };
    let out = '';
    server.process.stdout.on('data', (data) => (out += data));
    const link = /https:\/\/127\.0\.0\.1:(\d+)\/setup#(\S+)/; // listening beyond this machine it has the first allowed host
    while (!link.test(out)) await new Promise((resolve) => server.process.stdout.once('data', resolve));
    const [, port, token] = link.exec(out);
    server.port = Number(port);
    step('the server runs and prints its link');

    // 3. The first account.
    const cookies = {};
    ({ cookies: cookies.ann } = await ask('POST', '/auth/setup', { value: { token, username: 'ann', display_name: 'Ann', password: PASSWORD }, status: 201 }));
    step('the first account is made');

    // 4. Four people, and whose usage is whose.
    const accounts = { ann: (await ask('GET', '/auth/me', { cookies: cookies.ann })).body.id };
    for (const name of PEOPLE.slice(1)) {
        const { body } = await ask('POST', '/invitations', { cookies: cookies.ann, value: { role: 'user' }, status: 201 });
        const made = await ask('POST', '/auth/register', { value: { token: body.url_path.split('#')[1], username: name, display_name: '', password: PASSWORD }, status: 201 });
        cookies[name] = made.cookies;
        accounts[name] = made.body.id;
    }
    step('four people are in');
    const { unassigned } = (await ask('GET', '/identities', { cookies: cookies.ann })).body;
    assert.deepEqual(unassigned.map((one) => one.member).sort(), PEOPLE);
    for (const name of PEOPLE) await ask('POST', '/identities', { cookies: cookies.ann, value: { kind: 'os_user', value: name, account: accounts[name] }, status: 201 });
    for (const [number, name] of PEOPLE.entries()) {
        const { body } = await ask('GET', '/overview?tz=UTC', { cookies: cookies[name] });
        const sessions = name === 'ann' ? 5 : 1;
        assert.equal(body.active_sessions, sessions, `${name} sees ${body.active_sessions} sessions`);
        if (name !== 'ann') assert.ok(JSON.stringify(body.sessions).includes(`00000000-0000-4000-8000-00000000010${number}`));
    }
    step('each of the five sees the own usage, the first account everything');

    // Keys for programs: its command, beside the server.
    const command = passage('```sh\ntidemark key create', '\n').trim().split(' ');
    const made = spawnSync(binary, ['key', 'create', ...command], { env: environment, encoding: 'utf8', timeout: 60_000 });
    assert.equal(made.status, 0, made.stderr);
    const key = /tmk_\S+/.exec(made.stdout)[0];
    assert.equal((await ask('GET', '/overview', { bearer: key })).body.active_sessions, 5);
    step('a program reads with a key');
    assert.ok(performance.now() - began < 300_000);
});
