// A stand-in for the server while working on the pages: deterministic made-up usage that follows the
// API, an event stream that moves, and dist/ with the same security headers.
//   node dev/mock-server.mjs [--port 8399] [--still] [--empty] [--pace 1500] [--dist DIR]
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const option = (name, fallback) => {
    const at = process.argv.indexOf(`--${name}`);
    return at < 0 ? fallback : (process.argv[at + 1] ?? fallback);
};
const flag = (name) => process.argv.includes(`--${name}`);
const port = Number(option('port', '8399'));
const pace = Number(option('pace', '1500'));
const empty = flag('empty');
const dist = option('dist', fileURLToPath(new URL('../dist', import.meta.url)));

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function random(seed) {
    let state = seed >>> 0;
    return () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state / 4294967296;
    };
}

const MODELS = [
    { id: 'claude-opus-4-8', label: 'Opus 4.8', price: 15, weight: 0.45 },
    { id: 'claude-sonnet-5', label: 'Sonnet 5', price: 6, weight: 0.4 },
    { id: 'claude-haiku-4-5', label: 'Haiku 4.5', price: 2, weight: 0.15 },
];
const PROJECTS = [
    'billing-core',
    'infra-terraform',
    'mobile-app',
    'search-api',
    'docs-site',
    'data-pipeline',
    'web-portal',
    'auth-service',
    'ml-notebooks',
].map((name, index) => ({ key: `/home/dev/code/${name}`, label: name, weight: 1 / (index + 1.5) }));
const BRANCHES = ['main', 'fix/rounding', 'feature/search', 'release'];
const TOOLS = ['Read', 'Bash', 'Edit', 'Grep', 'Write', 'mcp__jira__get_issue'];
const KINDS = ['main', 'main', 'main', 'subagent', 'auxiliary'];

const pick = (list, r) => {
    const all = list.reduce((sum, one) => sum + (one.weight ?? 1), 0);
    let at = r * all;
    for (const one of list) {
        at -= one.weight ?? 1;
        if (at <= 0) return one;
    }
    return list[list.length - 1];
};

let nextId = 1;
const rows = [];
const sessions = new Map();

function addRow(time, next, forced) {
    const project = forced?.project ?? pick(PROJECTS, next());
    const model = forced?.model ?? pick(MODELS, next());
    const day = Math.floor(time / DAY);
    const session =
        forced?.session ??
        `${String(day)}-${PROJECTS.indexOf(project)}${Math.floor((time % DAY) / (3 * HOUR))}-4c1d-9e0f`;
    const cacheRead = Math.round(20_000 + next() * 110_000);
    const cacheWrite = next() < 0.06 ? cacheRead : Math.round(800 + next() * 4000);
    const input = Math.round(4 + next() * 60);
    const output = Math.round(200 + next() * 2600);
    const cost =
        ((input + cacheWrite * 1.25 + cacheRead * 0.1 + output * 5) * model.price) / 3 / 1e6;
    const kind = KINDS[Math.floor(next() * KINDS.length)];
    const row = {
        id: nextId++,
        time,
        session,
        project,
        branch: BRANCHES[Math.floor(next() * BRANCHES.length)],
        model,
        kind,
        tool: TOOLS[Math.floor(next() * TOOLS.length)],
        input,
        output,
        thinking: Math.round(output * 0.3),
        cacheWrite,
        cacheRead,
        cost,
        duration: Math.round(2000 + next() * 28_000),
    };
    rows.push(row);
    let known = sessions.get(session);
    if (!known) {
        known = { id: session, project, branch: row.branch, rows: [] };
        sessions.set(session, known);
    }
    known.rows.push(row);
    return row;
}

