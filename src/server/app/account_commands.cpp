// `tidemark user`, `tidemark key` and the audit part of `tidemark verify`: for whoever may write the data folder. A
// running server is asked; without one the store is opened here.
#include <cstdio>
#include <memory>

#include <unistd.h>

#include "server/app/access.hpp"
#include "server/app/account_desk.hpp"
#include "server/app/commands.hpp"

namespace tidemark::app {

namespace {

/// The store, opened by this process.
struct OpenDesk {
    std::unique_ptr<identity::Accounts> accounts;
    std::unique_ptr<KeyKeeper> keys;
    AccountDesk desk;
};

base::Result<OpenDesk> open_desk(const AccountCommand& command) {
    const std::string& data_dir = command.workspace.data_dir;
    OpenDesk open;
    TIDEMARK_TRY(open.accounts, open_accounts(data_dir, command.keys));
    TIDEMARK_TRY(crypto::KeyRing ring, open_key_ring(data_dir, command.keys));
    KeyKeeper::Options options;
    options.data_dir = data_dir;
    options.source = command.keys;
    options.accounts = open.accounts.get();
    open.keys = std::make_unique<KeyKeeper>(std::move(options), std::move(ring));
    open.desk = {open.accounts.get(), open.keys.get(), command.address, false};
    return open;
}

/// Says on a terminal how much of the sealed values is done.
void show(const AccountReply& reply) {
    if (::isatty(STDERR_FILENO) == 1) {
        std::fprintf(stderr, "\r\033[K");
        if (reply.under_way) {
            std::fprintf(stderr, "Sealing anew %lld of %lld", static_cast<long long>(reply.total - reply.left),
                         static_cast<long long>(reply.total));
        }
    }
}

base::Result<AccountReply> run(const AccountCommand& command) {
    std::optional<OpenDesk> own;
    AccountRequest request = command.request;
    for (;;) {
        std::optional<AccountReply> reply;
        if (!own) {
            TIDEMARK_TRY(reply, ask_server(command.workspace.data_dir, request));
        }
        if (!reply) {
            if (request.action == "progress" && !own) {
                return base::fail(base::ErrorCode::kUnavailable,
                                  "the server has ended: it goes on sealing anew when it is started");
            }
            if (!own) {
                TIDEMARK_TRY(own, open_desk(command));
            }
            TIDEMARK_TRY(reply, perform(own->desk, request));
        }
        if (reply->total > 0) {
            show(*reply);
        }
        if (!reply->under_way) {
            return std::move(*reply);
        }
        request.action = "progress";
    }
}

int print(const base::Result<AccountReply>& reply) {
    if (!reply) {
        return report_failure(reply.error());
    }
    std::fputs(reply->out.c_str(), stdout);
    std::fflush(stdout);
    std::fputs(reply->talk.c_str(), stderr);
    return reply->failed ? kFailed : kDone;
}

}  // namespace

int account(const AccountCommand& command) { return print(run(command)); }

}  // namespace tidemark::app
