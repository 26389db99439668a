#include "desk/identity/accounts.hpp"

#include <algorithm>
#include <utility>

#include "desk/identity/impl/state.hpp"
#include "foundation/crypto/api_key.hpp"
#include "foundation/crypto/digest.hpp"
#include "foundation/crypto/random.hpp"
#include "foundation/crypto/totp.hpp"
#include "foundation/json/read.hpp"
#include "foundation/json/write.hpp"

namespace tidemark::identity {

namespace {

constexpr base::UnixMillis kSigningKeyLife = 7 * base::kDay;
constexpr base::UnixMillis kSweepEach = base::kHour;
constexpr base::UnixMillis kEndedKept = 7 * base::kDay;  // sessions and links that have ended
constexpr std::int64_t kKnownDevices = 50000;
constexpr std::size_t kRefusedLines = 300;  // of one minute; others share a line
constexpr std::size_t kPseudonymSize = 6;   // 30 bits
constexpr std::int64_t kAuditPage = 1000;
constexpr std::int64_t kLongestAuditAnswer = 10000;

}  // namespace

tl::unexpected<base::Error> no_such(std::string_view what) {
    return base::fail(base::ErrorCode::kNotFound, "no such " + std::string(what));
}

base::Result<void> require(const Act& act, Right right) {
    if (!allowed(act.caller, right)) {
        return no_such("thing within reach");
    }
    return {};
}

base::Result<void> check_username(std::string_view username) {
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    const bool well_formed = !username.empty() && username.size() <= 64 && plain(username.front()) &&
                             std::all_of(username.begin(), username.end(),
                                         [&](char c) { return plain(c) || c == '.' || c == '_' || c == '-'; });
    if (!well_formed) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          "username: 1 to 64 of a-z, 0-9, '.', '_' and '-', a letter or digit first");
    }
    if (lower(username).starts_with("erased-") || lower(username) == "system") {
        return base::fail(base::ErrorCode::kInvalidArgument, "username: this name is reserved");
    }
    return {};
}

base::Result<std::string> check_email(std::string_view email) {
    const std::size_t at = email.find('@');
    const bool well_formed = email.size() <= 254 && at != std::string_view::npos && at > 0 && at <= 64 &&
                             email.find('@', at + 1) == std::string_view::npos && at + 1 < email.size() &&
                             std::none_of(email.begin(), email.end(), [](char c) {
                                 return static_cast<unsigned char>(c) <= ' ' || c == 0x7f || c == ',' || c == ';' ||
                                        c == '<' || c == '>' || c == '"';
                             });
    if (!well_formed) {
        return base::fail(base::ErrorCode::kInvalidArgument, "email: is not a mail address");
    }
    return lower(email);
}

base::Result<void> check_label(std::string_view field, std::string_view text, std::size_t most_bytes) {
    if (text.size() > most_bytes) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          std::string(field) + ": is longer than " + std::to_string(most_bytes) + " bytes");
    }
    if (std::any_of(text.begin(), text.end(),
                    [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; })) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          std::string(field) + ": control characters are not allowed");
    }
    return {};
}

bool must_enrol(const Policy& policy, const Person& person) {
    const bool by_role = person.role == Role::kEnterprise ? policy.require_2fa_enterprise
                         : person.role == Role::kAdmin    ? policy.require_2fa_admin
                                                          : policy.require_2fa_user;
    // Who signs in with the provider alone has the provider's second factor.
    const bool elsewhere = person.by_provider && !person.has_password;
    return (by_role || person.require_2fa) && !person.has_second_factor && !elsewhere;
}

std::string account_object(AccountId id) { return "account:" + std::to_string(id); }

PasswordFunctions PasswordFunctions::argon2(crypto::PasswordCost cost) {
    return {[cost](std::string_view password) { return crypto::hash_password(password, cost); },
            [](std::string_view password, const std::string& phc) { return crypto::verify_password(password, phc); }};
}

// --- State -----------------------------------------------------------------------------------------------------------

std::string Accounts::State::seal(std::string_view text, std::string_view column, std::string_view row) const {
    return ring.seal(text, std::string(column) + ":" + std::string(row));
}

