#include "desk/store/accounts_store.hpp"

#include <array>
#include <cstdio>
#include <type_traits>

#include <fcntl.h>
#include <sys/stat.h>

#include "ledger/store/migrate.hpp"

namespace tidemark::embedded {
extern const base::EmbeddedFiles accounts_migrations;
}

namespace tidemark::store {

namespace {

constexpr std::array<std::string_view, 3> kRoles = {"user", "admin", "enterprise"};
constexpr std::array<std::string_view, 3> kStates = {"active", "deactivated", "erased"};
constexpr std::array<std::string_view, 5> kPurposes = {"setup", "sign_in", "invite", "register", "reset"};
constexpr std::array<std::string_view, 5> kKinds = {"os_user", "mail", "machine", "account_id", "otel_attribute"};

template <class E, std::size_t count>
std::optional<E> value_of(const std::array<std::string_view, count>& names, std::string_view text) {
    for (std::size_t i = 0; i < count; ++i) {
        if (names[i] == text) {
            return static_cast<E>(i);
        }
    }
    return std::nullopt;
}

// The CHECKs of the schema leave no other text.
template <class E, std::size_t count>
E stored(const std::array<std::string_view, count>& names, std::string_view text) {
    return value_of<E>(names, text).value_or(E{});
}

std::string text(const Statement& row, int column) { return std::string(row.column_text(column)); }
std::optional<std::string> optional_text(const Statement& row, int column) {
    return row.column_null(column) ? std::nullopt : std::optional(text(row, column));
}

template <class T>
void put(Statement& statement, int index, const T& value) {
    if constexpr (std::is_enum_v<T>) {
        statement.bind(index, to_text(value));
    } else if constexpr (std::is_integral_v<T>) {
        statement.bind(index, static_cast<std::int64_t>(value));
    } else {
        statement.bind(index, std::string_view(value));
    }
}
template <class T>
void put(Statement& statement, int index, const std::optional<T>& value) {
    if (value) {
        put(statement, index, *value);
    } else {
        statement.bind_null(index);
    }
}
template <class... Values>
void put_all(Statement& statement, const Values&... values) {
    int index = 0;
    (put(statement, ++index, values), ...);
}

constexpr std::string_view kAccountColumns =
    "id, username, display_name, email_sealed, email_hash, password, role, state, totp_sealed, totp_pending, totp_step,"
    " require_2fa, oidc_issuer, oidc_subject, break_glass, created_at, updated_at, last_seen";

AccountRow account_of(const Statement& row) {
    AccountRow a;
    a.id = row.column_int(0);
    a.username = text(row, 1);
    a.display_name = text(row, 2);
    a.email_sealed = optional_text(row, 3);
    a.email_hash = optional_text(row, 4);
    a.password = optional_text(row, 5);
    a.role = stored<Role>(kRoles, row.column_text(6));
    a.state = stored<AccountState>(kStates, row.column_text(7));
    a.totp_sealed = optional_text(row, 8);
    a.totp_pending = optional_text(row, 9);
    a.totp_step = row.column_int(10);
    a.require_2fa = row.column_int(11) != 0;
    a.oidc_issuer = optional_text(row, 12);
    a.oidc_subject = optional_text(row, 13);
    a.break_glass = row.column_int(14) != 0;
    a.created_at = row.column_int(15);
    a.updated_at = row.column_int(16);
    a.last_seen = row.column_optional_int(17);
    return a;
}

LinkRow link_of(const Statement& row) {
    LinkRow l;
    l.id = row.column_int(0);
    l.hash = text(row, 1);
    l.purpose = stored<LinkPurpose>(kPurposes, row.column_text(2));
    l.account = row.column_optional_int(3);
    l.role = value_of<Role>(kRoles, row.column_text(4));
    l.team = row.column_optional_int(5);
    l.email_sealed = optional_text(row, 6);
    l.removes_2fa = row.column_int(7) != 0;
    l.created_by = row.column_optional_int(8);
    l.created_at = row.column_int(9);
    l.expires_at = row.column_int(10);
    l.used_at = row.column_optional_int(11);
    return l;
}

SessionRow session_of(const Statement& row) {
    SessionRow s;
    s.id = text(row, 0);
    s.account = row.column_int(1);
    s.family_hash = text(row, 2);
    s.current_hash = text(row, 3);
    s.previous_hash = optional_text(row, 4);
    s.rotated_at = row.column_int(5);
    s.created_at = row.column_int(6);
    s.last_used = row.column_int(7);
    s.expires_at = row.column_int(8);
    s.revoked_at = row.column_optional_int(9);
    s.address = text(row, 10);
    s.agent = text(row, 11);
    s.trusted = row.column_int(12) != 0;
    return s;
}

AuditRow audit_of(const Statement& row) {
    return {row.column_int(0), row.column_int(1), text(row, 2), text(row, 3), text(row, 4), text(row, 5),
            text(row, 6),      text(row, 7),      text(row, 8), text(row, 9), text(row, 10)};
}

// Prepared once: joined at compile time would be a macro, so the few texts with shared columns are made at start.
const std::string kSelectAccount = "SELECT " + std::string(kAccountColumns) + " FROM accounts ";
const std::string kAccountById = kSelectAccount + "WHERE id = ?1";
const std::string kAccountByName = kSelectAccount + "WHERE username = ?1";
const std::string kAccountByEmail = kSelectAccount + "WHERE email_hash = ?1";
const std::string kAccountBySubject = kSelectAccount + "WHERE oidc_issuer = ?1 AND oidc_subject = ?2";
const std::string kAllAccounts = kSelectAccount + "ORDER BY id";

/// The sealed columns and the key of their rows; what `key rotate` walks through.
/// A column of sealed values, the rows in it that hold one, and what tells them apart.
// NOLINTNEXTLINE(readability-identifier-naming): macros are in capitals
#define SEALED_COLUMN(table, key, column, rows)                                                              \
    SealedColumn{table "." column,                                                                           \
                 "SELECT " key ", " column " FROM " table " WHERE " rows " AND (?1 = '' OR substr(" column   \
                 ", 1, length(?1)) <> ?1) LIMIT ?2",                                                         \
                 "UPDATE " table " SET " column " = ?1 WHERE " rows " AND " key " = ?2 AND " column " = ?3", \
                 "SELECT substr(" column ", 5, 8), count(*) FROM " table " WHERE " rows " GROUP BY 1"}
struct SealedColumn {
    std::string_view name, select, update, count;
};
constexpr std::array<SealedColumn, 7> kSealedColumns = {{
    SEALED_COLUMN("accounts", "id", "email_sealed", "email_sealed IS NOT NULL"),
    SEALED_COLUMN("accounts", "id", "totp_sealed", "totp_sealed IS NOT NULL"),
    SEALED_COLUMN("accounts", "id", "totp_pending", "totp_pending IS NOT NULL"),
    SEALED_COLUMN("identities", "value_hash", "value", "kind = 'mail'"),
    SEALED_COLUMN("links", "id", "email_sealed", "email_sealed IS NOT NULL"),
    SEALED_COLUMN("signing_keys", "kid", "secret_sealed", "1"),
    SEALED_COLUMN("settings", "key", "value", "sealed = 1"),
}};
#undef SEALED_COLUMN

}  // namespace

std::string_view to_text(Role role) { return kRoles[static_cast<std::size_t>(role)]; }
std::string_view to_text(AccountState state) { return kStates[static_cast<std::size_t>(state)]; }
std::string_view to_text(LinkPurpose purpose) { return kPurposes[static_cast<std::size_t>(purpose)]; }
std::string_view to_text(IdentityKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }
std::optional<Role> role_of(std::string_view text) { return value_of<Role>(kRoles, text); }
std::optional<IdentityKind> identity_kind_of(std::string_view text) { return value_of<IdentityKind>(kKinds, text); }

base::Result<std::unique_ptr<AccountsStore>> AccountsStore::open(const std::string& data_dir) {
    if (auto made = sys::make_directories(data_dir); !made) {
        return base::fail(made.error().code, "the data folder cannot be used: " + made.error().message);
    }
    auto lock = sys::FileLock::acquire(data_dir + "/accounts.lock");
    if (!lock) {
        return base::fail(lock.error().code, "the accounts in " + data_dir + ": " + lock.error().message);
    }
    const std::string path = data_dir + "/" + std::string(kAccountsDatabaseName);
    // Made before SQLite does, which would go by the umask; its -wal and -shm files take the mode of this one.
    const sys::FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!file.valid() || ::fchmod(file.get(), 0600) != 0) {
        return base::fail_errno("open " + path);
    }
    TIDEMARK_TRY(Database database, Database::open(path, OpenMode::kReadWrite));
    const Schema schema{embedded::accounts_migrations, kAccountsSchemaVersion,
                        "Restore a backup; usage is in another file and not affected"};
    // A file that is no database, or a newer one, must not be touched.
    if (auto version = database.query_int("PRAGMA user_version"); !version || *version > kAccountsSchemaVersion) {
        TIDEMARK_CHECK_OK(migrate(database, path, schema));
    }
    // secure_delete: what is erased must not stay in free pages. A checkpoint of a small log keeps the file the truth.
    TIDEMARK_CHECK_OK(
        database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                         "PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 200"));
    TIDEMARK_CHECK_OK(migrate(database, path, schema));
    return std::unique_ptr<AccountsStore>(new AccountsStore(std::move(*lock), std::move(database)));
}

