// Writes .br and .gz beside every text asset of dist, so that the server sends them as they are.
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import zlib from 'node:zlib';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const brotli = promisify(zlib.brotliCompress);
const gzip = promisify(zlib.gzip);
const TEXT = /\.(js|css|html|svg|json)$/;
const WORTH_IT = 512;

for (const name of await readdir(dist, { recursive: true })) {
    const file = path.join(dist, name);
    if (!TEXT.test(name) || name.startsWith('.vite')) continue;
    if ((await stat(file)).size < WORTH_IT) continue;
    const bytes = await readFile(file);
    const [br, gz] = await Promise.all([
        brotli(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 11 } }),
        gzip(bytes, { level: 9 }),
    ]);
    await Promise.all([writeFile(`${file}.br`, br), writeFile(`${file}.gz`, gz)]);
}