base::Result<std::string> Accounts::State::unseal(std::string_view sealed, std::string_view column,
                                                  std::string_view row) const {
    return ring.open(sealed, std::string(column) + ":" + std::string(row));
}

std::string Accounts::State::lookup_hash(std::string_view purpose, std::string_view value) const {
    return crypto::to_hex(crypto::keyed_blake2b(lookup_key, std::string(purpose) + ":" + std::string(value)));
}

std::string Accounts::State::recovery_hash(std::string_view code) const {
    const auto plain = crypto::recovery_code_hash(code);
    return plain ? lookup_hash("recovery", *plain) : std::string();
}

std::shared_ptr<const Directory> Accounts::State::directory() const {
    const std::shared_lock lock(memory_mutex);
    return memory.directory;
}

Policy Accounts::State::policy() const {
    const std::shared_lock lock(memory_mutex);
    return memory.policy;
}

base::Result<void> Accounts::State::write_audit(const Act& act, std::string_view action, std::string_view object,
                                                const AuditFields& before, const AuditFields& after) {
    store::AuditRow row;
    row.seq = staged_head.seq + 1;
    row.time = act.now;
    row.actor = act.caller.actor();
    row.action = action;
    row.object = object;
    row.before = masked_json(before);
    row.after = masked_json(after);
    row.remote = act.origin.address;
    row.request_id = act.origin.request_id;
    row.prev = staged_head.hash;
    row.hash = audit_hash(row);
    TIDEMARK_CHECK_OK(store->add_audit(row));
    staged_head = {row.seq, row.hash};
    return store->put_setting(kAuditHead, seal_mark(staged_head, "head", audit_key), false);
}

base::Result<void> Accounts::State::reload_directory() {
    TIDEMARK_TRY(const auto rows, store->accounts());
    TIDEMARK_TRY(auto teams, store->teams());
    TIDEMARK_TRY(const auto members, store->team_members());
    TIDEMARK_TRY(auto identity_rows, store->identities());
    TIDEMARK_TRY(auto owners, store->project_owners());
    std::vector<Person> people;
    people.reserve(rows.size());
    for (const store::AccountRow& row : rows) {
        Person person;
        person.id = row.id;
        person.username = row.username;
        person.display_name = row.display_name;
        person.role = row.role;
        person.state = row.state;
        person.has_password = row.password.has_value();
        person.has_second_factor = row.totp_sealed.has_value();
        person.require_2fa = row.require_2fa;
        person.break_glass = row.break_glass;
        person.by_provider = row.oidc_subject.has_value();
        person.created_at = row.created_at;
        person.email_hash = row.email_hash;
        people.push_back(std::move(person));
    }
    std::vector<Identity> identities;
    identities.reserve(identity_rows.size());
    for (store::IdentityRow& row : identity_rows) {
        if (row.kind == IdentityKind::kMail) {
            TIDEMARK_TRY(row.value, unseal(row.value, kIdentityColumn, row.value_hash));
        }
        identities.push_back({row.id, row.kind, std::move(row.value), row.account});
    }
    auto picture = std::make_shared<const Directory>(std::move(people), std::move(teams), members,
                                                     std::move(identities), std::move(owners));
    staged.emplace_back([picture](Memory& m) { m.directory = picture; });
    return {};
}

base::Result<void> Accounts::State::reload_api_keys() {
    TIDEMARK_TRY(auto rows, store->api_keys());
    std::unordered_map<std::string, store::ApiKeyRow> by_hash;
    for (store::ApiKeyRow& row : rows) {
        std::string hash = row.hash;
        by_hash.emplace(std::move(hash), std::move(row));
    }
    staged.emplace_back([keys = std::move(by_hash)](Memory& m) { m.api_keys = keys; });
    return {};
}