Statement& AccountsStore::prepared(std::string_view sql) {
    auto found = statements_.find(sql.data());
    if (found == statements_.end()) {
        found = statements_.emplace(sql.data(), database_.prepare_later(sql)).first;
    }
    return found->second;
}

template <class... Values>
base::Result<void> AccountsStore::run(std::string_view sql, const Values&... values) {
    Statement& statement = prepared(sql);
    put_all(statement, values...);
    return statement.run();
}

template <class Row, class... Values>
base::Result<void> AccountsStore::each(std::string_view sql, Row row, const Values&... values) {
    Statement& statement = prepared(sql);
    put_all(statement, values...);
    for (;;) {
        TIDEMARK_TRY(const bool there, statement.step());
        if (!there || !row(statement)) {
            statement.reset();
            return {};
        }
    }
}

template <class Read, class... Values>
auto AccountsStore::all(std::string_view sql, Read read, const Values&... values) {
    using Value = std::invoke_result_t<Read, const Statement&>;
    std::vector<Value> rows;
    auto done = each(
        sql,
        [&](const Statement& row) {
            rows.push_back(read(row));
            return true;
        },
        values...);
    return done ? base::Result<std::vector<Value>>(std::move(rows))
                : base::Result<std::vector<Value>>(tl::unexpected<base::Error>(std::move(done).error()));
}

