// Sign-in, sessions, passwords and the second factor.
#include <algorithm>
#include <utility>

#include "desk/identity/accounts.hpp"
#include "desk/identity/impl/state.hpp"
#include "foundation/crypto/digest.hpp"
#include "foundation/crypto/random.hpp"
#include "foundation/crypto/totp.hpp"

namespace tidemark::identity {

using store::AccountRow;
using store::LinkPurpose;
using store::LinkRow;
using store::SessionRow;

namespace {

constexpr base::UnixMillis kFirstLinkLife = base::kDay;
constexpr base::UnixMillis kResetLinkLife = base::kDay;
constexpr base::UnixMillis kMailedResetLife = 30 * base::kMinute;
constexpr base::UnixMillis kPassingLife = 12 * base::kHour;  // of a sign-in on a device that is not one's own
constexpr base::UnixMillis kBusyRetry = base::kSecond;
constexpr std::size_t kKnownAddresses = 32768;
constexpr std::size_t kFamilyBytes = 16, kSecretBytes = 32;
constexpr std::string_view kIssuer = "Tidemark";

std::string link_hash(LinkPurpose purpose, std::string_view token) {
    return crypto::to_hex(crypto::token_hash(to_text(purpose), token));
}
std::string hex_token_hash(std::string_view purpose, std::string_view token) {
    return crypto::to_hex(crypto::token_hash(purpose, token));
}

Act act_of(AccountId account, const Origin& origin, base::UnixMillis now) {
    Act act{{}, origin, now};
    act.caller.kind = account != 0 ? Caller::Kind::kAccount : Caller::Kind::kAnonymous;
    act.caller.account = account;
    return act;
}

SignInOutcome turned_away(SignInStatus status, base::UnixMillis retry_after) { return {status, retry_after, {}}; }

std::string known_address(AccountId account, const Origin& origin) {
    return std::to_string(account) + "|" + host_of(origin.address);
}

}  // namespace

// --- State -----------------------------------------------------------------------------------------------------------

base::Result<AccountRow> Accounts::State::active_account(AccountId id) {
    TIDEMARK_TRY(auto row, store->account(id));
    if (!row || row->state != AccountState::kActive) {
        return no_such("account");
    }
    return std::move(*row);
}

base::Result<AccountRow> Accounts::State::kept_account(AccountId id) {
    TIDEMARK_TRY(auto row, store->account(id));
    if (!row || row->state == AccountState::kErased) {
        return no_such("account");
    }
    return std::move(*row);
}

base::Result<LinkRow> Accounts::State::valid_link(std::string_view token, LinkPurpose purpose, base::UnixMillis now) {
    TIDEMARK_TRY(auto link, store->link(link_hash(purpose, token)));
    if (!link || link->purpose != purpose || link->used_at || link->expires_at <= now) {
        return base::fail(base::ErrorCode::kNotFound, "this link was used, has expired or was withdrawn");
    }
    return std::move(*link);
}

base::Result<OneTimeLink> Accounts::State::make_link(LinkRow row, std::string_view email, base::UnixMillis life,
                                                     base::UnixMillis now) {
    OneTimeLink made{crypto::random_token(), row.purpose, now + life, std::string(email)};
    row.hash = link_hash(row.purpose, made.token);
    row.created_at = now;
    row.expires_at = made.expires_at;
    TIDEMARK_TRY(const std::int64_t id, store->add_link(row));
    if (!email.empty() && row.purpose == LinkPurpose::kRegister) {
        TIDEMARK_CHECK_OK(store->set_link_email(id, seal(email, kLinkEmailColumn, std::to_string(id))));
    }
    return made;
}

base::Result<std::string> Accounts::State::hash_new(std::string_view password,
                                                    const std::vector<std::string>& personal) {
    if (const auto fault = crypto::check_password(password, personal); fault != crypto::PasswordFault::kNone) {
        return base::fail(base::ErrorCode::kInvalidArgument, "password: " + std::string(crypto::to_text(fault)));
    }
    if (options.breached) {
        const auto known = options.breached(password);
        if (!known) {
            return base::fail(base::ErrorCode::kUnavailable,
                              "the list of breached passwords cannot be read: whoever runs the server can mend that");
        }
        if (*known) {
            return base::fail(base::ErrorCode::kInvalidArgument, "password: is in a list of breached passwords");
        }
    }
    base::Result<std::string> phc;
    if (!pool.run(PasswordPool::Lane::kKnown, [&] { phc = options.passwords.hash(password); })) {
        return base::fail(base::ErrorCode::kUnavailable, "busy: try again in a moment");
    }
    return phc;
}

base::Result<void> Accounts::State::check_own_password(const Act& act, std::string_view password) {
    // A stolen session must not become a way to guess the password.
    const std::vector<Lane> lanes = {{LaneKind::kKnownDevice, "own|" + std::to_string(act.caller.account)}};
    if (const auto wait = back_off.admit(lanes, act.now); wait > 0) {
        return base::fail(base::ErrorCode::kUnavailable,
                          "too many attempts: try again in " + std::to_string((wait + 999) / 1000) + " s");
    }
    std::string phc = crypto::dummy_password_hash();
    bool usable = false;
    {
        const std::lock_guard lock(store_mutex);
        TIDEMARK_TRY(const AccountRow row, active_account(act.caller.account));
        usable = row.password.has_value();
        phc = row.password.value_or(phc);
    }
    bool matches = false;
    if (!pool.run(PasswordPool::Lane::kKnown, [&] { matches = options.passwords.verify(password, phc) && usable; })) {
        back_off.take_back(lanes);
        return base::fail(base::ErrorCode::kUnavailable, "busy: try again in a moment");
    }
    if (!matches) {
        TIDEMARK_CHECK_OK(
            change([&] { return write_audit(act, "password.check_failed", account_object(act.caller.account)); }));
        return base::fail(base::ErrorCode::kInvalidArgument, "password: is wrong");
    }
    back_off.succeeded(lanes);
    return {};
}

base::Result<void> Accounts::State::require_proof(const Act& act) const {
    if (act.caller.kind != Caller::Kind::kAccount) {
        return {};
    }
    const std::shared_lock lock(memory_mutex);
    const Person* person = memory.directory->person(act.caller.account);
    const bool nothing_to_ask = person != nullptr && !person->has_password && !person->by_provider;
    const auto session = memory.sessions.find(act.caller.session);
    if (nothing_to_ask || (session != memory.sessions.end() && act.now - session->second.proved_at <= kProofLife)) {
        return {};
    }
    return base::fail(base::ErrorCode::kConfirmationNeeded, person != nullptr && person->has_password
                                                                ? "confirm with your password that it is you"
                                                                : "sign in again at the provider, then repeat this");
}

base::Result<void> Accounts::State::end_sessions(AccountId account, std::string_view except, base::UnixMillis now) {
    TIDEMARK_CHECK_OK(store->revoke_sessions(account, except, now));
    staged.emplace_back([account, kept = std::string(except)](Memory& m) {
        std::erase_if(m.sessions,
                      [&](const auto& entry) { return entry.second.account == account && entry.first != kept; });
    });
    return {};
}

bool Accounts::State::is_idle(const SessionRow& session, base::UnixMillis now) const {
    // Who sits at the machine itself has come in by its link, and would need the terminal to come back.
    const bool here = session.address.starts_with("127.") || session.address == "::1";
    const int days = policy().idle_days;
    return days > 0 && !here && now - session.last_used >= days * base::kDay;
}

base::Result<void> Accounts::State::end_idle_sessions(base::UnixMillis now) {
    TIDEMARK_TRY(const auto rows, store->sessions(std::nullopt, now));
    for (SessionRow row : rows) {
        if (is_idle(row, now)) {
            row.revoked_at = now;
            TIDEMARK_CHECK_OK(store->put_session(row));
            staged.emplace_back([id = row.id](Memory& m) { m.sessions.erase(id); });
        }
    }
    return {};
}

base::Result<SignedIn> Accounts::State::start_session(const AccountRow& account, const Origin& origin, bool trusted,
                                                      base::UnixMillis now) {
    const std::string family = crypto::random_token(kFamilyBytes);
    SignedIn in;
    in.account = account.id;
    in.session = crypto::random_token(kFamilyBytes);
    in.refresh = family + "." + crypto::random_token(kSecretBytes);
    in.refresh_expires = now + (trusted ? policy().session_days * base::kDay : kPassingLife);
    SessionRow row;
    row.id = in.session;
    row.account = account.id;
    row.family_hash = hex_token_hash("family", family);
    row.current_hash = hex_token_hash("refresh", in.refresh);
    row.rotated_at = row.created_at = row.last_used = now;
    row.expires_at = in.refresh_expires;
    row.address = origin.address;
    row.agent = origin.agent.substr(0, 100);
    row.trusted = trusted;
    TIDEMARK_CHECK_OK(store->add_session(row));
    TIDEMARK_CHECK_OK(store->touch_account(account.id, now));
    std::string device = origin.device_token.empty() ? "" : hex_token_hash("device", origin.device_token);
    {
        const std::shared_lock lock(memory_mutex);
        const auto known = memory.devices.find(device);
        if (known == memory.devices.end() || known->second != account.id) {
            device.clear();
        }
    }
    if (device.empty() && trusted) {
        in.device_token = crypto::random_token();
        device = hex_token_hash("device", in.device_token);
    }
    if (!device.empty()) {
        TIDEMARK_CHECK_OK(store->put_device(device, account.id, now));
    }
    staged.emplace_back(
        [row, device, address = known_address(account.id, origin), host = host_of(origin.address)](Memory& m) {
            m.sessions[row.id] = {row.account, row.expires_at, row.created_at};
            if (!device.empty()) {
                m.devices[device] = row.account;
            }
            if (m.known_addresses.size() >= kKnownAddresses) {
                m.known_addresses.clear();  // a lost privilege until the next sign-in, no more
                m.known_hosts.clear();
            }
            m.known_addresses.insert(address);
            m.known_hosts.insert(host);
        });
    Person person;
    person.role = account.role;
    person.require_2fa = account.require_2fa;
    person.has_second_factor = account.totp_sealed.has_value();
    person.has_password = account.password.has_value();
    person.by_provider = account.oidc_subject.has_value();
    in.must_enrol = must_enrol(policy(), person);
    std::tie(in.access, in.access_expires) = sign_access(account.id, in.session, now);
    return in;
}

base::Result<bool> Accounts::State::second_factor_matches(AccountRow& row, std::string_view code,
                                                          base::UnixMillis now) {
    TIDEMARK_TRY(std::string secret, unseal(*row.totp_sealed, kTotpColumn, std::to_string(row.id)));
    const auto step = crypto::matching_totp_step(secret, code, now, row.totp_step);
    crypto::wipe(secret);
    if (step) {
        row.totp_step = *step;
        TIDEMARK_CHECK_OK(store->put_account(row));
        return true;
    }
    const std::string hash = recovery_hash(code);
    return hash.empty() ? base::Result<bool>(false) : store->use_recovery_code(row.id, hash, now);
}

// --- The first run ---------------------------------------------------------------------------------------------------

base::Result<std::optional<OneTimeLink>> Accounts::first_link(bool loopback, base::UnixMillis now) {
    State& state = *state_;
    return state.change([&]() -> base::Result<std::optional<OneTimeLink>> {
        TIDEMARK_CHECK_OK(state.store->remove_links(LinkPurpose::kSetup, std::nullopt));
        TIDEMARK_CHECK_OK(state.store->remove_links(LinkPurpose::kSignIn, std::nullopt));
        const auto picture = state.directory();
        LinkRow row;
        if (picture->people().empty()) {
            row.purpose = LinkPurpose::kSetup;
        } else if (loopback && picture->active_accounts() == 1) {
            const auto only = std::find_if(picture->people().begin(), picture->people().end(), [](const auto& entry) {
                return entry.second.state == AccountState::kActive;
            });
            if (only->second.has_second_factor) {
                return std::nullopt;
            }
            row.purpose = LinkPurpose::kSignIn;
            row.account = only->first;
        } else {
            return std::nullopt;
        }
        TIDEMARK_TRY(OneTimeLink link, state.make_link(row, "", kFirstLinkLife, now));
        return link;
    });
}

base::Result<SignedIn> Accounts::set_up(std::string_view token, const NewAccount& account, bool loopback,
                                        const Origin& origin, base::UnixMillis now) {
    State& state = *state_;
    TIDEMARK_CHECK_OK(check_username(account.username));
    TIDEMARK_CHECK_OK(check_label("display_name", account.display_name, 200));
    {
        const std::lock_guard lock(state.store_mutex);
        TIDEMARK_CHECK_OK(state.valid_link(token, LinkPurpose::kSetup, now));
    }
    AccountRow row;
    if (!account.password.empty()) {
        TIDEMARK_TRY(row.password, state.hash_new(account.password, {account.username, account.display_name}));
    } else if (!loopback) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          "password: is needed where others than this machine can reach the server");
    }
    row.username = account.username;
    row.display_name = account.display_name;
    row.role = Role::kEnterprise;
    row.created_at = row.updated_at = now;
    return state.change([&]() -> base::Result<SignedIn> {
        TIDEMARK_TRY(const LinkRow link, state.valid_link(token, LinkPurpose::kSetup, now));
        TIDEMARK_TRY(const auto existing, state.store->accounts());
        if (!existing.empty()) {
            return base::fail(base::ErrorCode::kFailedPrecondition, "there is an account already");
        }
        TIDEMARK_TRY(const bool won, state.store->use_link(link.id, now));
        if (!won) {
            return no_such("link");
        }
        TIDEMARK_TRY(row.id, state.store->add_account(row));
        TIDEMARK_CHECK_OK(state.reload_directory());
        TIDEMARK_CHECK_OK(state.write_audit(act_of(row.id, origin, now), "account.set_up", account_object(row.id), {},
                                            {{"role", "enterprise"}}));
        return state.start_session(row, origin, true, now);
    });
}