base::Result<void> Accounts::State::reload_signing_keys() {
    TIDEMARK_TRY(const auto rows, store->signing_keys());
    std::vector<crypto::SigningKey> current, retired;
    for (const store::SigningKeyRow& row : rows) {
        TIDEMARK_TRY(std::string secret, unseal(row.secret_sealed, kSigningColumn, row.kid));
        (row.retired_at ? retired : current).push_back({row.kid, std::move(secret)});
        if (!row.retired_at) {
            signing_key_made = row.created_at;
        }
    }
    current.insert(current.end(), retired.begin(), retired.end());
    auto keys = std::make_shared<const crypto::SigningKeys>(std::move(current));
    staged.emplace_back([keys](Memory& m) { m.signing_keys = keys; });
    return {};
}

std::pair<std::string, base::UnixMillis> Accounts::State::sign_access(AccountId account, const std::string& session,
                                                                      base::UnixMillis now) const {
    std::shared_ptr<const crypto::SigningKeys> keys;
    {
        const std::shared_lock lock(memory_mutex);
        keys = memory.signing_keys;
    }
    crypto::AccessClaims claims;
    claims.subject = std::to_string(account);
    claims.session = session;
    claims.issued_at = now;
    claims.expires_at = now + kAccessLife;
    return {keys->sign(claims), claims.expires_at};
}

// --- Opening ---------------------------------------------------------------------------------------------------------

Accounts::Accounts(std::unique_ptr<State> state) : state_(std::move(state)) {}
Accounts::~Accounts() = default;

base::Result<std::unique_ptr<Accounts>> Accounts::open(const std::string& data_dir, crypto::KeyRing ring,
                                                       AccountsOptions options, base::UnixMillis now) {
    TIDEMARK_TRY(auto store, store::AccountsStore::open(data_dir));
    auto owned = std::make_unique<State>(std::move(store), std::move(ring), std::move(options));
    State& state = *owned;
    auto loaded = state.change([&]() -> base::Result<void> {
        bool first = false;
        for (const auto& [name, key] : {std::pair(kLookupKey, &state.lookup_key), {kAuditKey, &state.audit_key}}) {
            TIDEMARK_TRY(const auto sealed, state.store->setting(name));
            if (sealed) {
                TIDEMARK_TRY(*key, state.unseal(*sealed, kSettingColumn, name));
            } else {
                first = true;
                *key = crypto::random_bytes(32);
                TIDEMARK_CHECK_OK(state.store->put_setting(name, state.seal(*key, kSettingColumn, name), true));
            }
        }
        TIDEMARK_TRY(const auto keys, state.store->signing_keys());
        if (keys.empty()) {
            const crypto::SigningKey key = crypto::make_signing_key();
            TIDEMARK_CHECK_OK(state.store->put_signing_key(
                {key.id, state.seal(key.secret, kSigningColumn, key.id), now, std::nullopt}));
        }
        // The chain goes on where its keyed head says. Where rows were cut off or put behind it, the gap stays for
        // verify_audit() to find; where the head itself is gone, a row says so.
        const Act self{Caller::system(), {}, now};
        TIDEMARK_TRY(const auto head, state.store->setting(kAuditHead));
        TIDEMARK_TRY(const auto last, state.store->audit({}, 1));
        const auto mark = head ? open_mark(*head, "head", state.audit_key) : std::nullopt;
        if (first) {
            TIDEMARK_CHECK_OK(state.store->put_setting(kAuditHead, seal_mark({}, "head", state.audit_key), false));
        } else if (mark) {
            state.staged_head = {std::max(mark->seq, last.empty() ? 0 : last.front().seq), mark->hash};
        } else {
            state.staged_head = last.empty() ? AuditMark{} : AuditMark{last.front().seq, last.front().hash};
            TIDEMARK_CHECK_OK(state.write_audit(self, "audit.head_lost", "audit"));
        }
        Policy policy;
        TIDEMARK_TRY(const auto policy_text, state.store->setting(kPolicyKey));
        if (policy_text) {
            auto read = json::read<Policy>(*policy_text);
            if (!read) {
                return base::fail(base::ErrorCode::kDataLoss,
                                  "the stored sign-in policy cannot be read: " + read.error().front().path + " " +
                                      read.error().front().message);
            }
            policy = std::move(*read);
        }
        TIDEMARK_CHECK_OK(state.store->sweep(now - kEndedKept));
        state.next_sweep = now + kSweepEach;
        TIDEMARK_TRY(const auto sessions, state.store->sessions(std::nullopt, now));
        TIDEMARK_TRY(auto devices, state.store->devices(now - 365 * base::kDay, kKnownDevices));
        state.staged.emplace_back([policy, sessions, devices](Memory& m) {
            m.policy = policy;
            for (const store::SessionRow& row : sessions) {
                m.sessions[row.id] = {row.account, row.expires_at, row.created_at};
                m.known_addresses.insert(std::to_string(row.account) + "|" + host_of(row.address));
                m.known_hosts.insert(host_of(row.address));
            }
            m.devices.insert(devices.begin(), devices.end());
        });
        TIDEMARK_CHECK_OK(state.reload_directory());
        TIDEMARK_CHECK_OK(state.reload_api_keys());
        return state.reload_signing_keys();
    });
    TIDEMARK_CHECK_OK(std::move(loaded));
    return std::unique_ptr<Accounts>(new Accounts(std::move(owned)));
}

