// `tidemark user`, `tidemark key` and the audit part of `tidemark verify`: for whoever may write the data folder, while
// no server has it open.
#include <array>
#include <cstdio>

#include "foundation/base/clock.hpp"
#include "foundation/base/time.hpp"
#include "foundation/config/config.hpp"
#include "server/app/access.hpp"
#include "server/app/commands.hpp"

namespace tidemark::app {

namespace {

identity::Act act_of_command_line() {
    identity::Act act;
    act.caller = identity::Caller::system();
    act.origin.agent = "tidemark command line";
    act.now = base::now();
    return act;
}

base::Result<std::unique_ptr<identity::Accounts>> accounts_of(const AccountCommand& command) {
    auto accounts = open_accounts(command.workspace.data_dir, command.keys);
    if (!accounts && accounts.error().code == base::ErrorCode::kUnavailable) {
        return base::fail(
            base::ErrorCode::kUnavailable,
            accounts.error().message + ". Use the pages People and Keys of the running server, or stop it");
    }
    return accounts;
}

base::Result<identity::AccountId> account_named(const identity::Accounts& accounts, const std::string& name) {
    const auto directory = accounts.directory();
    const identity::Person* const person = directory->by_username(name);
    if (person == nullptr) {
        return base::fail(base::ErrorCode::kNotFound,
                          "there is no account '" + name + "': `tidemark user list` names them");
    }
    return person->id;
}

void print_link(const AccountCommand& command, std::string_view page, const identity::OneTimeLink& link) {
    std::printf("%s/%.*s#%s\n", command.address.c_str(), static_cast<int>(page.size()), page.data(),
                link.token.c_str());
    std::fprintf(stderr, "Works once, until %s. Start the server, then open it in a browser.\n",
                 base::to_rfc3339(link.expires_at).c_str());
}

std::string date_or_dash(std::optional<base::UnixMillis> time) { return time ? base::to_rfc3339(*time) : "-"; }

base::Result<void> list_people(const identity::Accounts& accounts) {
    std::printf("%-24s %-10s %-11s %-6s %s\n", "NAME", "ROLE", "STATE", "2ND", "SINCE");
    for (const auto& [id, person] : accounts.directory()->people()) {
        const std::string_view role = store::to_text(person.role);
        const std::string_view state = store::to_text(person.state);
        std::printf("%-24s %-10.*s %-11.*s %-6s %s\n", person.username.c_str(), static_cast<int>(role.size()),
                    role.data(), static_cast<int>(state.size()), state.data(), person.has_second_factor ? "yes" : "no",
                    base::to_rfc3339(person.created_at).c_str());
    }
    return {};
}

base::Result<void> run_user(const AccountCommand& command) {
    TIDEMARK_TRY(const auto accounts, accounts_of(command));
    const identity::Act act = act_of_command_line();
    if (command.action == "list") {
        return list_people(*accounts);
    }
    if (command.action == "setup-link") {
        TIDEMARK_TRY(const auto link, accounts->first_link(true, act.now));
        if (!link) {
            return base::fail(base::ErrorCode::kFailedPrecondition,
                              "there are several accounts, or the only one has a second factor: it signs in with its "
                              "password; `tidemark user reset NAME` makes a link for a new one");
        }
        print_link(command, link->purpose == store::LinkPurpose::kSetup ? "setup" : "link", *link);
        return {};
    }
    if (command.action == "add") {
        const auto role = store::role_of(command.role);
        if (!role) {
            return base::fail(base::ErrorCode::kInvalidArgument,
                              "--role '" + command.role + "': user, admin or enterprise");
        }
        identity::NewAccount fresh;
        fresh.username = command.name;
        TIDEMARK_TRY(const identity::AccountId id, accounts->create_account(act, fresh, *role));
        TIDEMARK_TRY(const identity::OneTimeLink link, accounts->make_reset_link(act, id, false));
        print_link(command, "reset", link);
        return {};
    }
    TIDEMARK_TRY(const identity::AccountId id, account_named(*accounts, command.name));
    if (command.action == "reset") {
        TIDEMARK_TRY(const identity::OneTimeLink link,
                     accounts->make_reset_link(act, id, command.remove_second_factor));
        print_link(command, "reset", link);
        return {};
    }
    if (command.action == "role") {
        const auto role = store::role_of(command.role);
        if (!role) {
            return base::fail(base::ErrorCode::kInvalidArgument,
                              "--role '" + command.role + "': user, admin or enterprise");
        }
        return accounts->set_role(act, id, *role);
    }
    return accounts->set_active(act, id, command.action == "activate");
}

base::Result<void> run_key(const AccountCommand& command) {
    TIDEMARK_TRY(const auto accounts, accounts_of(command));
    const identity::Act act = act_of_command_line();
    if (command.action == "list") {
        TIDEMARK_TRY(const auto keys, accounts->api_keys(act));
        std::printf("%-6s %-24s %-18s %-24s %-24s %s\n", "ID", "NAME", "SCOPES", "EXPIRES", "LAST USED", "ENDS WITH");
        for (const identity::ApiKeyInfo& key : keys) {
            if (key.revoked_at && *key.revoked_at <= act.now) {
                continue;
            }
            std::printf("%-6lld %-24s %-18s %-24s %-24s …%s\n", static_cast<long long>(key.id), key.name.c_str(),
                        identity::to_text(key.scopes).c_str(), date_or_dash(key.expires_at).c_str(),
                        date_or_dash(key.last_used).c_str(), key.hint.c_str());
        }
        return {};
    }
    if (command.action == "create") {
        TIDEMARK_TRY(const identity::AccountId id, account_named(*accounts, command.account));
        identity::NewApiKey fresh;
        fresh.name = command.name;
        fresh.scopes = identity::scopes_of(command.scopes);
        if (fresh.scopes == identity::Scopes{}) {
            return base::fail(base::ErrorCode::kInvalidArgument,
                              "--scopes '" + command.scopes + "': some of ingest,read,manage");
        }
        if (command.days > 0) {
            fresh.expires_at = act.now + command.days * base::kDay;
        }
        identity::Act of_account = act;
        of_account.caller.account = id;
        TIDEMARK_TRY(const identity::IssuedApiKey issued, accounts->create_api_key(of_account, fresh));
        std::printf("%s\n", issued.text.c_str());
        std::fputs("Shown this once: keep it where secrets are kept.\n", stderr);
        return {};
    }
    char* end = nullptr;
    const std::int64_t id = std::strtoll(command.name.c_str(), &end, 10);
    if (command.name.empty() || *end != '\0') {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          "'" + command.name + "' is not the number of a key: `tidemark key list` gives them");
    }
    return accounts->revoke_api_key(act, id);
}

/// Seals everything under the ring's current key. An interrupted run is simply run again.
base::Result<void> reseal(identity::Accounts& accounts, const crypto::KeyRing& ring) {
    std::int64_t total = 0;
    for (;;) {
        constexpr std::int64_t kAtOnce = 500;
        TIDEMARK_TRY(const std::int64_t sealed, accounts.reseal(kAtOnce));
        if (sealed == 0) {
            break;
        }
        total += sealed;
    }
    std::printf("The master key is %s; %lld values were sealed with it anew. Keep the old keys for older backups.\n",
                ring.current_id().c_str(), static_cast<long long>(total));
    return {};
}

base::Result<void> run_rotate(const AccountCommand& command) {
    if (config::environment(crypto::kMasterKeyVariable) || !command.keys.command.empty()) {
        return base::fail(
            base::ErrorCode::kFailedPrecondition,
            std::string("the master key does not come from a file: put a new key before the old one in ") +
                (command.keys.command.empty() ? crypto::kMasterKeyVariable : "what the command prints") +
                ", separated by a comma, then run `tidemark key reseal`");
    }
    // The file first: from then on both keys are there, whatever happens next.
    TIDEMARK_TRY(const auto accounts, accounts_of(command));
    TIDEMARK_TRY(crypto::KeyRing ring,
                 crypto::KeyRing::rotate_file(key_file(command.workspace.data_dir, command.keys)));
    TIDEMARK_CHECK_OK(accounts->use_key_ring(ring));
    return reseal(*accounts, ring);
}

base::Result<void> run_reseal(const AccountCommand& command) {
    TIDEMARK_TRY(const auto accounts, accounts_of(command));
    TIDEMARK_TRY(const crypto::KeyRing ring, open_key_ring(command.workspace.data_dir, command.keys));
    return reseal(*accounts, ring);
}

base::Result<void> run_verify(const AccountCommand& command, bool& intact) {
    TIDEMARK_TRY(const auto accounts, accounts_of(command));
    TIDEMARK_TRY(const identity::AuditVerdict verdict, accounts->verify_audit());
    intact = verdict.intact;
    if (verdict.intact) {
        std::printf("The audit log is whole: %lld entries, each linked to the one before.\n",
                    static_cast<long long>(verdict.rows));
    } else {
        std::printf("The audit log was changed at entry %lld: %s\n", static_cast<long long>(verdict.bad_seq),
                    verdict.reason.c_str());
    }
    return {};
}

int exit_of(const base::Result<void>& done) { return done ? kDone : report_failure(done.error()); }

}  // namespace

int user(const AccountCommand& command) { return exit_of(run_user(command)); }
int key(const AccountCommand& command) {
    return exit_of(command.action == "rotate-master" ? run_rotate(command)
                   : command.action == "reseal"      ? run_reseal(command)
                                                     : run_key(command));
}
int verify(const AccountCommand& command) {
    bool intact = false;
    const auto done = run_verify(command, intact);
    return done && !intact ? kFailed : exit_of(done);
}

}  // namespace tidemark::app
