#include "server/app/account_desk.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "foundation/base/clock.hpp"
#include "foundation/base/time.hpp"
#include "foundation/json/read.hpp"
#include "foundation/json/write.hpp"

namespace tidemark::app {

namespace {

using base::ErrorCode;

/// Longer than the audit log of years takes to verify.
constexpr std::chrono::seconds kAnswerWithin(120);
/// Between two looks at a change of the master key.
constexpr std::chrono::milliseconds kLook(250);

/// On the wire: what was done, or why not.
struct Envelope {
    std::optional<AccountReply> done;
    std::int32_t code = 0;  ///< base::ErrorCode
    std::string message;
};
TIDEMARK_DTO(Envelope, "An answer", (done, code, message))

identity::Act act_of_command_line() {
    identity::Act act;
    act.caller = identity::Caller::system();
    act.origin.agent = "tidemark command line";
    act.now = base::now();
    return act;
}

base::Result<identity::AccountId> account_named(const identity::Accounts& accounts, const std::string& name) {
    const auto directory = accounts.directory();
    const identity::Person* const person = directory->by_username(name);
    if (person == nullptr) {
        return base::fail(ErrorCode::kNotFound, "there is no account '" + name + "': `tidemark user list` names them");
    }
    return person->id;
}

AccountReply link_reply(const AccountDesk& desk, std::string_view page, const identity::OneTimeLink& link) {
    AccountReply reply;
    reply.out = desk.address + "/" + std::string(page) + "#" + link.token + "\n";
    reply.talk = "Works once, until " + base::to_rfc3339(link.expires_at) +
                 (desk.server_runs ? ". Open it in a browser.\n" : ". Start the server, then open it in a browser.\n");
    return reply;
}

std::string date_or_dash(std::optional<base::UnixMillis> time) { return time ? base::to_rfc3339(*time) : "-"; }

struct Cell {
    std::string_view text;
    std::size_t width = 0;
};
void add_row(std::string& out, std::initializer_list<Cell> cells, std::string_view last) {
    for (const Cell& cell : cells) {
        out.append(cell.text).append(std::max<std::size_t>(cell.width, cell.text.size() + 1) - cell.text.size(), ' ');
    }
    out.append(last).append("\n");
}

AccountReply list_people(const identity::Accounts& accounts) {
    AccountReply reply;
    add_row(reply.out, {{"NAME", 25}, {"ROLE", 11}, {"STATE", 12}, {"2ND", 7}}, "SINCE");
    for (const auto& [id, person] : accounts.directory()->people()) {
        add_row(reply.out,
                {{person.username, 25},
                 {store::to_text(person.role), 11},
                 {store::to_text(person.state), 12},
                 {person.has_second_factor ? "yes" : "no", 7}},
                base::to_rfc3339(person.created_at));
    }
    return reply;
}

base::Result<store::Role> role_named(const std::string& name) {
    const auto role = store::role_of(name);
    return role ? base::Result<store::Role>(*role)
                : base::fail(ErrorCode::kInvalidArgument, "--role '" + name + "': user, admin or enterprise");
}

base::Result<AccountReply> user(const AccountDesk& desk, const AccountRequest& request) {
    identity::Accounts& accounts = *desk.accounts;
    const identity::Act act = act_of_command_line();
    if (request.action == "list") {
        return list_people(accounts);
    }
    if (request.action == "setup-link") {
        TIDEMARK_TRY(const auto link, accounts.first_link(true, act.now));
        if (!link) {
            return base::fail(ErrorCode::kFailedPrecondition,
                              "there are several accounts, or the only one has a second factor: it signs in with its "
                              "password; `tidemark user reset NAME` makes a link for a new one");
        }
        return link_reply(desk, link->purpose == store::LinkPurpose::kSetup ? "setup" : "link", *link);
    }
    if (request.action == "add") {
        TIDEMARK_TRY(const store::Role role, role_named(request.role));
        identity::NewAccount fresh;
        fresh.username = request.name;
        TIDEMARK_TRY(const identity::AccountId id, accounts.create_account(act, fresh, role));
        TIDEMARK_TRY(const identity::OneTimeLink link, accounts.make_reset_link(act, id, false));
        return link_reply(desk, "reset", link);
    }
    TIDEMARK_TRY(const identity::AccountId id, account_named(accounts, request.name));
    if (request.action == "reset") {
        TIDEMARK_TRY(const identity::OneTimeLink link, accounts.make_reset_link(act, id, request.remove_second_factor));
        return link_reply(desk, "reset", link);
    }
    if (request.action == "role") {
        TIDEMARK_TRY(const store::Role role, role_named(request.role));
        TIDEMARK_CHECK_OK(accounts.set_role(act, id, role));
        return AccountReply{};
    }
    if (request.action == "activate" || request.action == "deactivate") {
        TIDEMARK_CHECK_OK(accounts.set_active(act, id, request.action == "activate"));
        return AccountReply{};
    }
    return base::fail(ErrorCode::kInvalidArgument, "there is no `tidemark user " + request.action + "`");
}

base::Result<AccountReply> list_keys(const identity::Accounts& accounts, const identity::Act& act) {
    TIDEMARK_TRY(const auto keys, accounts.api_keys(act));
    AccountReply reply;
    add_row(reply.out, {{"ID", 7}, {"NAME", 25}, {"SCOPES", 19}, {"EXPIRES", 25}, {"LAST USED", 25}}, "ENDS WITH");
    for (const identity::ApiKeyInfo& key : keys) {
        if (key.revoked_at && *key.revoked_at <= act.now) {
            continue;
        }
        add_row(reply.out,
                {{std::to_string(key.id), 7},
                 {key.name, 25},
                 {identity::to_text(key.scopes), 19},
                 {date_or_dash(key.expires_at), 25},
                 {date_or_dash(key.last_used), 25}},
                "…" + key.hint);
    }
    return reply;
}

base::Result<AccountReply> create_key(identity::Accounts& accounts, identity::Act act, const AccountRequest& request) {
    TIDEMARK_TRY(const identity::AccountId id, account_named(accounts, request.account));
    identity::NewApiKey fresh;
    fresh.name = request.name;
    fresh.scopes = identity::scopes_of(request.scopes);
    if (fresh.scopes == identity::Scopes{}) {
        return base::fail(ErrorCode::kInvalidArgument, "--scopes '" + request.scopes + "': some of ingest,read,manage");
    }
    if (request.days > 0) {
        fresh.expires_at = act.now + request.days * base::kDay;
    }
    act.caller.account = id;
    TIDEMARK_TRY(const identity::IssuedApiKey issued, accounts.create_api_key(act, fresh));
    AccountReply reply;
    reply.out = issued.text + "\n";
    reply.talk = "Shown this once: keep it where secrets are kept.\n";
    return reply;
}

/// How the change of the master key stands; its end is told.
base::Result<AccountReply> master_key_reply(KeyKeeper& keys) {
    const KeyKeeper::Progress progress = keys.wait(kLook);
    if (!progress.problem.empty()) {
        return base::fail(ErrorCode::kUnavailable,
                          "sealing anew does not get on: " + progress.problem +
                              ". Everything can be read; it goes on by itself when that is mended");
    }
    AccountReply reply;
    reply.under_way = progress.under_way;
    reply.total = progress.total;
    reply.left = progress.left;
    if (!progress.under_way) {
        reply.out = "The master key is " + progress.key_id + "; " + std::to_string(progress.total) +
                    " values were sealed with it anew. Keep the old keys for older backups.\n";
    }
    return reply;
}

base::Result<AccountReply> list_master_keys(KeyKeeper& keys) {
    TIDEMARK_TRY(const api::MasterKey state, keys.state());
    AccountReply reply;
    add_row(reply.out, {{"KEY", 10}, {"VALUES", 10}}, "BACKUPS");
    for (const api::MasterKeyUse& key : state.keys) {
        add_row(reply.out, {{key.id, 10}, {std::to_string(key.values), 10}},
                key.backups ? std::to_string(*key.backups) : "?");
    }
    return reply;
}

base::Result<AccountReply> key(const AccountDesk& desk, const AccountRequest& request) {
    const identity::Act act = act_of_command_line();
    if (request.action == "list") {
        return list_keys(*desk.accounts, act);
    }
    if (request.action == "create") {
        return create_key(*desk.accounts, act, request);
    }
    if (request.action == "revoke") {
        char* end = nullptr;
        const std::int64_t id = std::strtoll(request.name.c_str(), &end, 10);
        if (request.name.empty() || *end != '\0') {
            return base::fail(ErrorCode::kInvalidArgument,
                              "'" + request.name + "' is not the number of a key: `tidemark key list` gives them");
        }
        TIDEMARK_CHECK_OK(desk.accounts->revoke_api_key(act, id));
        return AccountReply{};
    }
    if (request.action == "rotate-master") {
        // Where no server runs, what an earlier run left is finished first.
        while (!desk.server_runs && desk.keys->wait(kLook).under_way) {
            TIDEMARK_CHECK_OK(master_key_reply(*desk.keys));
        }
        TIDEMARK_CHECK_OK(desk.keys->rotate(act));
        return master_key_reply(*desk.keys);
    }
    if (request.action == "reseal") {
        TIDEMARK_CHECK_OK(desk.keys->reseal(act));
        return master_key_reply(*desk.keys);
    }
    if (request.action == "progress") {
        return master_key_reply(*desk.keys);
    }
    if (request.action == "list-master") {
        return list_master_keys(*desk.keys);
    }
    if (request.action == "retire-master") {
        TIDEMARK_CHECK_OK(desk.keys->retire(act, request.name));
        AccountReply reply;
        reply.talk = "The master key " + request.name +
                     " is taken out of the file. Backups elsewhere that are sealed with it need a copy of it.\n";
        return reply;
    }
    return base::fail(ErrorCode::kInvalidArgument, "there is no `tidemark key " + request.action + "`");
}

base::Result<AccountReply> verify(const AccountDesk& desk) {
    TIDEMARK_TRY(const identity::AuditVerdict verdict, desk.accounts->verify_audit());
    AccountReply reply;
    reply.failed = !verdict.intact;
    reply.out =
        verdict.intact
            ? "The audit log is whole: " + std::to_string(verdict.rows) + " entries, each linked to the one before.\n"
            : "The audit log was changed at entry " + std::to_string(verdict.bad_seq) + ": " + verdict.reason + "\n";
    return reply;
}

}  // namespace

base::Result<AccountReply> perform(const AccountDesk& desk, const AccountRequest& request) {
    if (request.command == "user") {
        return user(desk, request);
    }
    if (request.command == "key") {
        return key(desk, request);
    }
    if (request.command == "verify") {
        return verify(desk);
    }
    return base::fail(ErrorCode::kInvalidArgument, "there is no `tidemark " + request.command + "`");
}

std::string control_socket(const std::string& data_dir) { return data_dir + "/control.sock"; }

std::string answer(const AccountDesk& desk, std::string_view question) {
    Envelope envelope;
    const auto fail = [&](ErrorCode code, std::string message) {
        envelope.code = static_cast<std::int32_t>(code);
        envelope.message = std::move(message);
    };
    if (const auto request = json::read<AccountRequest>(question); !request) {
        fail(ErrorCode::kFailedPrecondition,
             "the server does not understand this command: is it of another version? Start it anew");
    } else if (auto done = perform(desk, *request); !done) {
        fail(done.error().code, done.error().message);
    } else {
        envelope.done = std::move(*done);
    }
    return json::to_text(envelope);
}

base::Result<std::optional<AccountReply>> ask_server(const std::string& data_dir, const AccountRequest& request) {
    auto text = sys::ask_local(control_socket(data_dir), json::to_text(request), kAnswerWithin);
    if (!text && text.error().code == ErrorCode::kNotFound) {
        return std::nullopt;
    }
    if (!text) {
        return base::fail(text.error().code, "the server that has " + data_dir + " open: " + text.error().message);
    }
    auto envelope = json::read<Envelope>(*text);
    if (!envelope) {
        return base::fail(ErrorCode::kFailedPrecondition,
                          "the server's answer is not understood: is it of another version? Start it anew");
    }
    if (!envelope->done) {
        const bool known = envelope->code >= 0 && envelope->code <= static_cast<std::int32_t>(ErrorCode::kInternal);
        return base::fail(known ? static_cast<ErrorCode>(envelope->code) : ErrorCode::kInternal, envelope->message);
    }
    return std::move(envelope->done);
}

}  // namespace tidemark::app