// --- Verifying requests ----------------------------------------------------------------------------------------------

std::int64_t Accounts::live_sessions(base::UnixMillis now) const {
    const std::shared_lock lock(state_->memory_mutex);
    return std::count_if(state_->memory.sessions.begin(), state_->memory.sessions.end(),
                         [now](const auto& entry) { return entry.second.expires_at > now; });
}

std::optional<Caller> Accounts::verify_access(std::string_view jwt, base::UnixMillis now) const {
    const State& state = *state_;
    std::shared_ptr<const crypto::SigningKeys> keys;
    {
        const std::shared_lock lock(state.memory_mutex);
        keys = state.memory.signing_keys;
    }
    const auto claims = keys->verify(jwt, now);
    if (!claims) {
        return std::nullopt;
    }
    const std::shared_lock lock(state.memory_mutex);
    const auto session = state.memory.sessions.find(claims->session);
    if (session == state.memory.sessions.end() || session->second.expires_at <= now ||
        std::to_string(session->second.account) != claims->subject) {
        return std::nullopt;
    }
    const Person* person = state.memory.directory->person(session->second.account);
    if (person == nullptr || person->state != AccountState::kActive) {
        return std::nullopt;
    }
    Caller caller;
    caller.kind = Caller::Kind::kAccount;
    caller.account = person->id;
    caller.role = person->role;
    caller.username = person->username;
    caller.session = claims->session;
    caller.must_enrol = must_enrol(state.memory.policy, *person);
    return caller;
}

std::optional<Caller> Accounts::verify_api_key(std::string_view key, base::UnixMillis now) {
    if (!crypto::is_api_key(key)) {
        return std::nullopt;
    }
    State& state = *state_;
    const std::string hash = crypto::api_key_hash(key);
    Caller caller;
    {
        const std::shared_lock lock(state.memory_mutex);
        const auto found = state.memory.api_keys.find(hash);
        if (found == state.memory.api_keys.end()) {
            return std::nullopt;
        }
        const store::ApiKeyRow& row = found->second;
        const Person* person = state.memory.directory->person(row.account);
        if (row.revoked_at.value_or(now + 1) <= now || row.expires_at.value_or(now + 1) <= now || person == nullptr ||
            person->state != AccountState::kActive) {
            return std::nullopt;
        }
        caller.kind = Caller::Kind::kApiKey;
        caller.account = person->id;
        caller.role = person->role;
        caller.username = person->username;
        caller.key = row.id;
        caller.scopes = scopes_of(row.scopes);
        caller.teams = row.teams;
        caller.projects = row.projects;
    }
    const std::lock_guard lock(state.notes_mutex);
    state.keys_used[caller.key] = now;
    return caller;
}

Reach Accounts::reach_of(const Caller& caller) const {
    const std::shared_lock lock(state_->memory_mutex);
    return state_->memory.directory->reach_of(caller, state_->memory.policy.privacy,
                                              state_->memory.policy.minimum_people);
}

