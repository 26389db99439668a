// Accounts, sign-in, sessions, API keys, teams and the audit log behind one thread-safe door. Knows no HTTP; time is
// passed in. What verifies a request (verify_access, verify_api_key, reach_of) works from memory and never waits for
// the database; what changes something is one transaction together with its audit row, and is seen by the next request.
//
// Errors: kInvalidArgument (the input; "field: what is wrong"), kNotFound (no such thing, or beyond the caller's reach:
// the two are not told apart), kFailedPrecondition (a rule forbids it now), kUnavailable (busy, try again),
// kConfirmationNeeded (who is signed in proves first to be the one: confirm(), or a new sign-in).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "desk/identity/audit.hpp"
#include "desk/identity/directory.hpp"
#include "desk/identity/rights.hpp"
#include "desk/store/rows.hpp"
#include "foundation/base/result.hpp"
#include "foundation/crypto/key_ring.hpp"
#include "foundation/crypto/password.hpp"
#include "foundation/json/describe.hpp"

namespace tidemark::identity {

/// Where a request comes from: for the audit log, the list of devices and the back-off.
struct Origin {
    std::string address;  ///< IP address
    std::string agent;    ///< Short name of the browser or program, "Firefox on Linux"
    std::string request_id;
    std::string device_token;  ///< What an earlier sign-in gave this device (SignedIn::device_token), or ""
};
/// Somebody does something.
struct Act {
    Caller caller;
    Origin origin;
    base::UnixMillis now = 0;
};

enum class Registration { kOff, kInvite, kDomains };

/// Who may come in and what is shown. Stored as JSON.
struct Policy {
    Registration registration = Registration::kInvite;
    std::vector<std::string> domains;  ///< kDomains: "example.org"; lower case
    bool require_2fa_user = false, require_2fa_admin = false, require_2fa_enterprise = false;
    bool provider_only = false;  ///< Passwords only for break-glass accounts
    PrivacyMode privacy = PrivacyMode::kNames;
    int minimum_people = 5;  ///< PrivacyMode::kTotals
    int audit_days = 0;      ///< Rows older than this are removed; 0: kept
    int session_days = 30;   ///< A sign-in lasts at most so long
    int idle_days = 14;      ///< One that is not used for so long ends; 0: it does not. Not on this machine itself
};

constexpr base::UnixMillis kAccessLife = 15 * base::kMinute;
/// For how long the predecessor of a refresh token still gets an access token: tabs of one browser that refresh at the
/// same moment. It gets no new refresh token (the other tab's answer has it), and only at the address of that one.
constexpr base::UnixMillis kRefreshGrace = 10 * base::kSecond;

/// For so long after a sign-in or confirm() a person may change what they sign in with, and end sessions.
constexpr base::UnixMillis kProofLife = 10 * base::kMinute;

struct SignedIn {
    AccountId account = 0;
    std::string session;
    std::string access;  ///< JWT
    base::UnixMillis access_expires = 0;
    std::string refresh;  ///< "" after a refresh in the grace: keep the one that is there
    base::UnixMillis refresh_expires = 0;
    std::string device_token;  ///< To be kept for a year; "" when the device has one
    bool must_enrol = false;   ///< A second factor is required: only Right::kOwnSecurity until it is set up
};

enum class SignInStatus {
    kOk,
    kRefused,            ///< Name or password is wrong, or the account may not sign in: never told which
    kSecondFactor,       ///< The password is right; ask again with a code
    kSecondFactorWrong,  ///< The code is wrong or was used before
    kWait,               ///< Too many attempts: not before retry_after
    kBusy,               ///< Too many at once: try again in retry_after
};
struct SignInOutcome {
    SignInStatus status = SignInStatus::kRefused;
    base::UnixMillis retry_after = 0;  ///< kWait, kBusy: milliseconds
    SignedIn signed_in;                ///< kOk
};
struct Credentials {
    std::string name;  ///< User name or mail address
    std::string password;
    std::string code;      ///< Second factor: six digits or a recovery code; ""
    bool trusted = false;  ///< The person says that the device is their own
};

struct NewAccount {
    std::string username, display_name;
    std::string password;  ///< "" where a provider or a link signs in
};

/// Who a provider says that somebody is (OpenID Connect); the caller has verified the ID token.
struct ProviderIdentity {
    std::string issuer, subject;
    std::string preferred_username, display_name;
    std::string email;                         ///< Only when the provider verified it
    bool create = false;                       ///< Make the account when it is new
    std::optional<Role> role;                  ///< From the provider's groups: set at each sign-in
    std::optional<std::vector<TeamId>> teams;  ///< The same
};

/// A session, named by one who has left this server for a moment and will be back without its cookies.
struct SignedInAs {
    AccountId account = 0;
    std::string session;
};
enum class JoinStatus {
    kJoined,
    kTaken,  ///< That person at the provider signs in to another account
    kGone,   ///< The session has ended meanwhile
};

/// A link that works once. The token is shown once and stored hashed.
struct OneTimeLink {
    std::string token;
    store::LinkPurpose purpose = store::LinkPurpose::kSetup;
    base::UnixMillis expires_at = 0;
    std::string email;  ///< Where to send it: kRegister, and kReset when asked for by the person; "" when unknown
};

struct AccountDetails {
    Person person;
    std::string email;  ///< In clear: for the person, and who manages the person
    std::optional<base::UnixMillis> last_seen;
    std::int64_t recovery_codes_left = 0;
};

struct SessionInfo {
    std::string id, address, agent;
    base::UnixMillis created_at = 0, last_used = 0, expires_at = 0;
    bool trusted = false, current = false;
};

struct NewApiKey {
    std::string name;
    Scopes scopes;
    std::vector<TeamId> teams;
    std::vector<std::string> projects;
    std::optional<base::UnixMillis> expires_at;
};
struct ApiKeyInfo {
    std::int64_t id = 0;
    std::string name, hint;
    AccountId account = 0;
    Scopes scopes;
    std::vector<TeamId> teams;
    std::vector<std::string> projects;
    base::UnixMillis created_at = 0;
    std::optional<base::UnixMillis> expires_at, last_used, revoked_at;
    std::optional<std::int64_t> rotated_from;
};
struct IssuedApiKey {
    std::string text;  ///< Shown once
    ApiKeyInfo info;
};

struct Enrolment {
    std::string secret;  ///< Base32, for typing
    std::string uri;     ///< For the QR code
};

struct AuditVerdict {
    bool intact = false;
    std::int64_t rows = 0;
    std::int64_t bad_seq = 0;  ///< The first row that is wrong; 0 when intact
    std::string reason;
};

struct Erasure {
    std::vector<std::string> members;  ///< Names in the ledger
    std::string pseudonym;             ///< What they are to be called there, so that totals stay
    AccountId account = 0;
};

/// A change of the master key. Stored as JSON until it is done.
struct Resealing {
    std::string key_id;  ///< What everything is going to be sealed under
    json::Time begun_at;
    std::int64_t total = 0;  ///< Values to be sealed anew, when it began
};

/// Replaceable for tests, which count the calls.
struct PasswordFunctions {
    std::function<base::Result<std::string>(std::string_view)> hash;
    std::function<bool(std::string_view, const std::string&)> verify;
    static PasswordFunctions argon2(crypto::PasswordCost cost = {});
};

struct AccountsOptions {
    PasswordFunctions passwords = PasswordFunctions::argon2();
    std::size_t password_threads = 0;  ///< 0: by the machine
    std::size_t password_queue = 48;   ///< How many log-ins may wait in each lane (PasswordPool)
    /// Whether somebody's new password is known from a breach; an error: it cannot be told. None: nobody knows.
    std::function<base::Result<bool>(std::string_view)> breached;
};

class Accounts {
public:
    /// Opens accounts.db in the data folder. kFailedPrecondition when the ring lacks the key it was sealed with.
    static base::Result<std::unique_ptr<Accounts>> open(const std::string& data_dir, crypto::KeyRing ring,
                                                        AccountsOptions options, base::UnixMillis now);
    ~Accounts();

