// Runs the real program ($TIDEMARK_BINARY, else the first build there is) and Debian's Chromium.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from '@playwright/test';
import { chromium } from './chromium.mjs';

const build = (name) => fileURLToPath(new URL(`../../build/${name}`, import.meta.url));
process.env.TIDEMARK_BINARY ||= ['relassert', 'dev', 'release'].map((name) => build(`${name}/tidemark`)).find(existsSync) ?? '';
if (!existsSync(process.env.TIDEMARK_BINARY)) throw new Error('no program to test: build one, or name it in TIDEMARK_BINARY');

export default defineConfig({
    testMatch: '*.test.mjs',
    globalSetup: './demo.mjs',
    outputDir: build('e2e'),
    fullyParallel: true,
    workers: 2,
    retries: process.env.CI ? 2 : 0, // a browser on a crowded machine; what needs a second try is told as flaky
    timeout: 60_000,
    // Two browsers and as many servers share a small machine.
    expect: { timeout: 15_000 },
    reporter: [['list'], ...(process.env.TIDEMARK_JUNIT ? [['junit', { outputFile: process.env.TIDEMARK_JUNIT }]] : [])],
    use: {
        ...chromium,
        locale: 'en-US',
        timezoneId: 'Asia/Shanghai',
        viewport: { width: 1440, height: 900 },
        screenshot: 'only-on-failure',
    },
});