const next = random(7);
if (!empty) {
    const start = Date.now() - 370 * DAY;
    for (let time = start; time < Date.now(); time += 15 * MINUTE) {
        const hour = new Date(time).getUTCHours() + new Date(time).getUTCMinutes() / 60;
        const weekday = new Date(time).getUTCDay();
        const shape =
            Math.exp(-((hour - 3) ** 2) / 2.4) +
            1.2 * Math.exp(-((hour - 8) ** 2) / 5) +
            (Date.now() - time < 6 * HOUR ? 0.9 : 0.02);
        const amount = shape * (weekday % 6 === 0 ? 0.8 : 1) * (0.4 + next());
        const recent = Date.now() - time < 3 * DAY;
        const count = Math.floor(amount * (recent ? 16 : 1.4) + next());
        for (let i = 0; i < count; i++)
            addRow(Math.min(time + next() * 15 * MINUTE, Date.now()), next);
    }
    rows.sort((a, b) => a.time - b.time);
    for (const session of sessions.values()) session.rows.sort((a, b) => a.time - b.time);
}
let seq = rows.length;

const blank = () => ({
    cost: 0,
    input_tokens: 0,
    output_tokens: 0,
    thinking_tokens: 0,
    cache_write_tokens: 0,
    cache_write_5m_tokens: 0,
    cache_write_1h_tokens: 0,
    cache_read_tokens: 0,
    total_tokens: 0,
    requests: 0,
    sessions: 0,
    web_searches: 0,
    incomplete_requests: 0,
    unpriced_requests: 0,
    unpriced_tokens: 0,
    cache_hit_ratio: null,
    duration_ms: 0,
    average_duration: null,
});

function measures(list) {
    const sum = blank();
    const seen = new Set();
    for (const row of list) {
        sum.cost += row.cost;
        sum.input_tokens += row.input;
        sum.output_tokens += row.output;
        sum.thinking_tokens += row.thinking;
        sum.cache_write_tokens += row.cacheWrite;
        sum.cache_write_1h_tokens += row.cacheWrite;
        sum.cache_read_tokens += row.cacheRead;
        sum.duration_ms += row.duration;
        sum.requests += 1;
        seen.add(row.session);
    }
    sum.total_tokens =
        sum.input_tokens + sum.output_tokens + sum.cache_write_tokens + sum.cache_read_tokens;
    sum.sessions = seen.size;
    const prompt = sum.input_tokens + sum.cache_write_tokens + sum.cache_read_tokens;
    sum.cache_hit_ratio = prompt > 0 ? sum.cache_read_tokens / prompt : null;
    sum.average_duration = sum.requests > 0 ? sum.duration_ms / sum.requests : null;
    return sum;
}

const KEY = {
    none: () => '',
    project: (row) => row.project.key,
    model: (row) => row.model.id,
    branch: (row) => row.branch,
    session: (row) => row.session,
    kind: (row) => row.kind,
    tool: (row) => row.tool,
    version: () => '2.1.330',
    entrypoint: () => 'cli',
    effort: () => 'high',
    speed: () => 'standard',
};
const keyOf = (dimension) => KEY[dimension] ?? (() => '');

function labelOf(dimension, key) {
    if (dimension === 'project') return PROJECTS.find((one) => one.key === key)?.label ?? key;
    if (dimension === 'model') return MODELS.find((one) => one.id === key)?.label ?? key;
    return key;
}

/** Offset of the zone at the instant, from Intl. */
function offset(time, tz) {
    const parts = new Intl.DateTimeFormat('en-US', {
        timeZone: tz,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
    }).formatToParts(time);
    const part = (type) => Number(parts.find((one) => one.type === type).value);
    return (
        Date.UTC(
            part('year'),
            part('month') - 1,
            part('day'),
            part('hour'),
            part('minute'),
            part('second'),
        ) -
        Math.floor(time / 1000) * 1000
    );
}
const startOfDay = (time, tz) => {
    const shift = offset(time, tz);
    return Math.floor((time + shift) / DAY) * DAY - shift;
};
const startOfMonth = (time, tz, months = 0) => {
    const shift = offset(time, tz);
    const local = new Date(time + shift);
    return Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + months, 1) - shift;
};

function scope(query) {
    const tz = query.get('tz') ?? 'UTC';
    const now = Date.now();
    const from = query.has('from') ? Date.parse(query.get('from')) : startOfDay(now, tz);
    const to = query.has('to') ? Date.parse(query.get('to')) : now;
    return { tz, now, from, to };
}

