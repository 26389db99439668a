// Giving up root: a server that was started by root to take a port below 1024, or to read a key, goes on as somebody
// who may do neither.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "foundation/base/result.hpp"

namespace tidemark::sys {

struct Account {
    std::string name;  ///< As it was asked for
    uid_t user = 0;
    gid_t group = 0;
    std::vector<gid_t> groups;  ///< Further ones
};

/// An account by its name, or by "user:group" in digits, which need not be listed. Reads files in the form of passwd(5)
/// and group(5): a statically linked program has no other name service. kNotFound when there is none of that name;
/// kInvalidArgument for root.
base::Result<Account> find_account(std::string_view text, const std::string& passwd = "/etc/passwd",
                                   const std::string& group = "/etc/group");

[[nodiscard]] bool is_root();

/// For root: makes the folder (0700, with the parents that are missing) for the account, or gives it a folder of root's
/// with all in it that is root's. kFailedPrecondition when the folder is somebody else's, when others may write there,
/// or when it holds something and not the file `mark`.
base::Result<void> give_folder(const std::string& path, const Account& account, std::string_view mark);

/// For root, before there are threads: this process is the account's from here on, cannot become root again, gains
/// nothing from programs it starts (PR_SET_NO_NEW_PRIVS), and leaves no picture of its memory (PR_SET_DUMPABLE).
base::Result<void> become(const Account& account);

/// No core files from here on: they would hold keys.
void forbid_core_files();

}  // namespace tidemark::sys