std::shared_ptr<const Directory> Accounts::directory() const { return state_->directory(); }

std::function<std::string(std::string_view)> Accounts::pseudonyms() const {
    return [key = state_->lookup_key](std::string_view name) {
        return "Member-" + crypto::to_base32(crypto::keyed_blake2b(key, "pseudonym:" + std::string(name)))
                               .substr(0, kPseudonymSize);
    };
}

// --- Policy and secrets ----------------------------------------------------------------------------------------------

Policy Accounts::policy() const { return state_->policy(); }

base::Result<void> Accounts::set_policy(const Act& act, const Policy& policy) {
    TIDEMARK_CHECK_OK(require(act, Right::kManageAll));
    if (policy.session_days < 1 || policy.session_days > 365) {
        return base::fail(base::ErrorCode::kInvalidArgument, "session_days: is not in 1 to 365");
    }
    if (policy.idle_days < 0 || policy.idle_days > 365) {
        return base::fail(base::ErrorCode::kInvalidArgument, "idle_days: is not in 0 to 365");
    }
    if (policy.audit_days < 0 || policy.audit_days > 36500) {
        return base::fail(base::ErrorCode::kInvalidArgument, "audit_days: is not in 0 to 36500");
    }
    if (policy.minimum_people < 3 || policy.minimum_people > 100) {
        return base::fail(base::ErrorCode::kInvalidArgument, "minimum_people: is not in 3 to 100");
    }
    Policy stored = policy;
    for (std::string& domain : stored.domains) {
        if (!check_email("x@" + domain)) {
            return base::fail(base::ErrorCode::kInvalidArgument, "domains: '" + domain + "' is not a mail domain");
        }
        domain = lower(domain);
    }
    if (stored.registration == Registration::kDomains && stored.domains.empty()) {
        return base::fail(base::ErrorCode::kInvalidArgument, "domains: at least one is needed");
    }
    if (stored.provider_only) {
        const auto picture = state_->directory();
        const bool way_in = std::any_of(picture->people().begin(), picture->people().end(),
                                        [](const auto& entry) { return Directory::is_break_glass(entry.second); });
        if (!way_in) {
            return base::fail(base::ErrorCode::kFailedPrecondition,
                              "provider_only: needs an enterprise account that keeps its password for emergencies");
        }
    }
    State& state = *state_;
    return state.change([&]() -> base::Result<void> {
        const std::string before = json::to_text(state.policy());
        const std::string text = json::to_text(stored);
        TIDEMARK_CHECK_OK(state.store->put_setting(kPolicyKey, text, false));
        state.staged.emplace_back([&state, stored](Memory& m) {
            m.policy = stored;
            state.next_sweep = 0;  // another retention counts from the next minute
        });
        return state.write_audit(act, "policy.change", "policy", {{"policy", before}}, {{"policy", text}});
    });
}

base::Result<std::string> Accounts::secret_setting(std::string_view name) {
    State& state = *state_;
    const std::lock_guard lock(state.store_mutex);
    const std::string key = std::string(kSecretPrefix) + std::string(name);
    TIDEMARK_TRY(const auto sealed, state.store->setting(key));
    return sealed ? state.unseal(*sealed, kSettingColumn, key) : std::string();
}

base::Result<void> Accounts::set_secret_setting(const Act& act, std::string_view name, std::string_view value,
                                                const AuditFields& before, const AuditFields& after) {
    TIDEMARK_CHECK_OK(require(act, Right::kManageAll));
    State& state = *state_;
    return state.change([&]() -> base::Result<void> {
        const std::string key = std::string(kSecretPrefix) + std::string(name);
        TIDEMARK_CHECK_OK(state.store->put_setting(key, state.seal(value, kSettingColumn, key), true));
        return state.write_audit(act, "setting.change", "setting:" + std::string(name), before, after);
    });
}

// --- Audit -----------------------------------------------------------------------------------------------------------

base::Result<void> Accounts::record(const Act& act, std::string_view action, std::string_view object,
                                    const AuditFields& before, const AuditFields& after) {
    return state_->change([&] { return state_->write_audit(act, action, object, before, after); });
}

