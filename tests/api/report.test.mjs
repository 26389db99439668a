import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { World } from './program.mjs';
import { answer, append, expected, fileOf, SECRET, sessions } from './transcripts.mjs';

const counts = (row) => [row.inputTokens, row.outputTokens, row.cacheCreationTokens, row.cacheReadTokens];
let world;
before(() => (world = new World()));
after(() => world.remove());

test('daily counts each request once and has the keys scripts expect', () => {
    const { daily, totals } = world.json('daily');
    assert.deepEqual(Object.fromEntries(daily.map((row) => [row.date, counts(row)])), expected.days);
    assert.deepEqual(counts(totals), expected.totals);
    assert.ok(Math.abs(totals.totalCost - expected.cost) < 1e-9, `${totals.totalCost} is not ${expected.cost}`);
    for (const row of daily) {
        for (const key of ['date', 'totalTokens', 'totalCost', 'modelsUsed', 'modelBreakdowns']) assert.ok(key in row, key);
        assert.equal(row.totalTokens, counts(row).reduce((a, b) => a + b));
        assert.deepEqual(row.modelBreakdowns.map((part) => part.modelName), ['claude-sonnet-4-5-20250929']);
    }
});

test('every kind of report adds up to the same', () => {
    const lists = { daily: 'daily', weekly: 'weekly', monthly: 'monthly', session: 'sessions', project: 'projects', model: 'models' };
    for (const [kind, list] of Object.entries(lists)) {
        const report = world.json(kind);
        const sums = report[list].map(counts).reduce((a, b) => a.map((value, n) => value + b[n]));
        assert.deepEqual(sums, expected.totals, kind);
        assert.deepEqual(counts(report.totals), expected.totals, kind);
    }
    const blocks = world.json('blocks').blocks.filter((block) => !block.isGap);
    assert.equal(blocks.reduce((sum, block) => sum + block.entries, 0), expected.requests);
    assert.equal(blocks.reduce((sum, block) => sum + block.tokenCounts.outputTokens, 0), expected.totals[1]);
});

test('days are those of the time zone', () => {
    const report = JSON.parse(world.run('report', 'daily', ...world.folders, '--json', '--timezone', 'America/Los_Angeles').out);
    assert.deepEqual(report.daily.map((row) => row.date), ['2026-11-01']);
    const east = JSON.parse(world.run('report', 'daily', ...world.folders, '--json', '--timezone', 'Asia/Shanghai').out);
    assert.deepEqual(east.daily.map((row) => row.date), ['2026-11-01', '2026-11-02']);
});

test('since, until, project and model choose', () => {
    assert.deepEqual(world.json('daily', '--since', '2026-11-02').daily.map((row) => row.date), ['2026-11-02']);
    assert.deepEqual(world.json('daily', '--until', '20261101').daily.map((row) => row.date), ['2026-11-01']);
    assert.deepEqual(counts(world.json('daily', '--project', '/home/dev/blog').totals), expected.days['2026-11-02']);
    assert.deepEqual(counts(world.json('daily', '--model', 'sonnet').totals), expected.totals);
    const unknown = world.report('daily', '--json', '--model', 'claude-opus-4-8');
    assert.equal(unknown.code, 2);
    assert.match(unknown.err, /claude-opus-4-8/);
});

test('the table, CSV and JSON go to standard output, and nothing else does', () => {
    const table = world.report('daily', '--breakdown');
    assert.equal(table.code, 0);
    assert.match(table.out, /2026-11-01/);
    assert.ok(!table.out.includes('\u001b'), 'no colours in a pipe');
    const csv = world.report('daily', '--csv');
    assert.equal(csv.code, 0);
    const lines = csv.out.trim().split(/\r?\n/);
    assert.ok(lines.length >= 3, csv.out);
    assert.ok(lines.some((line) => line.includes('2026-11-02')));
});

test('wrong usage is told in one line and ends with 2', () => {
    for (const args of [['report'], ['report', 'hourly'], ['report', 'daily', '--frobnicate'], ['report', 'daily', '--json', '--csv'], ['frobnicate'], []]) {
        const result = world.run(...args);
        assert.equal(result.code, 2, `${args.join(' ')}: ${result.err}`);
        assert.equal(result.out, '');
        assert.notEqual(result.err, '');
    }
    for (const args of [['--timezone', 'Mars/Olympus'], ['--since', 'yesterday-ish']]) {
        const result = world.run('report', 'daily', ...world.folders, ...args);
        assert.notEqual(result.code, 0, args.join(' '));
        assert.match(result.err, new RegExp(args[1].slice(0, 4)));
    }
});

test('a data folder that cannot be written fails with 1 and says which', () => {
    const result = world.run('report', 'daily', '--data', '/proc/nowhere', '--transcripts', world.home);
    assert.equal(result.code, 1);
    assert.match(result.err, /\/proc\/nowhere/);
});

