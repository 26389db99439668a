// What every test has: a page that is watched, and servers of its own when it wants to write.
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { test as base, expect } from '@playwright/test';
import { serve, World } from '../api/program.mjs';
import { answer, append, fileOf } from '../api/transcripts.mjs';

export { expect };

export const test = base.extend({
    baseURL: [({}, use) => use(process.env.TIDEMARK_DEMO), { option: true }],

    /**
     * Fails the test for what a page complains of (console, exceptions, CSP) and for every request beyond the server.
     * `complaints.expected` is a pattern of those that the test provokes, `complaints.elsewhere` the one other origin
     * that its pages go to.
     */
    complaints: [
        async ({ context }, use) => {
            const all = [];
            const origins = new Set();
            await context.addInitScript(() => {
                addEventListener('securitypolicyviolation', (event) => {
                    console.error(`CSP ${event.violatedDirective}: ${event.blockedURI}`);
                });
            });
            context.on('console', (message) => {
                if (['error', 'warning'].includes(message.type())) all.push(`${message.text()} (${message.location().url})`);
            });
            context.on('weberror', (error) => all.push(String(error.error())));
            context.on('dialog', (dialog) => {
                all.push(`dialog: ${dialog.message()}`);
                void dialog.dismiss();
            });
            context.on('request', (request) => {
                const { protocol, origin } = new URL(request.url());
                if (protocol !== 'data:' && protocol !== 'blob:') origins.add(origin);
            });
            const complaints = { expected: null, elsewhere: null };
            await use(complaints);
            const { expected, elsewhere } = complaints;
            origins.delete(elsewhere);
            expect(all.filter((one) => !expected?.test(one))).toEqual([]);
            expect([...origins].filter((one) => !one.startsWith('http://127.0.0.1:'))).toEqual([]);
            expect(origins.size, 'one origin').toBeLessThanOrEqual(1);
        },
        { auto: true },
    ],

    /** The folders that `own` lives in, and removes. */
    world: ({}, use) => use(new World({ transcripts: false })),

    /** A server without demo data: `own.write` rows before or after `own.start`. */
    own: async ({ page, world }, use) => {
        const own = new OwnServer(world);
        await use(own);
        // Whatever the pages still ask for ends before their server does.
        await Promise.all(page.context().pages().map((one) => one.goto('about:blank').catch(() => {})));
        await own.end();
    },
});

export class OwnServer {
    #world;
    #server = null;
    #next = 1;

    constructor(world = new World({ transcripts: false })) {
        this.#world = world;
    }

    get running() {
        return this.#server;
    }
    async start() {
        this.#server = await serve(this.#world);
        this.#world.port = this.#server.port; // where it comes back after an end
    }
    async stop(signal) {
        await this.#server?.stop(signal);
        this.#server = null;
    }
    at(path) {
        return `http://127.0.0.1:${this.#world.port}${path}`;
    }
    /** The link, with its secret, that the start printed: to make the first account. */
    async setUpLink() {
        const [link] = await this.#server.printed(/\/setup#\S+/);
        return this.at(link);
    }
    /** One request into the session's transcript, as the client writes it; gives the session's id. */
    write({ session = randomUUID(), project = '/home/dev/shop', branch = 'main', model = 'claude-sonnet-4-5-20250929', tokens = [0, 0, 0, 0], time = new Date() } = {}) {
        const rows = answer({
            message: `msg_e2e${this.#next++}`,
            session,
            cwd: project,
            time: time.toISOString(),
            model,
            usage: tokens,
            extra: { gitBranch: branch },
        });
        append(this.#world.home, session, rows, project);
        return session;
    }
    /** A line that ends in its middle, as a client killed while writing leaves one, and what came after it. */
    tear(session, project = '/home/dev/shop') {
        appendFileSync(fileOf(this.#world.home, session, project), '{"type":"assistant","message":{"id":"msg_torn","us\n');
    }
    async end() {
        await this.stop();
        this.#world.remove();
    }
}

/** Waits until nothing on the page is a placeholder any more. */
export async function settled(page) {
    await expect(page.locator('main h1')).not.toBeEmpty();
    await expect(page.locator('main .skeleton')).toHaveCount(0);
    await expect(page.locator('main :is([aria-busy="true"], .explore-stale, .list-pending)')).toHaveCount(0);
}

/** The big figure of a card, by the card's label. */
export function figure(page, label) {
    return page.locator('.stat').filter({ has: page.locator('.stat-label', { hasText: label }) }).locator('.stat-value .hint');
}

/** Marks the document, so that `stayed` tells whether it was ever loaded anew. */
export async function mark(page) {
    await page.evaluate(() => {
        document.documentElement.dataset.mark = 'kept';
    });
}
export async function stayed(page) {
    await expect(page.locator('html')).toHaveAttribute('data-mark', 'kept');
}

/** The session of the demo with most requests. */
export async function demoSession(request) {
    const answer = await request.get('/api/v1/sessions?from=2000-01-01T00:00:00Z&sort=requests&limit=1');
    return (await answer.json()).sessions[0];
}
