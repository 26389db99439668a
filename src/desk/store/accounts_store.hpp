// accounts.db in the data folder: accounts, teams, sessions, keys, the audit log (docs/adr/0008-accounts-database.md).
// One connection, write-ahead log, every commit on the disk when it returns. Not thread-safe: its owner has a mutex.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "desk/store/rows.hpp"
#include "foundation/base/result.hpp"
#include "foundation/sys/files.hpp"
#include "ledger/store/database.hpp"

namespace tidemark::store {

constexpr std::int64_t kAccountsSchemaVersion = 2;
constexpr std::string_view kAccountsDatabaseName = "accounts.db";

class AccountsStore {
public:
    /// Opens or makes the database, readable by this user only (0600). Fails with one clear line when another process
    /// has it, or when it is corrupt or newer than this program; nothing is changed then.
    static base::Result<std::unique_ptr<AccountsStore>> open(const std::string& data_dir);

    /// Everything written until commit() is one change. Writing outside of a transaction commits each statement.
    base::Result<Transaction> begin() { return Transaction::begin(database_); }

    /// Gives the new row's id. kFailedPrecondition when the user name or the address is taken.
    base::Result<AccountId> add_account(const AccountRow& account);
    /// Writes all columns of the row with this id.
    base::Result<void> put_account(const AccountRow& account);
    base::Result<void> touch_account(AccountId id, base::UnixMillis now);
    base::Result<std::optional<AccountRow>> account(AccountId id);
    base::Result<std::optional<AccountRow>> account_by_name(std::string_view username);
    base::Result<std::optional<AccountRow>> account_by_email_hash(std::string_view hash);
    base::Result<std::optional<AccountRow>> account_by_subject(std::string_view issuer, std::string_view subject);
    base::Result<std::vector<AccountRow>> accounts();

    base::Result<TeamId> add_team(const TeamRow& team);
    base::Result<void> put_team(const TeamRow& team);
    base::Result<void> remove_team(TeamId id);
    base::Result<std::vector<TeamRow>> teams();
    base::Result<void> put_team_member(const TeamMemberRow& member);
    base::Result<void> remove_team_member(TeamId team, AccountId account);
    base::Result<void> remove_from_teams(AccountId account);
    base::Result<std::vector<TeamMemberRow>> team_members();

    /// The row's id; a value that is mapped already moves to the account.
    base::Result<std::int64_t> put_identity(const IdentityRow& identity);
    base::Result<void> remove_identity(std::int64_t id);
    base::Result<std::vector<IdentityRow>> identities();
    base::Result<void> put_project_owner(std::string_view project, AccountId account);
    base::Result<void> remove_project_owner(std::string_view project);
    /// (project, account)
    base::Result<std::vector<std::pair<std::string, AccountId>>> project_owners();

    base::Result<std::int64_t> add_link(const LinkRow& link);
    base::Result<void> set_link_email(std::int64_t id, std::string_view sealed);
    base::Result<std::optional<LinkRow>> link(std::string_view hash);
    base::Result<std::vector<LinkRow>> links(LinkPurpose purpose);
    /// False when it was used already: of two who come at once, one wins.
    base::Result<bool> use_link(std::int64_t id, base::UnixMillis now);
    /// Ends the links of an account (or, without one, all of that purpose).
    base::Result<void> remove_links(LinkPurpose purpose, std::optional<AccountId> account);
    base::Result<void> remove_link(std::int64_t id);

    base::Result<void> put_recovery_codes(AccountId account, const std::vector<std::string>& hashes);
    base::Result<bool> use_recovery_code(AccountId account, std::string_view hash, base::UnixMillis now);
    base::Result<std::int64_t> recovery_codes_left(AccountId account);