template <class Read, class... Values>
auto AccountsStore::one(std::string_view sql, Read read, const Values&... values) {
    using Value = std::invoke_result_t<Read, const Statement&>;
    std::optional<Value> found;
    auto done = each(
        sql,
        [&](const Statement& row) {
            found = read(row);
            return false;
        },
        values...);
    return done ? base::Result<std::optional<Value>>(std::move(found))
                : base::Result<std::optional<Value>>(tl::unexpected<base::Error>(std::move(done).error()));
}

base::Result<AccountId> AccountsStore::add_account(const AccountRow& a) {
    TIDEMARK_TRY(const auto taken,
                 one(
                     "SELECT count(*) FROM accounts WHERE username = ?1 OR email_hash = ?2",
                     [](const Statement& row) { return row.column_int(0); }, a.username, a.email_hash));
    if (taken.value_or(0) != 0) {
        return base::fail(base::ErrorCode::kFailedPrecondition, "this user name or address is taken");
    }
    TIDEMARK_CHECK_OK(
        run("INSERT INTO accounts (username, display_name, email_sealed, email_hash, password, role, state,"
            " totp_sealed, totp_pending, totp_step, require_2fa, oidc_issuer, oidc_subject, break_glass,"
            " created_at, updated_at, last_seen)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
            a.username, a.display_name, a.email_sealed, a.email_hash, a.password, a.role, a.state, a.totp_sealed,
            a.totp_pending, a.totp_step, a.require_2fa, a.oidc_issuer, a.oidc_subject, a.break_glass, a.created_at,
            a.updated_at, a.last_seen));
    return database_.last_insert_rowid();
}