base::Result<SignedIn> Accounts::sign_in_by_link(std::string_view token, bool loopback, const Origin& origin,
                                                 base::UnixMillis now) {
    State& state = *state_;
    return state.change([&]() -> base::Result<SignedIn> {
        TIDEMARK_TRY(const LinkRow link, state.valid_link(token, LinkPurpose::kSignIn, now));
        TIDEMARK_TRY(const AccountRow row, state.active_account(link.account.value_or(0)));
        // What was true when the link was printed may have changed since.
        if (!loopback || row.totp_sealed || state.directory()->active_accounts() != 1) {
            return base::fail(base::ErrorCode::kFailedPrecondition,
                              "such links work on this machine alone, for one account"
                              " without a second factor: sign in by password");
        }
        TIDEMARK_TRY(const bool won, state.store->use_link(link.id, now));
        if (!won) {
            return no_such("link");
        }
        TIDEMARK_CHECK_OK(state.write_audit(act_of(row.id, origin, now), "sign_in.link", account_object(row.id)));
        return state.start_session(row, origin, true, now);
    });
}

// --- Signing in ------------------------------------------------------------------------------------------------------

bool Accounts::familiar(const Origin& origin) const {
    const State& state = *state_;
    const std::string device = origin.device_token.empty() ? "" : hex_token_hash("device", origin.device_token);
    const std::string host = host_of(origin.address);
    const std::shared_lock lock(state.memory_mutex);
    return state.memory.devices.contains(device) || state.memory.known_hosts.contains(host);
}