    base::Result<void> add_session(const SessionRow& session);
    base::Result<void> put_session(const SessionRow& session);
    base::Result<std::optional<SessionRow>> session(std::string_view id);
    base::Result<std::optional<SessionRow>> session_by_family(std::string_view family_hash);
    /// Those that are not revoked and not expired; of one account, or of all.
    base::Result<std::vector<SessionRow>> sessions(std::optional<AccountId> account, base::UnixMillis now);
    /// Revokes what is not revoked; `except` keeps one session.
    base::Result<void> revoke_sessions(AccountId account, std::string_view except, base::UnixMillis now);
    base::Result<void> put_device(std::string_view hash, AccountId account, base::UnixMillis now);
    /// Hash and account of the devices seen since then, the newest first, at most `limit`.
    base::Result<std::vector<std::pair<std::string, AccountId>>> devices(base::UnixMillis since, std::int64_t limit);
    base::Result<void> remove_devices(AccountId account);

    base::Result<void> put_signing_key(const SigningKeyRow& key);
    base::Result<std::vector<SigningKeyRow>> signing_keys();  ///< The newest first
    base::Result<void> remove_signing_keys(base::UnixMillis retired_before);

    base::Result<std::int64_t> add_api_key(const ApiKeyRow& key);
    base::Result<void> revoke_api_key(std::int64_t id, base::UnixMillis from);
    base::Result<void> touch_api_key(std::int64_t id, base::UnixMillis now);
    base::Result<std::vector<ApiKeyRow>> api_keys();

    base::Result<void> add_audit(const AuditRow& row);
    /// The newest first, at most `limit`.
    base::Result<std::vector<AuditRow>> audit(const AuditFilter& filter, std::int64_t limit);
    /// The oldest first, beginning after `seq`, at most `limit`.
    base::Result<std::vector<AuditRow>> audit_after(std::int64_t seq, std::int64_t limit);
    base::Result<std::optional<AuditRow>> last_audit_before(base::UnixMillis time);
    base::Result<void> cut_audit(std::int64_t last_seq);

    base::Result<std::optional<std::string>> setting(std::string_view key);
    base::Result<void> put_setting(std::string_view key, std::string_view value, bool sealed);
    base::Result<void> remove_setting(std::string_view key);
    /// (key, value) of the settings whose keys begin so.
    base::Result<std::vector<std::pair<std::string, std::string>>> settings(std::string_view prefix);

    /// The sealed values of the whole database that do not begin with `prefix` ("": all), at most `limit`.
    base::Result<std::vector<SealedCell>> cells_not_under(std::string_view prefix, std::int64_t limit);
    /// How many sealed values there are under each master key, by its id.
    base::Result<std::map<std::string, std::int64_t>> sealed_by_key();
    /// Writes one back, unless it changed meanwhile.
    base::Result<void> put_cell(const SealedCell& cell, std::string_view value);

    /// Removes what is of no more use: links and sessions that ended before then.
    base::Result<void> sweep(base::UnixMillis ended_before);

    /// Erases the marks of one person: addresses and agents of sessions, links, codes, devices, identities, ownership.
    base::Result<void> erase_traces(AccountId account);
    /// Moves the log into the database file and empties it, so that what was erased is in neither. kUnavailable while
    /// another connection reads.
    base::Result<void> checkpoint();

private:
    AccountsStore(sys::FileLock lock, Database database) : lock_(std::move(lock)), database_(std::move(database)) {}
    template <class... Values>
    base::Result<void> run(std::string_view sql, const Values&... values);
    template <class Row, class... Values>
    base::Result<void> each(std::string_view sql, Row row, const Values&... values);
    template <class Read, class... Values>
    auto all(std::string_view sql, Read read, const Values&... values);
    template <class Read, class... Values>
    auto one(std::string_view sql, Read read, const Values&... values);
    Statement& prepared(std::string_view sql);

    sys::FileLock lock_;
    Database database_;
    std::unordered_map<const char*, Statement> statements_;  // by the address of their text, which is a literal
};

}  // namespace tidemark::store