base::Result<void> Accounts::come_back(const Act& act, std::string_view backup) {
    State& state = *state_;
    Act told = act;
    AuditFields after;
    if (act.caller.kind == Caller::Kind::kAccount) {
        // Its number may be nobody's yet in these accounts, and become somebody else's.
        const Person* const person = state.directory()->person(act.caller.account);
        if (person == nullptr || person->username != act.caller.username) {
            told.caller = Caller::system();
        }
        after["by"] = act.caller.username;
    }
    return state.change([&]() -> base::Result<void> {
        TIDEMARK_TRY(const auto rows, state.store->accounts());
        for (const store::AccountRow& row : rows) {
            TIDEMARK_CHECK_OK(state.end_sessions(row.id, "", act.now));
        }
        for (const auto purpose : {store::LinkPurpose::kSetup, store::LinkPurpose::kSignIn, store::LinkPurpose::kInvite,
                                   store::LinkPurpose::kRegister, store::LinkPurpose::kReset}) {
            TIDEMARK_CHECK_OK(state.store->remove_links(purpose, std::nullopt));
        }
        return state.write_audit(told, "backup.restored", backup, {}, after);
    });
}

void Accounts::note_refusal(const Caller& caller, const Origin& origin, std::string_view why) {
    State& state = *state_;
    std::array<std::string, 3> key = {caller.actor(), host_of(origin.address), std::string(why)};
    const std::lock_guard lock(state.notes_mutex);
    Caller who = caller;
    std::string address = origin.address;
    if (state.refused.size() >= kRefusedLines && !state.refused.contains(key)) {
        who = {};
        address.clear();
        key = {who.actor(), "", "others"};
    }
    State::Refused& note = state.refused[key];
    if (note.count++ == 0) {
        note.caller = std::move(who);
        note.address = std::move(address);
    }
}

base::Result<std::vector<store::AuditRow>> Accounts::audit(const store::AuditFilter& filter, std::int64_t limit) {
    const std::lock_guard lock(state_->store_mutex);
    return state_->store->audit(filter, std::clamp<std::int64_t>(limit, 1, kLongestAuditAnswer));
}

base::Result<AuditVerdict> Accounts::verify_audit() {
    State& state = *state_;
    std::optional<std::string> anchor_text;
    const auto anchor_now = [&]() -> base::Result<std::optional<std::string>> {
        const std::lock_guard lock(state.store_mutex);
        return state.store->setting(kAuditAnchor);
    };
    for (;;) {
        TIDEMARK_TRY(anchor_text, anchor_now());
        AuditVerdict verdict;
        AuditMark mark;
        const auto bad = [&](std::int64_t seq, std::string reason) {
            verdict.bad_seq = seq;
            verdict.reason = std::move(reason);
        };
        if (anchor_text) {
            const auto anchor = open_mark(*anchor_text, "anchor", state.audit_key);
            if (!anchor) {
                bad(1, "the mark of where the log begins was changed");
                return verdict;
            }
            mark = *anchor;
        }
        while (verdict.reason.empty() && !verdict.intact) {
            // A page at a time: a sign-in does not wait for the whole log.
            const std::lock_guard lock(state.store_mutex);
            TIDEMARK_TRY(const auto rows, state.store->audit_after(mark.seq, kAuditPage));
            for (const store::AuditRow& row : rows) {
                if (row.seq != mark.seq + 1) {
                    bad(mark.seq + 1, "the row is missing");
                } else if (audit_hash(row) != row.hash) {
                    bad(row.seq, "the row was changed");
                } else if (row.prev != mark.hash) {
                    bad(row.seq, "the row does not follow the one before it");
                }
                if (!verdict.reason.empty()) {
                    break;
                }
                mark = {row.seq, row.hash};
                ++verdict.rows;
            }
            if (rows.empty()) {
                TIDEMARK_TRY(const auto head_text, state.store->setting(kAuditHead));
                const auto head = head_text ? open_mark(*head_text, "head", state.audit_key) : std::nullopt;
                verdict.intact = head && *head == mark;
                if (!verdict.intact && head && head->seq > mark.seq) {
                    bad(mark.seq + 1, "the row is missing");
                } else if (!verdict.intact) {
                    bad(mark.seq, "the log does not end where its keyed head says");
                }
            }
        }
        // The retention may have cut the beginning away meanwhile.
        TIDEMARK_TRY(const auto anchor_after, anchor_now());
        if (verdict.intact || anchor_after == anchor_text) {
            return verdict;
        }
    }
}