void Accounts::sign_in(Credentials credentials, Origin origin, base::UnixMillis now,
                       std::function<void(base::Result<SignInOutcome>)> done) {
    State& state = *state_;
    std::string name = lower(credentials.name.substr(0, 254));
    const std::string email_hash = state.lookup_hash("email", name);
    AccountId account = 0;
    std::string known;  // the device, or else the address, that the account was signed in from before
    {
        const std::shared_lock lock(state.memory_mutex);
        const Person* person = name.find('@') != std::string::npos ? state.memory.directory->by_email_hash(email_hash)
                                                                   : state.memory.directory->by_username(name);
        if (person != nullptr) {
            account = person->id;
            const std::string hash = hex_token_hash("device", origin.device_token);
            const auto device = state.memory.devices.find(hash);
            if (!origin.device_token.empty() && device != state.memory.devices.end() && device->second == account) {
                known = hash;
            } else if (const std::string address = known_address(account, origin);
                       state.memory.known_addresses.contains(address)) {
                known = address;
            }
        }
    }
    std::vector<Lane> lanes;
    if (!known.empty()) {
        // Of its own: neither who guesses at this account from elsewhere nor a neighbour behind the same address slows
        // it.
        lanes = {{LaneKind::kKnownDevice, known}};
    } else {
        // By account where there is one, so that name and address are no two ways to guess.
        lanes = {{LaneKind::kAccount, account != 0 ? account_object(account) : "name:" + email_hash},
                 {LaneKind::kHost, host_of(origin.address)},
                 {LaneKind::kNet, net_of(origin.address)}};
    }
    const auto turn_away = [&](SignInStatus status, base::UnixMillis wait) {
        {
            const std::lock_guard lock(state.notes_mutex);
            ++state.turned_away;
        }
        done(turned_away(status, wait));
    };
    if (const base::UnixMillis wait = state.back_off.admit(lanes, now); wait > 0) {
        turn_away(SignInStatus::kWait, wait);
        return;
    }

    auto job = [&state, credentials = std::move(credentials), origin = std::move(origin), now, account, lanes,
                done](bool hash) mutable {
        done([&]() -> base::Result<SignInOutcome> {
            if (!hash) {
                crypto::wipe(credentials.password);
                // Counted with those who were turned away: a line each would let anybody fill the disk.
                const std::lock_guard lock(state.notes_mutex);
                ++state.turned_away;
                return turned_away(SignInStatus::kRefused, 0);
            }
            std::optional<AccountRow> row;
            {
                const std::lock_guard lock(state.store_mutex);
                TIDEMARK_TRY(row, state.store->account(account));
            }
            const bool usable = row && row->state == AccountState::kActive && row->password &&
                                (!state.policy().provider_only || row->break_glass);
            const std::string& phc = usable ? *row->password : crypto::dummy_password_hash();
            const bool matches = state.options.passwords.verify(credentials.password, phc) && usable;
            crypto::wipe(credentials.password);
            if (!matches) {
                TIDEMARK_CHECK_OK(state.change([&] {
                    return state.write_audit(act_of(0, origin, now), "sign_in.failed",
                                             account != 0 ? account_object(account) : "unknown");
                }));
                return turned_away(SignInStatus::kRefused, 0);
            }
            return state.change([&]() -> base::Result<SignInOutcome> {
                // Again: it may have been deactivated while the password was hashed.
                TIDEMARK_TRY(AccountRow fresh, state.active_account(account));
                if (fresh.password != row->password) {
                    return turned_away(SignInStatus::kRefused, 0);
                }
                if (fresh.totp_sealed && credentials.code.empty()) {
                    state.back_off.take_back(lanes);
                    return turned_away(SignInStatus::kSecondFactor, 0);
                }
                if (fresh.totp_sealed) {
                    TIDEMARK_TRY(const bool right, state.second_factor_matches(fresh, credentials.code, now));
                    if (!right) {
                        TIDEMARK_CHECK_OK(
                            state.write_audit(act_of(0, origin, now), "sign_in.code_failed", account_object(account)));
                        return turned_away(SignInStatus::kSecondFactorWrong, 0);
                    }
                }
                state.back_off.succeeded(lanes);
                TIDEMARK_CHECK_OK(state.write_audit(act_of(account, origin, now), "sign_in.ok", account_object(account),
                                                    {}, {{"second_factor", fresh.totp_sealed ? "yes" : "no"}}));
                TIDEMARK_TRY(SignedIn in, state.start_session(fresh, origin, credentials.trusted, now));
                return SignInOutcome{SignInStatus::kOk, 0, std::move(in)};
            });
        }());
    };
    const auto pool_lane = !known.empty()                               ? PasswordPool::Lane::kKnown
                           : state.back_off.failures(lanes.front()) > 1 ? PasswordPool::Lane::kSuspect
                                                                        : PasswordPool::Lane::kNew;
    const bool taken = account == 0 ? state.pool.submit_decoy(pool_lane, std::move(job))
                                    : state.pool.submit(pool_lane, [job = std::move(job)]() mutable { job(true); });
    if (!taken) {
        state.back_off.take_back(lanes);
        turn_away(SignInStatus::kBusy, kBusyRetry);
    }
}

