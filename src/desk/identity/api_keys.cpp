#include "foundation/crypto/api_key.hpp"

#include <algorithm>
#include <utility>

#include "desk/identity/accounts.hpp"
#include "desk/identity/impl/state.hpp"

namespace tidemark::identity {

using store::ApiKeyRow;

namespace {

constexpr std::size_t kMostKeys = 100;  // that work, an account
constexpr base::UnixMillis kLongestOverlap = 30 * base::kDay;

std::string key_object(std::int64_t id) { return "key:" + std::to_string(id); }

ApiKeyInfo info_of(const ApiKeyRow& row) {
    return {row.id,       row.name,       row.hint,       row.account,   scopes_of(row.scopes), row.teams,
            row.projects, row.created_at, row.expires_at, row.last_used, row.revoked_at,        row.rotated_from};
}

bool works(const ApiKeyRow& row, base::UnixMillis now) {
    return row.revoked_at.value_or(now + 1) > now && row.expires_at.value_or(now + 1) > now;
}

}  // namespace

base::Result<IssuedApiKey> Accounts::create_api_key(const Act& act, const NewApiKey& key) {
    // The command line makes keys for accounts by acting as them: a key is always somebody's.
    TIDEMARK_CHECK_OK(require(act, Right::kOwnAccount));
    State& state = *state_;
    if (key.name.empty()) {
        return base::fail(base::ErrorCode::kInvalidArgument, "name: is needed");
    }
    TIDEMARK_CHECK_OK(check_label("name", key.name, 100));
    if (key.scopes == Scopes{}) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          "scopes: at least one of ingest, read and manage is needed");
    }
    if (key.expires_at.value_or(act.now + 1) <= act.now) {
        return base::fail(base::ErrorCode::kInvalidArgument, "expires_at: lies in the past");
    }
    for (const std::string& project : key.projects) {
        TIDEMARK_CHECK_OK(check_label("projects", project, 4096));
    }
    if (key.scopes.manage) {
        TIDEMARK_CHECK_OK(state.require_proof(act));
    }
    return state.change([&]() -> base::Result<IssuedApiKey> {
        TIDEMARK_TRY(const auto owner, state.active_account(act.caller.account));
        if (key.scopes.manage && owner.role == Role::kUser) {
            return base::fail(base::ErrorCode::kInvalidArgument, "scopes: manage is for administrators");
        }
        const auto picture = state.directory();
        const auto reach = picture->teams_in_reach(act.caller);
        for (const TeamId team : key.teams) {
            if (!reach.contains(team) && !picture->members_of({team}).contains(owner.id)) {
                return no_such("team");
            }
        }
        TIDEMARK_TRY(const auto existing, state.store->api_keys());
        if (std::count_if(existing.begin(), existing.end(), [&](const ApiKeyRow& row) {
                return row.account == owner.id && works(row, act.now);
            }) >= static_cast<std::ptrdiff_t>(kMostKeys)) {
            return base::fail(base::ErrorCode::kFailedPrecondition,
                              "an account has at most " + std::to_string(kMostKeys) + " keys: revoke some");
        }
        IssuedApiKey issued;
        issued.text = crypto::make_api_key();
        ApiKeyRow row;
        row.name = key.name;
        row.hash = crypto::api_key_hash(issued.text);
        row.hint = crypto::api_key_hint(issued.text);
        row.account = owner.id;
        row.scopes = to_text(key.scopes);
        row.created_at = act.now;
        row.expires_at = key.expires_at;
        row.teams = key.teams;
        row.projects = key.projects;
        TIDEMARK_TRY(row.id, state.store->add_api_key(row));
        TIDEMARK_CHECK_OK(state.reload_api_keys());
        TIDEMARK_CHECK_OK(
            state.write_audit(act, "key.create", key_object(row.id), {}, {{"scopes", row.scopes}, {"hint", row.hint}}));
        issued.info = info_of(row);
        return issued;
    });
}

base::Result<IssuedApiKey> Accounts::rotate_api_key(const Act& act, std::int64_t id, base::UnixMillis overlap) {
    TIDEMARK_CHECK_OK(require(act, Right::kOwnAccount));
    if (overlap < 0 || overlap > kLongestOverlap) {
        return base::fail(base::ErrorCode::kInvalidArgument, "overlap: is not in 0 to 30 days");
    }
    State& state = *state_;
    return state.change([&]() -> base::Result<IssuedApiKey> {
        TIDEMARK_TRY(const auto rows, state.store->api_keys());
        const auto old = std::find_if(rows.begin(), rows.end(), [&](const ApiKeyRow& row) { return row.id == id; });
        if (old == rows.end() || old->account != act.caller.account) {
            return no_such("key");
        }
        if (!works(*old, act.now) || old->revoked_at) {
            return base::fail(base::ErrorCode::kFailedPrecondition, "this key has ended or was rotated already");
        }
        if (scopes_of(old->scopes).manage) {
            TIDEMARK_CHECK_OK(state.require_proof(act));
        }
        IssuedApiKey issued;
        issued.text = crypto::make_api_key();
        ApiKeyRow row = *old;
        row.hash = crypto::api_key_hash(issued.text);
        row.hint = crypto::api_key_hint(issued.text);
        row.created_at = act.now;
        row.last_used.reset();
        row.rotated_from = old->id;
        TIDEMARK_TRY(row.id, state.store->add_api_key(row));
        TIDEMARK_CHECK_OK(state.store->revoke_api_key(old->id, act.now + overlap));
        TIDEMARK_CHECK_OK(state.reload_api_keys());
        TIDEMARK_CHECK_OK(state.write_audit(act, "key.rotate", key_object(old->id), {{"hint", old->hint}},
                                            {{"new", key_object(row.id)}, {"hint", row.hint}}));
        issued.info = info_of(row);
        return issued;
    });
}

base::Result<void> Accounts::revoke_api_key(const Act& act, std::int64_t id) {
    State& state = *state_;
    return state.change([&]() -> base::Result<void> {
        TIDEMARK_TRY(const auto rows, state.store->api_keys());
        const auto row = std::find_if(rows.begin(), rows.end(), [&](const ApiKeyRow& r) { return r.id == id; });
        if (row == rows.end()) {
            return no_such("key");
        }
        const bool own = allowed(act.caller, Right::kOwnAccount) && row->account == act.caller.account;
        const bool managed =
            allowed(act.caller, Right::kManageTeam) && state.directory()->may_manage(act.caller, row->account);
        if ((!own && !managed) || row->revoked_at.value_or(act.now + 1) <= act.now) {
            return no_such("key");
        }
        TIDEMARK_CHECK_OK(state.store->revoke_api_key(id, act.now));
        TIDEMARK_CHECK_OK(state.reload_api_keys());
        return state.write_audit(act, "key.revoke", key_object(id), {{"hint", row->hint}}, {});
    });
}

base::Result<std::vector<ApiKeyInfo>> Accounts::api_keys(const Act& act) const {
    const bool own = allowed(act.caller, Right::kOwnAccount);
    const bool manages = allowed(act.caller, Right::kManageTeam);
    if (!own && !manages) {
        return no_such("key");
    }
    State& state = *state_;
    const std::lock_guard lock(state.store_mutex);
    TIDEMARK_TRY(const auto rows, state.store->api_keys());
    const auto picture = state.directory();
    std::vector<ApiKeyInfo> out;
    for (const ApiKeyRow& row : rows) {
        if ((own && row.account == act.caller.account) || (manages && picture->may_manage(act.caller, row.account))) {
            out.push_back(info_of(row));
        }
    }
    return out;
}

}  // namespace tidemark::identity
