// Adds up what each page needs at once (static imports, from Vite's manifest), gzipped, and fails when
// it is more than its budget.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const manifest = JSON.parse(await readFile(path.join(dist, '.vite/manifest.json'), 'utf8'));

// The boot script, the application itself (its chunk's name has a hash) and its texts.
const core = Object.keys(manifest).find((key) => manifest[key].name === 'core');
const FIRST = ['index.html', core, 'src/shared/locales/en.json'];
const CHART = ['src/shared/charts/EChart.tsx'];
const page = (name) => `src/features/${name}.tsx`;
const BUDGETS = [
    { name: 'first paint', entries: FIRST, kb: 240 }, // the overview is a part of the application's chunk
    { name: 'overview with charts', entries: [...FIRST, ...CHART], kb: 430 },
    { name: 'explore', entries: [...FIRST, page('explore/pages/ExplorePage'), ...CHART], kb: 430 },
    { name: 'sessions', entries: [...FIRST, page('sessions/pages/SessionsPage')], kb: 240 },
    { name: 'session', entries: [...FIRST, page('sessions/pages/SessionPage'), ...CHART], kb: 430 },
    { name: 'settings', entries: [...FIRST, page('settings/pages/SettingsPage')], kb: 350 },
    { name: 'sign-in', entries: [...FIRST, page('entry/pages/EntryPage')], kb: 200 },
    { name: 'profile', entries: [...FIRST, page('account/pages/ProfilePage')], kb: 350 },
    { name: 'security', entries: [...FIRST, page('account/pages/SecurityPage')], kb: 350 },
    { name: 'keys', entries: [...FIRST, page('account/pages/KeysPage')], kb: 350 },
    { name: 'people', entries: [...FIRST, page('people/pages/PeoplePage')], kb: 350 },
    { name: 'audit', entries: [...FIRST, page('audit/pages/AuditPage')], kb: 350 },
    { name: 'system', entries: [...FIRST, page('system/pages/SystemPage')], kb: 350 },
];

function closure(key, seen = new Set()) {
    if (seen.has(key)) return seen;
    const chunk = manifest[key];
    if (!chunk) throw new Error(`${key} is not in the manifest: build first`);
    seen.add(key);
    for (const next of chunk.imports ?? []) closure(next, seen);
    return seen;
}

const sizes = new Map();
async function gzipped(file) {
    if (!sizes.has(file)) {
        sizes.set(file, gzipSync(await readFile(path.join(dist, file)), { level: 9 }).length);
    }
    return sizes.get(file);
}

let over = 0;
for (const budget of BUDGETS) {
    const keys = new Set();
    for (const entry of budget.entries) for (const key of closure(entry)) keys.add(key);
    const files = new Set();
    for (const key of keys) if (manifest[key].file.endsWith('.js')) files.add(manifest[key].file);
    let bytes = 0;
    for (const file of files) bytes += await gzipped(file);
    const kb = bytes / 1000;
    if (kb > budget.kb) over += 1;
    console.log(
        `${kb > budget.kb ? 'OVER' : 'ok  '} ${budget.name.padEnd(22)} ${kb.toFixed(1).padStart(6)} of ${budget.kb} kB gzip`,
    );
}
process.exitCode = over === 0 ? 0 : 1;
