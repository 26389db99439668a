#include "desk/identity/rights.hpp"

#include <array>

namespace tidemark::identity {

namespace {

/// A line a right. `manage` of a key counts only as far as the account behind it may manage.
struct Line {
    Right right;
    std::string_view name;
    bool anonymous, must_enrol, user, admin, enterprise, key_ingest, key_read, key_manage;
};
constexpr std::array<Line, kRightCount> kTable = {{
    // clang-format off
    // right                name             anonymous must_enrol user   admin  enterprise key: ingest read   manage
    {Right::kPublic,        "public",        true,     true,      true,  true,  true,      true,  true,  true},
    {Right::kSignedIn,      "signed_in",     false,    true,      true,  true,  true,      true,  true,  true},
    {Right::kOwnSecurity,   "own_security",  false,    true,      true,  true,  true,      false, false, false},
    {Right::kOwnAccount,    "own_account",   false,    false,     true,  true,  true,      false, false, false},
    {Right::kRead,          "read",          false,    false,     true,  true,  true,      false, true,  false},
    {Right::kIngest,        "ingest",        false,    false,     false, false, false,     true,  false, false},
    {Right::kManageTeam,    "manage_team",   false,    false,     false, true,  true,      false, false, true},
    {Right::kManageAll,     "manage_all",    false,    false,     false, false, true,      false, false, true},
    {Right::kManageSecrets, "manage_secrets", false,   false,     false, false, true,      false, false, false},
    // clang-format on
}};

bool role_allows(const Line& line, Role role) {
    return role == Role::kEnterprise ? line.enterprise : role == Role::kAdmin ? line.admin : line.user;
}

}  // namespace

Caller Caller::system() {
    Caller caller;
    caller.kind = Kind::kSystem;
    caller.role = Role::kEnterprise;
    caller.username = "system";
    return caller;
}

std::string Caller::actor() const {
    switch (kind) {
        case Kind::kAnonymous: return "anonymous";
        case Kind::kAccount: return "account:" + std::to_string(account);
        case Kind::kApiKey: return "key:" + std::to_string(key);
        case Kind::kSystem: return "system";
    }
    return {};
}

std::string_view to_text(Right right) { return kTable[static_cast<std::size_t>(right)].name; }

bool allowed(const Caller& caller, Right right) {
    const Line& line = kTable[static_cast<std::size_t>(right)];
    switch (caller.kind) {
        case Caller::Kind::kAnonymous: return line.anonymous;
        case Caller::Kind::kAccount: return caller.must_enrol ? line.must_enrol : role_allows(line, caller.role);
        case Caller::Kind::kApiKey: {
            if ((caller.scopes.ingest && line.key_ingest) || (caller.scopes.read && line.key_read)) {
                return true;
            }
            // What a key is limited to is data; people beyond it are not its to manage, and projects have no people.
            const bool beyond = (right == Right::kManageTeam && !caller.projects.empty()) ||
                                (right == Right::kManageAll && (!caller.projects.empty() || !caller.teams.empty()));
            return caller.scopes.manage && line.key_manage && (role_allows(line, caller.role) || line.anonymous) &&
                   !beyond;
        }
        case Caller::Kind::kSystem: return true;
    }
    return false;
}

std::string to_text(Scopes scopes) {
    std::string text;
    for (const auto& [on, name] :
         {std::pair(scopes.ingest, "ingest"), std::pair(scopes.read, "read"), std::pair(scopes.manage, "manage")}) {
        if (on) {
            text += text.empty() ? "" : ",";
            text += name;
        }
    }
    return text;
}

Scopes scopes_of(std::string_view text) {
    Scopes scopes;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        const std::string_view word = text.substr(0, comma);
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
        if (word == "ingest") {
            scopes.ingest = true;
        } else if (word == "read") {
            scopes.read = true;
        } else if (word == "manage") {
            scopes.manage = true;
        } else {
            return {};
        }
    }
    return scopes;
}

}  // namespace tidemark::identity
