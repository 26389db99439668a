#include "foundation/sys/account.hpp"

#include <charconv>
#include <filesystem>
#include <optional>

#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "foundation/sys/files.hpp"

namespace tidemark::sys {

using base::ErrorCode;

namespace {

constexpr std::size_t kLongestList = std::size_t{16} << 20;

std::vector<std::string_view> split(std::string_view text, char at) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t end = text.find(at);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(end + 1);
    }
}

/// (uid_t)-1 stands for "leave as it is" in system calls: nobody has it.
std::optional<std::uint32_t> number(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = failure == std::errc{} && end == text.data() + text.size();
    return whole && value != static_cast<std::uint32_t>(-1) ? std::optional(value) : std::nullopt;
}

base::Result<void> chown_link(const std::string& path, const Account& account) {
    return ::lchown(path.c_str(), account.user, account.group) == 0 ? base::Result<void>()
                                                                    : base::fail_errno("chown " + path);
}

/// What is missing of the path, for the account.
base::Result<void> make_for(const std::string& path, const Account& account) {
    for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
        const std::string part = path.substr(0, end);
        if (::mkdir(part.c_str(), 0700) == 0) {
            TIDEMARK_CHECK_OK(chown_link(part, account));
        } else if (!is_directory(part)) {
            return base::fail_errno("create folder " + part);
        }
        if (end == std::string::npos) {
            return {};
        }
    }
}

}  // namespace

base::Result<Account> find_account(std::string_view text, const std::string& passwd, const std::string& group) {
    Account account;
    account.name = text;
    if (const auto parts = split(text, ':'); parts.size() == 2) {
        const auto user_number = number(parts[0]);
        const auto group_number = number(parts[1]);
        if (!user_number || !group_number) {
            return base::fail(ErrorCode::kInvalidArgument,
                              "\"" + account.name + "\" is no account: give a name, or numbers such as 998:998");
        }
        account.user = *user_number;
        account.group = *group_number;
    } else {
        TIDEMARK_TRY(const std::string accounts, read_small_file(passwd, kLongestList));
        bool found = false;
        for (const std::string_view line : split(accounts, '\n')) {
            const auto fields = split(line, ':');  // name, password, user, group, …
            if (fields.size() < 4 || fields[0] != text || text.empty()) {
                continue;
            }
            const auto user_number = number(fields[2]);
            const auto group_number = number(fields[3]);
            if (user_number && group_number) {
                account.user = *user_number;
                account.group = *group_number;
                found = true;
                break;
            }
        }
        if (!found) {
            return base::fail(ErrorCode::kNotFound, "there is no account \"" + account.name + "\" in " + passwd +
                                                        ": make it, or give its numbers, such as 998:998");
        }
        TIDEMARK_TRY(const std::string groups, read_small_file(group, kLongestList));
        for (const std::string_view line : split(groups, '\n')) {
            const auto fields = split(line, ':');  // name, password, group, members
            if (fields.size() != 4) {
                continue;
            }
            const auto group_number = number(fields[2]);
            for (const std::string_view member : split(fields[3], ',')) {
                if (member == text && group_number && *group_number != account.group) {
                    account.groups.push_back(*group_number);
                }
            }
        }
    }
    if (account.user == 0 || account.group == 0) {
        return base::fail(ErrorCode::kInvalidArgument,
                          "\"" + account.name + "\" has root's rights: name an account that has not");
    }
    return account;
}

bool is_root() { return ::geteuid() == 0; }

base::Result<void> give_folder(const std::string& path, const Account& account, std::string_view mark) {
    TIDEMARK_CHECK_OK(make_for(path, account));
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) {
        return base::fail_errno("open " + path);
    }
    if (status.st_uid == account.user) {
        return {};
    }
    if (status.st_uid != 0) {
        return base::fail(ErrorCode::kFailedPrecondition,
                          path + " belongs to neither root nor " + account.name + ": give it to that account");
    }
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return base::fail(ErrorCode::kFailedPrecondition, path + " may be written by others: choose another folder");
    }
    std::error_code failed;
    if (!std::filesystem::is_empty(path, failed) && !identity_of(path + "/" + std::string(mark))) {
        return base::fail(
            ErrorCode::kFailedPrecondition,
            path + " is root's and holds other things: choose another folder, or give this one to " + account.name);
    }
    for (auto entry = std::filesystem::recursive_directory_iterator(path, failed);
         entry != std::filesystem::recursive_directory_iterator(); entry.increment(failed)) {
        const std::string inside = entry->path().native();
        if (::lstat(inside.c_str(), &status) == 0 && status.st_uid == 0) {
            TIDEMARK_CHECK_OK(chown_link(inside, account));
        }
    }
    if (failed) {
        return base::fail(ErrorCode::kPermissionDenied, path + ": " + failed.message());
    }
    return chown_link(path, account);
}

base::Result<void> become(const Account& account) {
    const std::string whom = "become " + account.name;
    // In this order: who is no longer root may change neither groups nor group.
    if (::setgroups(account.groups.size(), account.groups.data()) != 0 ||
        ::setresgid(account.group, account.group, account.group) != 0 ||
        ::setresuid(account.user, account.user, account.user) != 0 || ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
        return base::fail_errno(whom);
    }
    uid_t real = 0;
    uid_t effective = 0;
    uid_t saved = 0;
    const bool given_up = ::getresuid(&real, &effective, &saved) == 0 && real == account.user &&
                          effective == account.user && saved == account.user && ::setuid(0) != 0 && ::setgid(0) != 0 &&
                          ::seteuid(0) != 0;
    return given_up ? base::Result<void>()
                    : base::fail(ErrorCode::kInternal, "cannot " + whom + ": root's rights came back");
}

void forbid_core_files() {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
}

}  // namespace tidemark::sys
