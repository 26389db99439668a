// What the API sends and takes about accounts, sign-in, people, keys, the audit log, backups and the server itself.
// See dto.hpp for the rules.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "desk/identity/accounts.hpp"
#include "foundation/json/describe.hpp"
#include "server/api/dto.hpp"

namespace tidemark::api {

enum class KeyScope { kIngest, kRead, kManage };
enum class ExportFormat { kCsv, kJson };
enum class BackupKind { kScheduled, kManual };
enum class RestoreStep { kBackup, kCheck, kRestart };
enum class MasterKeySource { kFile, kEnvironment, kCommand };

}  // namespace tidemark::api

namespace tidemark::json {

// clang-format off
template <> struct EnumNames<store::Role> {
    static constexpr std::string_view kName = "Role";
    static constexpr std::array<std::string_view, 3> kNames{"user", "admin", "enterprise"};
};
template <> struct EnumNames<store::AccountState> {
    static constexpr std::string_view kName = "AccountState";
    static constexpr std::array<std::string_view, 3> kNames{"active", "deactivated", "erased"};
};
template <> struct EnumNames<store::IdentityKind> {
    static constexpr std::string_view kName = "IdentityKind";
    static constexpr std::array<std::string_view, 5> kNames{"os_user", "mail", "machine", "account_id", "otel_attribute"};
};
template <> struct EnumNames<identity::Right> {
    static constexpr std::string_view kName = "Right";
    static constexpr std::array<std::string_view, 9> kNames{"public", "signed_in", "own_security", "own_account", "read", "ingest",
                                                            "manage_team", "manage_all", "manage_secrets"};
};
template <> struct EnumNames<api::MasterKeySource> {
    static constexpr std::string_view kName = "MasterKeySource";
    static constexpr std::array<std::string_view, 3> kNames{"file", "environment", "command"};
};
template <> struct EnumNames<api::KeyScope> {
    static constexpr std::string_view kName = "KeyScope";
    static constexpr std::array<std::string_view, 3> kNames{"ingest", "read", "manage"};
};
template <> struct EnumNames<api::ExportFormat> {
    static constexpr std::string_view kName = "ExportFormat";
    static constexpr std::array<std::string_view, 2> kNames{"csv", "json"};
};
template <> struct EnumNames<api::RestoreStep> {
    static constexpr std::string_view kName = "RestoreStep";
    static constexpr std::array<std::string_view, 3> kNames{"backup", "check", "restart"};
};
template <> struct EnumNames<api::BackupKind> {
    static constexpr std::string_view kName = "BackupKind";
    static constexpr std::array<std::string_view, 2> kNames{"scheduled", "manual"};
};
// clang-format on

}  // namespace tidemark::json

