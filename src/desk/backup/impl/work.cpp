#include "desk/backup/impl/work.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

#include "desk/backup/impl/databases.hpp"
#include "foundation/base/time.hpp"
#include "foundation/crypto/digest.hpp"
#include "foundation/crypto/random.hpp"
#include "ledger/store/copy.hpp"

namespace tidemark::backup::impl {

using base::ErrorCode;

namespace {

constexpr std::size_t kChunkBytes = 256 * 1024;
// A database and what SQLite keeps beside it: they belong together and get their new names together.
constexpr std::array<std::string_view, 4> kParts{"", "-wal", "-shm", "-journal"};

base::Result<void> unpack_one(ArchiveReader& archive, const DatabaseEntry& entry, const std::string& path,
                              Meter& meter) {
    TIDEMARK_TRY(NewFile file, NewFile::create(path));
    crypto::Sha256 hash;
    std::string chunk(kChunkBytes, '\0');
    for (std::int64_t left = entry.bytes; left > 0;) {
        const auto wanted = static_cast<std::size_t>(std::min<std::int64_t>(left, kChunkBytes));
        TIDEMARK_TRY(const std::size_t got, archive.read({chunk.data(), wanted}));
        if (got == 0) {
            return base::fail(ErrorCode::kDataLoss, entry.name + " in it is not whole");
        }
        hash.add({chunk.data(), got});
        TIDEMARK_CHECK_OK(file.write({chunk.data(), got}));
        left -= static_cast<std::int64_t>(got);
        if (!meter.add(static_cast<std::int64_t>(got))) {
            return stopped();
        }
    }
    if (crypto::to_hex(hash.finish()) != entry.sha256) {
        return base::fail(ErrorCode::kDataLoss, entry.name + " in it is not what was backed up");
    }
    return file.sync();
}

base::Result<void> check_one(const Manifest& manifest, const DatabaseEntry& entry, const std::string& path) {
    TIDEMARK_TRY(store::Database database, store::Database::open(path, store::OpenMode::kReadOnly));
    TIDEMARK_CHECK_OK(store::check_integrity(database));
    TIDEMARK_TRY(const std::int64_t version, store::schema_version_of(database));
    bool same = version == entry.schema_version;
    if (entry.name == store::kDatabaseName) {
        TIDEMARK_TRY(const store::LedgerTotals totals, store::ledger_totals(database));
        same = same && totals == store::LedgerTotals{manifest.requests, base::NanoUsd{manifest.cost_nano_usd}};
    }
    if (!same) {
        return base::fail(ErrorCode::kDataLoss, entry.name + " in it does not hold what was backed up");
    }
    return {};
}

}  // namespace

tl::unexpected<base::Error> stopped() { return base::fail(ErrorCode::kUnavailable, "stopped"); }

std::string stamp_of(base::UnixMillis time) {
    std::string text = base::to_rfc3339(time);  // "2026-11-23T09:58:34.000Z"
    text.resize(text.find('.'));
    std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
    return text + "Z";
}

base::Result<Work> Work::begin(const std::string& data_dir) {
    TIDEMARK_CHECK_OK(sys::make_directories(data_dir));
    auto lock = sys::FileLock::acquire(data_dir + "/backup.lock");
    if (!lock) {
        return base::fail(lock.error().code, "a backup, a restore or a check of one is under way in " + data_dir +
                                                 " (" + lock.error().message + ")");
    }
    TIDEMARK_TRY([[maybe_unused]] const bool completed, complete_if_interrupted(data_dir));
    Work work(data_dir, std::move(*lock));
    std::error_code failed;
    std::filesystem::remove_all(work.folder(), failed);
    if (::mkdir(work.folder().c_str(), 0700) != 0) {
        return base::fail_errno("create folder " + work.folder());
    }
    return work;
}

Work::~Work() {
    // After step 2 of a restore the folder is needed, whatever went wrong then.
    if (!data_dir_.empty() && !exists(data_dir_ + "/" + std::string(kJournal))) {
        std::error_code ignored;  // what stays is removed the next time
        std::filesystem::remove_all(folder(), ignored);
    }
}

base::Result<void> unpack(ArchiveReader& archive, const std::string& file, const Work& work, Meter& meter) {
    const auto named = [&file](base::Result<void> result) -> base::Result<void> {
        if (result || result.error().message.starts_with(file) || result.error().code == ErrorCode::kUnavailable) {
            return result;
        }
        return base::fail(result.error().code, file + ": " + result.error().message);
    };
    for (const DatabaseEntry& entry : archive.manifest().databases) {
        TIDEMARK_CHECK_OK(named(unpack_one(archive, entry, work.path_of(entry.name), meter)));
    }
    char more = 0;
    TIDEMARK_TRY(const std::size_t rest, archive.read({&more, 1}));
    if (rest != 0) {
        return base::fail(ErrorCode::kDataLoss, file + ": it holds more than its manifest says");
    }
    for (const DatabaseEntry& entry : archive.manifest().databases) {
        TIDEMARK_CHECK_OK(named(check_one(archive.manifest(), entry, work.path_of(entry.name))));
    }
    return {};
}

base::Result<std::vector<sys::FileLock>> lock_databases(const std::string& data_dir) {
    std::vector<sys::FileLock> locks;
    for (const KnownDatabase& known : kDatabases) {
        auto lock = sys::FileLock::acquire(data_dir + "/" + std::string(known.lock));
        if (!lock) {
            return base::fail(lock.error().code, data_dir + ": " + lock.error().message + ": stop it first");
        }
        locks.push_back(std::move(*lock));
    }
    return locks;
}

base::Result<void> complete_restore(const std::string& data_dir) {
    const std::string journal = data_dir + "/" + std::string(kJournal);
    TIDEMARK_TRY(const std::string stamp, sys::read_small_file(journal));
    if (!made_at_of("tidemark-" + stamp + std::string(kExtension))) {
        return base::fail(ErrorCode::kDataLoss, journal + " cannot be read");
    }
    const std::string work = data_dir + "/" + std::string(kWorkFolder);
    for (const KnownDatabase& known : kDatabases) {
        const std::string replacement = work + "/" + std::string(known.name);
        if (!exists(replacement)) {
            continue;  // not in the backup, or in its place already
        }
        const std::string place = data_dir + "/" + std::string(known.name);
        for (const std::string_view part : kParts) {
            const std::string from = place + std::string(part);
            std::string to = place;
            to.append(kKeptMark).append(stamp).append(part);
            if (!exists(from)) {
                continue;
            }
            if (exists(to)) {
                std::string message = "an interrupted restore cannot go on: ";
                message.append(to).append(" and ").append(from).append(" both exist");
                return base::fail(ErrorCode::kFailedPrecondition, message);
            }
            TIDEMARK_CHECK_OK(rename_file(from, to));
        }
        // Not before the old names are gone for good.
        TIDEMARK_CHECK_OK(sync_folder(data_dir));
        TIDEMARK_CHECK_OK(rename_file(replacement, place));
        TIDEMARK_CHECK_OK(sync_folder(data_dir));
        TIDEMARK_CHECK_OK(sync_folder(work));
    }
    if (::unlink(journal.c_str()) != 0) {
        return base::fail_errno("remove " + journal);
    }
    return sync_folder(data_dir);
}

base::Result<bool> complete_if_interrupted(const std::string& data_dir) {
    if (!exists(data_dir + "/" + std::string(kJournal))) {
        return false;
    }
    TIDEMARK_TRY(const std::vector<sys::FileLock> locks, lock_databases(data_dir));
    if (!exists(data_dir + "/" + std::string(kJournal))) {
        return false;  // another process was faster
    }
    TIDEMARK_CHECK_OK(complete_restore(data_dir));
    std::error_code ignored;
    std::filesystem::remove_all(data_dir + "/" + std::string(kWorkFolder), ignored);
    return true;
}

}  // namespace tidemark::backup::impl