base::Result<SignInOutcome> Accounts::sign_in_by_provider(const ProviderIdentity& provider, const Origin& origin,
                                                          base::UnixMillis now) {
    State& state = *state_;
    if (provider.issuer.empty() || provider.subject.empty()) {
        return base::fail(base::ErrorCode::kInvalidArgument, "the provider did not say who it is");
    }
    return state.change([&]() -> base::Result<SignInOutcome> {
        TIDEMARK_TRY(auto row, state.store->account_by_subject(provider.issuer, provider.subject));
        const auto refuse = [&](std::string_view object) -> base::Result<SignInOutcome> {
            TIDEMARK_CHECK_OK(state.write_audit(act_of(0, origin, now), "sign_in.failed", object, {},
                                                {{"provider", provider.issuer}}));
            return turned_away(SignInStatus::kRefused, 0);
        };
        if (!row) {
            if (!provider.create) {
                return refuse("unknown");
            }
            // Never joined to an account that has the same address: the provider would decide over it.
            AccountRow fresh;
            std::string name;
            for (const char c : lower(provider.preferred_username.substr(0, provider.preferred_username.find('@')))) {
                name += check_username("a" + std::string(1, c)) ? std::string(1, c) : "";
            }
            name = check_username(name) ? name.substr(0, 50) : "member";
            fresh.username = name;
            for (int i = 2; state.directory()->by_username(fresh.username) != nullptr; ++i) {
                fresh.username = name + "-" + std::to_string(i);
            }
            fresh.display_name = check_label("", provider.display_name, 200) ? provider.display_name : "";
            fresh.role = provider.role.value_or(Role::kUser);
            fresh.oidc_issuer = provider.issuer;
            fresh.oidc_subject = provider.subject;
            fresh.created_at = fresh.updated_at = now;
            const auto email = check_email(provider.email);
            const bool free = email && state.directory()->by_email_hash(state.lookup_hash("email", *email)) == nullptr;
            TIDEMARK_TRY(row, state.add_account(fresh, free ? *email : ""));
            if (free) {
                TIDEMARK_CHECK_OK(state.map_verified_mail(row->id, *email));
            }
            TIDEMARK_CHECK_OK(state.write_audit(act_of(row->id, origin, now), "account.create", account_object(row->id),
                                                {}, {{"role", std::string(to_text(row->role))}, {"by", "provider"}}));
        }
        if (row->state != AccountState::kActive) {
            return refuse(account_object(row->id));
        }
        if (provider.role && *provider.role != row->role &&
            (*provider.role == Role::kEnterprise || state.check_not_needed(row->id))) {
            const AuditFields before = {{"role", std::string(to_text(row->role))}};
            row->role = *provider.role;
            TIDEMARK_CHECK_OK(state.store->put_account(*row));
            TIDEMARK_CHECK_OK(state.write_audit(act_of(row->id, origin, now), "account.role", account_object(row->id),
                                                before,
                                                {{"role", std::string(to_text(row->role))}, {"by", "provider"}}));
        }
        if (provider.teams) {
            // Whom a person manages is said here, not by the provider: kept for the teams that stay.
            TIDEMARK_TRY(const auto members, state.store->team_members());
            TIDEMARK_CHECK_OK(state.store->remove_from_teams(row->id));
            for (const TeamId team : *provider.teams) {
                if (!state.directory()->teams().contains(team)) {
                    continue;  // the mapping of groups names a team that was removed
                }
                const bool manages = std::any_of(members.begin(), members.end(), [&](const store::TeamMemberRow& m) {
                    return m.team == team && m.account == row->id && m.manages;
                });
                TIDEMARK_CHECK_OK(state.store->put_team_member({team, row->id, manages}));
            }
        }
        TIDEMARK_CHECK_OK(state.reload_directory());
        TIDEMARK_CHECK_OK(state.write_audit(act_of(row->id, origin, now), "sign_in.provider", account_object(row->id)));
        // A short one: coming again costs a click, and what changed at the provider counts only then.
        TIDEMARK_TRY(SignedIn in, state.start_session(*row, origin, false, now));
        return SignInOutcome{SignInStatus::kOk, 0, std::move(in)};
    });
}