test('a damaged ledger is refused and left as it is', () => {
    const broken = new World();
    try {
        broken.json('daily');
        const file = path.join(broken.data, 'tidemark.db');
        const bytes = readFileSync(file);
        bytes.fill(0x55, 0, 4096);
        for (const name of readdirSync(broken.data)) if (/-(wal|shm)$/.test(name)) rmSync(path.join(broken.data, name));
        writeFileSync(file, bytes);
        const result = broken.report('daily', '--json');
        assert.equal(result.code, 1, result.err);
        assert.match(result.err, /tidemark\.db/);
        assert.deepEqual(readFileSync(file), bytes);
    } finally {
        broken.remove();
    }
});

test('what was read stays when transcripts grow, shrink and go', () => {
    const changing = new World();
    try {
        changing.json('daily');
        append(changing.home, sessions.main, answer({ message: 'msg_01d', session: sessions.main, time: '2026-11-03T10:00:00.000Z', usage: [1, 2, 3, 4] }));
        assert.deepEqual(counts(changing.json('daily').daily.at(-1)), [1, 2, 3, 4]);
        // The client rewrites a file after a compaction: earlier rows are gone from it.
        writeFileSync(fileOf(changing.home, sessions.main), `${answer({ message: 'msg_01e', session: sessions.main, time: '2026-11-04T10:00:00.000Z', usage: [7, 7, 7, 7] }).join('\n')}\n`);
        rmSync(fileOf(changing.home, sessions.other, '/home/dev/blog'));
        const { daily } = changing.json('daily');
        assert.deepEqual(Object.fromEntries(daily.map((row) => [row.date, counts(row)])), { ...expected.days, '2026-11-03': [1, 2, 3, 4], '2026-11-04': [7, 7, 7, 7] });
    } finally {
        changing.remove();
    }
});

test('a line without its end waits for it', () => {
    const growing = new World();
    try {
        const row = answer({ message: 'msg_01f', session: sessions.live, time: '2026-11-05T10:00:00.000Z', usage: [1, 1, 1, 1], blocks: 1 })[0];
        append(growing.home, sessions.live, []);
        writeFileSync(fileOf(growing.home, sessions.live), row.slice(0, 300));
        assert.deepEqual(counts(growing.json('daily').totals), expected.totals);
        writeFileSync(fileOf(growing.home, sessions.live), `${row}\n`);
        assert.deepEqual(counts(growing.json('daily').totals), expected.totals.map((value) => value + 1));
    } finally {
        growing.remove();
    }
});

test('no text of a transcript is in the data folder, in a report or on standard error', () => {
    const outputs = ['daily', 'session', 'project'].map((kind) => world.report(kind, '--json'));
    const doctor = world.run('doctor', ...world.folders);
    for (const { out, err } of [...outputs, doctor]) assert.ok(!`${out}${err}`.includes(SECRET));
    for (const name of readdirSync(world.data)) assert.ok(!readFileSync(path.join(world.data, name)).includes(SECRET), name);
});

test('doctor finds the torn line and the folders', () => {
    const { out, code } = world.run('doctor', ...world.folders);
    assert.ok([0, 3].includes(code), String(code));
    assert.match(out, new RegExp(world.home));
});

test('the tables that users read hold the requests', () => {
    world.json('daily');
    const python = `
import sqlite3, sys, json
db = sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True)
db.row_factory = sqlite3.Row
print(json.dumps([dict(r) for r in db.execute("SELECT * FROM usage_records ORDER BY created_at")]))
for table, columns in {"users": "id,username,email,password_hash,role,created_at,updated_at",
                       "projects": "id,user_id,name,description,budget,created_at,updated_at",
                       "alert_settings": "id,user_id,alert_type,threshold_value,notification_method,is_enabled,created_at"}.items():
    db.execute(f"SELECT {columns} FROM {table}").fetchall()`;
    const rows = JSON.parse(execFileSync('python3', ['-c', python, path.join(world.data, 'tidemark.db')], { encoding: 'utf8' }));
    assert.deepEqual(rows.map((row) => [row.message_id, row.output_tokens, row.usage_type]), [['msg_01a', 100, 'main'], ['msg_01b', 200, 'main'], ['msg_01c', 50, 'main']]);
    assert.ok(Math.abs(rows.reduce((sum, row) => sum + row.cost, 0) - expected.cost) < 1e-9);
    assert.equal(rows[0].created_at, '2026-11-01T10:00:00.000Z');
    assert.equal(rows[0].session_id, sessions.main);
});

test('version, completions and the manual page are printed', () => {
    assert.match(world.run('version').out, /^tidemark \d+\.\d+\.\d+/);
    for (const shell of ['bash', 'zsh', 'fish']) assert.match(world.run('completion', shell).out, /report/);
    assert.match(world.run('manual').out, /^\.TH TIDEMARK/);
    execFileSync('bash', ['-n'], { input: world.run('completion', 'bash').out });
});