// --- Keys and upkeep -------------------------------------------------------------------------------------------------

base::Result<void> Accounts::tick(base::UnixMillis now) {
    State& state = *state_;
    std::map<std::int64_t, base::UnixMillis> used;
    std::int64_t turned_away = 0;
    decltype(state.refused) refused;
    {
        const std::lock_guard lock(state.notes_mutex);
        used.swap(state.keys_used);
        refused.swap(state.refused);
        std::swap(turned_away, state.turned_away);
    }
    {
        // A machine at rest stays at rest: even a transaction that changes nothing may touch the log's index.
        const std::lock_guard lock(state.store_mutex);
        if (used.empty() && turned_away == 0 && refused.empty() && now < state.next_sweep &&
            now - state.signing_key_made <= kSigningKeyLife) {
            return {};
        }
    }
    const Policy policy = state.policy();
    return state.change([&]() -> base::Result<void> {
        const Act self{Caller::system(), {}, now};
        for (const auto& [key, time] : used) {
            TIDEMARK_CHECK_OK(state.store->touch_api_key(key, time));
        }
        if (turned_away > 0) {
            TIDEMARK_CHECK_OK(state.write_audit(self, "sign_in.turned_away", "sign_in", {},
                                                {{"attempts", std::to_string(turned_away)}}));
        }
        for (const auto& [key, note] : refused) {
            TIDEMARK_CHECK_OK(state.write_audit(Act{note.caller, {note.address, "", "", ""}, now}, "request.refused",
                                                key.back(), {}, {{"attempts", std::to_string(note.count)}}));
        }
        if (now - state.signing_key_made > kSigningKeyLife) {
            TIDEMARK_TRY(const auto keys, state.store->signing_keys());
            for (store::SigningKeyRow key : keys) {
                if (!key.retired_at) {
                    key.retired_at = now;
                    TIDEMARK_CHECK_OK(state.store->put_signing_key(key));
                }
            }
            const crypto::SigningKey fresh = crypto::make_signing_key();
            TIDEMARK_CHECK_OK(state.store->put_signing_key(
                {fresh.id, state.seal(fresh.secret, kSigningColumn, fresh.id), now, std::nullopt}));
            TIDEMARK_CHECK_OK(state.store->remove_signing_keys(now - base::kHour));
            TIDEMARK_CHECK_OK(state.reload_signing_keys());
        }
        if (now < state.next_sweep) {
            return {};
        }
        TIDEMARK_CHECK_OK(state.end_idle_sessions(now));
        if (policy.audit_days > 0) {
            TIDEMARK_TRY(const auto last, state.store->last_audit_before(now - policy.audit_days * base::kDay));
            if (last) {
                TIDEMARK_CHECK_OK(state.store->put_setting(
                    kAuditAnchor, seal_mark({last->seq, last->hash}, "anchor", state.audit_key), false));
                TIDEMARK_CHECK_OK(state.store->cut_audit(last->seq));
                TIDEMARK_CHECK_OK(
                    state.write_audit(self, "audit.cut", "audit", {}, {{"last_seq", std::to_string(last->seq)}}));
            }
        }
        state.staged.emplace_back([&state, now](Memory& m) {
            std::erase_if(m.sessions, [&](const auto& entry) { return entry.second.expires_at <= now; });
            state.next_sweep = now + kSweepEach;
        });
        return state.store->sweep(now - kEndedKept);
    });
}

std::size_t Accounts::waiting_sign_ins() const { return state_->pool.waiting(); }

}  // namespace tidemark::identity