    // --- The first run ---------------------------------------------------------------------------------------------
    /// A link to make the first account while there is none; on loopback with exactly one active account, and no second
    /// factor there, a link that signs in. Earlier links of the kind end. Nothing when neither is so.
    base::Result<std::optional<OneTimeLink>> first_link(bool loopback, base::UnixMillis now);
    /// Makes the first account, role enterprise. Without a password on loopback only: links sign it in.
    base::Result<SignedIn> set_up(std::string_view token, const NewAccount& account, bool loopback,
                                  const Origin& origin, base::UnixMillis now);
    base::Result<SignedIn> sign_in_by_link(std::string_view token, bool loopback, const Origin& origin,
                                           base::UnixMillis now);

    // --- Signing in ------------------------------------------------------------------------------------------------
    /// Whether it may be tried at all is decided here, from memory; the rest happens on a thread of the pool, which
    /// calls `done` (exactly once; at once when turned away). Known and unknown names cost the same hashing.
    void sign_in(Credentials credentials, Origin origin, base::UnixMillis now,
                 std::function<void(base::Result<SignInOutcome>)> done);
    /// Whether somebody signed in before on this device or from this address. From memory.
    [[nodiscard]] bool familiar(const Origin& origin) const;
    base::Result<SignInOutcome> sign_in_by_provider(const ProviderIdentity& provider, const Origin& origin,
                                                    base::UnixMillis now);
    /// Nothing: sign in again. An old token ends the whole session: somebody has a copy (RFC 9700, section 4.14.2).
    base::Result<std::optional<SignedIn>> refresh(std::string_view token, const Origin& origin, base::UnixMillis now);
    base::Result<void> sign_out(const Act& act);