function within(query, from, to) {
    const tests = Object.keys(KEY)
        .filter((name) => query.has(name))
        .map((name) => {
            const values = query.getAll(name);
            return (row) => values.includes(keyOf(name)(row));
        });
    return rows.filter(
        (row) => row.time >= from && row.time < to && tests.every((test) => test(row)),
    );
}

function grouped(list, dimension) {
    const groups = new Map();
    const key = keyOf(dimension);
    for (const row of list) {
        const id = key(row);
        if (!groups.has(id)) groups.set(id, []);
        groups.get(id).push(row);
    }
    return groups;
}

const iso = (time) => new Date(time).toISOString();

function summary(query) {
    const { tz, now, from, to } = scope(query);
    const list = within(query, from, to);
    const all = measures(list);
    const ranked = (dimension) =>
        [...grouped(list, dimension)]
            .map(([key, part]) => ({
                key,
                label: labelOf(dimension, key),
                measures: measures(part),
            }))
            .sort((a, b) => b.measures.cost - a.measures.cost)
            .slice(0, 50);
    const end = Math.min(to, now);
    const before = query.get('compare') === 'previous';
    return {
        seq,
        from: iso(from),
        to: iso(to),
        tz,
        total_input_tokens: all.input_tokens,
        total_output_tokens: all.output_tokens,
        total_thinking_tokens: all.thinking_tokens,
        total_cache_write_tokens: all.cache_write_tokens,
        total_cache_write_5m_tokens: 0,
        total_cache_write_1h_tokens: all.cache_write_tokens,
        total_cache_read_tokens: all.cache_read_tokens,
        total_tokens: all.total_tokens,
        total_cost: all.cost,
        request_count: all.requests,
        session_count: all.sessions,
        web_search_count: 0,
        incomplete_count: 0,
        unpriced_count: 0,
        unpriced_tokens: 0,
        unpriced_models: [],
        cache_hit_ratio: all.cache_hit_ratio,
        average_duration: all.average_duration,
        daily_average: all.cost / Math.max(1, (end - from) / DAY),
        weekly_trend: 0.12,
        monthly_trend: -0.04,
        by_project: ranked('project'),
        by_model: ranked('model'),
        previous: before ? measures(within(query, from - (end - from), from)) : null,
        previous_from: before ? iso(from - (end - from)) : null,
        previous_to: before ? iso(from) : null,
    };
}

const UNITS = {
    cost: 'usd',
    cost_per_request: 'usd',
    requests: 'count',
    sessions: 'count',
    web_searches: 'count',
    tool_calls: 'count',
    tool_errors: 'count',
    cache_hit_ratio: 'ratio',
    average_duration: 'ms',
};
function metricOf(name, list) {
    const all = measures(list);
    if (name === 'cost_per_request') return all.requests ? all.cost / all.requests : null;
    if (name === 'tool_calls') return all.requests;
    if (name === 'tool_errors') return 0;
    return name in all ? all[name] : 0;
}
function bucketStarts(from, to, bucket, tz) {
    const fixed = { '5m': 5 * MINUTE, '15m': 15 * MINUTE, '1h': HOUR, '1d': DAY, '1w': 7 * DAY }[
        bucket
    ];
    const starts = [];
    if (fixed) {
        const first = fixed >= DAY ? startOfDay(from, tz) : Math.floor(from / fixed) * fixed;
        for (let time = first; time < to; time += fixed) starts.push(time);
        return { starts, end: (starts.at(-1) ?? from) + fixed };
    }
    const months = bucket === '1y' ? 12 : 1;
    let time = startOfMonth(from, tz);
    while (time < to) {
        starts.push(time);
        time = startOfMonth(time + 15 * DAY, tz, months);
    }
    return { starts, end: time };
}
function series(query) {
    const { tz, now, from, to } = scope(query);
    const metric = query.get('metric') ?? 'cost';
    const span = to - from;
    let bucket = query.get('bucket') ?? 'auto';
    if (bucket === 'auto') {
        if (span <= 6 * HOUR) bucket = '5m';
        else if (span <= 26 * HOUR) bucket = '15m';
        else if (span <= 8 * DAY) bucket = '1h';
        else if (span <= 120 * DAY) bucket = '1d';
        else bucket = '1w';
    }
    const { starts, end } = bucketStarts(from, to, bucket, tz);
    const list = within(query, from, to);
    const dimension = query.get('group_by') ?? 'none';
    const limit = Number(query.get('limit') ?? 7);
    const indexOf = (time) => {
        let at = starts.length - 1;
        while (at > 0 && starts[at] > time) at--;
        return at;
    };
    const column = (part, shift = 0) => {
        const cells = starts.map(() => []);
        for (const row of part) cells[indexOf(row.time + shift)]?.push(row);
        return cells.map((cell) => metricOf(metric, cell));
    };
    const groups = [...grouped(list, dimension)]
        .map(([key, part]) => ({ key, part, total: metricOf(metric, part) }))
        .sort((a, b) => b.total - a.total);
    const top = groups.slice(0, limit);
    const rest = groups.slice(limit).flatMap((group) => group.part);
    const result = top.map(({ key, part, total }) => ({
        key,
        label: labelOf(dimension, key),
        values: column(part),
        total,
    }));
    if (rest.length > 0) {
        result.push({
            key: '__other__',
            label: 'Other',
            values: column(rest),
            total: metricOf(metric, rest),
        });
    }
    if (result.length === 0 && dimension === 'none') {
        result.push({ key: '', label: '', values: column([]), total: 0 });
    }
    const earlier =
        query.get('compare') === 'previous' ? within(query, from - span, to - span) : null;
    return {
        seq,
        metric,
        unit: UNITS[metric] ?? 'tokens',
        bucket,
        tz,
        buckets: starts.map(iso),
        ends_at: iso(end),
        series: result,
        other_count: Math.max(0, groups.length - limit),
        previous: earlier
            ? { values: column(earlier, span), total: metricOf(metric, earlier) }
            : null,
        complete_until: iso(now),
    };
}