base::Result<SignedInAs> Accounts::begin_joining(const Act& act) {
    TIDEMARK_CHECK_OK(require(act, Right::kOwnSecurity));
    State& state = *state_;
    TIDEMARK_CHECK_OK(state.require_proof(act));
    const auto picture = state.directory();
    const Person* person = picture->person(act.caller.account);
    if (person == nullptr) {
        return no_such("account");
    }
    if (person->by_provider) {
        return base::fail(base::ErrorCode::kFailedPrecondition, "the account is joined to a provider already");
    }
    return SignedInAs{act.caller.account, act.caller.session};
}

base::Result<JoinStatus> Accounts::join_provider(const SignedInAs& by, const ProviderIdentity& provider,
                                                 const Origin& origin, base::UnixMillis now) {
    State& state = *state_;
    if (provider.issuer.empty() || provider.subject.empty()) {
        return base::fail(base::ErrorCode::kInvalidArgument, "the provider did not say who it is");
    }
    return state.change([&]() -> base::Result<JoinStatus> {
        {
            const std::shared_lock lock(state.memory_mutex);
            const auto session = state.memory.sessions.find(by.session);
            if (session == state.memory.sessions.end() || session->second.account != by.account) {
                return JoinStatus::kGone;
            }
        }
        TIDEMARK_TRY(AccountRow row, state.active_account(by.account));
        TIDEMARK_TRY(const auto holder, state.store->account_by_subject(provider.issuer, provider.subject));
        if (row.oidc_subject || holder) {
            // Begun twice, or somebody else's. Which one is not said: the person may not know of that account.
            const bool own = holder && holder->id == row.id;
            TIDEMARK_CHECK_OK(own ? base::Result<void>{}
                                  : state.write_audit(act_of(row.id, origin, now), "account.provider_join_failed",
                                                      account_object(row.id), {}, {{"provider", provider.issuer}}));
            return own ? JoinStatus::kJoined : JoinStatus::kTaken;
        }
        row.oidc_issuer = provider.issuer;
        row.oidc_subject = provider.subject;
        row.updated_at = now;
        TIDEMARK_CHECK_OK(state.store->put_account(row));
        TIDEMARK_CHECK_OK(state.reload_directory());
        TIDEMARK_CHECK_OK(state.write_audit(act_of(row.id, origin, now), "account.provider_join",
                                            account_object(row.id), {}, {{"provider", provider.issuer}}));
        return JoinStatus::kJoined;
    });
}

base::Result<void> Accounts::leave_provider(const Act& act) {
    TIDEMARK_CHECK_OK(require(act, Right::kOwnSecurity));
    State& state = *state_;
    TIDEMARK_CHECK_OK(state.require_proof(act));
    return state.change([&]() -> base::Result<void> {
        TIDEMARK_TRY(AccountRow row, state.active_account(act.caller.account));
        if (!row.oidc_subject) {
            return base::fail(base::ErrorCode::kFailedPrecondition, "the account is joined to no provider");
        }
        if (!row.password) {
            return base::fail(base::ErrorCode::kFailedPrecondition,
                              "set a password first: the provider is the only way into the account");
        }
        if (state.policy().provider_only && !row.break_glass) {
            return base::fail(base::ErrorCode::kFailedPrecondition, "people come in through the provider only");
        }
        const AuditFields before = {{"provider", row.oidc_issuer.value_or("")}};
        row.oidc_issuer.reset();
        row.oidc_subject.reset();
        row.updated_at = act.now;
        TIDEMARK_CHECK_OK(state.store->put_account(row));
        TIDEMARK_CHECK_OK(state.end_sessions(row.id, act.caller.session, act.now));
        TIDEMARK_CHECK_OK(state.reload_directory());
        return state.write_audit(act, "account.provider_leave", account_object(row.id), before, {});
    });
}

