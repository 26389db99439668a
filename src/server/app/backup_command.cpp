#include <cstdio>
#include <utility>

#include <unistd.h>

#include "desk/backup/backup.hpp"
#include "desk/backup/restore.hpp"
#include "desk/identity/accounts.hpp"
#include "desk/store/accounts_store.hpp"
#include "foundation/base/clock.hpp"
#include "foundation/base/money.hpp"
#include "foundation/base/time.hpp"
#include "foundation/config/config.hpp"
#include "foundation/sys/files.hpp"
#include "server/app/build_info.hpp"
#include "server/app/commands.hpp"

namespace tidemark::app {

namespace {

constexpr double kMegabyte = 1e6;
constexpr std::int64_t kShowAfterNanos = 1'000'000'000;

/// A share on standard error's line, for work that lasts; nothing unless that is a terminal.
class Share {
public:
    explicit Share(const char* what) : what_(what), terminal_(::isatty(STDERR_FILENO) == 1) {}
    ~Share() {
        if (shown_) {
            std::fputs("\r\033[K", stderr);
        }
    }
    bool update(std::int64_t done, std::int64_t total) {
        if (terminal_ && total > 0 && base::monotonic_nanos() - started_ >= kShowAfterNanos) {
            shown_ = true;
            std::fprintf(stderr, "\r\033[K%s %3.0f%%", what_,
                         static_cast<double>(done) / static_cast<double>(total) * 100);
        }
        return true;
    }

private:
    const char* what_;
    bool terminal_;
    bool shown_ = false;
    std::int64_t started_ = base::monotonic_nanos();
};

/// Of backups that are there: a new key would open none of them.
base::Result<crypto::KeyRing> existing_key_ring(const BackupCommand& command) {
    const std::string path = key_file(command.workspace.data_dir, command.keys);
    if (command.keys.command.empty() && !config::environment(crypto::kMasterKeyVariable) && !sys::identity_of(path)) {
        return base::fail(
            base::ErrorCode::kNotFound,
            "backups are sealed, and the master key " + path +
                " is not there: put it back, or name it with --master-key-file, --master-key-command or " +
                crypto::kMasterKeyVariable);
    }
    return open_key_ring(command.workspace.data_dir, command.keys);
}

/// A bare name, as the page Backups shows it, is one of the data folder's backups.
std::string file_of(const BackupCommand& command) {
    const bool bare = command.file.find('/') == std::string::npos && !sys::identity_of(command.file);
    return bare ? backup_folder(command.workspace.data_dir) + "/" + command.file : command.file;
}

std::string totals_of(const backup::Manifest& manifest) {
    return std::to_string(manifest.requests) + " requests, $" + base::to_decimal(base::NanoUsd{manifest.cost_nano_usd});
}

base::Result<void> run_backup(const BackupCommand& command) {
    const std::string& data_dir = command.workspace.data_dir;
    const std::string target = command.target.empty() ? backup_folder(data_dir) : command.target;
    TIDEMARK_TRY(const crypto::KeyRing ring, open_key_ring(data_dir, command.keys));
    Share share("Backing up");
    TIDEMARK_TRY(const backup::Listed made,
                 backup::make(data_dir, ring, target, base::now(),
                              {std::string(kVersion), false,
                               [&share](std::int64_t done, std::int64_t total) { return share.update(done, total); }}));
    std::printf("%s\n", made.path.c_str());
    std::fprintf(stderr, "%.1f MB, %s, sealed with the master key %s: keep that key apart from the backups\n",
                 static_cast<double>(made.bytes) / kMegabyte, totals_of(*made.manifest).c_str(), made.key_id.c_str());
    return {};
}

base::Result<void> run_restore(const BackupCommand& command) {
    TIDEMARK_TRY(const crypto::KeyRing ring, existing_key_ring(command));
    const std::string file = file_of(command);
    const std::string name = file.substr(file.rfind('/') + 1);
    Share share("Restoring");
    TIDEMARK_TRY(const backup::Restored restored,
                 backup::restore(
                     file, ring, command.workspace.data_dir, base::now(),
                     [&share](std::int64_t done, std::int64_t total) { return share.update(done, total); },
                     amend_accounts(ring, {identity::Caller::system(), {}, base::now()}, name)));
    std::printf("Restored the state of %s: %s\n", base::to_rfc3339(restored.manifest.made_at.value).c_str(),
                totals_of(restored.manifest).c_str());
    for (const std::string& path : restored.kept) {
        std::printf("What was there before is kept: %s\n", path.c_str());
    }
    return {};
}

base::Result<void> run_verify(const BackupCommand& command) {
    TIDEMARK_TRY(const crypto::KeyRing ring, existing_key_ring(command));
    Share share("Checking");
    TIDEMARK_TRY(const backup::Manifest manifest,
                 backup::verify(file_of(command), ring, command.workspace.data_dir,
                                [&share](std::int64_t done, std::int64_t total) { return share.update(done, total); }));
    std::printf("The backup is whole: made %s by Tidemark %s, %s\n", base::to_rfc3339(manifest.made_at.value).c_str(),
                manifest.program.c_str(), totals_of(manifest).c_str());
    return {};
}

int exit_of(const base::Result<void>& done) { return done ? kDone : report_failure(done.error()); }

}  // namespace

std::string backup_folder(const std::string& data_dir) { return data_dir + "/backups"; }

backup::Amend amend_accounts(crypto::KeyRing ring, identity::Act act, std::string name) {
    return [ring = std::move(ring), act = std::move(act),
            name = std::move(name)](const std::string& folder) -> base::Result<void> {
        if (!sys::identity_of(folder + "/" + std::string(store::kAccountsDatabaseName))) {
            return {};  // a backup from before the first account
        }
        TIDEMARK_TRY(const std::unique_ptr<identity::Accounts> accounts,
                     identity::Accounts::open(folder, ring, {}, act.now));
        return accounts->come_back(act, name);
    };
}

int make_backup(const BackupCommand& command) { return exit_of(run_backup(command)); }
int restore_backup(const BackupCommand& command) { return exit_of(run_restore(command)); }
int verify_backup(const BackupCommand& command) { return exit_of(run_verify(command)); }

}  // namespace tidemark::app
