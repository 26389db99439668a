// Runs the program under test in folders of its own, and talks HTTP to it.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeTranscripts } from './transcripts.mjs';

export const binary = process.env.TIDEMARK_BINARY ?? fileURLToPath(new URL('../../build/release/tidemark', import.meta.url));

export class World {
    /** port: to listen on, 0 = a free one. */
    constructor({ transcripts = true, port = 0 } = {}) {
        this.port = port;
        this.folder = mkdtempSync(path.join(tmpdir(), 'tidemark-api-'));
        this.home = path.join(this.folder, 'claude');
        this.data = path.join(this.folder, 'data');
        if (transcripts) makeTranscripts(this.home);
    }
    get environment() {
        return { PATH: process.env.PATH, HOME: this.folder, TZ: 'UTC', LANG: 'C.UTF-8', ...(process.env.ASAN_OPTIONS ? { ASAN_OPTIONS: process.env.ASAN_OPTIONS } : {}) };
    }
    get folders() {
        return ['--data', this.data, '--transcripts', this.home];
    }
    /** Runs a command to its end. */
    run(...args) {
        const result = spawnSync(binary, args, { env: this.environment, encoding: 'utf8', timeout: 60_000, maxBuffer: 1 << 26 });
        return { code: result.status, out: result.stdout, err: result.stderr };
    }
    report(kind, ...args) {
        return this.run('report', kind, ...this.folders, '--timezone', 'UTC', ...args);
    }
    json(kind, ...args) {
        const result = this.report(kind, '--json', ...args);
        if (result.code !== 0) throw new Error(`report ${kind} ended with ${result.code}: ${result.err}`);
        return JSON.parse(result.out);
    }
    remove() {
        rmSync(this.folder, { recursive: true, force: true });
    }
}

/** `tidemark serve`, its first scan done (the demo's takes a while). */
export async function serve(world, ...args) {
    const process_ = spawn(binary, ['serve', '--listen', `127.0.0.1:${world.port}`, ...world.folders, ...args], { env: world.environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let err = '';
    process_.stderr.on('data', (data) => (err += data));
    const ended = new Promise((resolve) => process_.on('exit', (code, signal) => resolve({ code, signal, err })));
    let out = '';
    const port = await new Promise((resolve, reject) => {
        process_.stdout.on('data', (data) => {
            out += data;
            const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(out);
            if (found) resolve(Number(found[1]));
        });
        ended.then(({ code }) => reject(new Error(`serve ended with ${code}: ${err}`)));
    });
    const server = {
        port,
        pid: process_.pid,
        request: (method, target, { headers = {}, body } = {}) => request(port, method, target, headers, body),
        get: (target, headers) => request(port, 'GET', target, headers ?? {}),
        async json(target) {
            const answer = await request(port, 'GET', target, {});
            if (answer.status !== 200) throw new Error(`GET ${target} answered ${answer.status}: ${answer.text}`);
            return JSON.parse(answer.text);
        },
        /** What it has printed so far that `pattern` finds; waits for it. */
        async printed(pattern) {
            while (!pattern.test(out)) await new Promise((resolve) => process_.stdout.once('data', resolve));
            return pattern.exec(out);
        },
        post: (target, value, headers) => request(port, 'POST', target, { 'content-type': 'application/json', ...headers }, JSON.stringify(value)),
        put: (target, value, headers) => request(port, 'PUT', target, { 'content-type': 'application/json', ...headers }, JSON.stringify(value)),
        stop(signal = 'SIGTERM') {
            process_.kill(signal);
            return ended;
        },
    };
    const patience = Date.now() + 120_000;
    while ((await server.get('/readyz')).status !== 200) {
        if (Date.now() > patience) throw new Error('the server did not become ready');
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return server;
}

function request(port, method, path, headers, body) {
    return new Promise((resolve, reject) => {
        const sent = http.request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (answer) => {
            const parts = [];
            answer.on('data', (part) => parts.push(part));
            answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text: Buffer.concat(parts).toString() }));
        });
        sent.on('error', reject);
        sent.end(body);
    });
}

/** An event stream: events() waits for the next event that `wanted` accepts. */
export function openStream(port, headers = {}) {
    const events = [];
    const waiting = new Set();
    let over;
    const ended = new Promise((resolve) => (over = resolve));
    const sent = http.get({ host: '127.0.0.1', port, path: '/api/v1/stream', headers: { accept: 'text/event-stream', ...headers }, agent: false }, (answer) => {
        let pending = '';
        answer.setEncoding('utf8');
        answer.on('data', (data) => {
            pending += data;
            for (let end = pending.indexOf('\n\n'); end >= 0; end = pending.indexOf('\n\n')) {
                const fields = {};
                for (const line of pending.slice(0, end).split('\n')) {
                    const colon = line.indexOf(':');
                    if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 1).trimStart();
                }
                pending = pending.slice(end + 2);
                if (!fields.event) continue;
                events.push({ event: fields.event, id: fields.id, data: JSON.parse(fields.data) });
                for (const check of waiting) check();
            }
        });
        answer.on('close', over);
        answer.on('error', () => {}); // closed by close() or by the server's end
    });
    sent.on('error', () => {});
    return {
        next(wanted, seconds = 10) {
            return new Promise((resolve, reject) => {
                const timer = setTimeout(() => {
                    waiting.delete(check);
                    reject(new Error(`no such event in ${seconds} s; got ${events.map((e) => e.event).join(', ')}`));
                }, seconds * 1000);
                const check = () => {
                    const index = events.findIndex(wanted);
                    if (index < 0) return;
                    clearTimeout(timer);
                    waiting.delete(check);
                    resolve(events.splice(index, 1)[0]);
                };
                waiting.add(check);
                check();
            });
        },
        /** Closed, by whichever side. */
        ended,
        close: () => sent.destroy(),
    };
}
