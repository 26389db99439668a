#include "desk/backup/restore.hpp"

#include <algorithm>
#include <filesystem>

#include "desk/backup/impl/archive.hpp"
#include "desk/backup/impl/databases.hpp"
#include "desk/backup/impl/files.hpp"
#include "desk/backup/impl/work.hpp"
#include "foundation/sys/files.hpp"

namespace tidemark::backup {

namespace {

std::string kept_path(const std::string& data_dir, std::string_view database, const std::string& stamp) {
    return data_dir + "/" + std::string(database) + std::string(impl::kKeptMark) + stamp;
}

struct KeptFile {
    std::filesystem::path path;
    std::int64_t bytes = 0;
};
std::vector<KeptFile> kept_files(const std::string& data_dir) {
    std::vector<KeptFile> files;
    std::error_code error;
    for (std::filesystem::directory_iterator at(data_dir, error), end; !error && at != end; at.increment(error)) {
        const std::string name = at->path().filename();
        const bool kept = std::ranges::any_of(impl::kDatabases, [&name](const impl::KnownDatabase& known) {
            return name.starts_with(std::string(known.name) + std::string(impl::kKeptMark));
        });
        std::error_code gone;
        if (const auto size = at->file_size(gone); kept && !gone) {
            files.push_back({at->path(), static_cast<std::int64_t>(size)});
        }
    }
    return files;
}

/// Bears no name that an earlier restore has given.
std::string free_stamp(const std::string& data_dir, base::UnixMillis now) {
    for (;; now += base::kSecond) {
        std::string stamp = impl::stamp_of(now);
        bool taken = false;
        for (const impl::KnownDatabase& known : impl::kDatabases) {
            taken = taken || impl::exists(kept_path(data_dir, known.name, stamp));
        }
        if (!taken) {
            return stamp;
        }
    }
}

/// Steps 1 and 2; gives the stamp of what will be kept.
base::Result<std::string> stage(impl::ArchiveReader& archive, const std::string& file, const impl::Work& work,
                                const std::string& data_dir, base::UnixMillis now, const Progress& progress,
                                const Amend& amend) {
    impl::Meter meter(progress, archive.total_bytes());
    TIDEMARK_CHECK_OK(impl::unpack(archive, file, work, meter));
    if (amend) {
        TIDEMARK_CHECK_OK(amend(work.folder()));
        for (const DatabaseEntry& entry : archive.manifest().databases) {
            const std::string path = work.path_of(entry.name);
            const auto log = sys::identity_of(path + "-wal");
            if (log && log->size > 0) {  // it would stay behind
                return base::fail(base::ErrorCode::kInternal, path + " was not closed");
            }
            TIDEMARK_CHECK_OK(sys::write_to_disk(path));
        }
    }
    TIDEMARK_CHECK_OK(impl::sync_folder(work.folder()));
    std::string stamp = free_stamp(data_dir, now);
    TIDEMARK_CHECK_OK(sys::replace_file(data_dir + "/" + std::string(impl::kJournal), stamp));
    TIDEMARK_CHECK_OK(impl::sync_folder(data_dir));
    return stamp;
}

}  // namespace

base::Result<Restored> restore(const std::string& file, const crypto::KeyRing& ring, const std::string& data_dir,
                               base::UnixMillis now, const Progress& progress, const Amend& amend) {
    TIDEMARK_TRY(impl::ArchiveReader archive, impl::ArchiveReader::open(file, ring));
    TIDEMARK_TRY(const impl::Work work, impl::Work::begin(data_dir));
    TIDEMARK_TRY(const std::vector<sys::FileLock> locks, impl::lock_databases(data_dir));
    TIDEMARK_TRY(const std::string stamp, stage(archive, file, work, data_dir, now, progress, amend));
    TIDEMARK_CHECK_OK(impl::complete_restore(data_dir));
    Restored restored;
    restored.manifest = archive.manifest();
    for (const impl::KnownDatabase& known : impl::kDatabases) {
        std::string path = kept_path(data_dir, known.name, stamp);
        if (impl::exists(path)) {
            restored.kept.push_back(std::move(path));
        }
    }
    return restored;
}

base::Result<Manifest> prepare_restore(const std::string& file, const crypto::KeyRing& ring,
                                       const std::string& data_dir, base::UnixMillis now, const Progress& progress,
                                       const Amend& amend) {
    TIDEMARK_TRY(impl::ArchiveReader archive, impl::ArchiveReader::open(file, ring));
    TIDEMARK_TRY(const impl::Work work, impl::Work::begin(data_dir));
    TIDEMARK_TRY([[maybe_unused]] const std::string stamp, stage(archive, file, work, data_dir, now, progress, amend));
    return archive.manifest();
}

base::Result<bool> finish_restore(const std::string& data_dir) {
    // Without a lock of its own: who holds the databases' locks is alone.
    return impl::complete_if_interrupted(data_dir);
}

std::int64_t kept_bytes(const std::string& data_dir) {
    std::int64_t bytes = 0;
    for (const KeptFile& file : kept_files(data_dir)) {
        bytes += file.bytes;
    }
    return bytes;
}

base::Result<std::int64_t> remove_kept(const std::string& data_dir) {
    if (impl::exists(data_dir + "/" + std::string(impl::kJournal))) {
        return base::fail(base::ErrorCode::kFailedPrecondition, "a restore is under way");
    }
    std::int64_t bytes = 0;
    for (const KeptFile& file : kept_files(data_dir)) {
        std::error_code error;
        if (!std::filesystem::remove(file.path, error) && error) {
            return base::fail(base::ErrorCode::kUnavailable, file.path.string() + ": " + error.message());
        }
        bytes += file.bytes;
    }
    return bytes;
}

}  // namespace tidemark::backup
