// What an organisation lets its people see of each other, against the program itself: in each mode, everybody who may read asks every
// route that tells of usage, in every way that could name or single out somebody.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openStream, serve, World } from './program.mjs';
import { answer, append } from './transcripts.mjs';

const PASSWORD = 'violet harbour lantern';
const RANGE = 'from=2026-11-01T00:00:00Z&to=2026-11-04T00:00:00Z&tz=UTC';
/** Others than ann. The last one has no account. */
const NAMES = ['alicia', 'bertram', 'carolina', 'dagobert', 'eleonora', 'friedolin'];
const session = (name, day) => `00000000-0000-4000-8000-0000000${day}00${String(['ann', ...NAMES].indexOf(name)).padStart(2, '0')}`;
const TOKENS = 1111; // a request of those below
let world;
let server;
const people = {}; // name -> { cookies, id }

const cookiesOf = (made) => Object.fromEntries((made.headers['set-cookie'] ?? []).map((line) => line.split(';')[0].split('=')));
const asPage = (name) => ({
    cookie: Object.entries(people[name].cookies).map(([key, value]) => `${key}=${value}`).join('; '),
    origin: `http://127.0.0.1:${server.port}`,
    'x-tidemark-request': '1',
});
const ask = (name, method, target, value, headers = {}) =>
    server.request(method, `/api/v1${target}`, {
        headers: { ...(value === undefined ? {} : { 'content-type': 'application/json' }), ...(people[name] ? asPage(name) : {}), ...headers },
        body: value === undefined ? undefined : JSON.stringify(value),
    });
const api = async (name, method, target, value, status = 200) => {
    const got = await ask(name, method, target, value);
    assert.equal(got.status, status, `${method} ${target}: ${got.text}`);
    return got.text === '' ? null : JSON.parse(got.text);
};
const rowOf = (name, day, message, usage = [1, 10, 100, 1000]) =>
    answer({ message, session: session(name, day), cwd: `/home/${name}/${name === 'ann' ? 'own' : 'app'}`, time: `2026-11-0${day}T10:00:00.000Z`, usage, extra: { gitBranch: `feature/${name}-fix` } });
const setPolicy = async (patch, status = 200) => api('ann', 'PUT', '/policy', { ...(await api('ann', 'GET', '/policy')), ...patch }, status);