function breakdown(query) {
    const { from, to } = scope(query);
    const list = within(query, from, to);
    const totals = measures(list);
    const dimension = query.get('group_by') ?? 'project';
    const points = Number(query.get('trend') ?? 0);
    const earlier = grouped(within(query, from - (to - from), from), dimension);
    const sort = query.get('sort') ?? 'cost';
    const ranked = [...grouped(list, dimension)]
        .map(([key, part]) => {
            const own = measures(part);
            const before = earlier.has(key) ? measures(earlier.get(key)).cost : null;
            const trend = Array.from({ length: points }, () => 0);
            for (const row of part) {
                const at = Math.min(
                    points - 1,
                    Math.floor(((row.time - from) / (to - from)) * points),
                );
                if (points) trend[at] += row.cost;
            }
            return {
                key,
                label: labelOf(dimension, key),
                measures: own,
                share: totals.cost > 0 ? own.cost / totals.cost : 0,
                previous_cost: before,
                change: before ? own.cost / before - 1 : null,
                trend: points ? trend : null,
            };
        })
        .sort((a, b) => (b.measures[sort] ?? 0) - (a.measures[sort] ?? 0));
    if (query.get('order') === 'asc') ranked.reverse();
    const offsetRows = Number(query.get('offset') ?? 0);
    return {
        seq,
        rows: ranked.slice(offsetRows, offsetRows + Number(query.get('limit') ?? 50)),
        totals,
        total_rows: ranked.length,
    };
}

function hours(query) {
    const { from, to } = scope(query);
    const metric = query.get('metric') ?? 'cost';
    const cells = Array.from({ length: 7 }, () => Array.from({ length: 24 }, () => []));
    for (const row of within(query, from, to)) {
        const at = new Date(row.time);
        cells[(at.getUTCDay() + 6) % 7][at.getUTCHours()].push(row);
    }
    const weeks = Math.max(1, (to - from) / (7 * DAY));
    return {
        seq,
        metric,
        unit: UNITS[metric] ?? 'tokens',
        values: cells.map((day) =>
            day.map((cell) =>
                UNITS[metric] === 'ratio' || UNITS[metric] === 'ms'
                    ? metricOf(metric, cell)
                    : metricOf(metric, cell) / weeks,
            ),
        ),
    };
}

