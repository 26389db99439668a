// Made-up transcripts with known totals. SECRET stands wherever a real transcript has text: it must never come out again.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const SECRET = 'tell-nobody-7f3a';
const uuid = (n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
export const sessions = { main: uuid(1), other: uuid(2), fork: uuid(3), live: uuid(4) };
let next = 100;

/** Rows of one answer: one for each block, every one with the same message id and usage. */
export function answer({ message, session, cwd = '/home/dev/shop', time, model = 'claude-sonnet-4-5-20250929', usage, blocks = 2, extra = {} }) {
    return Array.from({ length: blocks }, (_, block) =>
        JSON.stringify({
            parentUuid: null,
            isSidechain: false,
            type: 'assistant',
            uuid: uuid(next++),
            timestamp: time,
            sessionId: session,
            cwd,
            gitBranch: 'main',
            version: '2.1.330',
            entrypoint: 'cli',
            userType: 'external',
            requestId: `req_${message}`,
            message: {
                id: message,
                type: 'message',
                role: 'assistant',
                model,
                stop_reason: 'end_turn',
                content: [block === 0 ? { type: 'text', text: SECRET } : { type: 'tool_use', id: `toolu_${message}`, name: 'Bash', input: { command: SECRET } }],
                usage: {
                    input_tokens: usage[0],
                    output_tokens: usage[1],
                    cache_creation_input_tokens: usage[2],
                    cache_read_input_tokens: usage[3],
                    cache_creation: { ephemeral_5m_input_tokens: usage[2], ephemeral_1h_input_tokens: 0 },
                },
            },
            ...extra,
        }),
    );
}

export function prompt(session, time, cwd = '/home/dev/shop') {
    return JSON.stringify({
        parentUuid: null,
        isSidechain: false,
        type: 'user',
        uuid: uuid(next++),
        timestamp: time,
        sessionId: session,
        cwd,
        gitBranch: 'main',
        version: '2.1.330',
        message: { role: 'user', content: SECRET },
    });
}

export function fileOf(home, session, cwd = '/home/dev/shop') {
    return path.join(home, 'projects', cwd.replace(/[^A-Za-z0-9]/g, '-'), `${session}.jsonl`);
}

export function append(home, session, rows, cwd) {
    const file = fileOf(home, session, cwd);
    mkdirSync(path.dirname(file), { recursive: true });
    appendFileSync(file, `${rows.join('\n')}\n`);
}

/** What makeTranscripts holds, each request once: [input, output, cache write, cache read]. */
export const expected = {
    days: { '2026-11-01': [30, 300, 3000, 30000], '2026-11-02': [5, 50, 500, 5000] },
    totals: [35, 350, 3500, 35000],
    requests: 3,
    // Sonnet 4.5: 3 / 15 / 3.75 / 0.30 USD per million tokens.
    cost: (35 * 3 + 350 * 15 + 3500 * 3.75 + 35000 * 0.3) / 1e6,
};

/** Two sessions in two projects, a fork that repeats the first, a torn line, and a row the client made up. */
export function makeTranscripts(home) {
    const first = answer({ message: 'msg_01a', session: sessions.main, time: '2026-11-01T10:00:00.000Z', usage: [10, 100, 1000, 10000] });
    const second = answer({ message: 'msg_01b', session: sessions.main, time: '2026-11-01T10:05:00.000Z', usage: [20, 200, 2000, 20000], blocks: 3 });
    append(home, sessions.main, [prompt(sessions.main, '2026-11-01T09:59:50.000Z'), ...first, '{"type":"assistant","message":{"id":"msg_torn","us', ...second]);
    append(home, sessions.fork, first.map((row) => JSON.stringify({ ...JSON.parse(row), sessionId: sessions.fork, requestSessionId: sessions.main, forkedFrom: { sessionId: sessions.main } })));
    const made = answer({ message: uuid(99), session: sessions.other, cwd: '/home/dev/blog', time: '2026-11-02T00:30:00.000Z', model: '<synthetic>', usage: [0, 0, 0, 0], blocks: 1 });
    append(home, sessions.other, [...answer({ message: 'msg_01c', session: sessions.other, cwd: '/home/dev/blog', time: '2026-11-02T00:20:00.000Z', usage: [5, 50, 500, 5000] }), ...made], '/home/dev/blog');
    writeFileSync(path.join(home, 'settings.json'), '{"cleanupPeriodDays": 365}\n');
}
