// A list of breached passwords of the operator's, as the program takes it: nobody's new password, on any way.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { serve, World } from './program.mjs';

const BREACHED = 'marble turnip sailboat';
const PASSWORD = 'violet harbour lantern';
let world;
let server;
let list;

before(() => {
    world = new World({ transcripts: false });
    list = path.join(world.folder, 'breached.txt');
    const hashes = Array.from({ length: 3000 }, (_, number) => (number === 0 ? BREACHED : `made up ${number}`)).map((word) => createHash('sha1').update(word).digest('hex').toUpperCase());
    writeFileSync(list, hashes.sort().map((hash, number) => `${hash}:${number + 1}\r\n`).join(''));
});
after(async () => {
    if (server) assert.equal((await server.stop()).code, 0);
    world.remove();
});

test('a file that is no such list is refused at the start, with its line', () => {
    const wrong = path.join(world.folder, 'wrong.txt');
    for (const [text, said] of [['', /is empty/], ['password\n123456\n', /line 1: is no SHA-1 hash/], [`${'F'.repeat(40)}:9\n${'0'.repeat(40)}:7\n`, /line 2: is before the line above/]]) {
        writeFileSync(wrong, text);
        const { code, err } = world.run('serve', '--listen', '127.0.0.1:0', ...world.folders, '--breached-passwords', wrong);
        assert.notEqual(code, 0);
        assert.match(err, said);
        assert.ok(err.includes(wrong), err);
    }
    assert.match(world.run('serve', '--listen', '127.0.0.1:0', ...world.folders, '--breached-passwords', `${wrong}.none`).err, /wrong\.txt\.none/);
});

test('a password of the list is refused, others are taken', async () => {
    server = await serve(world, '--breached-passwords', list);
    const [, token] = await server.printed(/\/setup#(\S+)/);
    const account = { token, username: 'ann', display_name: '' };
    const refused = await server.post('/api/v1/auth/setup', { ...account, password: BREACHED });
    assert.equal(refused.status, 400, refused.text);
    assert.deepEqual(JSON.parse(refused.text).errors, [{ path: 'password', message: 'is in a list of breached passwords' }]);
    const made = await server.post('/api/v1/auth/setup', { ...account, password: PASSWORD });
    assert.equal(made.status, 201, made.text);
    const signed = await server.post('/api/v1/auth/token', { name: 'ann', password: PASSWORD });
    const bearer = { authorization: `Bearer ${JSON.parse(signed.text).access_token}` };
    const changed = await server.put('/api/v1/auth/me/password', { current: PASSWORD, fresh: BREACHED }, bearer);
    assert.equal(changed.status, 400, changed.text);
    assert.equal(JSON.parse(changed.text).errors[0].path, 'fresh');
    assert.equal((await server.put('/api/v1/auth/me/password', { current: PASSWORD, fresh: 'gravel thimble orchard' }, bearer)).status, 204);
});