base::Result<std::optional<SignedIn>> Accounts::refresh(std::string_view token, const Origin& origin,
                                                        base::UnixMillis now) {
    State& state = *state_;
    const std::size_t dot = token.find('.');
    if (dot == std::string_view::npos || token.size() > 200) {
        return std::nullopt;
    }
    const std::string family(token.substr(0, dot));
    const std::string hash = hex_token_hash("refresh", token);
    return state.change([&]() -> base::Result<std::optional<SignedIn>> {
        TIDEMARK_TRY(auto row, state.store->session_by_family(hex_token_hash("family", family)));
        if (!row || row->revoked_at || row->expires_at <= now || state.is_idle(*row, now)) {
            return std::nullopt;
        }
        TIDEMARK_TRY(const auto account, state.store->account(row->account));
        if (!account || account->state != AccountState::kActive) {
            return std::nullopt;
        }
        SignedIn in;
        in.account = row->account;
        in.session = row->id;
        in.refresh_expires = row->expires_at;
        if (crypto::constant_time_equal(hash, row->current_hash)) {
            in.refresh = family + "." + crypto::random_token(kSecretBytes);
            row->previous_hash = row->current_hash;
            row->current_hash = hex_token_hash("refresh", in.refresh);
            row->rotated_at = row->last_used = now;
            row->address = origin.address;
            row->agent = origin.agent.substr(0, 100);
            TIDEMARK_CHECK_OK(state.store->put_session(*row));
            TIDEMARK_CHECK_OK(state.store->touch_account(row->account, now));
        } else if (const bool in_grace = row->previous_hash && crypto::constant_time_equal(hash, *row->previous_hash) &&
                                         now - row->rotated_at <= kRefreshGrace &&
                                         host_of(row->address) == host_of(origin.address);
                   !in_grace) {
            row->revoked_at = now;
            TIDEMARK_CHECK_OK(state.store->put_session(*row));
            state.staged.emplace_back([id = row->id](Memory& m) { m.sessions.erase(id); });
            TIDEMARK_CHECK_OK(state.write_audit(act_of(0, origin, now), "session.token_reused",
                                                account_object(row->account), {}, {{"session", row->id}}));
            return std::nullopt;
        }
        std::tie(in.access, in.access_expires) = state.sign_access(row->account, row->id, now);
        const auto picture = state.directory();
        const Person* person = picture->person(row->account);
        in.must_enrol = person != nullptr && must_enrol(state.policy(), *person);
        return std::optional(std::move(in));
    });
}

base::Result<void> Accounts::sign_out(const Act& act) { return revoke_session(act, act.caller.session); }

base::Result<std::vector<SessionInfo>> Accounts::sessions(const Act& act) {
    TIDEMARK_CHECK_OK(require(act, Right::kOwnSecurity));
    const std::lock_guard lock(state_->store_mutex);
    TIDEMARK_TRY(const auto rows, state_->store->sessions(act.caller.account, act.now));
    std::vector<SessionInfo> out;
    out.reserve(rows.size());
    for (const SessionRow& row : rows) {
        if (state_->is_idle(row, act.now)) {
            continue;  // until the next sweep
        }
        out.push_back({row.id, row.address, row.agent, row.created_at, row.last_used, row.expires_at, row.trusted,
                       row.id == act.caller.session});
    }
    return out;
}

base::Result<void> Accounts::revoke_session(const Act& act, std::string_view id) {
    TIDEMARK_CHECK_OK(require(act, Right::kOwnSecurity));
    State& state = *state_;
    if (id != act.caller.session) {
        TIDEMARK_CHECK_OK(state.require_proof(act));
    }
    return state.change([&]() -> base::Result<void> {
        TIDEMARK_TRY(auto row, state.store->session(id));
        if (!row || row->account != act.caller.account || row->revoked_at) {
            return no_such("session");
        }
        row->revoked_at = act.now;
        TIDEMARK_CHECK_OK(state.store->put_session(*row));
        state.staged.emplace_back([session = row->id](Memory& m) { m.sessions.erase(session); });
        return state.write_audit(act, "session.revoke", account_object(row->account), {}, {{"session", row->id}});
    });
}

base::Result<void> Accounts::revoke_all_sessions(const Act& act, bool except_this) {
    TIDEMARK_CHECK_OK(require(act, Right::kOwnSecurity));
    State& state = *state_;
    TIDEMARK_CHECK_OK(state.require_proof(act));
    return state.change([&]() -> base::Result<void> {
        TIDEMARK_CHECK_OK(state.end_sessions(act.caller.account, except_this ? act.caller.session : "", act.now));
        return state.write_audit(act, "session.revoke_all", account_object(act.caller.account));
    });
}

// --- Password and second factor --------------------------------------------------------------------------------------

base::Result<void> Accounts::confirm(const Act& act, std::string_view password, std::string_view code) {
    TIDEMARK_CHECK_OK(require(act, Right::kOwnSecurity));
    State& state = *state_;
    TIDEMARK_CHECK_OK(state.check_own_password(act, password));
    // Apart from the count of passwords, which the right one has just begun anew.
    const std::vector<Lane> lanes = {{LaneKind::kKnownDevice, "own code|" + std::to_string(act.caller.account)}};
    auto checked = state.change([&]() -> base::Result<bool> {
        TIDEMARK_TRY(AccountRow row, state.active_account(act.caller.account));
        bool matches = true;
        if (row.totp_sealed) {
            if (code.empty()) {
                return base::fail(base::ErrorCode::kInvalidArgument, "code: is needed");
            }
            if (state.back_off.admit(lanes, act.now) > 0) {
                return base::fail(base::ErrorCode::kUnavailable, "too many attempts: try again in a minute");
            }
            TIDEMARK_TRY(matches, state.second_factor_matches(row, code, act.now));
        }
        TIDEMARK_CHECK_OK(
            state.write_audit(act, matches ? "session.confirm" : "session.confirm_failed", account_object(row.id)));
        if (matches) {
            state.staged.emplace_back([session = act.caller.session, now = act.now](Memory& m) {
                if (const auto live = m.sessions.find(session); live != m.sessions.end()) {
                    live->second.proved_at = now;
                }
            });
        }
        return matches;
    });
    TIDEMARK_TRY(const bool right, std::move(checked));
    if (!right) {
        return base::fail(base::ErrorCode::kInvalidArgument, "code: is wrong");
    }
    state.back_off.succeeded(lanes);
    return {};
}