function sessionAnswer(session, now = Date.now()) {
    const first = session.rows[0];
    const last = session.rows.at(-1);
    return {
        id: session.id,
        project: { key: session.project.key, label: session.project.label },
        branch: session.branch,
        models: [...new Set(session.rows.map((row) => row.model.id))],
        started: iso(first.time),
        last_activity: iso(last.time),
        active: now - last.time < 5 * MINUTE,
        parent_session: null,
        version: '2.1.330',
        entrypoint: 'cli',
        measures: measures(session.rows),
        duration_ms: Math.round(last.time - first.time),
        context_tokens: last.cacheRead + last.cacheWrite + last.input,
        context_window: 200_000,
        subagents: session.rows.filter((row) => row.kind === 'subagent').length % 5,
        compactions: Math.floor(session.rows.length / 60),
        api_errors: 0,
        limit_hits: 0,
        lines_added: session.rows.length * 11,
        lines_removed: session.rows.length * 4,
        pull_requests: 0,
    };
}

function activeSessions(now) {
    return [...sessions.values()]
        .filter((session) => now - session.rows.at(-1).time < 5 * MINUTE)
        .sort((a, b) => b.rows.at(-1).time - a.rows.at(-1).time)
        .map((session) => {
            const recent = session.rows.filter((row) => now - row.time < 30 * MINUTE);
            const own = measures(recent);
            return {
                ...sessionAnswer(session, now),
                tokens_per_minute: own.total_tokens / 30,
                cost_per_hour: own.cost * 2,
            };
        });
}

function record(row) {
    return {
        id: row.id,
        time: iso(row.time),
        session_id: row.session,
        project: row.project.key,
        branch: row.branch,
        model: row.model.id,
        model_given: row.model.id,
        kind: row.kind,
        agent: row.kind === 'subagent' ? 'test-runner' : null,
        input_tokens: row.input,
        output_tokens: row.output,
        thinking_tokens: row.thinking,
        cache_write_5m_tokens: 0,
        cache_write_1h_tokens: row.cacheWrite,
        cache_read_tokens: row.cacheRead,
        web_searches: 0,
        cost: row.cost,
        duration_ms: row.duration,
        stop_reason: 'tool_use',
        speed: 'standard',
        service_tier: 'standard',
        geo: null,
        effort: 'high',
        incomplete: false,
        message_id: `msg_${row.id}`,
        request_id: `req_${row.id}`,
        tools: [{ name: row.tool, calls: 1 }],
        version: '2.1.330',
        entrypoint: 'cli',
        source: { file: `/home/dev/.claude/projects/x/${row.session}.jsonl`, line: row.id % 900 },
    };
}

function block(now) {
    if (rows.length === 0) return null;
    const from = Math.floor((now - 3.4 * HOUR) / HOUR) * HOUR;
    const own = measures(rows.filter((row) => row.time >= from));
    const left = (from + 5 * HOUR - now) / MINUTE;
    const gone = Math.max(1, (now - from) / MINUTE);
    return {
        from: iso(from),
        to: iso(from + 5 * HOUR),
        measures: own,
        tokens_per_minute: own.total_tokens / gone,
        cost_per_hour: (own.cost / gone) * 60,
        projected_cost: own.cost + (own.cost / gone) * left,
        projected_tokens: Math.round(own.total_tokens + (own.total_tokens / gone) * left),
        remaining_minutes: left,
        yardstick_tokens: Math.round(own.total_tokens * 1.5),
        estimate: true,
    };
}

