#include "desk/backup/backup.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include <unistd.h>

#include "desk/backup/impl/archive.hpp"
#include "desk/backup/impl/databases.hpp"
#include "desk/backup/impl/files.hpp"
#include "desk/backup/impl/work.hpp"
#include "foundation/base/time.hpp"
#include "foundation/crypto/digest.hpp"
#include "foundation/crypto/random.hpp"
#include "foundation/crypto/sealed_file.hpp"
#include "foundation/sys/files.hpp"
#include "ledger/store/copy.hpp"

namespace tidemark::backup {

using base::ErrorCode;
using impl::KnownDatabase;

namespace {

constexpr std::size_t kChunkBytes = 256 * 1024;
// Copying, hashing, packing.
constexpr std::int64_t kPasses = 3;
constexpr std::string_view kPrefix = "tidemark-";
constexpr std::string_view kPartExtension = ".part";

std::string path_in(const std::string& folder, std::string_view name) { return folder + "/" + std::string(name); }

/// Calls `use` with each piece of the file, until it fails.
template <class Use>
base::Result<void> each_chunk(const std::string& path, impl::Meter& meter, Use use) {
    TIDEMARK_TRY(const sys::FileDescriptor file, sys::open_for_reading(path));
    std::string chunk(kChunkBytes, '\0');
    for (std::int64_t offset = 0;;) {
        TIDEMARK_TRY(const std::size_t got, sys::read_at(file, offset, chunk));
        if (got == 0) {
            return {};
        }
        TIDEMARK_CHECK_OK(use(std::string_view(chunk.data(), got)));
        offset += static_cast<std::int64_t>(got);
        if (!meter.add(static_cast<std::int64_t>(got))) {
            return impl::stopped();
        }
    }
}

/// Copies one database to the work folder; nothing when there is none, or nothing in it.
base::Result<std::optional<DatabaseEntry>> copy_one(const std::string& data_dir, const KnownDatabase& known,
                                                    const impl::Work& work, impl::Meter& meter) {
    const std::string path = path_in(data_dir, known.name);
    if (!impl::exists(path)) {
        return std::nullopt;
    }
    TIDEMARK_TRY(store::Database source, store::Database::open(path, store::OpenMode::kReadOnly));
    DatabaseEntry entry{std::string(known.name), 0, "", 0};
    const auto version = store::schema_version_of(source);
    if (!version) {
        return base::fail(version.error().code, path + " cannot be read: " + version.error().message);
    }
    entry.schema_version = *version;
    if (entry.schema_version == 0) {
        return std::nullopt;
    }
    TIDEMARK_TRY(const bool write_ahead, store::is_write_ahead(source));
    std::optional<sys::FileLock> lock;
    if (!write_ahead) {
        auto taken = sys::FileLock::acquire(path_in(data_dir, known.lock));
        if (!taken) {
            return base::fail(ErrorCode::kUnavailable, path + " is in use by another program (" +
                                                           taken.error().message + "): try again when that is done");
        }
        lock = std::move(*taken);
    }
    const std::string copy = work.path_of(known.name);
    std::int64_t before = 0;
    TIDEMARK_CHECK_OK(store::copy_database(
        source, copy, [&](std::int64_t done, std::int64_t) { return meter.add(done - std::exchange(before, done)); }));
    crypto::Sha256 hash;
    TIDEMARK_CHECK_OK(each_chunk(copy, meter, [&](std::string_view bytes) -> base::Result<void> {
        hash.add(bytes);
        entry.bytes += static_cast<std::int64_t>(bytes.size());
        return {};
    }));
    entry.sha256 = crypto::to_hex(hash.finish());
    return entry;
}

base::Result<void> write_archive(impl::NewFile& file, const crypto::KeyRing& ring, const Manifest& manifest,
                                 const impl::Work& work, impl::Meter& meter) {
    TIDEMARK_TRY(impl::ArchiveWriter archive, impl::ArchiveWriter::start(file, ring, manifest));
    for (const DatabaseEntry& entry : manifest.databases) {
        std::int64_t bytes = 0;
        TIDEMARK_CHECK_OK(each_chunk(work.path_of(entry.name), meter, [&](std::string_view chunk) {
            bytes += static_cast<std::int64_t>(chunk.size());
            return archive.write(chunk);
        }));
        if (bytes != entry.bytes) {
            return base::fail(ErrorCode::kInternal, "the copy of " + entry.name + " changed");
        }
    }
    TIDEMARK_CHECK_OK(archive.finish());
    return file.sync();
}

bool is_part(std::string_view name) {
    return name.starts_with(".") && name.ends_with(kPartExtension) &&
           made_at_of(name.substr(1, name.size() - 1 - kPartExtension.size()));
}

void remove_abandoned_parts(const std::string& folder) {
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
        if (is_part(entry.path().filename().native())) {
            impl::remove_abandoned(entry.path().native());
        }
    }
}

std::int64_t bytes_of_databases(const std::string& data_dir) {
    std::int64_t bytes = 0;
    for (const KnownDatabase& known : impl::kDatabases) {
        const auto identity = sys::identity_of(path_in(data_dir, known.name));
        bytes += identity ? identity->size : 0;
    }
    return bytes;
}

base::Result<std::int64_t> size_of(const std::string& path) {
    TIDEMARK_TRY(const sys::FileIdentity identity, sys::identity_of(path));
    return identity.size;
}

}  // namespace

