-- Who may come in: accounts, teams, keys, and the audit log. Times are milliseconds since 1970 UTC.
-- "sealed" columns hold texts encrypted under the master key; "hash" columns hold digests of secrets or of what a person
-- may be looked up by. Nothing here is of use for these fields without the key.

CREATE TABLE accounts (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,      -- never given twice: the audit log names accounts by it
    username     TEXT NOT NULL COLLATE NOCASE UNIQUE,    -- ASCII, so that NOCASE is all there is to case
    display_name TEXT NOT NULL DEFAULT '',
    email_sealed TEXT,
    email_hash   TEXT UNIQUE,                            -- keyed, of the address in lower case
    password     TEXT,                                   -- PHC string of Argon2id; NULL: signs in by a provider or a link
    role         TEXT NOT NULL CHECK (role IN ('user', 'admin', 'enterprise')),
    state        TEXT NOT NULL CHECK (state IN ('active', 'deactivated', 'erased')),
    totp_sealed  TEXT,                                   -- the seed that counts
    totp_pending TEXT,                                   -- sealed: the seed of an enrolment that is not confirmed
    totp_step    INTEGER NOT NULL DEFAULT 0,             -- the last step a code was accepted for
    require_2fa  INTEGER NOT NULL DEFAULT 0,
    oidc_issuer  TEXT,
    oidc_subject TEXT,
    break_glass  INTEGER NOT NULL DEFAULT 0,             -- may use a password where others must use the provider
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    last_seen    INTEGER,
    UNIQUE (oidc_issuer, oidc_subject)
) STRICT;

CREATE TABLE teams (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    parent INTEGER REFERENCES teams (id),
    name   TEXT NOT NULL
) STRICT;

CREATE TABLE team_members (
    team    INTEGER NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    account INTEGER NOT NULL REFERENCES accounts (id),
    manages INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (team, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX team_members_account ON team_members (account);

-- Whose usage a member name of the ledger is. A mail address is sealed, other kinds are not.
CREATE TABLE identities (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    kind       TEXT NOT NULL CHECK (kind IN ('os_user', 'mail', 'machine', 'account_id', 'otel_attribute')),
    value      TEXT NOT NULL,
    value_hash TEXT NOT NULL,
    account    INTEGER NOT NULL REFERENCES accounts (id),
    UNIQUE (kind, value_hash)
) STRICT;
CREATE INDEX identities_account ON identities (account);

CREATE TABLE project_owners (
    project TEXT PRIMARY KEY,       -- the project's path, its key in the ledger
    account INTEGER NOT NULL REFERENCES accounts (id)
) STRICT, WITHOUT ROWID;

-- Links that work once: the first account, a sign-in on this machine, an invitation, a registration, a new password.
CREATE TABLE links (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    hash         TEXT NOT NULL UNIQUE,
    purpose      TEXT NOT NULL CHECK (purpose IN ('setup', 'sign_in', 'invite', 'register', 'reset')),
    account      INTEGER REFERENCES accounts (id),
    role         TEXT,
    team         INTEGER,
    email_sealed TEXT,
    removes_2fa  INTEGER NOT NULL DEFAULT 0,             -- of a reset: for who lost phone and recovery codes
    created_by   INTEGER,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    used_at      INTEGER
) STRICT;

CREATE TABLE recovery_codes (
    account INTEGER NOT NULL REFERENCES accounts (id),
    hash    TEXT NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (account, hash)
) STRICT, WITHOUT ROWID;

-- One row a browser or program that is signed in: a family of refresh tokens, of which one counts.
CREATE TABLE sessions (
    id            TEXT PRIMARY KEY,      -- in access tokens and lists; not enough to refresh
    account       INTEGER NOT NULL REFERENCES accounts (id),
    family_hash   TEXT NOT NULL UNIQUE,
    current_hash  TEXT NOT NULL,
    previous_hash TEXT,
    rotated_at    INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    last_used     INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    revoked_at    INTEGER,
    address       TEXT NOT NULL,
    agent         TEXT NOT NULL,         -- short name of the browser or program
    trusted       INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX sessions_account ON sessions (account);

-- Devices that signed in before: they have a lane of their own when others guess at the account.
CREATE TABLE devices (
    hash      TEXT PRIMARY KEY,
    account   INTEGER NOT NULL REFERENCES accounts (id),
    last_used INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE signing_keys (
    kid           TEXT PRIMARY KEY,
    secret_sealed TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    retired_at    INTEGER            -- no longer signs; its tokens are accepted until they expire
) STRICT;

CREATE TABLE api_keys (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    name          TEXT NOT NULL,
    hash          TEXT NOT NULL UNIQUE,
    hint          TEXT NOT NULL,         -- the last characters, to tell keys apart
    account       INTEGER NOT NULL REFERENCES accounts (id),
    scopes        TEXT NOT NULL,         -- of ingest, read, manage; commas between
    created_at    INTEGER NOT NULL,
    expires_at    INTEGER,
    last_used     INTEGER,
    rotated_from  INTEGER,
    revoked_at    INTEGER                -- may lie ahead: the overlap of a rotation
) STRICT;

CREATE TABLE api_key_limits (
    key   INTEGER NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
    kind  TEXT NOT NULL CHECK (kind IN ('team', 'project')),
    value TEXT NOT NULL,
    PRIMARY KEY (key, kind, value)
) STRICT, WITHOUT ROWID;

-- Append-only; each row's hash covers the row and the hash before it. The newest hash stands keyed in settings.
CREATE TABLE audit (
    seq        INTEGER PRIMARY KEY,
    time       INTEGER NOT NULL,
    actor      TEXT NOT NULL,
    action     TEXT NOT NULL,
    object     TEXT NOT NULL,
    before     TEXT NOT NULL,
    after      TEXT NOT NULL,
    remote     TEXT NOT NULL,
    request_id TEXT NOT NULL,
    prev       TEXT NOT NULL,
    hash       TEXT NOT NULL
) STRICT;
CREATE INDEX audit_time ON audit (time);

CREATE TABLE settings (
    key    TEXT PRIMARY KEY,
    value  TEXT NOT NULL,
    sealed INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