function overview(query) {
    const { tz, now } = scope(query);
    const none = new URLSearchParams();
    const today = startOfDay(now, tz);
    const month = startOfMonth(now, tz);
    const before = startOfMonth(now, tz, -1);
    const recent = measures(within(none, now - 30 * MINUTE, now + 1));
    const todayRows = within(none, today, now + 1);
    const yesterday = measures(within(none, today - DAY, now - DAY));
    const projects = [...grouped(todayRows, 'project')]
        .map(([key, part]) => ({
            key,
            label: labelOf('project', key),
            measures: measures(part),
            previous_cost: measures(part).cost * 0.9,
        }))
        .sort((a, b) => b.measures.cost - a.measures.cost)
        .slice(0, 6);
    const active = activeSessions(now);
    const own = measures(within(none, month, now + 1));
    const days = (now - month) / DAY;
    return {
        seq,
        now: iso(now),
        newest_event: rows.length ? iso(rows.at(-1).time) : null,
        today: measures(todayRows),
        yesterday_same_time: yesterday,
        week_average_same_time: rows.length ? yesterday : null,
        burn: {
            cost_per_hour: recent.cost * 2,
            tokens_per_minute: recent.total_tokens / 30,
            peak_cost_per_hour: recent.cost * 3.1,
            previous_cost_per_hour: recent.cost * 1.8,
            window_minutes: 30,
        },
        active_sessions: active.length,
        sessions_today: measures(todayRows).sessions,
        sessions_yesterday_same_time: yesterday.sessions,
        month: {
            measures: own,
            previous_same_span: measures(within(none, before, before + (now - month))),
            projected_cost: rows.length ? (own.cost / days) * 30 : null,
            from: iso(month),
        },
        state: rows.length
            ? { today: 'warning', block: 'warning', burn: 'normal' }
            : { today: null, block: null, burn: null },
        block: block(now),
        top_projects: projects,
        sessions: active,
        notices: rows.length
            ? [
                  {
                      code: 'unpriced_model',
                      severity: 'warning',
                      params: { model: 'claude-fable-6', tokens: 1_240_000 },
                  },
                  { code: 'cleanup_soon', severity: 'warning', params: { days: 3, files: 214 } },
                  {
                      code: 'cost_spike',
                      severity: 'info',
                      params: { project: PROJECTS[1].key, ratio: 2.6 },
                  },
              ]
            : [],
    };
}

function facets(query) {
    const { from, to } = scope(query);
    const list = within(new URLSearchParams(), from, to);
    const names =
        'project model branch session kind tool version entrypoint agent skill plugin mcp_server effort speed service_tier geo member'.split(
            ' ',
        );
    return Object.fromEntries(
        names.map((name) => [
            name,
            KEY[name]
                ? [...grouped(list, name).keys()].map((key) => ({ key, label: labelOf(name, key) }))
                : [],
        ]),
    );
}

let settings = {
    time_zone: null,
    week_start: 1,
    currency: 'USD',
    exchange_rate: null,
    language: 'auto',
    theme: 'auto',
};
let overrides = [];

function prices() {
    return {
        book_version: '2026-11-20',
        models: MODELS.map((model) => ({
            id: model.id,
            family: model.label.split(' ')[0].toLowerCase(),
            label: model.label,
            aliases: [],
            rows: [
                {
                    from: '2026-01-01T00:00:00Z',
                    until: null,
                    input: model.price / 3,
                    output: (model.price / 3) * 5,
                    cache_write_5m: (model.price / 3) * 1.25,
                    cache_write_1h: (model.price / 3) * 2,
                    cache_read: model.price / 30,
                    web_search_per_1000: 10,
                    tier: null,
                    fast: null,
                    batch_multiplier: 0.5,
                    us_geo_multiplier: 1.1,
                },
            ],
            overridden: overrides.some((one) => one.model === model.id),
            source: 'anthropic.com/pricing',
            note: null,
        })),
        unknown_models: [
            {
                model: 'claude-fable-6',
                requests: 38,
                tokens: 1_240_000,
                first_seen: iso(Date.now() - 2 * DAY),
            },
        ],
        overrides,
    };
}

const page = (list, query) => {
    const at = Number(query.get('cursor') ?? 0);
    const limit = Number(query.get('limit') ?? 50);
    return {
        part: list.slice(at, at + limit),
        cursor: at + limit < list.length ? String(at + limit) : null,
    };
};

