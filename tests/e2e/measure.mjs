// How fast the product is to those who look at it. Prints a table; needs a quiet machine to mean something.
//   npm run measure [-- first live routes chart lighthouse]      $TIDEMARK_BINARY is what is measured
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import http from 'node:http';
import { createServer } from 'node:net';
import { loadavg } from 'node:os';
import { chromium as playwright } from '@playwright/test';
import lighthouse, { desktopConfig } from 'lighthouse';
import { serve, World } from '../api/program.mjs';
import { chromium } from './chromium.mjs';
import { OwnServer, settled } from './fixtures.mjs';

if (!existsSync(process.env.TIDEMARK_BINARY ?? ''))
    throw new Error('name the program to measure in TIDEMARK_BINARY');
const wanted = process.argv.slice(2);
const asked = (part) => wanted.length === 0 || wanted.includes(part);
const LOOK = {
    viewport: { width: 1440, height: 900 },
    locale: 'en-US',
    timezoneId: 'Asia/Shanghai',
};

const table = [];
const say = (what, value, yardstick = '') => {
    table.push([what, value, yardstick]);
    console.error(`${what}: ${value}`);
};
const sorted = (values) => values.toSorted((a, b) => a - b);
const at = (values, share) =>
    sorted(values)[Math.min(values.length - 1, Math.ceil(values.length * share) - 1)];
const ms = (value) => `${Math.round(value)} ms`;

async function freePort() {
    const probe = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => probe.once('listening', resolve));
    const { port } = probe.address();
    await new Promise((resolve) => probe.close(resolve));
    return port;
}

/**
 * Runs in the page from its start: the times (performance.now, so since the navigation began) at which a text that fits
 * `pattern` is painted inside `selector` for the first time and after each change.
 */
function watchFigure({ selector, pattern }) {
    const seen = [];
    window.seenFigures = seen;
    let last = null;
    const look = () => {
        const text = document.querySelector(selector)?.textContent ?? null;
        if (text !== null && text !== last && new RegExp(pattern).test(text)) {
            last = text;
            // The frame after this one has it on the screen.
            requestAnimationFrame(() =>
                setTimeout(() => seen.push({ text, at: performance.now(), epoch: Date.now() }), 0),
            );
        }
    };
    new MutationObserver(look).observe(document, {
        childList: true,
        subtree: true,
        characterData: true,
    });
}
const TODAY = { selector: '.stat .stat-value .hint', pattern: '^\\$[\\d,.]+$' };

/**
 * Runs in the page from its start and tells the console when the figure was painted first: the time that the browser itself
 * gives (Element Timing's renderTime, since the navigation began). Nothing else is put into the page, as every script that a
 * test looks at it with takes time from it, four times as much when the CPU is slowed.
 */
function tellFirstPaint({ selector, pattern }) {
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries())
            if (entry.identifier === 'figure') console.log(`figure ${entry.renderTime}`);
    }).observe({ type: 'element', buffered: true });
    const finder = new MutationObserver(() => {
        const figure = document.querySelector(selector);
        if (!figure || !new RegExp(pattern).test(figure.textContent)) return;
        figure.setAttribute('elementtiming', 'figure');
        finder.disconnect();
    });
    finder.observe(document, { childList: true, subtree: true, characterData: true });
}

/** What a browser does at its own start, and nobody waits for at a page, is over by then, ms. */
const BROWSER_START = 2000;

/** A fresh browser each time: neither HTTP nor code cache. */
async function firstFigure(url, throttle) {
    const browser = await playwright.launch(chromium.launchOptions);
    try {
        const page = await (await browser.newContext(LOOK)).newPage();
        await page.goto('about:blank');
        const devtools = await page.context().newCDPSession(page);
        await devtools.send('Network.setCacheDisabled', { cacheDisabled: true });
        if (throttle > 1) await devtools.send('Emulation.setCPUThrottlingRate', { rate: throttle });
        await page.addInitScript(tellFirstPaint, TODAY);
        await page.waitForTimeout(BROWSER_START);
        const told = page.waitForEvent('console', (message) =>
            message.text().startsWith('figure '),
        );
        await page.goto(url, { waitUntil: 'commit' });
        return Number((await told).text().split(' ')[1]);
    } finally {
        await browser.close();
    }
}

async function measureFirst(demo) {
    for (const throttle of [1, 4]) {
        const times = [];
        for (let run = 0; run < 9; ++run) times.push(await firstFigure(demo, throttle));
        say(
            `today's cost visible, cold cache, CPU / ${throttle}`,
            `${ms(at(times, 0.5))} median of 9 (${ms(Math.min(...times))} … ${ms(Math.max(...times))})`,
            '< 1000 ms',
        );
    }
}