base::Result<void> AccountsStore::put_account(const AccountRow& a) {
    return run(
        "UPDATE accounts SET username = ?1, display_name = ?2, email_sealed = ?3, email_hash = ?4, password = ?5,"
        " role = ?6, state = ?7, totp_sealed = ?8, totp_pending = ?9, totp_step = ?10, require_2fa = ?11,"
        " oidc_issuer = ?12, oidc_subject = ?13, break_glass = ?14, created_at = ?15, updated_at = ?16,"
        " last_seen = ?17 WHERE id = ?18",
        a.username, a.display_name, a.email_sealed, a.email_hash, a.password, a.role, a.state, a.totp_sealed,
        a.totp_pending, a.totp_step, a.require_2fa, a.oidc_issuer, a.oidc_subject, a.break_glass, a.created_at,
        a.updated_at, a.last_seen, a.id);
}

base::Result<void> AccountsStore::touch_account(AccountId id, base::UnixMillis now) {
    return run("UPDATE accounts SET last_seen = ?1 WHERE id = ?2", now, id);
}

base::Result<std::optional<AccountRow>> AccountsStore::account(AccountId id) {
    return one(kAccountById, account_of, id);
}
base::Result<std::optional<AccountRow>> AccountsStore::account_by_name(std::string_view username) {
    return one(kAccountByName, account_of, username);
}
base::Result<std::optional<AccountRow>> AccountsStore::account_by_email_hash(std::string_view hash) {
    return one(kAccountByEmail, account_of, hash);
}
base::Result<std::optional<AccountRow>> AccountsStore::account_by_subject(std::string_view issuer,
                                                                          std::string_view subject) {
    return one(kAccountBySubject, account_of, issuer, subject);
}
base::Result<std::vector<AccountRow>> AccountsStore::accounts() { return all(kAllAccounts, account_of); }

base::Result<TeamId> AccountsStore::add_team(const TeamRow& team) {
    TIDEMARK_CHECK_OK(run("INSERT INTO teams (parent, name) VALUES (?1, ?2)", team.parent, team.name));
    return database_.last_insert_rowid();
}
base::Result<void> AccountsStore::put_team(const TeamRow& team) {
    return run("UPDATE teams SET parent = ?1, name = ?2 WHERE id = ?3", team.parent, team.name, team.id);
}
base::Result<void> AccountsStore::remove_team(TeamId id) { return run("DELETE FROM teams WHERE id = ?1", id); }
base::Result<std::vector<TeamRow>> AccountsStore::teams() {
    return all("SELECT id, parent, name FROM teams ORDER BY id", [](const Statement& row) {
        return TeamRow{row.column_int(0), row.column_optional_int(1), text(row, 2)};
    });
}
base::Result<void> AccountsStore::put_team_member(const TeamMemberRow& m) {
    return run(
        "INSERT INTO team_members (team, account, manages) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (team, account) DO UPDATE SET manages = excluded.manages",
        m.team, m.account, m.manages);
}
base::Result<void> AccountsStore::remove_team_member(TeamId team, AccountId account) {
    return run("DELETE FROM team_members WHERE team = ?1 AND account = ?2", team, account);
}
base::Result<void> AccountsStore::remove_from_teams(AccountId account) {
    return run("DELETE FROM team_members WHERE account = ?1", account);
}
base::Result<std::vector<TeamMemberRow>> AccountsStore::team_members() {
    return all("SELECT team, account, manages FROM team_members", [](const Statement& row) {
        return TeamMemberRow{row.column_int(0), row.column_int(1), row.column_int(2) != 0};
    });
}

base::Result<std::int64_t> AccountsStore::put_identity(const IdentityRow& i) {
    TIDEMARK_TRY(const auto id,
                 one(
                     "INSERT INTO identities (kind, value, value_hash, account) VALUES (?1, ?2, ?3, ?4)"
                     " ON CONFLICT (kind, value_hash) DO UPDATE SET account = excluded.account"
                     " RETURNING id",
                     [](const Statement& row) { return row.column_int(0); }, i.kind, i.value, i.value_hash, i.account));
    return id.value_or(0);
}
base::Result<void> AccountsStore::remove_identity(std::int64_t id) {
    return run("DELETE FROM identities WHERE id = ?1", id);
}
base::Result<std::vector<IdentityRow>> AccountsStore::identities() {
    return all("SELECT id, kind, value, value_hash, account FROM identities ORDER BY id", [](const Statement& row) {
        return IdentityRow{row.column_int(0), stored<IdentityKind>(kKinds, row.column_text(1)), text(row, 2),
                           text(row, 3), row.column_int(4)};
    });
}
base::Result<void> AccountsStore::put_project_owner(std::string_view project, AccountId account) {
    return run(
        "INSERT INTO project_owners (project, account) VALUES (?1, ?2)"
        " ON CONFLICT (project) DO UPDATE SET account = excluded.account",
        project, account);
}
base::Result<void> AccountsStore::remove_project_owner(std::string_view project) {
    return run("DELETE FROM project_owners WHERE project = ?1", project);
}
base::Result<std::vector<std::pair<std::string, AccountId>>> AccountsStore::project_owners() {
    return all("SELECT project, account FROM project_owners ORDER BY project",
               [](const Statement& row) { return std::pair(text(row, 0), row.column_int(1)); });
}