std::string file_name(base::UnixMillis made_at) {
    return std::string(kPrefix) + impl::stamp_of(made_at) + std::string(kExtension);
}

std::optional<base::UnixMillis> made_at_of(std::string_view name) {
    constexpr std::size_t kStampBytes = 16;
    if (name.size() != kPrefix.size() + kStampBytes + kExtension.size()) {
        return std::nullopt;
    }
    const std::string stamp(name.substr(kPrefix.size(), kStampBytes));
    const auto time = base::parse_rfc3339(stamp.substr(0, 4) + "-" + stamp.substr(4, 2) + "-" + stamp.substr(6, 5) +
                                          ":" + stamp.substr(11, 2) + ":" + stamp.substr(13));
    return time && file_name(*time) == name ? time : std::nullopt;
}

base::Result<Listed> make(const std::string& data_dir, const crypto::KeyRing& ring, const std::string& target,
                          base::UnixMillis now, const MakeOptions& options) {
    if (!impl::exists(path_in(data_dir, store::kDatabaseName))) {
        return base::fail(ErrorCode::kNotFound, "there is nothing to back up in " + data_dir + " yet");
    }
    TIDEMARK_TRY(const impl::Work work, impl::Work::begin(data_dir));
    TIDEMARK_CHECK_OK(sys::make_directories(target));
    remove_abandoned_parts(target);

    impl::Meter meter(options.progress, bytes_of_databases(data_dir) * kPasses);
    Manifest manifest;
    manifest.program = options.program;
    manifest.scheduled = options.scheduled;
    for (const KnownDatabase& known : impl::kDatabases) {
        TIDEMARK_TRY(const std::optional<DatabaseEntry> entry, copy_one(data_dir, known, work, meter));
        if (entry) {
            manifest.databases.push_back(*entry);
        } else if (known.name == store::kDatabaseName) {
            return base::fail(ErrorCode::kNotFound, "there is nothing to back up in " + data_dir + " yet");
        }
    }
    {
        TIDEMARK_TRY(store::Database copy,
                     store::Database::open(work.path_of(store::kDatabaseName), store::OpenMode::kReadOnly));
        TIDEMARK_TRY(const store::LedgerTotals totals, store::ledger_totals(copy));
        manifest.requests = totals.requests;
        manifest.cost_nano_usd = totals.cost.value;
    }

    Listed made;
    made.made_at = now - now % base::kSecond;
    std::string part;
    do {
        made.name = file_name(made.made_at);
        made.path = path_in(target, made.name);
        part = path_in(target, "." + made.name + std::string(kPartExtension));
        made.made_at += base::kSecond;
    } while (impl::exists(made.path) || impl::exists(part));
    made.made_at -= base::kSecond;
    manifest.made_at.value = made.made_at;

    const auto written = [&]() -> base::Result<void> {
        TIDEMARK_TRY(impl::NewFile file, impl::NewFile::create(part));
        TIDEMARK_CHECK_OK(write_archive(file, ring, manifest, work, meter));
        TIDEMARK_CHECK_OK(impl::rename_file(part, made.path));
        return impl::sync_folder(target);
    }();
    if (!written) {
        ::unlink(part.c_str());
        return tl::unexpected(written.error());
    }
    TIDEMARK_TRY(made.bytes, size_of(made.path));
    made.key_id = ring.current_id();
    made.manifest = std::move(manifest);
    return made;
}

base::Result<Manifest> verify(const std::string& file, const crypto::KeyRing& ring, const std::string& data_dir,
                              const Progress& progress) {
    TIDEMARK_TRY(impl::ArchiveReader archive, impl::ArchiveReader::open(file, ring));
    TIDEMARK_TRY(const impl::Work work, impl::Work::begin(data_dir));
    impl::Meter meter(progress, archive.total_bytes());
    TIDEMARK_CHECK_OK(impl::unpack(archive, file, work, meter));
    return archive.manifest();
}

base::Result<std::vector<Listed>> list(const std::string& folder, const crypto::KeyRing& ring) {
    std::vector<Listed> found;
    std::error_code failed;
    std::filesystem::directory_iterator entries(folder, failed);
    if (failed && failed != std::errc::no_such_file_or_directory) {
        return base::fail(ErrorCode::kPermissionDenied, folder + ": " + failed.message());
    }
    for (const auto& entry : entries) {
        Listed listed;
        listed.path = entry.path().native();
        listed.name = entry.path().filename().native();
        const auto made_at = made_at_of(listed.name);
        if (!made_at) {
            continue;
        }
        listed.made_at = *made_at;
        listed.bytes = size_of(listed.path).value_or(0);
        std::array<char, crypto::kSealedHeadBytes> head{};
        if (const auto file = sys::open_for_reading(listed.path)) {
            const std::size_t got = sys::read_at(*file, 0, head).value_or(0);
            listed.key_id = crypto::sealed_file_key_id({head.data(), got}).value_or("");
        }
        if (auto archive = impl::ArchiveReader::open(listed.path, ring)) {
            listed.manifest = archive->manifest();
        } else {
            listed.problem = archive.error().message;
        }
        found.push_back(std::move(listed));
    }
    std::ranges::sort(found, std::ranges::greater(), &Listed::made_at);
    return found;
}

}  // namespace tidemark::backup