/** Event streams that others hold open meanwhile; `told` counts the usage events that each got. */
async function holdStreams(port, count) {
    const streams = [];
    for (let index = 0; index < count; ++index) {
        const stream = {
            told: 0,
            sent: http.get({
                host: '127.0.0.1',
                port,
                path: '/api/v1/stream',
                headers: { accept: 'text/event-stream' },
                agent: false,
            }),
        };
        stream.sent.on('error', () => {}); // ended by close()
        const [answer] = await once(stream.sent, 'response');
        if (answer.statusCode !== 200)
            throw new Error(`stream ${index + 1} was answered ${answer.statusCode}`);
        answer.setEncoding('utf8');
        answer.on('data', (text) => (stream.told += text.split('event: usage\n').length - 1));
        answer.on('error', () => {});
        streams.push(stream);
    }
    return {
        told: () => streams.map((stream) => stream.told),
        close: () => streams.forEach((stream) => stream.sent.destroy()),
    };
}

const APPENDS = 500;
const STREAMS = 100;

async function measureLive() {
    const own = new OwnServer();
    const browser = await playwright.launch(chromium.launchOptions);
    let others = null;
    try {
        // 10,000 output tokens of Sonnet 4.5 are 15 cents, so each request changes the card's figure.
        const tokens = [0, 10_000, 0, 0];
        const session = own.write({ tokens });
        await own.start();
        others = await holdStreams(own.running.port, STREAMS);
        const page = await (await browser.newContext(LOOK)).newPage();
        await page.addInitScript(watchFigure, TODAY);
        await page.goto(own.at('/'));
        await settled(page);
        await page.waitForTimeout(2000);
        const times = [];
        for (let run = 2; run <= APPENDS + 1; ++run) {
            const text = `$${(run * 0.15).toFixed(2)}`;
            const start = Date.now();
            own.write({ session, tokens });
            await page.waitForFunction(
                (one) => window.seenFigures.some((seen) => seen.text === one),
                text,
                { timeout: 20_000 },
            );
            times.push(
                (await page.evaluate(
                    (one) => window.seenFigures.find((seen) => seen.text === one).epoch,
                    text,
                )) - start,
            );
            await page.waitForTimeout(50 + Math.random() * 200);
        }
        const told = others.told();
        if (Math.min(...told) < APPENDS / 2)
            throw new Error(`a stream was told of ${Math.min(...told)} changes only`);
        say(
            `append → number changed on screen, ${APPENDS} appends, ${STREAMS} more streams`,
            `p50 ${ms(at(times, 0.5))}, p99 ${ms(at(times, 0.99))}, most ${ms(Math.max(...times))}`,
            '< 300 ms',
        );
    } finally {
        others?.close();
        await browser.close();
        await own.end();
    }
}

async function measureRoutes(demo) {
    const browser = await playwright.launch(chromium.launchOptions);
    try {
        const page = await (await browser.newContext(LOOK)).newPage();
        await page.waitForTimeout(BROWSER_START);
        await page.goto(demo);
        await settled(page);
        /** From the click to the painted frame in which the page has its heading, and in which nothing is a placeholder. */
        const go = (name) =>
            page.evaluate(async (text) => {
                const link = [...document.querySelectorAll('.nav-link')].find(
                    (one) => one.textContent === text,
                );
                const painted = () =>
                    new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
                const start = performance.now();
                link.click();
                let heading = 0;
                for (;;) {
                    await painted();
                    if (!heading && document.querySelector('main h1')?.textContent === text)
                        heading = performance.now() - start;
                    if (
                        heading &&
                        !document.querySelector(
                            'main :is(.skeleton, [aria-busy="true"], .explore-stale)',
                        )
                    )
                        return { heading, figures: performance.now() - start };
                    if (performance.now() - start > 20_000) throw new Error(`${text} did not come`);
                }
            }, name);
        for (const visit of ['first visit', 'again']) {
            for (const name of ['Explore', 'Sessions', 'Settings', 'Overview']) {
                // The pointer rests on the link for a moment before it is pressed, which loads the page's code ahead.
                await page.locator('.nav-link', { hasText: name }).hover();
                await page.waitForTimeout(400);
                const runs = [];
                for (let run = 0; run < (visit === 'again' ? 5 : 1); ++run) {
                    if (run > 0) {
                        await go(name === 'Settings' ? 'Sessions' : 'Settings');
                        await page.waitForTimeout(300);
                    }
                    runs.push(await go(name));
                }
                const median = (part) =>
                    ms(
                        at(
                            runs.map((one) => one[part]),
                            0.5,
                        ),
                    );
                say(
                    `route to ${name}, ${visit}`,
                    `${median('heading')} page, ${median('figures')} with figures`,
                    '< 100 ms',
                );
            }
        }
    } finally {
        await browser.close();
    }
}