    /// The caller of a request, from memory. Nothing: not signed in (any more).
    [[nodiscard]] std::optional<Caller> verify_access(std::string_view jwt, base::UnixMillis now) const;
    [[nodiscard]] std::optional<Caller> verify_api_key(std::string_view key, base::UnixMillis now);
    /// What is in reach of a caller, from memory: every query of the ledger passes it.
    [[nodiscard]] Reach reach_of(const Caller& caller) const;
    /// A picture of people and teams.
    [[nodiscard]] std::shared_ptr<const Directory> directory() const;
    /// Gives each name a pseudonym ("Member-K7QF2A"): always the same in this data folder, and not to be guessed, as it
    /// is made with a key that is sealed there. May outlive the accounts.
    [[nodiscard]] std::function<std::string(std::string_view name)> pseudonyms() const;

    base::Result<std::vector<SessionInfo>> sessions(const Act& act);
    /// How many sessions, of anybody, may still be refreshed.
    [[nodiscard]] std::int64_t live_sessions(base::UnixMillis now) const;
    /// One of the caller's own.
    base::Result<void> revoke_session(const Act& act, std::string_view id);
    base::Result<void> revoke_all_sessions(const Act& act, bool except_this);

    // --- Password and second factor --------------------------------------------------------------------------------
    /// Proves that it is still the person who signed in: by the password, and a code where there is a second factor
    /// (kInvalidArgument "password: …", "code: …"). What needs it gives kConfirmationNeeded when neither this nor the
    /// sign-in was in the last kProofLife: a second factor, another address, the first password, ending other sessions,
    /// a provider joined or left, keys that manage. Who has neither a password nor a provider (links on this machine)
    /// is not asked.
    base::Result<void> confirm(const Act& act, std::string_view password, std::string_view code);
    /// Before the person is sent to a provider to join the own account to it: whether that may be done. Needs proof.
    base::Result<SignedInAs> begin_joining(const Act& act);
    /// From then on the provider signs in to the account of `by`, and its groups decide over role and teams.
    base::Result<JoinStatus> join_provider(const SignedInAs& by, const ProviderIdentity& provider, const Origin& origin,
                                           base::UnixMillis now);
    /// The password alone signs in from then on; kFailedPrecondition when there is none, or the policy takes none. Ends
    /// all other sessions. Needs proof.
    base::Result<void> leave_provider(const Act& act);
    /// Ends all other sessions.
    base::Result<void> change_password(const Act& act, std::string_view current, std::string_view fresh);
    base::Result<Enrolment> begin_second_factor(const Act& act);
    /// Gives the recovery codes, shown once.
    base::Result<std::vector<std::string>> confirm_second_factor(const Act& act, std::string_view code);
    base::Result<std::vector<std::string>> renew_recovery_codes(const Act& act, std::string_view password);
    base::Result<void> disable_second_factor(const Act& act, std::string_view password);
    /// For the page "forgot my password": nothing when there is no such account, or one without an address or a
    /// password, and while only the provider lets people in. What the person is told is the same in any case.
    base::Result<std::optional<OneTimeLink>> forgot_password(std::string_view name, const Origin& origin,
                                                             base::UnixMillis now);
    /// By an administrator or the command line.
    base::Result<OneTimeLink> make_reset_link(const Act& act, AccountId account, bool remove_second_factor);
    /// Ends all sessions. A second factor stays, unless the link removes it.
    base::Result<void> reset_password(std::string_view token, std::string_view password, const Origin& origin,
                                      base::UnixMillis now);

