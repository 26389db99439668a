// Looks at pages as people see them: screenshots in both themes, both languages and two widths, axe,
// and console errors.   node dev/look.mjs <base address> <folder> [path ...]
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { chromium } from 'playwright-core';

const [base = 'http://127.0.0.1:8377', folder = 'look', ...paths] = process.argv.slice(2);
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
await mkdir(folder, { recursive: true });
const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
    ],
});
let wrong = 0;
for (const width of [1440, 390]) {
    for (const theme of ['light', 'dark']) {
        const language = (width === 1440) === (theme === 'light') ? 'zh-CN' : 'en';
        const context = await browser.newContext({
            viewport: { width, height: width === 390 ? 844 : 900 },
            colorScheme: theme,
            locale: language,
            timezoneId: 'Asia/Shanghai',
            bypassCSP: false,
        });
        const page = await context.newPage();
        const say = (text) => {
            wrong += 1;
            console.log(`${width} ${theme} ${language}: ${text}`);
        };
        page.on('console', (message) => {
            if (message.type() === 'error' || message.type() === 'warning') say(message.text());
        });
        page.on('pageerror', (error) => say(String(error)));
        for (const one of paths.length ? paths : ['/']) {
            await page.goto(base + one);
            await page.waitForTimeout(1500);
            const overflow = await page.evaluate(
                () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
            );
            if (overflow > 0) say(`${one} is ${overflow} px too wide`);
            const name = `${one.replace(/[^a-z0-9]+/gi, '-')}-${width}-${theme}-${language}.png`;
            await page.screenshot({ path: path.join(folder, name), fullPage: true });
            await page.evaluate(axe);
            const found = await page.evaluate(() => window.axe.run());
            for (const violation of found.violations) {
                const where = violation.nodes.slice(0, 4).map((node) => node.target.join(' '));
                say(`${one} axe ${violation.id}: ${where.join(' | ')}`);
            }
        }
        await context.close();
    }
}
await browser.close();
console.log(wrong === 0 ? 'nothing wrong' : `${wrong} findings`);
process.exitCode = wrong === 0 ? 0 : 1;