base::Result<std::int64_t> AccountsStore::add_link(const LinkRow& l) {
    TIDEMARK_CHECK_OK(
        run("INSERT INTO links (hash, purpose, account, role, team, email_sealed, removes_2fa, created_by,"
            " created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            l.hash, l.purpose, l.account, l.role, l.team, l.email_sealed, l.removes_2fa, l.created_by, l.created_at,
            l.expires_at));
    return database_.last_insert_rowid();
}
base::Result<void> AccountsStore::set_link_email(std::int64_t id, std::string_view sealed) {
    return run("UPDATE links SET email_sealed = ?1 WHERE id = ?2", sealed, id);
}
base::Result<std::optional<LinkRow>> AccountsStore::link(std::string_view hash) {
    return one(
        "SELECT id, hash, purpose, account, role, team, email_sealed, removes_2fa, created_by, created_at,"
        " expires_at, used_at"
        " FROM links WHERE hash = ?1",
        link_of, hash);
}
base::Result<std::vector<LinkRow>> AccountsStore::links(LinkPurpose purpose) {
    return all(
        "SELECT id, hash, purpose, account, role, team, email_sealed, removes_2fa, created_by, created_at,"
        " expires_at, used_at"
        " FROM links WHERE purpose = ?1 ORDER BY id DESC",
        link_of, purpose);
}
base::Result<bool> AccountsStore::use_link(std::int64_t id, base::UnixMillis now) {
    TIDEMARK_CHECK_OK(run("UPDATE links SET used_at = ?1 WHERE id = ?2 AND used_at IS NULL", now, id));
    return database_.changes() == 1;
}
base::Result<void> AccountsStore::remove_links(LinkPurpose purpose, std::optional<AccountId> account) {
    return run("DELETE FROM links WHERE purpose = ?1 AND (?2 IS NULL OR account = ?2)", purpose, account);
}
base::Result<void> AccountsStore::remove_link(std::int64_t id) { return run("DELETE FROM links WHERE id = ?1", id); }

base::Result<void> AccountsStore::put_recovery_codes(AccountId account, const std::vector<std::string>& hashes) {
    TIDEMARK_CHECK_OK(run("DELETE FROM recovery_codes WHERE account = ?1", account));
    for (const std::string& hash : hashes) {
        TIDEMARK_CHECK_OK(run("INSERT INTO recovery_codes (account, hash) VALUES (?1, ?2)", account, hash));
    }
    return {};
}
base::Result<bool> AccountsStore::use_recovery_code(AccountId account, std::string_view hash, base::UnixMillis now) {
    TIDEMARK_CHECK_OK(run("UPDATE recovery_codes SET used_at = ?1 WHERE account = ?2 AND hash = ?3 AND used_at IS NULL",
                          now, account, hash));
    return database_.changes() == 1;
}
base::Result<std::int64_t> AccountsStore::recovery_codes_left(AccountId account) {
    TIDEMARK_TRY(const auto left, one(
                                      "SELECT count(*) FROM recovery_codes WHERE account = ?1 AND used_at IS NULL",
                                      [](const Statement& row) { return row.column_int(0); }, account));
    return left.value_or(0);
}

