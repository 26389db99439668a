// Makes the backups of a running server: when they are due, and when somebody asks. Thread-safe.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "desk/backup/schedule.hpp"
#include "foundation/crypto/key_ring.hpp"
#include "server/api/api.hpp"

namespace tidemark::app {

class BackupKeeper {
public:
    struct Options {
        std::string data_dir;
        crypto::KeyRing ring;
        std::function<base::TimeZone()> zone;  ///< Whose hours and days the schedule means
        /// False: nothing is scheduled yet (no account: nobody relies on this server).
        std::function<bool()> wanted;
        std::function<base::Result<void>(const api::BackupSettings&)> save;
        /// After a backup that failed, why; after the first that did not, nothing. Called by the thread that makes
        /// them.
        std::function<void(const std::optional<std::string>& problem)> told;
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
    base::Result<api::Backups> list();
    base::Result<void> begin();
    [[nodiscard]] crypto::KeyRing ring() const;
    [[nodiscard]] std::optional<std::string> problem() const;

    Options options_;
    mutable std::mutex mutex_;
    std::condition_variable_any wake_;
    api::BackupSettings settings_;
    enum class Wanted { kNothing, kManual, kScheduled } next_ = Wanted::kNothing;
    bool running_ = false;
    std::optional<base::UnixMillis> last_failed_;
    std::string last_problem_;
    std::map<std::string, base::UnixMillis> verified_;  ///< By name, since the start
    std::jthread thread_;                               ///< Last: ends before what it uses
};

}  // namespace tidemark::app