before(async () => {
    world = new World({ transcripts: false });
    for (const [day, names] of [
        [1, ['ann', ...NAMES]], // six others
        [2, ['ann', 'alicia', 'bertram']], // too few
        [3, NAMES.slice(0, 5)],
    ]) {
        for (const name of names) {
            append(world.home, session(name, day), rowOf(name, day, `msg_${session(name, day).slice(-8)}`), `/home/${name}/app`);
        }
    }
    server = await serve(world);
    const [, token] = await server.printed(/\/setup#(\S+)/);
    const made = await server.post('/api/v1/auth/setup', { token, username: 'ann', display_name: 'Ann', password: PASSWORD });
    people.ann = { cookies: cookiesOf(made), id: JSON.parse(made.text).id };
    const { id: team } = await api('ann', 'POST', '/teams', { name: 'Everybody' }, 201);
    for (const name of [...NAMES.slice(0, 5), 'boss']) {
        const { url_path } = await api('ann', 'POST', '/invitations', { role: name === 'boss' ? 'admin' : 'user', team }, 201);
        const joined = await server.post('/api/v1/auth/register', { token: url_path.split('#')[1], username: name, display_name: '', password: PASSWORD });
        assert.equal(joined.status, 201, joined.text);
        people[name] = { cookies: cookiesOf(joined), id: JSON.parse(joined.text).id };
        if (name !== 'boss') await api('ann', 'POST', '/identities', { kind: 'os_user', value: name, account: people[name].id }, 201);
    }
    await api('ann', 'POST', '/identities', { kind: 'os_user', value: 'ann', account: people.ann.id }, 201);
    const { text } = await api('ann', 'POST', '/keys', { name: 'reader', scopes: ['read'], teams: [], projects: [] }, 201);
    people.key = { cookies: {}, bearer: { authorization: `Bearer ${text}` } };
});
after(async () => {
    const { code } = await server.stop();
    assert.equal(code, 0);
    world.remove();
});

/** Every question about usage that the description knows, with what could single somebody out. */
async function questions() {
    const { paths } = await server.json('/api/v1/openapi.json');
    const out = [];
    for (const [path, methods] of Object.entries(paths)) {
        const route = methods.get;
        if (route?.['x-right'] !== 'read' || path === '/api/v1/stream') continue;
        const named = (route.parameters ?? []).map((one) => one.name);
        const places = path.includes('{id}') ? NAMES.flatMap((name) => [1, 2, 3].map((day) => path.replace('{id}', session(name, day)))) : [path];
        for (const place of places) {
            out.push(place);
            if (!named.includes('from')) continue;
            out.push(`${place}?${RANGE}`);
            if (named.includes('compare')) out.push(`${place}?${RANGE}&compare=previous`);
            for (const dimension of named.includes('group_by') ? ['member', 'project', 'branch', 'session', 'model'] : []) {
                out.push(`${place}?${RANGE}&group_by=${dimension}`);
            }
            if (named.includes('bucket')) out.push(`${place}?${RANGE}&group_by=member&bucket=1h`);
            if (named.includes('q')) for (const name of NAMES) out.push(`${place}?${RANGE}&q=${name}`);
            for (const [dimension, value] of NAMES.flatMap((name) => [['member', name], ['project', `/home/${name}/app`], ['branch', `feature/${name}-fix`], ['session', session(name, 1)]])) {
                if (named.includes(dimension)) out.push(`${place}?${RANGE}&${dimension}=${encodeURIComponent(value)}`);
            }
        }
    }
    assert.ok(out.length > 150, `only ${out.length} questions`);
    return out;
}
const put = async (who, target, headers) => server.get(target, who === 'key' ? { ...people.key.bearer, ...headers } : { ...asPage(who), ...headers });
const names = (text) => NAMES.filter((name) => text.toLowerCase().includes(name));

test('by name, as before', async () => {
    const rows = await api('ann', 'GET', `/usage/breakdown?${RANGE}&group_by=member`);
    assert.deepEqual(rows.rows.map((row) => row.key).sort(), [...NAMES, 'ann'].sort());
    assert.equal(rows.withheld, false);
    assert.equal((await api('alicia', 'GET', '/auth/me')).privacy, 'names');
});

test('the mode is chosen by enterprise accounts, checked, written down and told to everybody', async () => {
    for (const minimum_people of [0, 2, 101]) {
        const { errors } = await setPolicy({ privacy: 'totals', minimum_people }, 400);
        assert.equal(errors[0].path, 'minimum_people');
    }
    assert.equal((await setPolicy({ privacy: 'nothing' }, 400)).errors[0].path, 'privacy');
    assert.equal((await ask('boss', 'PUT', '/policy', await api('ann', 'GET', '/policy'))).status, 403);
    await setPolicy({ privacy: 'totals', minimum_people: 7 });
    const me = await api('alicia', 'GET', '/auth/me');
    assert.deepEqual([me.privacy, me.minimum_people], ['totals', 7]);
    const { rows } = await api('ann', 'GET', '/audit?action=policy.change');
    assert.match(JSON.stringify(rows[0].before), /names/);
    assert.match(JSON.stringify(rows[0].after), /totals/);
});

test('pseudonyms: no route tells a name, and a name opens nothing', async () => {
    await setPolicy({ privacy: 'names' });
    const before = new Map();
    for (const target of [`/api/v1/usage/breakdown?${RANGE}&group_by=member`, `/api/v1/usage/records?${RANGE}`, `/api/v1/sessions?${RANGE}`]) {
        before.set(target, (await put('ann', target)).headers.etag);
    }
    const cost = (await api('ann', 'GET', `/usage/summary?${RANGE}`)).total_cost;
    await setPolicy({ privacy: 'pseudonyms' });
    for (const [target, etag] of before) {
        assert.ok(etag);
        const got = await put('ann', target, { 'if-none-match': etag });
        assert.equal(got.status, 200, `${target}: an answer with names still counts`);
    }
    for (const who of ['ann', 'boss', 'key']) {
        for (const target of await questions()) {
            const got = await put(who, target);
            assert.ok(got.status < 500, `${target}: ${got.text}`);
            assert.deepEqual(names(got.text.replaceAll(/"detail":"no session[^"]*"/g, '')), [], `${who} ${target}: ${got.text.slice(0, 2000)}`);
        }
        // Nothing else is hidden.
        const summary = JSON.parse((await put(who, `/api/v1/usage/summary?${RANGE}`)).text);
        if (who === 'ann') assert.equal(summary.total_cost, cost);
        const zero = async (filter) => assert.equal(JSON.parse((await put(who, `/api/v1/usage/summary?${RANGE}&${filter}`)).text).request_count, 0, filter);
        for (const name of NAMES) {
            await zero(`member=${name}`);
            await zero(`project=/home/${name}/app`);
            await zero(`branch=feature/${name}-fix`);
            assert.equal(JSON.parse((await put(who, `/api/v1/sessions?${RANGE}&q=${name}`)).text).total, 0);
        }
        // There and back.
        const { rows } = JSON.parse((await put(who, `/api/v1/usage/breakdown?${RANGE}&group_by=member`)).text);
        const hidden = rows.filter((row) => row.key !== 'ann');
        assert.equal(hidden.length, who === 'boss' ? 5 : 6);
        for (const row of hidden) {
            assert.match(row.key, /^Member-[A-Z2-7]{6}$/);
            assert.equal(row.label, row.key);
            const one = JSON.parse((await put(who, `/api/v1/usage/summary?${RANGE}&member=${row.key}`)).text);
            assert.equal(one.request_count, row.measures.requests);
            assert.deepEqual(one.by_project.map((project) => project.key), [`/home/${row.key}/app`]);
            const again = JSON.parse((await put(who, `/api/v1/usage/summary?${RANGE}&project=/home/${row.key}/app`)).text);
            assert.equal(again.request_count, one.request_count);
        }
    }
    // Oneself by name; others not at all.
    const own = await api('alicia', 'GET', `/usage/breakdown?${RANGE}&group_by=member`);
    assert.deepEqual(own.rows.map((row) => row.key), ['alicia']);
    assert.deepEqual((await api('ann', 'GET', `/usage/breakdown?${RANGE}&group_by=member&member=ann`)).rows.map((row) => row.key), ['ann']);
});

test('pseudonyms last over a restart', async () => {
    const keys = async () => (await api('ann', 'GET', `/usage/breakdown?${RANGE}&group_by=member`)).rows.map((row) => row.key).sort();
    const before = await keys();
    await server.stop();
    server = await serve(world);
    assert.deepEqual(await keys(), before);
});

test('where accounts are managed, names stand without usage', async () => {
    for (const privacy of ['pseudonyms', 'totals']) {
        await setPolicy({ privacy, minimum_people: 3 });
        const { unassigned, identities } = await api('ann', 'GET', '/identities');
        assert.deepEqual(unassigned, [{ member: 'friedolin', requests: null, tokens: null, cost_usd: null, last_activity: null }]);
        assert.equal(identities.length, 6);
        for (const target of ['/people', '/teams', '/identities', `/people/${people.alicia.id}/export`]) {
            const { text } = await ask('ann', 'GET', target);
            assert.ok(!text.includes(session('alicia', 1)) && !text.includes(`${TOKENS}`), `${target}: ${text}`);
        }
    }
});

test('events have pseudonyms, or are one\'s own', async () => {
    let day = 3;
    for (const [privacy, expected] of [['pseudonyms', /^Member-/], ['totals', null]]) {
        await setPolicy({ privacy, minimum_people: 3 });
        const stream = openStream(server.port, asPage('ann'));
        await stream.next((event) => event.event === 'hello');
        append(world.home, session('alicia', day), rowOf('alicia', day, `msg_live_${privacy}`), '/home/alicia/app');
        const own = () => append(world.home, session('ann', 2), rowOf('ann', 2, `msg_live_own_${privacy}`), '/home/ann/own');
        if (expected) {
            const { data } = await stream.next((event) => event.event === 'usage');
            assert.deepEqual(names(JSON.stringify(data)), []);
            assert.match(data.changes[0].member, expected);
            own();
        } else {
            own();
        }
        const { data } = await stream.next((event) => event.event === 'usage');
        assert.deepEqual(data.changes.map((change) => change.member), ['ann'], 'the first event in totals is the own one');
        stream.close();
        // Who comes back gets no more.
        const back = openStream(server.port, { ...asPage('ann'), 'last-event-id': '1' });
        await back.next((event) => event.event === 'hello');
        const missed = await back.next((event) => event.event === 'usage' || event.event === 'resync');
        assert.deepEqual(names(JSON.stringify(missed.data)), []);
        back.close();
    }
});

test('totals: nothing of fewer people, by whatever question', async () => {
    await setPolicy({ privacy: 'totals', minimum_people: 5 });
    const own = session('ann', 1);
    for (const who of ['ann', 'boss', 'key']) {
        for (const target of await questions()) {
            const got = await put(who, target);
            assert.ok(got.status < 500, `${target}: ${got.text}`);
            const text = got.text.replaceAll(/"detail":"no session[^"]*"/g, '');
            assert.deepEqual(names(text), [], `${who} ${target}: ${text.slice(0, 2000)}`);
            for (const name of NAMES) for (const day of [1, 2, 3]) assert.ok(!text.includes(session(name, day)), `${who} ${target} tells of a session`);
            assert.doesNotMatch(text, /Member-[A-Z2-7]{6}/, `${who} ${target} tells single people apart`);
        }
        const summary = async (query) => JSON.parse((await put(who, `/api/v1/usage/summary?${query}`)).text);
        const day = (from, to) => `from=2026-11-0${from}T00:00:00Z&to=2026-11-0${to}T00:00:00Z&tz=UTC`;
        const mine = who === 'boss' ? 0 : 1;
        const count = async (query) => (await summary(query)).request_count;
        // Friedolin is nobody: one person, and out of the admin's reach.
        assert.equal(await count(day(1, 2)), (who === 'boss' ? 5 : 6) + mine);
        assert.equal((await summary(day(1, 2))).withheld, true, 'the projects are of one person each');
        // ann's own were three on that day: one at first and two while she watched.
        assert.equal(await count(day(2, 3)), mine * 3, 'two others are too few');
        assert.equal((await summary(day(2, 3))).withheld, true);
        assert.equal(await count(`from=2026-11-01T09:00:00Z&to=2026-11-01T11:00:00Z&tz=UTC`), mine, 'a part of a day');
        assert.equal(await count(`from=2026-11-01T00:00:00Z&to=2026-11-01T23:45:00Z&tz=UTC`), mine, 'a day but its end');
        assert.equal(await count(`from=2026-10-31T12:00:00Z&to=2026-11-01T12:00:00Z&tz=Asia/Tokyo`), mine, 'a day of elsewhere');
        const model = 'claude-sonnet-4-5-20250929';
        const models = JSON.parse((await put(who, `/api/v1/usage/breakdown?${day(1, 2)}&group_by=model`)).text);
        assert.equal(models.rows[0].measures.requests, (who === 'boss' ? 5 : 6) + mine);
        assert.equal(await count(`${day(1, 2)}&model=${models.rows[0].key}`), models.rows[0].measures.requests, model);
        assert.equal(await count(`${day(1, 2)}&model=${models.rows[0].key}&project=/home/alicia/app`), 0, 'a combination');
        assert.equal(await count(`${day(1, 2)}&member=alicia&member=bertram&member=carolina&member=dagobert&member=eleonora`), 0);
        for (const name of NAMES) {
            // What is withheld looks as what is not there.
            const strip = (text) => text.replaceAll(/"seq":\d+/g, '');
            const [a, b] = [await put(who, `/api/v1/usage/breakdown?${RANGE}&project=/home/${name}/app`), await put(who, `/api/v1/usage/breakdown?${RANGE}&project=/nothing`)];
            assert.equal(strip(a.text), strip(b.text));
            const [c, d] = [await put(who, `/api/v1/sessions/${session(name, 1)}`), await put(who, '/api/v1/sessions/nothing')];
            assert.deepEqual([c.status, d.status], [404, 404]);
        }
        const sessions = JSON.parse((await put(who, `/api/v1/sessions?${RANGE}`)).text);
        assert.equal(sessions.withheld, true);
        assert.ok(sessions.sessions.every((one) => one.project.key === '/home/ann/own' || one.project.key === '/home/ann/app'));
        assert.equal(sessions.sessions.some((one) => one.id === own), who !== 'boss');
    }
    // Keys that can be cut to teams would tell two sums apart.
    const { teams } = await api('ann', 'GET', '/teams');
    const { text } = await api('ann', 'POST', '/keys', { name: 'team', scopes: ['read'], teams: [teams[0].id], projects: [] }, 201);
    const got = await server.get(`/api/v1/usage/summary?${RANGE}`, { authorization: `Bearer ${text}` });
    assert.equal(JSON.parse(got.text).request_count, 0);
    // Oneself, in full.
    const alicia = await api('alicia', 'GET', `/usage/breakdown?${RANGE}&group_by=member`);
    assert.deepEqual(alicia.rows.map((row) => [row.key, row.measures.requests]), [['alicia', 5]]);
    assert.equal(alicia.withheld, false);
    await api('alicia', 'GET', `/sessions/${session('alicia', 1)}`);
});

test('totals: prices tell nothing either', async () => {
    const { unknown_models } = await api('ann', 'GET', '/prices');
    assert.deepEqual(unknown_models, []);
    const repricing = await api('ann', 'PUT', '/prices/overrides', { overrides: [{ model: 'claude-sonnet-4-5', input: 1, output: 1 }] });
    assert.deepEqual([repricing.withheld, repricing.cost_before, repricing.cost_after, repricing.changed_models], [true, 0, 0, []]);
    const { rows } = await api('ann', 'GET', '/audit?action=prices.change');
    assert.doesNotMatch(JSON.stringify(rows), /cost_usd/);
});
