// The place in a data folder where backups are made and unpacked, and what is done there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "desk/backup/backup.hpp"
#include "desk/backup/impl/archive.hpp"
#include "foundation/base/result.hpp"
#include "foundation/sys/files.hpp"

namespace tidemark::backup::impl {

constexpr std::string_view kWorkFolder = "backup.work";
constexpr std::string_view kJournal = "restore.journal";

/// Progress over several passes.
class Meter {
public:
    Meter(const Progress& progress, std::int64_t total) : progress_(progress), total_(total) {}
    /// False: stop.
    bool add(std::int64_t bytes) {
        done_ += bytes;
        return !progress_ || progress_(done_ < total_ ? done_ : total_, total_);
    }

private:
    const Progress& progress_;
    std::int64_t done_ = 0;
    std::int64_t total_;
};
[[nodiscard]] tl::unexpected<base::Error> stopped();

/// Holds the right to work on a data folder, and an empty folder in it, which is removed in the end.
class Work {
public:
    /// Completes an interrupted restore first, and removes what a crash left behind.
    static base::Result<Work> begin(const std::string& data_dir);
    Work(Work&& other) noexcept
        : data_dir_(std::exchange(other.data_dir_, std::string())), lock_(std::move(other.lock_)) {}
    ~Work();
    [[nodiscard]] std::string folder() const { return data_dir_ + "/" + std::string(kWorkFolder); }
    [[nodiscard]] std::string path_of(std::string_view name) const { return folder() + "/" + std::string(name); }

private:
    Work(std::string data_dir, sys::FileLock lock) : data_dir_(std::move(data_dir)), lock_(std::move(lock)) {}
    std::string data_dir_;  ///< "" when moved from
    sys::FileLock lock_;
};

/// The databases of the backup as files in the work folder, each as long and with the hash that the manifest says; then
/// opened, checked, and compared with the manifest's totals. Errors name `file`.
base::Result<void> unpack(ArchiveReader& archive, const std::string& file, const Work& work, Meter& meter);

/// Moves the new databases from the work folder to their places (restore.hpp, steps 3 and 4). The caller holds the
/// locks of all databases.
base::Result<void> complete_restore(const std::string& data_dir);
/// Completes an interrupted restore, if there is one: true. Takes the databases' locks meanwhile.
base::Result<bool> complete_if_interrupted(const std::string& data_dir);

/// Taken by name, in the order of kDatabases; the error says what is in the way.
base::Result<std::vector<sys::FileLock>> lock_databases(const std::string& data_dir);

/// "20261123T095834Z"
[[nodiscard]] std::string stamp_of(base::UnixMillis time);

}  // namespace tidemark::backup::impl