    // --- People ----------------------------------------------------------------------------------------------------
    base::Result<OneTimeLink> invite(const Act& act, Role role, std::optional<TeamId> team);
    base::Result<std::vector<store::LinkRow>> invitations(const Act& act);
    base::Result<void> withdraw_invitation(const Act& act, std::int64_t id);
    /// Registration by mail domain: the link goes to the address, which proves that it is the person's, and works while
    /// the policy lets that domain in. When the address has an account the link has no token: its owner is to be told
    /// that. Nothing when that account is deactivated, or it was asked too often. The answer to the person is the same.
    base::Result<std::optional<OneTimeLink>> request_registration(std::string_view email, const Origin& origin,
                                                                  base::UnixMillis now);
    /// With the token of an invitation or a registration.
    base::Result<SignedIn> register_account(std::string_view token, const NewAccount& account, const Origin& origin,
                                            base::UnixMillis now);
    /// Without a link: the command line and enterprise accounts.
    base::Result<AccountId> create_account(const Act& act, const NewAccount& account, Role role);
    base::Result<AccountDetails> account(const Act& act, AccountId id);
    base::Result<void> set_profile(const Act& act, std::string_view display_name, std::string_view email);
    base::Result<void> set_role(const Act& act, AccountId account, Role role);
    base::Result<void> set_break_glass(const Act& act, AccountId account, bool on);
    /// Ends sessions and keys at once when `active` is false.
    base::Result<void> set_active(const Act& act, AccountId account, bool active);
    /// Ends what somebody is signed in with, on all devices. API keys and the password stay.
    base::Result<void> sign_person_out(const Act& act, AccountId account);
    /// Hands teams managed and projects owned to another account.
    base::Result<void> transfer(const Act& act, AccountId from, AccountId to);

    base::Result<TeamId> create_team(const Act& act, std::string_view name, std::optional<TeamId> parent);
    base::Result<void> change_team(const Act& act, TeamId team, std::string_view name, std::optional<TeamId> parent);
    base::Result<void> remove_team(const Act& act, TeamId team);
    base::Result<void> set_team_member(const Act& act, TeamId team, AccountId account, bool manages);
    base::Result<void> remove_team_member(const Act& act, TeamId team, AccountId account);
    base::Result<std::int64_t> map_identity(const Act& act, IdentityKind kind, std::string_view value,
                                            AccountId account);
    base::Result<void> unmap_identity(const Act& act, std::int64_t id);
    /// No account: nobody's.
    base::Result<void> set_project_owner(const Act& act, std::string_view project, std::optional<AccountId> account);

    /// Everything stored about an account, as JSON: for the person.
    base::Result<std::string> export_account(const Act& act, AccountId account);
    /// Removes name, address, identities, sessions and keys; what stays is a number. The caller renames the members in
    /// the ledger and says so with finish_erasure(); until then pending_erasures() gives it again.
    base::Result<Erasure> erase_account(const Act& act, AccountId account);
    base::Result<std::vector<Erasure>> pending_erasures();
    base::Result<void> finish_erasure(AccountId account);

