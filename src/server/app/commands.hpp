// The commands of the tidemark program. Each returns the process's exit code.
#pragma once

#include <string>
#include <vector>

#include "desk/backup/restore.hpp"
#include "server/app/access.hpp"
#include "server/app/account_desk.hpp"
#include "server/app/workspace.hpp"

namespace tidemark::app {

struct ServeCommand {
    Workspace workspace;
    std::string listen;
    bool demo = false;  ///< Made-up data in a folder of its own instead of the user's transcripts
    std::vector<std::string> allowed_hosts;
    std::vector<std::string> trusted_proxies;  ///< Beyond loopback: these speak TLS for it
    Certificate certificate;
    KeySource keys;
    bool access_log = false;         ///< Always on beyond loopback
    std::string user;                ///< Whom root becomes (sys::find_account()); "": stays who it is
    std::string breached_passwords;  ///< File of a list (crypto::BreachedPasswords); "": none
};
int serve(const ServeCommand& command);

struct ReportCommand {
    Workspace workspace;
    std::string kind;  ///< daily | weekly | monthly | session | blocks | project | model
    std::string since, until, timezone;
    std::vector<std::string> projects, models;
    int week_start = 0;
    bool breakdown = false, json = false, csv = false;
};
int report(const ReportCommand& command);

struct DoctorCommand {
    Workspace workspace;
    bool json = false;
};
int doctor(const DoctorCommand& command);

/// `user`, `key`, and `verify` without a file, which proves the audit log's chain. Beside a running server it does the
/// work.
struct AccountCommand {
    Workspace workspace;
    KeySource keys;
    std::string address;  ///< Of the server, for links: "http://127.0.0.1:8377"
    AccountRequest request;
};
int account(const AccountCommand& command);

/// What `backup`, `restore` and `verify FILE` take.
struct BackupCommand {
    Workspace workspace;
    KeySource keys;
    std::string target;  ///< backup: a folder; "": backup_folder()
    std::string file;    ///< restore, verify
};
/// Where backups go unless somebody says else.
[[nodiscard]] std::string backup_folder(const std::string& data_dir);
/// Sees to the accounts that come back with the backup of that name (identity::Accounts::come_back()).
[[nodiscard]] backup::Amend amend_accounts(crypto::KeyRing ring, identity::Act act, std::string name);
int make_backup(const BackupCommand& command);
int restore_backup(const BackupCommand& command);
int verify_backup(const BackupCommand& command);

int import(const Workspace& workspace);
int print_version();
int print_openapi();

}  // namespace tidemark::app
