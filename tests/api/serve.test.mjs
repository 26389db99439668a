import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { openStream, serve, World } from './program.mjs';
import { answer, append, expected, SECRET, sessions } from './transcripts.mjs';

const RANGE = 'from=2026-11-01T00:00:00Z&to=2026-11-03T00:00:00Z&tz=UTC';
const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-9, `${a} is not ${b}`);
let world;
let server;
before(async () => {
    world = new World();
    server = await serve(world);
});
after(async () => {
    const { code } = await server.stop();
    world.remove();
    assert.equal(code, 0, 'SIGTERM ends it with 0');
});

test('it is alive and ready, and shows its metrics', async () => {
    assert.equal((await server.get('/healthz')).status, 200);
    assert.equal((await server.get('/readyz')).status, 200);
    const metrics = await server.get('/metrics');
    assert.match(metrics.headers['content-type'], /^text\/plain/);
    assert.match(metrics.text, /^tidemark_\w+.* \d/m);
});

test('the published description is the one in docs/api', async () => {
    const file = readFileSync(new URL('../../docs/api/openapi.json', import.meta.url), 'utf8');
    assert.deepEqual(await server.json('/api/v1/openapi.json'), JSON.parse(file));
});

test('every route that reads answers as described, and none tells a text', async () => {
    const { paths } = await server.json('/api/v1/openapi.json');
    const tried = [];
    for (const [path, methods] of Object.entries(paths)) {
        // Streams do not end; a sign-in by a provider is redirects, see oidc.test.mjs.
        if (!methods.get || path.endsWith('/stream') || !methods.get.responses['200'] || !['read', 'public'].includes(methods.get['x-right'])) continue;
        const target = path.replace('{id}', sessions.main);
        const ranged = (methods.get.parameters ?? []).some((parameter) => parameter.name === 'from');
        const answered = await server.get(ranged ? `${target}?${RANGE}` : target);
        assert.equal(answered.status, 200, `${path}: ${answered.text}`);
        assert.ok(!answered.text.includes(SECRET), path);
        const type = Object.keys(methods.get.responses['200'].content ?? {})[0];
        if (type) assert.equal(answered.headers['content-type'].split(';')[0], type, path);
        const required = methods.get.responses['200'].content?.['application/json']?.schema?.$ref;
        if (required) {
            const schema = (await server.json('/api/v1/openapi.json')).components.schemas[required.split('/').at(-1)];
            const body = JSON.parse(answered.text);
            for (const key of schema.required ?? []) assert.ok(key in body, `${path} lacks ${key}`);
            if (schema.properties) for (const key of Object.keys(body)) assert.ok(key in schema.properties, `${path} tells ${key}, which is not described`);
        }
        tried.push(path);
    }
    assert.ok(tried.length > 15, tried.join(' '));
});

test('the summary, the series, the breakdown and the records agree with the truth', async () => {
    const summary = await server.json(`/api/v1/usage/summary?${RANGE}`);
    assert.deepEqual([summary.total_input_tokens, summary.total_output_tokens, summary.total_cache_write_tokens, summary.total_cache_read_tokens], expected.totals);
    near(summary.total_cost, expected.cost);
    assert.equal(summary.request_count, expected.requests);
    assert.equal(summary.session_count, 2);
    for (const bucket of ['15m', '1h', '1d', '1w', '1mo']) {
        const series = await server.json(`/api/v1/usage/series?metric=cost&bucket=${bucket}&group_by=project&${RANGE}`);
        near(series.series.flatMap((line) => line.values).reduce((sum, value) => sum + (value ?? 0), 0), expected.cost);
        for (const line of series.series) assert.equal(line.values.length, series.buckets.length);
    }
    for (const group of ['project', 'model', 'branch', 'session', 'kind', 'tool', 'version']) {
        const breakdown = await server.json(`/api/v1/usage/breakdown?group_by=${group}&${RANGE}`);
        near(breakdown.rows.reduce((sum, row) => sum + row.measures.cost, 0), expected.cost);
    }
    const { records } = await server.json(`/api/v1/usage/records?order=asc&${RANGE}`);
    assert.deepEqual(records.map((record) => record.message_id), ['msg_01a', 'msg_01b', 'msg_01c']);
});

test('filters add up: each project alone, then all', async () => {
    const { project } = await server.json(`/api/v1/facets?${RANGE}`);
    let sum = 0;
    for (const { key } of project) sum += (await server.json(`/api/v1/usage/summary?${RANGE}&project=${encodeURIComponent(key)}`)).total_cost;
    assert.equal(project.length, 2);
    near(sum, expected.cost);
});