    // --- API keys --------------------------------------------------------------------------------------------------
    base::Result<IssuedApiKey> create_api_key(const Act& act, const NewApiKey& key);
    /// A new key of the same scopes and limits; the old one works until `overlap` has passed.
    base::Result<IssuedApiKey> rotate_api_key(const Act& act, std::int64_t id, base::UnixMillis overlap);
    base::Result<void> revoke_api_key(const Act& act, std::int64_t id);
    /// Own keys; an administrator also those of the people in reach.
    base::Result<std::vector<ApiKeyInfo>> api_keys(const Act& act) const;

    // --- Policy, secrets, audit, keys ------------------------------------------------------------------------------
    [[nodiscard]] Policy policy() const;
    base::Result<void> set_policy(const Act& act, const Policy& policy);
    /// Settings that hold secrets (a provider's, SMTP's): any text, sealed. "" when never set.
    base::Result<std::string> secret_setting(std::string_view name);
    /// `before` and `after`: what of it the audit log may show.
    base::Result<void> set_secret_setting(const Act& act, std::string_view name, std::string_view value,
                                          const AuditFields& before = {}, const AuditFields& after = {});

    /// For what others do: exports, shares, prices, backups.
    base::Result<void> record(const Act& act, std::string_view action, std::string_view object,
                              const AuditFields& before = {}, const AuditFields& after = {});
    /// After these accounts were taken out of the backup of that name: ends what was open then (sessions, links), as it
    /// may have been ended since, and says in the audit log whose act it was.
    base::Result<void> come_back(const Act& act, std::string_view backup);
    /// A request that was turned away before anything was done: counted by who, from where and why ("csrf",
    /// "credential", the right that is missing), and written with the next tick(), a line each; a flood is a few
    /// hundred lines a minute at most. From memory.
    void note_refusal(const Caller& caller, const Origin& origin, std::string_view why);
    /// The newest first; continue with filter.before_seq = the last row's seq. At most 10,000 a call.
    base::Result<std::vector<store::AuditRow>> audit(const store::AuditFilter& filter, std::int64_t limit);
    base::Result<AuditVerdict> verify_audit();

    /// From here on everything new is sealed under the ring's current key. Gives how many values are under another one
    /// and wait for reseal(); when there are some, the audit log says that it begins. kFailedPrecondition when the ring
    /// lacks a key that is in use.
    base::Result<std::int64_t> use_key_ring(const Act& act, crypto::KeyRing ring);
    /// Seals at most `limit` values anew, in one transaction; gives how many. Call until 0: it goes on where it was
    /// interrupted, because each value names its key. With the 0 nothing of the old key is left in the files, and the
    /// audit log says that it is done. kUnavailable while somebody reads the files: call again.
    base::Result<std::int64_t> reseal(const Act& act, std::int64_t limit);
    /// The change of the master key that is not done yet.
    base::Result<std::optional<Resealing>> resealing();
    /// How many values each master key seals, by its id.
    base::Result<std::map<std::string, std::int64_t>> sealed_by_key();
    /// Asks the signed-in person for the password again, before something grave; kInvalidArgument "password: …".
    base::Result<void> check_password(const Act& act, std::string_view password);

    /// Each minute: signing keys, retention, what has ended, when keys were last used, refusals for the audit log.
    base::Result<void> tick(base::UnixMillis now);

    /// Jobs that wait for hashing, for /metrics.
    [[nodiscard]] std::size_t waiting_sign_ins() const;

private:
    struct State;
    explicit Accounts(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace tidemark::identity

namespace tidemark::json {

template <>
struct EnumNames<identity::Registration> {
    static constexpr std::string_view kName = "Registration";
    static constexpr std::array<std::string_view, 3> kNames = {"off", "invite", "domains"};
};
template <>
struct EnumNames<identity::PrivacyMode> {
    static constexpr std::string_view kName = "PrivacyMode";
    static constexpr std::array<std::string_view, 3> kNames = {"names", "pseudonyms", "totals"};
};

}  // namespace tidemark::json

namespace tidemark::identity {

TIDEMARK_DTO(Policy, "Who may come in and what is shown",
             (registration, domains, require_2fa_user, require_2fa_admin, require_2fa_enterprise, provider_only,
              privacy, minimum_people, audit_days, session_days, idle_days))
TIDEMARK_DTO(Resealing, "A change of the master key that is under way", (key_id, begun_at, total))

}  // namespace tidemark::identity
