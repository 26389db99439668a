// What cmake/Hardening.cmake asks for is in the binary that ships: read from its headers, and from what the compiler wrote
// into its debug information about each file that was compiled.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { binary } from './program.mjs';

function readelf(...args) {
    const { status, stdout, stderr } = spawnSync('readelf', [...args, binary], { encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, LC_ALL: 'C' } });
    assert.equal(status, 0, stderr);
    return stdout;
}

test('the binary can be loaded anywhere, and its tables cannot be written once it runs', () => {
    assert.match(readelf('--file-header'), /Type:\s+DYN /);
    const dynamic = readelf('--dynamic', '--wide');
    assert.match(dynamic, /FLAGS_1\).*\bPIE\b/);
    assert.match(dynamic, /FLAGS_1\).*\bNOW\b/);
    const segments = readelf('--program-headers', '--wide');
    assert.match(segments, /^\s*GNU_RELRO\s/m);
    assert.match(segments, /^\s*GNU_STACK\s.*\sRW\s/m);
    for (const line of segments.split('\n').filter((one) => /^\s*LOAD\s/.test(one))) assert.doesNotMatch(line, /\sRWE\s/, 'no memory is written and run');
    assert.doesNotMatch(dynamic, /RPATH|RUNPATH/, 'no library is looked for beside it');
});

test('each file of ours was compiled with the checks of stacks', () => {
    const compilers = [...readelf('--debug-dump=info', '--dwarf-depth=1').matchAll(/DW_AT_producer\s*:.*?(GNU C\+\+.*)/g)].map(([, flags]) => flags);
    assert.ok(compilers.length > 100, `${compilers.length} files`);
    for (const flags of compilers) {
        assert.match(flags, /-fstack-protector-strong/);
        assert.match(flags, /-fstack-clash-protection/);
    }
});
