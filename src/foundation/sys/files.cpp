#include "foundation/sys/files.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

namespace tidemark::sys {

namespace {

// File systems that linux/magic.h does not name.
constexpr long kCifsMagic = 0xFF534D42;
constexpr long kSmb2Magic = 0xFE534D42;
constexpr long kVboxMagic = 0x786F4256;

}  // namespace

FileIdentity identity_of(const struct stat& status) {
    return {status.st_dev, status.st_ino, status.st_size,
            static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec};
}

FileDescriptor::FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
}

FileDescriptor::~FileDescriptor() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

base::Result<FileDescriptor> open_for_reading(const std::string& path) {
    // O_NONBLOCK: a FIFO under the tree must not hang the scan.
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        return base::fail_errno("open " + path);
    }
    return FileDescriptor(fd);
}

base::Result<FileIdentity> identity_of(const std::string& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) {
        return base::fail_errno("stat " + path);
    }
    return identity_of(status);
}

base::Result<FileIdentity> identity_of(const FileDescriptor& file) {
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) {
        return base::fail_errno("fstat");
    }
    return identity_of(status);
}

base::Result<std::size_t> read_at(const FileDescriptor& file, std::int64_t offset, std::span<char> buffer) {
    std::size_t done = 0;
    while (done < buffer.size()) {
        const ssize_t n =
            ::pread(file.get(), buffer.data() + done, buffer.size() - done, offset + static_cast<std::int64_t>(done));
        if (n == 0) {
            break;
        }
        if (n < 0) {
            if (errno == EINTR) {
                continue;
            }
            return base::fail_errno("read");
        }
        done += static_cast<std::size_t>(n);
    }
    return done;
}

base::Result<std::string> read_small_file(const std::string& path, std::size_t limit) {
    TIDEMARK_TRY(const FileDescriptor file, open_for_reading(path));
    TIDEMARK_TRY(const FileIdentity identity, identity_of(file));
    // One byte more than it should have, to notice that it is growing past the limit.
    std::string text(std::min(static_cast<std::size_t>(std::max<std::int64_t>(identity.size, 0)), limit) + 1, '\0');
    auto size = read_at(file, 0, text);
    if (!size) {
        return base::fail(size.error().code, path + ": " + size.error().message);
    }
    if (*size > limit || identity.size > static_cast<std::int64_t>(limit)) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          path + ": larger than " + std::to_string(limit) + " bytes");
    }
    text.resize(*size);
    return text;
}

base::Result<void> replace_file(const std::string& path, std::string_view text, Lasting lasting) {
    const std::string temporary = path + ".new";
    {
        const FileDescriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        if (!file.valid()) {
            return base::fail_errno("create " + temporary);
        }
        while (!text.empty()) {
            const ssize_t n = ::write(file.get(), text.data(), text.size());
            if (n < 0) {
                return base::fail_errno("write " + temporary);
            }
            text.remove_prefix(static_cast<std::size_t>(n));
        }
        if (lasting == Lasting::kYes && ::fsync(file.get()) != 0) {
            return base::fail_errno("fsync " + temporary);
        }
    }
    return rename_file(temporary, path);
}

base::Result<void> write_to_disk(const std::string& path) {
    TIDEMARK_TRY(const FileDescriptor file, open_for_reading(path));
    if (::fdatasync(file.get()) != 0) {
        return base::fail_errno("write " + path + " to the disk");
    }
    return {};
}

base::Result<void> rename_file(const std::string& from, const std::string& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) {
        return base::fail_errno("rename " + from);
    }
    return {};
}

void remove_file(const std::string& path) { (void)::unlink(path.c_str()); }

base::Result<void> make_directories(const std::string& path) {
    for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
        const std::string part = path.substr(0, end);
        if (!part.empty() && ::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) {
            // A parent that cannot be written may still exist: only the whole path decides.
            if (!is_directory(part)) {
                return base::fail_errno("create folder " + part);
            }
        }
        if (end == std::string::npos) {
            break;
        }
    }
    if (!is_directory(path)) {
        return base::fail(base::ErrorCode::kFailedPrecondition, path + " is not a folder");
    }
    return {};
}

bool is_directory(const std::string& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool needs_polling(const std::string& path) {
    struct statfs status{};
    if (::statfs(path.c_str(), &status) != 0) {
        return false;
    }
    switch (static_cast<long>(status.f_type)) {
        case NFS_SUPER_MAGIC:
        case SMB_SUPER_MAGIC:
        case FUSE_SUPER_MAGIC:
        case V9FS_MAGIC:
        case CODA_SUPER_MAGIC:
        case AFS_SUPER_MAGIC:
        case kCifsMagic:
        case kSmb2Magic:
        case kVboxMagic: return true;
        default: return false;
    }
}

base::Result<FileLock> FileLock::acquire(const std::string& path) {
    FileLock lock;
    lock.file_ = FileDescriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!lock.file_.valid()) {
        return base::fail_errno("open " + path);
    }
    if (::flock(lock.file_.get(), LOCK_EX | LOCK_NB) != 0) {
        char text[32] = {};
        const ssize_t n = ::pread(lock.file_.get(), text, sizeof text - 1, 0);
        std::string_view holder(text, n > 0 ? static_cast<std::size_t>(n) : 0);
        while (!holder.empty() && (holder.back() == '\n' || holder.back() == ' ')) {
            holder.remove_suffix(1);
        }
        return base::fail(base::ErrorCode::kUnavailable,
                          "the data folder is in use by " +
                              (holder.empty() ? std::string("another process") : "process " + std::string(holder)));
    }
    const std::string holder = std::to_string(::getpid()) + "\n";
    if (::ftruncate(lock.file_.get(), 0) != 0 ||
        ::pwrite(lock.file_.get(), holder.data(), holder.size(), 0) != static_cast<ssize_t>(holder.size())) {
        return base::fail_errno("write " + path);
    }
    return lock;
}

}  // namespace tidemark::sys
