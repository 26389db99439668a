// What `tidemark user`, `key` and `verify` do, in one place: with the store open in the same process, or in the server
// that has it open, which is told over a socket of the data folder.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "desk/identity/accounts.hpp"
#include "foundation/base/result.hpp"
#include "foundation/json/describe.hpp"
#include "foundation/sys/local_socket.hpp"
#include "server/app/key_keeper.hpp"

namespace tidemark::app {

struct AccountRequest {
    std::string command;  ///< user | key | verify
    std::string action, name;
    std::string role = "user";    ///< user add, user role
    std::string account, scopes;  ///< key create
    std::int64_t days = 0;        ///< key create; 0: no end
    bool remove_second_factor = false;
};
TIDEMARK_DTO(AccountRequest, "What is to be done",
             (command, action, name, role, account, scopes, days, remove_second_factor))

struct AccountReply {
    std::string out, talk;  ///< For standard output, and for standard error
    bool failed = false;    ///< It was done, and what it found is not as it should be
    /// A change of the master key goes on: ask with the action "progress" until it does not.
    bool under_way = false;
    std::int64_t total = 0, left = 0;
};
TIDEMARK_DTO(AccountReply, "What was done", (out, talk, failed, under_way, total, left))

struct AccountDesk {
    identity::Accounts* accounts = nullptr;
    KeyKeeper* keys = nullptr;
    std::string address;      ///< Of the server, for links: "http://127.0.0.1:8377"
    bool server_runs = true;  ///< False: links work once it is started
};
/// Blocks for the time the work takes; a change of the master key is waited for a moment only.
base::Result<AccountReply> perform(const AccountDesk& desk, const AccountRequest& request);

/// The socket of a data folder.
[[nodiscard]] std::string control_socket(const std::string& data_dir);
/// The other end of ask_server(); what is refused comes back as the error that perform() gave.
[[nodiscard]] std::string answer(const AccountDesk& desk, std::string_view question);
/// Nothing when no server runs there.
base::Result<std::optional<AccountReply>> ask_server(const std::string& data_dir, const AccountRequest& request);

}  // namespace tidemark::app
