// Makes the backups of a running server, when they are due and when somebody asks, and goes back to one. Thread-safe.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "desk/backup/backup.hpp"
#include "desk/backup/schedule.hpp"
#include "desk/identity/accounts.hpp"
#include "foundation/crypto/key_ring.hpp"
#include "server/api/api.hpp"

namespace tidemark::app {

class BackupKeeper {
public:
    struct Options {
        std::string data_dir;
        crypto::KeyRing ring;
        identity::Accounts* accounts = nullptr;
        std::function<base::TimeZone()> zone;  ///< Whose hours and days the schedule means
        /// False: nothing is scheduled yet (no account: nobody relies on this server).
        std::function<bool()> wanted;
        std::function<base::Result<void>(const api::BackupSettings&)> save;
        /// After a backup that failed, why; after the first that did not, nothing. Called by the thread that makes
        /// them.
        std::function<void(const std::optional<std::string>& problem)> told;
        /// A restore is prepared (backup/restore.hpp): close the databases, finish it and open them anew. Called by the
        /// thread that prepares it.
        std::function<void()> begin_anew;
    };
    BackupKeeper(Options options, const api::BackupSettings& settings);
    /// Ends a backup that is being made; nothing of it is left behind.
    ~BackupKeeper();
    BackupKeeper(const BackupKeeper&) = delete;
    BackupKeeper& operator=(const BackupKeeper&) = delete;

    [[nodiscard]] api::BackupService service();
    /// From here on backups are sealed under the ring's current key.
    void use_key_ring(crypto::KeyRing ring);
    /// Called each minute: begins what is due.
    void tick();

private:
    void run(const std::stop_token& stop);
    void make(bool scheduled, const std::stop_token& stop);
    void restore(const std::stop_token& stop);
    base::Result<void> prepare(const identity::Act& act, const std::string& name, const std::stop_token& stop);
    /// A backup that was read back; its name.
    base::Result<std::string> make_checked(bool scheduled, const backup::Progress& go_on);
    base::Result<api::Backups> list();
    base::Result<void> begin();
    base::Result<void> begin_restore(const identity::Act& act, std::string_view name);
    [[nodiscard]] crypto::KeyRing ring() const;
    [[nodiscard]] std::optional<std::string> problem() const;

    Options options_;
    mutable std::mutex mutex_;
    std::condition_variable_any wake_;
    api::BackupSettings settings_;
    enum class Wanted { kNothing, kManual, kScheduled, kRestore } next_ = Wanted::kNothing;
    bool running_ = false;
    std::optional<base::UnixMillis> last_failed_;
    std::string last_problem_;
    std::map<std::string, base::UnixMillis> verified_;  ///< By name, since the start
    std::optional<api::Restoring> restoring_;
    identity::Act restoring_act_;
    std::string restore_problem_;
    std::jthread thread_;  ///< Last: ends before what it uses
};

}  // namespace tidemark::app