base::Result<void> AccountsStore::add_session(const SessionRow& s) {
    return run(
        "INSERT INTO sessions (id, account, family_hash, current_hash, previous_hash, rotated_at, created_at,"
        " last_used, expires_at, revoked_at, address, agent, trusted)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        s.id, s.account, s.family_hash, s.current_hash, s.previous_hash, s.rotated_at, s.created_at, s.last_used,
        s.expires_at, s.revoked_at, s.address, s.agent, s.trusted);
}
base::Result<void> AccountsStore::put_session(const SessionRow& s) {
    return run(
        "UPDATE sessions SET current_hash = ?1, previous_hash = ?2, rotated_at = ?3, last_used = ?4,"
        " expires_at = ?5, revoked_at = ?6, address = ?7, agent = ?8 WHERE id = ?9",
        s.current_hash, s.previous_hash, s.rotated_at, s.last_used, s.expires_at, s.revoked_at, s.address, s.agent,
        s.id);
}
base::Result<std::optional<SessionRow>> AccountsStore::session(std::string_view id) {
    return one(
        "SELECT id, account, family_hash, current_hash, previous_hash, rotated_at, created_at, last_used,"
        " expires_at, revoked_at, address, agent, trusted FROM sessions WHERE id = ?1",
        session_of, id);
}
base::Result<std::optional<SessionRow>> AccountsStore::session_by_family(std::string_view family_hash) {
    return one(
        "SELECT id, account, family_hash, current_hash, previous_hash, rotated_at, created_at, last_used,"
        " expires_at, revoked_at, address, agent, trusted FROM sessions WHERE family_hash = ?1",
        session_of, family_hash);
}
base::Result<std::vector<SessionRow>> AccountsStore::sessions(std::optional<AccountId> account, base::UnixMillis now) {
    return all(
        "SELECT id, account, family_hash, current_hash, previous_hash, rotated_at, created_at, last_used,"
        " expires_at, revoked_at, address, agent, trusted FROM sessions"
        " WHERE (?1 IS NULL OR account = ?1) AND revoked_at IS NULL AND expires_at > ?2"
        " ORDER BY last_used DESC, id",
        session_of, account, now);
}
base::Result<void> AccountsStore::revoke_sessions(AccountId account, std::string_view except, base::UnixMillis now) {
    return run("UPDATE sessions SET revoked_at = ?1 WHERE account = ?2 AND id <> ?3 AND revoked_at IS NULL", now,
               account, except);
}
base::Result<void> AccountsStore::put_device(std::string_view hash, AccountId account, base::UnixMillis now) {
    return run(
        "INSERT INTO devices (hash, account, last_used) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (hash) DO UPDATE SET account = excluded.account, last_used = excluded.last_used",
        hash, account, now);
}
base::Result<std::vector<std::pair<std::string, AccountId>>> AccountsStore::devices(base::UnixMillis since,
                                                                                    std::int64_t limit) {
    return all(
        "SELECT hash, account FROM devices WHERE last_used >= ?1 ORDER BY last_used DESC LIMIT ?2",
        [](const Statement& row) { return std::pair(text(row, 0), row.column_int(1)); }, since, limit);
}
base::Result<void> AccountsStore::remove_devices(AccountId account) {
    return run("DELETE FROM devices WHERE account = ?1", account);
}

base::Result<void> AccountsStore::put_signing_key(const SigningKeyRow& k) {
    return run(
        "INSERT INTO signing_keys (kid, secret_sealed, created_at, retired_at) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (kid) DO UPDATE SET retired_at = excluded.retired_at",
        k.kid, k.secret_sealed, k.created_at, k.retired_at);
}
base::Result<std::vector<SigningKeyRow>> AccountsStore::signing_keys() {
    return all("SELECT kid, secret_sealed, created_at, retired_at FROM signing_keys ORDER BY created_at DESC, kid",
               [](const Statement& row) {
                   return SigningKeyRow{text(row, 0), text(row, 1), row.column_int(2), row.column_optional_int(3)};
               });
}
base::Result<void> AccountsStore::remove_signing_keys(base::UnixMillis retired_before) {
    return run("DELETE FROM signing_keys WHERE retired_at < ?1", retired_before);
}