namespace tidemark::api {

// ---- signing in
// -------------------------------------------------------------------------------------------------------

struct TeamRef {
    std::int64_t id = 0;
    std::string name;
};
TIDEMARK_DTO(TeamRef, "A team by id and name.", (id, name))

struct Me {
    std::int64_t id = 0;
    std::string username, display_name;
    std::optional<std::string> email;
    identity::Role role = identity::Role::kUser;
    bool must_enrol = false, second_factor = false, has_password = false, by_provider = false;
    std::int64_t recovery_codes_left = 0;
    Time created_at;
    std::optional<Time> last_seen;
    std::vector<TeamRef> managed_teams, teams;
    std::vector<identity::Right> rights;
    identity::PrivacyMode privacy = identity::PrivacyMode::kNames;
    std::int32_t minimum_people = 0;
};
TIDEMARK_DTO(
    Me,
    "Who asks. must_enrol: nothing but the own security is allowed until a second factor is set up. rights: "
    "what the routes' x-right may be. privacy: how others see the usage of this person, and this person theirs; "
    "totals: over at least minimum_people others.",
    (id, username, display_name, email, role, must_enrol, second_factor, has_password, by_provider, recovery_codes_left,
     created_at, last_seen, managed_teams, teams, rights, privacy, minimum_people))

struct SignInProvider {
    std::string name;
};
TIDEMARK_DTO(SignInProvider, "An OpenID Connect provider that signs people in.", (name))

struct AuthState {
    bool open = false, setup_required = false, loopback = false;
    identity::Registration registration = identity::Registration::kOff;
    std::optional<SignInProvider> provider;
    bool provider_only = false, mail = false;
    std::optional<Me> me;
};
TIDEMARK_DTO(AuthState,
             "How to come in. open: there is no account yet and the request comes from this machine, nothing asks for "
             "a sign-in. mail: links can be sent by mail. me: null when not signed in.",
             (open, setup_required, loopback, registration, provider, provider_only, mail, me))

struct SetUp {
    std::string token, username, display_name;
    std::optional<std::string> password;
};
TIDEMARK_REQUEST_DTO(SetUp, "The first account. On this machine it may do without a password.",
                     (token, username, display_name, password))

struct LinkToken {
    std::string token;
};
TIDEMARK_REQUEST_DTO(LinkToken, "The token of a link that signs in.", (token))

struct SignIn {
    std::string name, password;
    std::optional<std::string> code;
    std::optional<bool> trusted;
};
TIDEMARK_REQUEST_DTO(SignIn,
                     "name: user name or mail address. code: six digits of the second factor, or a recovery code. "
                     "trusted: the device is the person's own, and stays signed in.",
                     (name, password, code, trusted))

struct Refresh {
    std::string refresh_token;
};
TIDEMARK_REQUEST_DTO(Refresh, "For clients that keep tokens themselves; browsers send their cookie and no body.",
                     (refresh_token))

struct Tokens {
    std::string access_token;
    std::int64_t expires_in = 0;
    std::optional<std::string> refresh_token;
};
TIDEMARK_DTO(Tokens,
             "For the header Authorization: Bearer; expires_in is in seconds. A refresh token works once; null: keep "
             "the one that is there.",
             (access_token, expires_in, refresh_token))

struct Forgot {
    std::string name;
    std::optional<Language> language;
};
TIDEMARK_REQUEST_DTO(Forgot, "User name or mail address. language: of the mail; auto: as the browser says.",
                     (name, language))

struct Reset {
    std::string token, password;
};
TIDEMARK_REQUEST_DTO(Reset, "The token of a reset link, and the new password.", (token, password))

struct Register {
    std::string token, username, display_name, password;
};
TIDEMARK_REQUEST_DTO(Register, "An account by invitation, or by the link that was sent to an address.",
                     (token, username, display_name, password))

struct RequestRegistration {
    std::string email;
    std::optional<Language> language;
};
TIDEMARK_REQUEST_DTO(RequestRegistration, "Asks for a link to register with. language: see Forgot.", (email, language))

// ---- the own account
// --------------------------------------------------------------------------------------------------

struct Profile {
    std::string display_name, email;
};
TIDEMARK_REQUEST_DTO(Profile, "What a person says of themselves. email \"\": none.", (display_name, email))

struct PasswordChange {
    std::string current, fresh;
};
TIDEMARK_REQUEST_DTO(PasswordChange, "current is \"\" where there is none yet.", (current, fresh))

struct Enrolment {
    std::string secret, uri;
};
TIDEMARK_DTO(Enrolment, "A second factor to be: secret for typing, uri for the QR code.", (secret, uri))

struct SecondFactorCode {
    std::string code;
};
TIDEMARK_REQUEST_DTO(SecondFactorCode, "Six digits.", (code))

struct RecoveryCodes {
    std::vector<std::string> codes;
};
TIDEMARK_DTO(RecoveryCodes, "Each works once in place of the second factor. Shown once.", (codes))

struct PasswordCheck {
    std::string password;
};
TIDEMARK_REQUEST_DTO(PasswordCheck, "The own password, once more.", (password))

struct Confirmation {
    std::string password;
    std::optional<std::string> code;
};
TIDEMARK_REQUEST_DTO(Confirmation, "The own password once more, and a code where there is a second factor.",
                     (password, code))

struct Device {
    std::string id, address, agent;
    Time created_at, last_used, expires_at;
    bool trusted = false, current = false;
};
TIDEMARK_DTO(Device, "A device that is signed in.",
             (id, address, agent, created_at, last_used, expires_at, trusted, current))

struct Devices {
    std::vector<Device> sessions;
};
TIDEMARK_DTO(Devices, "The devices that are signed in.", (sessions))

struct ErasureConfirmation {
    std::string username;
};
TIDEMARK_REQUEST_DTO(ErasureConfirmation, "The user name of the account that goes, typed as a confirmation.",
                     (username))

// ---- API keys
// ---------------------------------------------------------------------------------------------------------

struct AccountRef {
    std::int64_t id = 0;
    std::string username;
};
TIDEMARK_DTO(AccountRef, "An account by id and name.", (id, username))

struct ApiKey {
    std::int64_t id = 0;
    std::string name, hint;
    AccountRef account;
    std::vector<KeyScope> scopes;
    std::vector<TeamRef> teams;
    std::vector<std::string> projects;
    Time created_at;
    std::optional<Time> expires_at, last_used, revoked_at;
    std::optional<std::int64_t> rotated_from;
};
TIDEMARK_DTO(ApiKey,
             "hint: how the key begins and ends. Empty teams and projects: not limited. revoked_at may lie ahead: a "
             "rotated key works until then.",
             (id, name, hint, account, scopes, teams, projects, created_at, expires_at, last_used, revoked_at,
              rotated_from))

struct ApiKeys {
    std::vector<ApiKey> keys;
};
TIDEMARK_DTO(ApiKeys, "Own keys, and those of the people one manages.", (keys))

struct NewApiKey {
    std::string name;
    std::vector<KeyScope> scopes;
    std::vector<std::int64_t> teams;
    std::vector<std::string> projects;
    std::optional<Time> expires_at;
};
TIDEMARK_REQUEST_DTO(NewApiKey, "A key to make.", (name, scopes, teams, projects, expires_at))

struct IssuedKey {
    std::string text;
    ApiKey key;
};
TIDEMARK_DTO(IssuedKey, "text is the key itself. Shown once.", (text, key))

struct KeyRotation {
    std::int64_t overlap_hours = 0;
};
TIDEMARK_REQUEST_DTO(KeyRotation, "For how long the old key goes on to work, at most 720 hours.", (overlap_hours))

// ---- people
// -----------------------------------------------------------------------------------------------------------

struct PersonIdentity {
    std::int64_t id = 0;
    identity::IdentityKind kind = identity::IdentityKind::kOsUser;
    std::string value;
};
TIDEMARK_DTO(PersonIdentity, "A name under which usage is recorded.", (id, kind, value))

struct Person {
    std::int64_t id = 0;
    std::string username, display_name;
    std::optional<std::string> email;
    identity::Role role = identity::Role::kUser;
    identity::AccountState state = identity::AccountState::kActive;
    bool second_factor = false, by_provider = false, break_glass = false;
    Time created_at;
    std::optional<Time> last_seen;
    std::vector<TeamRef> teams;
    std::vector<PersonIdentity> identities;
    bool manageable = false;
};
TIDEMARK_DTO(
    Person, "Somebody within reach. manageable: the caller may change this account; else email and last_seen are null.",
    (id, username, display_name, email, role, state, second_factor, by_provider, break_glass, created_at, last_seen,
     teams, identities, manageable))

struct People {
    std::vector<Person> people;
};
TIDEMARK_DTO(People, "The people within reach.", (people))

struct NewPerson {
    std::string username, display_name;
    std::optional<std::string> password;
    identity::Role role = identity::Role::kUser;
};
TIDEMARK_REQUEST_DTO(NewPerson, "An account to make. Without a password it needs a reset link or a provider.",
                     (username, display_name, password, role))

struct RoleChange {
    identity::Role role = identity::Role::kUser;
};
TIDEMARK_REQUEST_DTO(RoleChange, "The new role.", (role))

struct ActiveChange {
    bool active = true;
};
TIDEMARK_REQUEST_DTO(ActiveChange, "false ends sessions and keys at once.", (active))

struct BreakGlassChange {
    bool on = false;
};
TIDEMARK_REQUEST_DTO(BreakGlassChange, "Whether the account keeps its password where a provider signs people in.", (on))

struct ResetLinkRequest {
    bool remove_second_factor = false;
};
TIDEMARK_REQUEST_DTO(ResetLinkRequest, "Whether the link also takes the second factor away.", (remove_second_factor))

struct Link {
    std::string url_path;
    Time expires_at;
};
TIDEMARK_DTO(Link, "A link that works once, as a path of this server. Shown once.", (url_path, expires_at))

struct Transfer {
    std::int64_t to = 0;
};
TIDEMARK_REQUEST_DTO(Transfer, "The account that takes over managed teams and owned projects.", (to))

struct Invitation {
    std::int64_t id = 0;
    identity::Role role = identity::Role::kUser;
    std::optional<TeamRef> team;
    Time created_at, expires_at;
};
TIDEMARK_DTO(Invitation, "A link to register with that was not used yet.", (id, role, team, created_at, expires_at))

struct Invitations {
    std::vector<Invitation> invitations;
};
TIDEMARK_DTO(Invitations, "The invitations that are open.", (invitations))

struct NewInvitation {
    identity::Role role = identity::Role::kUser;
    std::optional<std::int64_t> team;
    std::optional<std::string> email;
    std::optional<Language> language;
};
TIDEMARK_REQUEST_DTO(NewInvitation,
                     "Administrators invite users into own teams. email: where to send the link too; it is not stored. "
                     "language: see Forgot.",
                     (role, team, email, language))

struct TeamMember {
    std::int64_t account = 0;
    std::string username, display_name;
    bool manages = false;
};
TIDEMARK_DTO(TeamMember, "Somebody in a team.", (account, username, display_name, manages))

struct Team {
    std::int64_t id = 0;
    std::optional<std::int64_t> parent;
    std::string name;
    std::vector<TeamMember> members;
};
TIDEMARK_DTO(Team, "A team; parent is the team it is below.", (id, parent, name, members))

struct Teams {
    std::vector<Team> teams;
};
TIDEMARK_DTO(Teams, "The teams within reach.", (teams))

struct TeamChange {
    std::string name;
    std::optional<std::int64_t> parent;
};
TIDEMARK_REQUEST_DTO(TeamChange, "A team's name, and the team it is below.", (name, parent))

struct Membership {
    bool manages = false;
};
TIDEMARK_REQUEST_DTO(Membership, "Whether the member manages the team and those below it.", (manages))

struct MappedIdentity {
    std::int64_t id = 0;
    identity::IdentityKind kind = identity::IdentityKind::kOsUser;
    std::string value;
    std::int64_t account = 0;
    std::string username;
};
TIDEMARK_DTO(MappedIdentity, "Whose usage it is that is recorded under a name.", (id, kind, value, account, username))

struct UnassignedMember {
    std::string member;
    std::optional<std::int64_t> requests, tokens;
    std::optional<base::NanoUsd> cost_usd;
    std::optional<Time> last_activity;
};
TIDEMARK_DTO(
    UnassignedMember,
    "A name in the ledger that is nobody's yet, with all that is recorded under it; null where the organisation "
    "shows usage without names.",
    (member, requests, tokens, cost_usd, last_activity))

struct Identities {
    std::vector<MappedIdentity> identities;
    std::vector<UnassignedMember> unassigned;
};
TIDEMARK_DTO(Identities, "Names of usage within reach, and those that are nobody's.", (identities, unassigned))

struct NewIdentity {
    identity::IdentityKind kind = identity::IdentityKind::kOsUser;
    std::string value;
    std::int64_t account = 0;
};
TIDEMARK_REQUEST_DTO(NewIdentity, "Gives a name of usage to an account; one that is mapped already moves.",
                     (kind, value, account))

struct ProjectOwner {
    std::string project;
    std::optional<std::int64_t> account;
};
TIDEMARK_REQUEST_DTO(ProjectOwner, "Whose project it is; null: nobody's.", (project, account))

// ---- the audit log
// ----------------------------------------------------------------------------------------------------

struct AuditLine {
    std::int64_t seq = 0;
    Time time;
    std::string actor, actor_name, action, object, before, after, remote, request_id;
};
TIDEMARK_DTO(AuditLine,
             "Who did what. actor is \"account:7\", \"key:3\", \"system\" or \"anonymous\"; before and after are JSON "
             "texts, secrets masked.",
             (seq, time, actor, actor_name, action, object, before, after, remote, request_id))

struct Audit {
    std::vector<AuditLine> rows;
    std::optional<std::string> next_cursor;
};
TIDEMARK_DTO(Audit, "A page of the audit log, the newest first.", (rows, next_cursor))

struct AuditVerdict {
    bool intact = false;
    std::int64_t rows = 0, bad_seq = 0;
    std::string reason;
};
TIDEMARK_DTO(AuditVerdict, "Whether the chain of hashes holds; bad_seq is the first row that is wrong, 0 when none is.",
             (intact, rows, bad_seq, reason))

// ---- the server
// -------------------------------------------------------------------------------------------------------

struct TlsState {
    bool on = false;
    std::string fingerprint;
    std::vector<std::string> names;
    Time not_after;
    std::int64_t days_left = 0;
    bool self_signed = false;
};
TIDEMARK_DTO(TlsState, "The certificate in use; fingerprint is SHA-256 as browsers show it.",
             (on, fingerprint, names, not_after, days_left, self_signed))

struct MasterKeyUse {
    std::string id;
    std::int64_t values = 0;
    std::optional<std::int64_t> backups;
};
TIDEMARK_DTO(MasterKeyUse,
             "A master key, by a digest of it, and what is sealed with it. backups: null when they cannot be read.",
             (id, values, backups))

struct MasterKeyChange {
    Time begun_at;
    std::int64_t total = 0, left = 0;
};
TIDEMARK_DTO(MasterKeyChange, "A change of the master key that is under way; counts of values.",
             (begun_at, total, left))

struct MasterKey {
    MasterKeySource source = MasterKeySource::kFile;
    std::vector<MasterKeyUse> keys;
    std::optional<MasterKeyChange> change;
    std::optional<std::string> problem;
};
TIDEMARK_DTO(MasterKey,
             "The keys that secrets are sealed with, the current one first. problem: why a change does not get on.",
             (source, keys, change, problem))

struct System {
    std::vector<std::string> listen;
    std::optional<TlsState> tls;
    MasterKey master_key;
    std::int64_t data_dir_bytes = 0, database_bytes = 0, accounts_bytes = 0, disk_free_bytes = 0;
    std::int64_t signed_in = 0, streams = 0, uptime_seconds = 0;
};
TIDEMARK_DTO(System, "The server itself. tls is null for plain HTTP. signed_in counts sessions.",
             (listen, tls, master_key, data_dir_bytes, database_bytes, accounts_bytes, disk_free_bytes, signed_in,
              streams, uptime_seconds))

struct Backup {
    std::string name;
    Time made_at;
    std::int64_t bytes = 0;
    BackupKind kind = BackupKind::kScheduled;
    std::optional<Time> verified_at;
    std::optional<std::string> problem;
};
TIDEMARK_DTO(Backup, "A backup on the disk.", (name, made_at, bytes, kind, verified_at, problem))

struct Restoring {
    std::string name;
    RestoreStep step = RestoreStep::kBackup;
    double share = 0;
};
TIDEMARK_DTO(
    Restoring,
    "How far it is: first a backup of now is made, then the chosen one is unpacked and checked, then the server "
    "begins anew with it. share: of the step, 0 to 1.",
    (name, step, share))

struct Backups {
    std::vector<Backup> backups;
    bool running = false;
    std::optional<std::string> last_problem;
    std::optional<Restoring> restoring;
    std::optional<std::string> restore_problem;
    std::int64_t kept_bytes = 0;
};
TIDEMARK_DTO(Backups,
             "The backups, the newest first. last_problem: why the last one failed; null when it did not. "
             "restore_problem: why the last restore since the start failed, and changed nothing. kept_bytes: of the "
             "databases that restores have replaced.",
             (backups, running, last_problem, restoring, restore_problem, kept_bytes))

struct BackupSettings {
    bool enabled = true;
    std::int32_t hour = 3, keep_daily = 7, keep_weekly = 5, keep_monthly = 12;
};
TIDEMARK_DTO(BackupSettings, "Each day after that hour of local time; how many of which kind are kept.",
             (enabled, hour, keep_daily, keep_weekly, keep_monthly))

}  // namespace tidemark::api
