// What is behind Accounts. Two locks: `store_mutex` around the one connection, and `memory_mutex` around the pictures
// that verify requests. A change holds the first, and takes the second for the moment of showing what it committed.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "desk/identity/accounts.hpp"
#include "desk/identity/back_off.hpp"
#include "desk/identity/password_pool.hpp"
#include "desk/store/accounts_store.hpp"
#include "foundation/crypto/jwt.hpp"

namespace tidemark::identity {

constexpr std::string_view kLookupKey = "lookup_key";
constexpr std::string_view kAuditKey = "audit_key";
constexpr std::string_view kAuditHead = "audit_head";
constexpr std::string_view kAuditAnchor = "audit_anchor";
constexpr std::string_view kPolicyKey = "policy";
constexpr std::string_view kErasurePrefix = "erasure.";
constexpr std::string_view kSecretPrefix = "secret.";

/// What requests are verified against.
struct Memory {
    struct Live {
        AccountId account = 0;
        base::UnixMillis expires_at = 0;
        base::UnixMillis proved_at = 0;  ///< When the person last proved to be the one
    };
    std::shared_ptr<const Directory> directory = std::make_shared<Directory>();
    Policy policy;
    std::unordered_map<std::string, Live> sessions;  // by id
    std::shared_ptr<const crypto::SigningKeys> signing_keys;
    std::unordered_map<std::string, store::ApiKeyRow> api_keys;  // by hash
    std::unordered_map<std::string, AccountId> devices;          // by hash
    std::unordered_set<std::string> known_addresses;             // "account|host"
    std::unordered_set<std::string> known_hosts;                 // the same, whoever it was
};

struct Accounts::State {
    State(std::unique_ptr<store::AccountsStore> opened, crypto::KeyRing key_ring, AccountsOptions given)
        : options(std::move(given)),
          store(std::move(opened)),
          ring(std::move(key_ring)),
          pool(options.password_threads, options.password_queue) {}

    AccountsOptions options;

    std::mutex store_mutex;  // guards what follows, up to memory_mutex
    std::unique_ptr<store::AccountsStore> store;
    crypto::KeyRing ring;
    AuditMark head, staged_head;
    std::vector<std::function<void(Memory&)>> staged;  // what memory learns when the transaction is committed
    base::UnixMillis signing_key_made = 0;
    base::UnixMillis next_sweep = 0;  // what has ended, and the audit log's retention

    std::string lookup_key, audit_key;  // set once, before any other thread

    mutable std::shared_mutex memory_mutex;
    Memory memory;

    BackOff back_off;
    std::mutex notes_mutex;
    std::map<std::int64_t, base::UnixMillis> keys_used;  // since the last tick
    std::int64_t turned_away = 0;
    struct Refused {
        Caller caller;
        std::string address;  ///< The first of the host
        std::int64_t count = 0;
    };
    std::map<std::array<std::string, 3>, Refused> refused;  // by actor, host, why; since the last tick

    PasswordPool pool;  // last: its threads end before what they use

    /// Runs f in one transaction, with its audit rows; memory follows when it is on the disk. f gives a Result.
    template <class F>
    auto change(F f) -> decltype(f()) {
        const std::lock_guard lock(store_mutex);
        staged.clear();
        staged_head = head;
        auto transaction = store->begin();
        if (!transaction) {
            return tl::unexpected<base::Error>(std::move(transaction).error());
        }
        auto result = f();
        if (!result) {
            return result;
        }
        if (auto committed = transaction->commit(); !committed) {
            return tl::unexpected<base::Error>(std::move(committed).error());
        }
        head = staged_head;
        const std::unique_lock memory_lock(memory_mutex);
        for (const auto& learn : staged) {
            learn(memory);
        }
        return result;
    }