/** The most that Explore draws: 760 buckets, seven lines, the rest and the period before. A line is switched off and on by the legend. */
async function measureChart(demo) {
    const browser = await playwright.launch(chromium.launchOptions);
    try {
        const page = await (await browser.newContext(LOOK)).newPage();
        const day = (ago) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
        const answered = page.waitForResponse(
            (one) => one.url().includes('/usage/series') && one.url().includes('bucket=15m'),
        );
        await page.goto(
            `${demo}/explore?from=${day(9)}T02:00&to=${day(1)}T00:00&bucket=15m&view=line`,
        );
        const answer = await (await answered).json();
        await settled(page);
        await page.waitForTimeout(1000);
        const lines = [...answer.series, answer.previous];
        const points = lines.reduce((all, one) => all + one.values.length, 0);
        const times = [];
        for (let run = 0; run < 10; ++run) {
            times.push(
                await page.evaluate(async () => {
                    const button = document.querySelector('.chart-legend button');
                    const canvas = document.querySelector('.chart-canvas canvas');
                    const look = () => {
                        const { data } = canvas
                            .getContext('2d')
                            .getImageData(0, 0, canvas.width, canvas.height);
                        let sum = 7;
                        for (let index = 0; index < data.length; index += 61)
                            sum = (sum * 31 + data[index]) | 0;
                        return sum;
                    };
                    const before = look();
                    const start = performance.now();
                    button.click();
                    let time = 0;
                    do {
                        await new Promise((resolve) =>
                            requestAnimationFrame(() => setTimeout(resolve, 0)),
                        );
                        time = performance.now() - start;
                    } while (look() === before && time < 5000);
                    return time;
                }),
            );
            await page.waitForTimeout(400);
        }
        say(
            `chart redraw, ${answer.buckets.length} buckets × ${lines.length} lines = ${points} points`,
            `${ms(at(times, 0.5))} median of 10`,
            '< 100 ms',
        );
    } finally {
        await browser.close();
    }
}

async function measureLighthouse(demo) {
    for (const path of ['/', '/explore']) {
        const port = await freePort();
        const options = {
            ...chromium.launchOptions,
            args: [...chromium.launchOptions.args, `--remote-debugging-port=${port}`],
        };
        const browser = await playwright.launch(options);
        try {
            const onlyCategories = ['performance', 'accessibility', 'best-practices'];
            const { lhr } = await lighthouse(
                demo + path,
                { port, onlyCategories, logLevel: 'error' },
                desktopConfig,
            );
            const score = (id) => Math.round((lhr.categories[id].score ?? 0) * 100);
            const audit = (id) => lhr.audits[id].displayValue;
            say(
                `Lighthouse ${lhr.lighthouseVersion} desktop ${path}`,
                `performance ${score('performance')}, accessibility ${score('accessibility')}, best practices ${score('best-practices')} (FCP ${audit('first-contentful-paint')}, LCP ${audit('largest-contentful-paint')}, TBT ${audit('total-blocking-time')}, CLS ${audit('cumulative-layout-shift')})`,
                '≥ 95',
            );
            const lost = onlyCategories.flatMap((id) =>
                lhr.categories[id].auditRefs.filter(
                    (ref) => ref.weight > 0 && (lhr.audits[ref.id].score ?? 1) < 0.9,
                ),
            );
            for (const ref of lost)
                console.error(
                    `  ${ref.id}: ${lhr.audits[ref.id].score} ${lhr.audits[ref.id].displayValue ?? ''}`,
                );
        } finally {
            await browser.close();
        }
    }
}

const world = new World({ transcripts: false });
const server = await serve(world, '--demo');
const demo = `http://127.0.0.1:${server.port}`;
const load = () => loadavg()[0].toFixed(1);
const before = load();
try {
    if (asked('first')) await measureFirst(demo);
    if (asked('routes')) await measureRoutes(demo);
    if (asked('chart')) await measureChart(demo);
    if (asked('lighthouse')) await measureLighthouse(demo);
} finally {
    await server.stop();
    world.remove();
}
if (asked('live')) await measureLive();

const widths = [0, 1].map((column) => Math.max(...table.map((row) => row[column].length)));
console.log(`load of the machine: ${before} at the start, ${load()} at the end`);
for (const row of table)
    console.log(`${row[0].padEnd(widths[0])}  ${row[1].padEnd(widths[1])}  ${row[2]}`.trimEnd());