test('pages of records follow each other without a gap or a repetition', async () => {
    const seen = [];
    for (let cursor = ''; cursor !== null; ) {
        const page = await server.json(`/api/v1/usage/records?limit=1&${RANGE}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);
        seen.push(...page.records.map((record) => record.message_id));
        cursor = page.next_cursor;
        assert.ok(seen.length <= 3);
    }
    assert.deepEqual(seen.sort(), ['msg_01a', 'msg_01b', 'msg_01c']);
});

test('what is not understood is refused by name', async () => {
    const wrong = {
        '/api/v1/usage/summary?form=2026-11-01T00:00:00Z': [400, 'form'],
        '/api/v1/usage/summary?from=yesterday': [400, 'from'],
        '/api/v1/usage/summary?tz=Mars/Olympus': [400, 'tz'],
        '/api/v1/usage/series?metric=coast': [400, 'metric'],
        '/api/v1/usage/records?limit=0': [400, 'limit'],
        '/api/v1/usage/records?cursor=nonsense': [400, 'cursor'],
        '/api/v1/usage/records?cursor=%00': [400, null],
        '/api/v1/sessions/none': [404, null],
        '/api/v1/nothing': [404, null],
    };
    for (const [target, [status, path]] of Object.entries(wrong)) {
        const answered = await server.get(target);
        assert.equal(answered.status, status, `${target}: ${answered.text}`);
        assert.match(answered.headers['content-type'], /^application\/problem\+json/, target);
        const problem = JSON.parse(answered.text);
        assert.ok(problem.code && problem.request_id, target);
        if (path) assert.deepEqual(problem.errors.map((error) => error.path), [path], target);
    }
    assert.equal((await server.request('DELETE', '/api/v1/overview')).status, 405);
    const unknown = await server.put('/api/v1/settings', { week_start: 1, colour: 'blue' });
    assert.equal(unknown.status, 400);
    assert.match(unknown.text, /colour/);
});

test('other hosts and foreign pages are kept out', async () => {
    assert.equal((await server.get('/api/v1/overview', { host: 'evil.example:80' })).status, 421);
    assert.equal((await server.put('/api/v1/settings', {}, { origin: 'http://evil.example' })).status, 403);
});

test('settings are kept', async () => {
    const before_ = await server.json('/api/v1/settings');
    const changed = await server.put('/api/v1/settings', { ...before_, time_zone: 'Asia/Shanghai', week_start: 1 });
    assert.equal(changed.status, 200, changed.text);
    assert.deepEqual(await server.json('/api/v1/settings'), { ...before_, time_zone: 'Asia/Shanghai', week_start: 1 });
    assert.equal((await server.put('/api/v1/settings', before_)).status, 200);
});

test('a price of one\'s own reprices the past, and taking it back restores it', async () => {
    const model = 'claude-sonnet-4-5-20250929';
    const free = { model, input: 0, output: 0, cache_write_5m: 0, cache_write_1h: 0, cache_read: 0, like: null, multiplier: null, from: null };
    const set = await server.put('/api/v1/prices/overrides', { overrides: [free] });
    assert.equal(set.status, 200, set.text);
    assert.equal(JSON.parse(set.text).repriced_requests, expected.requests);
    near((await server.json(`/api/v1/usage/summary?${RANGE}`)).total_cost, 0);
    assert.equal((await server.put('/api/v1/prices/overrides', { overrides: [] })).status, 200);
    near((await server.json(`/api/v1/usage/summary?${RANGE}`)).total_cost, expected.cost);
});

test('the page is served with a policy, and its files may be cached', async () => {
    const page = await server.get('/');
    assert.equal(page.status, 200);
    assert.match(page.headers['content-type'], /^text\/html/);
    assert.match(page.headers['content-security-policy'], /default-src/);
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(page.text);
    assert.ok(script, page.text.slice(0, 500));
    const asset = await server.get(script[1]);
    assert.equal(asset.status, 200);
    assert.match(asset.headers['cache-control'], /immutable/);
    assert.equal((await server.get('/sessions/some-id', { accept: 'text/html' })).status, 200, 'a page of the application, reloaded');
    assert.equal((await server.get('/api/docs')).status, 200);
});

test('a report beside the running server tells the same', () => {
    const { totals } = world.json('daily', '--until', '2026-11-02');
    near(totals.totalCost, expected.cost);
});

test('a second server on the same data says so and ends with 1', () => {
    const second = world.run('serve', '--listen', '127.0.0.1:0', ...world.folders);
    assert.equal(second.code, 1);
    assert.match(second.err, new RegExp(world.data));
});

test('a new row reaches the stream, and one who was away gets what was missed', async () => {
    const rows = (n) => answer({ message: `msg_live${n}`, session: sessions.live, time: new Date().toISOString(), usage: [1, 10 * n, 0, 0] });
    const first = openStream(server.port);
    const hello = await first.next((event) => event.event === 'hello');
    append(world.home, sessions.live, rows(1));
    const told = await first.next((event) => event.event === 'usage' && event.data.changes.some((change) => change.session_id === sessions.live));
    assert.ok(Number(told.id) > hello.data.seq);
    assert.deepEqual(told.data.new_sessions, [sessions.live]);
    assert.equal(told.data.changes.find((change) => change.session_id === sessions.live).measures.output_tokens, 10);
    first.close();

    append(world.home, sessions.live, rows(2));
    for (let tries = 0; (await server.json('/api/v1/overview?tz=UTC')).seq <= Number(told.id); ++tries) {
        assert.ok(tries < 500, 'the row is never read');
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const again = openStream(server.port, { 'last-event-id': told.id });
    const missed = await again.next((event) => event.event === 'usage');
    assert.equal(missed.data.changes.find((change) => change.session_id === sessions.live).measures.output_tokens, 20);
    again.close();

    const stale = openStream(server.port, { 'last-event-id': '999999999' });
    await stale.next((event) => event.event === 'resync');
    stale.close();
    const active = await server.json('/api/v1/sessions/active');
    assert.ok(active.sessions.some((session) => session.id === sessions.live));
});