    // Inside of change():
    base::Result<void> write_audit(const Act& act, std::string_view action, std::string_view object,
                                   const AuditFields& before = {}, const AuditFields& after = {});
    /// Loads people and teams as the transaction leaves them.
    base::Result<void> reload_directory();
    base::Result<void> reload_api_keys();
    base::Result<void> reload_signing_keys();
    base::Result<void> end_sessions(AccountId account, std::string_view except, base::UnixMillis now);
    base::Result<SignedIn> start_session(const store::AccountRow& account, const Origin& origin, bool trusted,
                                         base::UnixMillis now);
    base::Result<OneTimeLink> make_link(store::LinkRow row, std::string_view email, base::UnixMillis life,
                                        base::UnixMillis now);
    /// kFailedPrecondition when nobody could manage everything, or come in without the provider, if not for this
    /// account.
    base::Result<void> check_not_needed(AccountId id) const;
    /// The row of an account that may sign in, or kNotFound.
    base::Result<store::AccountRow> active_account(AccountId id);
    /// The row of an account that was not erased, or kNotFound.
    base::Result<store::AccountRow> kept_account(AccountId id);
    /// A link of that purpose that still works.
    base::Result<store::LinkRow> valid_link(std::string_view token, store::LinkPurpose purpose, base::UnixMillis now);
    /// Adds the account with what is sealed in it.
    base::Result<store::AccountRow> add_account(store::AccountRow row, std::string_view email);
    base::Result<void> set_email(store::AccountRow& row, std::string_view email);
    base::Result<void> map_verified_mail(AccountId account, std::string_view email);
    base::Result<bool> second_factor_matches(store::AccountRow& row, std::string_view code, base::UnixMillis now);

    /// Ends the sessions that were not used for too long.
    base::Result<void> end_idle_sessions(base::UnixMillis now);

    // Anywhere:
    /// Not used for longer than the policy lets it, as of its last refresh.
    [[nodiscard]] bool is_idle(const store::SessionRow& session, base::UnixMillis now) const;
    [[nodiscard]] std::string seal(std::string_view text, std::string_view column, std::string_view row) const;
    [[nodiscard]] base::Result<std::string> unseal(std::string_view sealed, std::string_view column,
                                                   std::string_view row) const;
    /// The keyed digest by which a sealed value is found.
    [[nodiscard]] std::string lookup_hash(std::string_view purpose, std::string_view value) const;
    [[nodiscard]] std::string recovery_hash(std::string_view code) const;  ///< "" when it cannot be one
    [[nodiscard]] std::shared_ptr<const Directory> directory() const;
    [[nodiscard]] Policy policy() const;
    [[nodiscard]] std::pair<std::string, base::UnixMillis> sign_access(AccountId account, const std::string& session,
                                                                       base::UnixMillis now) const;
    /// Checks a new password and hashes it in the pool.
    base::Result<std::string> hash_new(std::string_view password, const std::vector<std::string>& personal);
    /// kConfirmationNeeded when the person's proof is too long ago (Accounts::confirm).
    [[nodiscard]] base::Result<void> require_proof(const Act& act) const;
    /// The signed-in person's password, with the back-off of one who guesses.
    base::Result<void> check_own_password(const Act& act, std::string_view password);
};

/// kNotFound: said of what is beyond reach too.
[[nodiscard]] tl::unexpected<base::Error> no_such(std::string_view what);
/// The second line of defence: routes have checked the right before.
[[nodiscard]] base::Result<void> require(const Act& act, Right right);
[[nodiscard]] base::Result<void> check_username(std::string_view username);
/// A mail address in lower case.
[[nodiscard]] base::Result<std::string> check_email(std::string_view email);
[[nodiscard]] base::Result<void> check_label(std::string_view field, std::string_view text, std::size_t most_bytes);
[[nodiscard]] bool must_enrol(const Policy& policy, const Person& person);
[[nodiscard]] std::string account_object(AccountId id);

constexpr std::string_view kEmailColumn = "accounts.email_sealed";
constexpr std::string_view kTotpColumn = "accounts.totp_sealed";
constexpr std::string_view kTotpPendingColumn = "accounts.totp_pending";
constexpr std::string_view kIdentityColumn = "identities.value";
constexpr std::string_view kLinkEmailColumn = "links.email_sealed";
constexpr std::string_view kSigningColumn = "signing_keys.secret_sealed";
constexpr std::string_view kSettingColumn = "settings.value";

}  // namespace tidemark::identity
