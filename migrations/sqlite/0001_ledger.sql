-- The ledger. Times are milliseconds since 1970 UTC unless a name says otherwise; money is integer nano-USD.
-- Tables that users may read are described in docs/guide/schema.md.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value ANY
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
    id            INTEGER PRIMARY KEY,
    username      TEXT NOT NULL UNIQUE,
    email         TEXT,
    password_hash TEXT,
    role          TEXT NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'admin', 'enterprise')),
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
) STRICT;

-- A project is a repository or folder: worktrees are folded into the repository they belong to.
CREATE TABLE projects (
    id          INTEGER PRIMARY KEY,
    user_id     INTEGER REFERENCES users (id),
    name        TEXT NOT NULL,
    path        TEXT NOT NULL UNIQUE,
    git_remote  TEXT,
    description TEXT,
    budget      INTEGER,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT;

-- Every other string that repeats, numbered. kind: see NameKind in ledger/store/store.hpp.
CREATE TABLE names (
    id   INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (kind, text)
) STRICT;

CREATE TABLE sessions (
    id                  INTEGER PRIMARY KEY,
    uid                 TEXT NOT NULL UNIQUE,   -- the client's session id
    parent_uid          TEXT,                   -- the session this one was forked from
    project_id          INTEGER REFERENCES projects (id),
    started             INTEGER NOT NULL,       -- first and last request or event
    last_activity       INTEGER NOT NULL,
    turns               INTEGER NOT NULL DEFAULT 0,
    turn_ms             INTEGER NOT NULL DEFAULT 0,
    compactions         INTEGER NOT NULL DEFAULT 0,
    api_errors          INTEGER NOT NULL DEFAULT 0,
    limit_hits          INTEGER NOT NULL DEFAULT 0,
    pull_requests       INTEGER NOT NULL DEFAULT 0,
    lines_added         INTEGER NOT NULL DEFAULT 0,   -- counted from edits
    lines_removed       INTEGER NOT NULL DEFAULT 0,
    -- the client's own running total (cost-state rows); NULL where it wrote none
    client_cost         INTEGER,
    client_input        INTEGER,
    client_output       INTEGER,
    client_cache_write  INTEGER,
    client_cache_read   INTEGER,
    client_web_searches INTEGER,
    client_api_ms       INTEGER,
    client_lines_added  INTEGER,
    client_lines_removed INTEGER
) STRICT;

-- The combinations of attributes that requests share: a request and a rollup row name one of them.
CREATE TABLE dims (
    id            INTEGER PRIMARY KEY,
    hash          INTEGER NOT NULL UNIQUE,      -- base::hash_combine over the columns below
    session_id    INTEGER NOT NULL REFERENCES sessions (id),
    project_id    INTEGER NOT NULL REFERENCES projects (id),
    member_id     INTEGER NOT NULL,             -- names.id, 0 = none; so are all *_id below
    model_id      INTEGER NOT NULL,             -- canonical id where the price book knows it, else as given
    model_given_id INTEGER NOT NULL,
    branch_id     INTEGER NOT NULL,
    version_id    INTEGER NOT NULL,
    entrypoint_id INTEGER NOT NULL,
    effort_id     INTEGER NOT NULL,
    geo_id        INTEGER NOT NULL,
    agent_uid_id  INTEGER NOT NULL,             -- which subagent of the session
    agent_id      INTEGER NOT NULL,             -- its type
    skill_id      INTEGER NOT NULL,
    plugin_id     INTEGER NOT NULL,
    mcp_server_id INTEGER NOT NULL,
    mcp_tool_id   INTEGER NOT NULL,
    kind          INTEGER NOT NULL,             -- 0 main, 1 subagent, 2 auxiliary
    speed         INTEGER NOT NULL,             -- 0 standard, 1 fast
    tier          INTEGER NOT NULL              -- 0 unknown, 1 standard, 2 priority, 3 batch
) STRICT;

-- Subagents, from the sidecar files the client writes beside their transcripts.
CREATE TABLE agents (
    session_id   INTEGER NOT NULL REFERENCES sessions (id),
    agent_uid_id INTEGER NOT NULL,            -- names.id of the agent's id
    agent_id     INTEGER NOT NULL,            -- names.id of its type, 0 = unknown
    parent_uid_id INTEGER NOT NULL,           -- the agent that started it, 0 = the main conversation
    depth        INTEGER NOT NULL,            -- 1 = started by the main conversation
    PRIMARY KEY (session_id, agent_uid_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE files (
    id          INTEGER PRIMARY KEY,
    path        TEXT NOT NULL,
    device      INTEGER NOT NULL,
    inode       INTEGER NOT NULL,
    size        INTEGER NOT NULL,       -- when last read
    mtime_ns    INTEGER NOT NULL,
    offset      INTEGER NOT NULL,       -- end of the last whole line read
    lines       INTEGER NOT NULL,       -- whole lines before offset
    head_length INTEGER NOT NULL,       -- first bytes that head_hash covers: tells "grown" from "replaced"
    head_hash   INTEGER NOT NULL,
    carry       BLOB,                   -- what the row parser must remember across reads
    rows        INTEGER NOT NULL DEFAULT 0,   -- request rows read from it, repetitions included
    gone        INTEGER NOT NULL DEFAULT 0   -- the client deleted it; its facts stay
) STRICT;

-- One request to the API, counted once over all files (docs/adr/0004-counting-once.md).
CREATE TABLE requests (
    id             INTEGER PRIMARY KEY,
    key            INTEGER NOT NULL,          -- base::hash64 of message_id, next free number on a collision
    message_id     TEXT NOT NULL,
    request_id     TEXT,
    time           INTEGER NOT NULL,
    dim_id         INTEGER NOT NULL REFERENCES dims (id),
    input          INTEGER NOT NULL,
    output         INTEGER NOT NULL,
    thinking       INTEGER NOT NULL,
    cache_write_5m INTEGER NOT NULL,
    cache_write_1h INTEGER NOT NULL,
    cache_read     INTEGER NOT NULL,
    web_searches   INTEGER NOT NULL,
    cost           INTEGER,                   -- NULL: the price book does not know the model
    duration_ms    INTEGER,
    stop_reason_id INTEGER NOT NULL,
    flags          INTEGER NOT NULL,          -- 1 incomplete output, 2 free refusal
    quality        INTEGER NOT NULL,          -- RowRank::quality and uuid_hash of the kept row: decides over later copies
    uuid_hash      INTEGER NOT NULL,
    tools          BLOB,                      -- 6 bytes a tool use: u16 names.id, u32 low half of the tool_use id's hash
    file_id        INTEGER,                   -- where the kept row stood
    line           INTEGER
) STRICT;
-- An index of its own, so that a first import can make it in one go at the end.
CREATE UNIQUE INDEX requests_by_key ON requests (key);

-- Sums per quarter of an hour, fine enough for the days of every time zone. Read by the program; for people there are
-- requests and usage_records. The form of the two columns: src/ledger/store/packed_sums.hpp.
CREATE TABLE usage_15m (
    quarter INTEGER NOT NULL,                 -- time / 900000
    dim_id  INTEGER NOT NULL,
    sums    BLOB NOT NULL,                    -- requests, tokens, cost, …
    tools   BLOB,                             -- calls, cost and tokens of each tool; NULL: none was used. cost and tokens
                                              -- are each request's figures shared equally over its tool uses
    PRIMARY KEY (quarter, dim_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    key        INTEGER PRIMARY KEY,           -- hash of the row's uuid
    session_id INTEGER NOT NULL REFERENCES sessions (id),
    kind       INTEGER NOT NULL,              -- model::EventKind
    time       INTEGER NOT NULL,
    value1     INTEGER NOT NULL,
    value2     INTEGER NOT NULL,
    text_id    INTEGER NOT NULL               -- names.id, 0 = none
) STRICT;

CREATE TABLE bad_lines (
    file_id INTEGER NOT NULL REFERENCES files (id),
    line    INTEGER NOT NULL,
    reason  TEXT NOT NULL,
    seen    INTEGER NOT NULL,
    PRIMARY KEY (file_id, line)
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE alert_settings (
    id                  INTEGER PRIMARY KEY,
    user_id             INTEGER REFERENCES users (id),
    alert_type          TEXT NOT NULL,
    threshold_value     REAL NOT NULL,
    notification_method TEXT NOT NULL,
    is_enabled          INTEGER NOT NULL DEFAULT 1,
    created_at          INTEGER NOT NULL
) STRICT;

-- For people with SQL: one line a request, cost in USD, times as text.
CREATE VIEW usage_records AS
SELECT r.id,
       p.user_id,
       d.project_id,
       CASE d.kind WHEN 0 THEN 'main' WHEN 1 THEN 'subagent' ELSE 'auxiliary' END AS usage_type,
       r.input                                                    AS input_tokens,
       r.output                                                   AS output_tokens,
       r.cost / 1e9                                               AS cost,
       r.duration_ms                                              AS duration,
       (SELECT text FROM names WHERE id = d.model_id)             AS model_version,
       strftime('%Y-%m-%dT%H:%M:%fZ', r.time / 1000.0, 'unixepoch') AS created_at,
       r.cache_write_5m                                           AS cache_write_5m_tokens,
       r.cache_write_1h                                           AS cache_write_1h_tokens,
       r.cache_read                                               AS cache_read_tokens,
       r.thinking                                                 AS thinking_tokens,
       r.request_id,
       r.message_id,
       s.uid                                                      AS session_id,
       (SELECT text FROM names WHERE id = d.branch_id)            AS branch
FROM requests r
JOIN dims d ON d.id = r.dim_id
JOIN projects p ON p.id = d.project_id
JOIN sessions s ON s.id = d.session_id;