base::Result<void> Accounts::change_password(const Act& act, std::string_view current, std::string_view fresh) {
    TIDEMARK_CHECK_OK(require(act, Right::kOwnSecurity));
    State& state = *state_;
    const auto picture = state.directory();
    const Person* person = picture->person(act.caller.account);
    if (person == nullptr) {
        return no_such("account");
    }
    // Who has none yet came by a link on this machine or by a provider, and sets the first one.
    if (person->has_password) {
        TIDEMARK_CHECK_OK(state.check_own_password(act, current));
    } else {
        TIDEMARK_CHECK_OK(state.require_proof(act));
    }
    TIDEMARK_TRY(std::string phc, state.hash_new(fresh, {person->username, person->display_name}));
    return state.change([&]() -> base::Result<void> {
        TIDEMARK_TRY(AccountRow row, state.active_account(act.caller.account));
        if (row.password.has_value() != person->has_password) {
            return base::fail(base::ErrorCode::kFailedPrecondition, "the password was changed meanwhile");
        }
        row.password = phc;
        row.updated_at = act.now;
        TIDEMARK_CHECK_OK(state.store->put_account(row));
        TIDEMARK_CHECK_OK(state.end_sessions(row.id, act.caller.session, act.now));
        TIDEMARK_CHECK_OK(state.store->remove_links(LinkPurpose::kReset, row.id));
        TIDEMARK_CHECK_OK(state.reload_directory());
        return state.write_audit(act, "password.change", account_object(row.id));
    });
}

base::Result<void> Accounts::check_password(const Act& act, std::string_view password) {
    TIDEMARK_CHECK_OK(require(act, Right::kOwnSecurity));
    return state_->check_own_password(act, password);
}

base::Result<Enrolment> Accounts::begin_second_factor(const Act& act) {
    TIDEMARK_CHECK_OK(require(act, Right::kOwnSecurity));
    State& state = *state_;
    TIDEMARK_CHECK_OK(state.require_proof(act));
    return state.change([&]() -> base::Result<Enrolment> {
        TIDEMARK_TRY(AccountRow row, state.active_account(act.caller.account));
        if (row.totp_sealed) {
            return base::fail(base::ErrorCode::kFailedPrecondition, "there is a second factor: disable that one first");
        }
        std::string secret = crypto::make_totp_secret();
        row.totp_pending = state.seal(secret, kTotpPendingColumn, std::to_string(row.id));
        TIDEMARK_CHECK_OK(state.store->put_account(row));
        Enrolment enrolment{crypto::to_base32(secret), crypto::otpauth_uri(kIssuer, row.username, secret)};
        crypto::wipe(secret);
        return enrolment;
    });
}

base::Result<std::vector<std::string>> Accounts::confirm_second_factor(const Act& act, std::string_view code) {
    TIDEMARK_CHECK_OK(require(act, Right::kOwnSecurity));
    State& state = *state_;
    const std::vector<Lane> lanes = {{LaneKind::kKnownDevice, "enrol|" + std::to_string(act.caller.account)}};
    if (state.back_off.admit(lanes, act.now) > 0) {
        return base::fail(base::ErrorCode::kUnavailable, "too many attempts: try again in a minute");
    }
    auto codes = state.change([&]() -> base::Result<std::vector<std::string>> {
        TIDEMARK_TRY(AccountRow row, state.active_account(act.caller.account));
        if (!row.totp_pending || row.totp_sealed) {
            return base::fail(base::ErrorCode::kFailedPrecondition, "no second factor is being set up");
        }
        TIDEMARK_TRY(std::string secret, state.unseal(*row.totp_pending, kTotpPendingColumn, std::to_string(row.id)));
        const auto step = crypto::matching_totp_step(secret, code, act.now, row.totp_step);
        if (!step) {
            return base::fail(base::ErrorCode::kInvalidArgument, "code: is wrong; is the clock of the device right?");
        }
        row.totp_sealed = state.seal(secret, kTotpColumn, std::to_string(row.id));
        crypto::wipe(secret);
        row.totp_pending.reset();
        row.totp_step = *step;
        row.updated_at = act.now;
        TIDEMARK_CHECK_OK(state.store->put_account(row));
        std::vector<std::string> made = crypto::make_recovery_codes();
        std::vector<std::string> hashes;
        hashes.reserve(made.size());
        for (const std::string& one : made) {
            hashes.push_back(state.recovery_hash(one));
        }
        TIDEMARK_CHECK_OK(state.store->put_recovery_codes(row.id, hashes));
        TIDEMARK_CHECK_OK(state.reload_directory());
        TIDEMARK_CHECK_OK(state.write_audit(act, "second_factor.enable", account_object(row.id)));
        return made;
    });
    if (codes) {
        state.back_off.succeeded(lanes);
    }
    return codes;
}

base::Result<std::vector<std::string>> Accounts::renew_recovery_codes(const Act& act, std::string_view password) {
    TIDEMARK_CHECK_OK(require(act, Right::kOwnSecurity));
    State& state = *state_;
    TIDEMARK_CHECK_OK(state.check_own_password(act, password));
    return state.change([&]() -> base::Result<std::vector<std::string>> {
        TIDEMARK_TRY(const AccountRow row, state.active_account(act.caller.account));
        if (!row.totp_sealed) {
            return base::fail(base::ErrorCode::kFailedPrecondition, "there is no second factor");
        }
        std::vector<std::string> made = crypto::make_recovery_codes();
        std::vector<std::string> hashes;
        hashes.reserve(made.size());
        for (const std::string& one : made) {
            hashes.push_back(state.recovery_hash(one));
        }
        TIDEMARK_CHECK_OK(state.store->put_recovery_codes(row.id, hashes));
        TIDEMARK_CHECK_OK(state.write_audit(act, "second_factor.renew_codes", account_object(row.id)));
        return made;
    });
}