base::Result<std::int64_t> AccountsStore::add_api_key(const ApiKeyRow& k) {
    TIDEMARK_CHECK_OK(
        run("INSERT INTO api_keys (name, hash, hint, account, scopes, created_at, expires_at, rotated_from)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            k.name, k.hash, k.hint, k.account, k.scopes, k.created_at, k.expires_at, k.rotated_from));
    const std::int64_t id = database_.last_insert_rowid();
    for (const TeamId team : k.teams) {
        TIDEMARK_CHECK_OK(
            run("INSERT INTO api_key_limits (key, kind, value) VALUES (?1, 'team', ?2)", id, std::to_string(team)));
    }
    for (const std::string& project : k.projects) {
        TIDEMARK_CHECK_OK(run("INSERT INTO api_key_limits (key, kind, value) VALUES (?1, 'project', ?2)", id, project));
    }
    return id;
}
base::Result<void> AccountsStore::revoke_api_key(std::int64_t id, base::UnixMillis from) {
    return run("UPDATE api_keys SET revoked_at = ?1 WHERE id = ?2", from, id);
}
base::Result<void> AccountsStore::touch_api_key(std::int64_t id, base::UnixMillis now) {
    return run("UPDATE api_keys SET last_used = ?1 WHERE id = ?2", now, id);
}
base::Result<std::vector<ApiKeyRow>> AccountsStore::api_keys() {
    TIDEMARK_TRY(auto keys, all("SELECT id, name, hash, hint, account, scopes, created_at, expires_at, last_used,"
                                " rotated_from, revoked_at FROM api_keys ORDER BY id",
                                [](const Statement& row) {
                                    ApiKeyRow k;
                                    k.id = row.column_int(0);
                                    k.name = text(row, 1);
                                    k.hash = text(row, 2);
                                    k.hint = text(row, 3);
                                    k.account = row.column_int(4);
                                    k.scopes = text(row, 5);
                                    k.created_at = row.column_int(6);
                                    k.expires_at = row.column_optional_int(7);
                                    k.last_used = row.column_optional_int(8);
                                    k.rotated_from = row.column_optional_int(9);
                                    k.revoked_at = row.column_optional_int(10);
                                    return k;
                                }));
    std::unordered_map<std::int64_t, ApiKeyRow*> by_id;
    for (ApiKeyRow& key : keys) {
        by_id[key.id] = &key;
    }
    TIDEMARK_CHECK_OK(each("SELECT key, kind, value, CAST(value AS INTEGER) FROM api_key_limits ORDER BY key, value",
                           [&](const Statement& row) {
                               if (const auto key = by_id.find(row.column_int(0)); key != by_id.end()) {
                                   if (row.column_text(1) == "team") {
                                       key->second->teams.push_back(row.column_int(3));
                                   } else {
                                       key->second->projects.push_back(text(row, 2));
                                   }
                               }
                               return true;
                           }));
    return keys;
}

base::Result<void> AccountsStore::add_audit(const AuditRow& r) {
    return run(
        "INSERT INTO audit (seq, time, actor, action, object, before, after, remote, request_id, prev, hash)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        r.seq, r.time, r.actor, r.action, r.object, r.before, r.after, r.remote, r.request_id, r.prev, r.hash);
}
base::Result<std::vector<AuditRow>> AccountsStore::audit(const AuditFilter& f, std::int64_t limit) {
    return all(
        "SELECT seq, time, actor, action, object, before, after, remote, request_id, prev, hash FROM audit"
        " WHERE (?1 IS NULL OR time >= ?1) AND (?2 IS NULL OR time < ?2) AND (?3 IS NULL OR actor = ?3)"
        " AND (?4 IS NULL OR object = ?4)"
        " AND (?5 IS NULL OR action = ?5 OR (substr(?5, -1) = '.' AND substr(action, 1, length(?5)) = ?5))"
        " AND (?6 IS NULL OR seq < ?6) ORDER BY seq DESC LIMIT ?7",
        audit_of, f.from, f.to, f.actor, f.object, f.action, f.before_seq, limit);
}
base::Result<std::vector<AuditRow>> AccountsStore::audit_after(std::int64_t seq, std::int64_t limit) {
    return all(
        "SELECT seq, time, actor, action, object, before, after, remote, request_id, prev, hash FROM audit"
        " WHERE seq > ?1 ORDER BY seq LIMIT ?2",
        audit_of, seq, limit);
}
base::Result<std::optional<AuditRow>> AccountsStore::last_audit_before(base::UnixMillis time) {
    // The clock may have gone back: cut only where everything before is older too.
    return one(
        "SELECT seq, time, actor, action, object, before, after, remote, request_id, prev, hash FROM audit"
        " WHERE seq < coalesce((SELECT min(seq) FROM audit WHERE time >= ?1), 9223372036854775807)"
        " ORDER BY seq DESC LIMIT 1",
        audit_of, time);
}
base::Result<void> AccountsStore::cut_audit(std::int64_t last_seq) {
    return run("DELETE FROM audit WHERE seq <= ?1", last_seq);
}

base::Result<std::optional<std::string>> AccountsStore::setting(std::string_view key) {
    return one("SELECT value FROM settings WHERE key = ?1", [](const Statement& row) { return text(row, 0); }, key);
}
base::Result<void> AccountsStore::put_setting(std::string_view key, std::string_view value, bool sealed) {
    return run(
        "INSERT INTO settings (key, value, sealed) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value, sealed = excluded.sealed",
        key, value, sealed);
}
base::Result<void> AccountsStore::remove_setting(std::string_view key) {
    return run("DELETE FROM settings WHERE key = ?1", key);
}
base::Result<std::vector<std::pair<std::string, std::string>>> AccountsStore::settings(std::string_view prefix) {
    return all(
        "SELECT key, value FROM settings WHERE substr(key, 1, length(?1)) = ?1 ORDER BY key",
        [](const Statement& row) { return std::pair(text(row, 0), text(row, 1)); }, prefix);
}

base::Result<std::vector<SealedCell>> AccountsStore::cells_not_under(std::string_view prefix, std::int64_t limit) {
    std::vector<SealedCell> cells;
    for (const SealedColumn& column : kSealedColumns) {
        TIDEMARK_CHECK_OK(each(
            column.select,
            [&](const Statement& row) {
                cells.push_back({std::string(column.name), text(row, 0), text(row, 1)});
                return true;
            },
            prefix, limit - static_cast<std::int64_t>(cells.size())));
    }
    return cells;
}
base::Result<std::map<std::string, std::int64_t>> AccountsStore::sealed_by_key() {
    std::map<std::string, std::int64_t> by_key;
    for (const SealedColumn& column : kSealedColumns) {
        TIDEMARK_CHECK_OK(each(column.count, [&](const Statement& row) {
            by_key[text(row, 0)] += row.column_int(1);
            return true;
        }));
    }
    return by_key;
}
base::Result<void> AccountsStore::put_cell(const SealedCell& cell, std::string_view value) {
    for (const SealedColumn& column : kSealedColumns) {
        if (column.name == cell.column) {
            return run(column.update, value, cell.row, cell.value);
        }
    }
    return base::fail(base::ErrorCode::kInternal, cell.column + " is no sealed column");
}

base::Result<void> AccountsStore::sweep(base::UnixMillis ended_before) {
    TIDEMARK_CHECK_OK(run("DELETE FROM links WHERE expires_at < ?1 OR used_at < ?1", ended_before));
    TIDEMARK_CHECK_OK(run("DELETE FROM devices WHERE last_used < ?1 - 31536000000", ended_before));
    return run("DELETE FROM sessions WHERE expires_at < ?1 OR revoked_at < ?1", ended_before);
}

base::Result<void> AccountsStore::erase_traces(AccountId account) {
    TIDEMARK_CHECK_OK(run("DELETE FROM sessions WHERE account = ?1", account));
    TIDEMARK_CHECK_OK(run("DELETE FROM devices WHERE account = ?1", account));
    TIDEMARK_CHECK_OK(run("DELETE FROM links WHERE account = ?1", account));
    TIDEMARK_CHECK_OK(run("DELETE FROM recovery_codes WHERE account = ?1", account));
    TIDEMARK_CHECK_OK(run("DELETE FROM team_members WHERE account = ?1", account));
    TIDEMARK_CHECK_OK(run("DELETE FROM identities WHERE account = ?1", account));
    TIDEMARK_CHECK_OK(run("DELETE FROM project_owners WHERE account = ?1", account));
    return run("DELETE FROM api_keys WHERE account = ?1", account);
}

base::Result<void> AccountsStore::checkpoint() {
    TIDEMARK_TRY(const std::int64_t busy, database_.query_int("PRAGMA wal_checkpoint(TRUNCATE)"));
    return busy == 0 ? base::Result<void>()
                     : base::fail(base::ErrorCode::kUnavailable, "accounts.db is being read: try again in a moment");
}

}  // namespace tidemark::store