function answer(url, body) {
    const query = url.searchParams;
    const route = url.pathname.replace('/api/v1', '');
    const now = Date.now();
    const one = /^\/sessions\/([^/]+)$/.exec(route);
    if (route === '/usage/summary') return summary(query);
    if (route === '/usage/series') return series(query);
    if (route === '/usage/breakdown') return breakdown(query);
    if (route === '/usage/hours') return hours(query);
    if (route === '/usage/records') {
        const { from, to } = scope(query);
        const { part, cursor } = page(within(query, from, to).reverse(), query);
        return { records: part.map(record), next_cursor: cursor };
    }
    if (route === '/sessions/active') return { seq, sessions: activeSessions(now) };
    if (route === '/sessions') {
        const { from, to } = scope(query);
        const wanted = (query.get('q') ?? '').toLowerCase();
        const list = [...grouped(within(query, from, to), 'session').keys()]
            .map((id) => sessions.get(id))
            .filter((session) =>
                `${session.id} ${session.branch} ${session.project.label}`
                    .toLowerCase()
                    .includes(wanted),
            )
            .map((session) => sessionAnswer(session))
            .sort((a, b) => (a.last_activity < b.last_activity ? 1 : -1));
        const { part, cursor } = page(list, query);
        return { sessions: part, next_cursor: cursor, total: list.length };
    }
    if (one) {
        const session = sessions.get(decodeURIComponent(one[1]));
        if (!session) return null;
        const agents = ['main', 'explore', 'test-runner'].map((name, index) => {
            const list = session.rows.filter((_, at) => at % 3 === index);
            const part = list.length ? list : session.rows.slice(0, 1);
            return {
                id: name,
                name,
                type: name,
                parent_id: index ? 'main' : null,
                started: iso(part[0].time),
                ended: iso(part.at(-1).time),
                measures: measures(part),
                spans: [{ from: iso(part[0].time), to: iso(part.at(-1).time) }],
            };
        });
        let size = 20_000;
        return {
            seq,
            session: sessionAnswer(session),
            requests: session.rows.map((row, index) => {
                size = index % 60 === 59 ? 36_000 : size + 1800;
                return { ...record(row), context_tokens: size, cache_miss: index % 17 === 16 };
            }),
            truncated: false,
            events: session.rows
                .filter((_, index) => index % 60 === 59)
                .map((row) => ({ time: iso(row.time), type: 'compaction', detail: {} })),
            tools: TOOLS.map((name, index) => ({
                name,
                calls: session.rows.filter((row) => row.tool === name).length,
                errors: index === 1 ? 6 : 0,
            })),
            agents,
            unlogged: null,
            median_cost: 3.6,
        };
    }
    if (route === '/projects') {
        return {
            projects: [...grouped(rows, 'project')].map(([key, part]) => ({
                key,
                label: labelOf('project', key),
                path: key,
                git_remote: null,
                first_activity: iso(part[0].time),
                last_activity: iso(part.at(-1).time),
                measures: measures(part),
            })),
        };
    }
    if (route === '/limits') return { block: block(now), hits: [] };
    if (route === '/overview') return overview(query);
    if (route === '/facets') return facets(query);
    if (route === '/sources') {
        return {
            roots: [
                {
                    path: '/home/dev/.claude/projects',
                    exists: true,
                    files: empty ? 0 : 1284,
                    bytes: empty ? 0 : 1_932_735_283,
                    newest: rows.length ? iso(rows.at(-1).time) : null,
                    watch: 'inotify',
                    cleanup_period_days: 30,
                },
                {
                    path: '/home/dev/.config/claude/projects',
                    exists: false,
                    files: 0,
                    bytes: 0,
                    newest: null,
                    watch: 'polling',
                    cleanup_period_days: null,
                },
            ],
            files: empty ? 0 : 1284,
            bytes: empty ? 0 : 1_932_735_283,
            requests: rows.length,
            duplicates: 1204,
            bad_lines: empty ? 0 : 2,
            incomplete: 3,
            scanned_at: iso(now - 4000),
            oldest_transcript: rows.length ? iso(rows[0].time) : null,
            safe_since: rows.length ? iso(rows[0].time) : null,
            problems: empty
                ? []
                : [
                      {
                          file: '/home/dev/.claude/projects/-home-dev-code-docs-site/5f2c.jsonl',
                          line: 118,
                          reason: 'not_json',
                          time: iso(now - 3 * HOUR),
                      },
                      {
                          file: '/home/dev/.claude/projects/-home-dev-code-mobile-app/90aa.jsonl',
                          line: 4021,
                          reason: 'line_too_long',
                          time: iso(now - 5 * DAY),
                      },
                  ],
            data_dir: '/home/dev/.local/share/tidemark',
            database_bytes: 48_234_496,
            schema_version: 7,
        };
    }
    if (route === '/prices') return prices();
    if (route === '/prices/overrides') {
        overrides = body.overrides;
        return {
            repriced_requests: 1180,
            cost_before: 412.4,
            cost_after: 398.2,
            changed_models: overrides.map((entry) => ({
                model: entry.model,
                before: 12.4,
                after: 9.8,
            })),
        };
    }
    if (route === '/settings') {
        if (body) settings = body;
        return settings;
    }
    if (route === '/version') {
        return { version: '1.0.0', commit: 'abcdef1', started_at: iso(now - HOUR), demo: false };
    }
    return null;
}