base::Result<void> Accounts::disable_second_factor(const Act& act, std::string_view password) {
    TIDEMARK_CHECK_OK(require(act, Right::kOwnSecurity));
    State& state = *state_;
    TIDEMARK_CHECK_OK(state.check_own_password(act, password));
    return state.change([&]() -> base::Result<void> {
        TIDEMARK_TRY(AccountRow row, state.active_account(act.caller.account));
        row.totp_sealed.reset();
        row.totp_pending.reset();
        row.updated_at = act.now;
        TIDEMARK_CHECK_OK(state.store->put_account(row));
        TIDEMARK_CHECK_OK(state.store->put_recovery_codes(row.id, {}));
        TIDEMARK_CHECK_OK(state.reload_directory());
        return state.write_audit(act, "second_factor.disable", account_object(row.id));
    });
}

base::Result<std::optional<OneTimeLink>> Accounts::forgot_password(std::string_view name, const Origin& origin,
                                                                   base::UnixMillis now) {
    State& state = *state_;
    const std::string key = lower(name.substr(0, 254));
    const std::string email_hash = state.lookup_hash("email", key);
    // The name and the address of a person lead to one mailbox.
    const auto picture = state.directory();
    const bool by_address = key.find('@') != std::string::npos;
    const Person* person = by_address ? picture->by_email_hash(email_hash) : picture->by_username(key);
    const std::vector<Lane> lanes = {
        {LaneKind::kMailbox, "forgot|" + (person != nullptr ? std::to_string(person->id) : email_hash)},
        {LaneKind::kHost, "forgot|" + host_of(origin.address)}};
    if (state.back_off.admit(lanes, now) > 0) {
        return std::nullopt;
    }
    return state.change([&]() -> base::Result<std::optional<OneTimeLink>> {
        TIDEMARK_TRY(const auto row,
                     by_address ? state.store->account_by_email_hash(email_hash) : state.store->account_by_name(key));
        // A link must not make a password where a provider or a link of this machine signs in.
        const bool usable = row && row->state == AccountState::kActive && row->email_sealed && row->password &&
                            !state.policy().provider_only;
        TIDEMARK_CHECK_OK(
            state.write_audit(act_of(0, origin, now), "password.forgot", usable ? account_object(row->id) : "unknown"));
        if (!usable) {
            return std::nullopt;
        }
        TIDEMARK_TRY(const std::string email, state.unseal(*row->email_sealed, kEmailColumn, std::to_string(row->id)));
        LinkRow link;
        link.purpose = LinkPurpose::kReset;
        link.account = row->id;
        TIDEMARK_TRY(OneTimeLink made, state.make_link(link, email, kMailedResetLife, now));
        return made;
    });
}

base::Result<OneTimeLink> Accounts::make_reset_link(const Act& act, AccountId account, bool remove_second_factor) {
    TIDEMARK_CHECK_OK(require(act, Right::kManageTeam));
    State& state = *state_;
    if (!state.directory()->may_manage(act.caller, account)) {
        return no_such("account");
    }
    return state.change([&]() -> base::Result<OneTimeLink> {
        TIDEMARK_TRY(const AccountRow row, state.active_account(account));
        LinkRow link;
        link.purpose = LinkPurpose::kReset;
        link.account = row.id;
        link.removes_2fa = remove_second_factor;
        link.created_by = act.caller.account != 0 ? std::optional(act.caller.account) : std::nullopt;
        TIDEMARK_CHECK_OK(state.write_audit(act, "password.reset_link", account_object(row.id), {},
                                            {{"second_factor", remove_second_factor ? "removed when used" : "stays"}}));
        return state.make_link(link, "", kResetLinkLife, act.now);
    });
}

base::Result<void> Accounts::reset_password(std::string_view token, std::string_view password, const Origin& origin,
                                            base::UnixMillis now) {
    State& state = *state_;
    std::vector<std::string> personal;
    {
        const std::lock_guard lock(state.store_mutex);
        TIDEMARK_TRY(const LinkRow link, state.valid_link(token, LinkPurpose::kReset, now));
        TIDEMARK_TRY(const AccountRow row, state.active_account(link.account.value_or(0)));
        personal = {row.username, row.display_name};
    }
    TIDEMARK_TRY(std::string phc, state.hash_new(password, personal));
    return state.change([&]() -> base::Result<void> {
        TIDEMARK_TRY(const LinkRow link, state.valid_link(token, LinkPurpose::kReset, now));
        TIDEMARK_TRY(const bool won, state.store->use_link(link.id, now));
        if (!won) {
            return no_such("link");
        }
        TIDEMARK_TRY(AccountRow row, state.active_account(link.account.value_or(0)));
        row.password = phc;
        row.updated_at = now;
        if (link.removes_2fa) {
            row.totp_sealed.reset();
            row.totp_pending.reset();
            TIDEMARK_CHECK_OK(state.store->put_recovery_codes(row.id, {}));
        }
        TIDEMARK_CHECK_OK(state.store->put_account(row));
        TIDEMARK_CHECK_OK(state.store->remove_links(LinkPurpose::kReset, row.id));
        TIDEMARK_CHECK_OK(state.end_sessions(row.id, "", now));
        // Who had the password may have made a device known too.
        TIDEMARK_CHECK_OK(state.store->remove_devices(row.id));
        state.staged.emplace_back([id = row.id](Memory& m) {
            std::erase_if(m.devices, [&](const auto& entry) { return entry.second == id; });
        });
        TIDEMARK_CHECK_OK(state.reload_directory());
        return state.write_audit(act_of(row.id, origin, now), "password.reset", account_object(row.id));
    });
}

}  // namespace tidemark::identity