const streams = new Set();
if (!flag('still') && !empty) {
    const live = random(99);
    const open = PROJECTS.slice(0, 5).map((project, index) => ({
        project,
        model: MODELS[index % 3],
        session: `live-${index}c1d-4e0f-9a3b`,
    }));
    setInterval(() => {
        const row = addRow(Date.now(), live, open[Math.floor(live() * open.length)]);
        seq += 1;
        const own = measures([row]);
        const data = {
            seq,
            time: iso(row.time),
            changes: [
                {
                    quarter: iso(Math.floor(row.time / (15 * MINUTE)) * 15 * MINUTE),
                    session_id: row.session,
                    project: row.project.key,
                    model: row.model.id,
                    branch: row.branch,
                    kind: row.kind,
                    member: '',
                    measures: own,
                },
            ],
            new_sessions: [],
        };
        for (const stream of streams) {
            stream.write(`event: usage\nid: ${seq}\ndata: ${JSON.stringify(data)}\n\n`);
        }
    }, pace);
}

const TYPES = {
    '.html': 'text/html; charset=utf-8',
    '.js': 'text/javascript',
    '.css': 'text/css',
    '.svg': 'image/svg+xml',
    '.woff2': 'font/woff2',
};
const CSP =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

async function serveFile(request, url, response) {
    let name = path.normalize(url.pathname).replace(/^\/+/, '');
    if (!path.extname(name)) name = 'index.html';
    const accepts = String(request.headers['accept-encoding'] ?? '');
    const file = path.join(dist, name);
    const headers = {
        'content-type': TYPES[path.extname(name)] ?? 'application/octet-stream',
        'content-security-policy': CSP,
        'cache-control': name.startsWith('assets/')
            ? 'public, max-age=31536000, immutable'
            : 'no-cache',
    };
    try {
        if (accepts.includes('br')) {
            const bytes = await readFile(`${file}.br`).catch(() => null);
            if (bytes) {
                response.writeHead(200, { ...headers, 'content-encoding': 'br' });
                return response.end(bytes);
            }
        }
        const bytes = await readFile(file);
        response.writeHead(200, headers);
        return response.end(bytes);
    } catch {
        response.writeHead(404);
        return response.end();
    }
}

http.createServer(async (request, response) => {
    const url = new URL(request.url, 'http://x');
    if (url.pathname === '/api/v1/stream') {
        response.writeHead(200, {
            'content-type': 'text/event-stream',
            'cache-control': 'no-store',
        });
        response.write(
            `retry: 1000\nevent: hello\ndata: ${JSON.stringify({ seq, now: iso(Date.now()) })}\n\n`,
        );
        streams.add(response);
        request.on('close', () => streams.delete(response));
        return;
    }
    if (!url.pathname.startsWith('/api/')) {
        await serveFile(request, url, response);
        return;
    }
    let text = '';
    for await (const chunk of request) text += chunk;
    const result = answer(url, text ? JSON.parse(text) : null);
    if (result === null) {
        response.writeHead(404, { 'content-type': 'application/problem+json' });
        response.end(
            JSON.stringify({
                type: 'about:blank',
                title: 'Not found',
                status: 404,
                code: 'not_found',
                detail: '',
                errors: [],
                request_id: 'mock',
            }),
        );
        return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(result));
}).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}`));
