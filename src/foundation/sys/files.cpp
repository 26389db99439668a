#include "foundation/sys/files.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

namespace tidemark::sys {

namespace {

FileIdentity from_stat(const struct stat& status) {
    return {status.st_dev, status.st_ino, status.st_size,
            static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec};
}

// File systems that linux/magic.h does not name.
constexpr long kCifsMagic = 0xFF534D42;
constexpr long kSmb2Magic = 0xFE534D42;
constexpr long kVboxMagic = 0x786F4256;

}  // namespace

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
    return from_stat(status);
}

base::Result<FileIdentity> identity_of(const FileDescriptor& file) {
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) {
        return base::fail_errno("fstat");
    }
    return from_stat(status);
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

base::Result<void> replace_file(const std::string& path, std::string_view text) {
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
        if (::fsync(file.get()) != 0) {
            return base::fail_errno("fsync " + temporary);
        }
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
        return base::fail_errno("rename " + temporary);
    }
    return {};
}

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

namespace {

/// Walks one tree with a few threads: a tree of thousands of small folders is all system calls. Reads folders with
/// getdents64 directly, since opendir() allocates and stats each one again.
class TreeWalk {
public:
    TreeWalk(std::string root, std::string_view suffix) : suffix_(suffix) {
        pending_.push_back({std::move(root), 0, 0});
    }

    WalkResult run() {
        WalkResult result;
        // The root alone tells whether there is enough to share.
        visit(result, take());
        if (pending_.size() < kWorthThreads) {
            work(result);
            return result;
        }
        std::array<WalkResult, kThreads> parts;
        {
            std::vector<std::jthread> threads;
            for (std::size_t i = 1; i < kThreads; ++i) {
                threads.emplace_back([this, &part = parts[i]] { work(part); });
            }
            work(parts[0]);
        }
        for (WalkResult& part : parts) {
            std::move(part.files.begin(), part.files.end(), std::back_inserter(result.files));
            std::move(part.directories.begin(), part.directories.end(), std::back_inserter(result.directories));
            std::move(part.problems.begin(), part.problems.end(), std::back_inserter(result.problems));
        }
        return result;
    }

private:
    static constexpr std::size_t kThreads = 2;
    static constexpr std::size_t kWorthThreads = 8;

    struct Folder {
        std::string path;
        dev_t device = 0;  ///< 0: not known yet (the root, or behind a link)
        ino_t inode = 0;
    };

    Folder take() {
        Folder folder = std::move(pending_.back());
        pending_.pop_back();
        return folder;
    }

    void work(WalkResult& result) {
        std::unique_lock lock(mutex_);
        for (;;) {
            if (pending_.empty()) {
                if (busy_ == 0) {
                    changed_.notify_all();
                    return;
                }
                changed_.wait(lock);
                continue;
            }
            Folder folder = take();
            ++busy_;
            lock.unlock();
            visit(result, std::move(folder));
            lock.lock();
            if (--busy_ == 0 || !pending_.empty()) {
                changed_.notify_all();
            }
        }
    }

    void add(std::vector<Folder> folders) {
        const std::lock_guard lock(mutex_);
        std::move(folders.begin(), folders.end(), std::back_inserter(pending_));
    }

    bool first_visit(dev_t device, ino_t inode) {
        const std::lock_guard lock(mutex_);
        return visited_.emplace(device, inode).second;
    }

    void visit(WalkResult& result, Folder folder) {
        const FileDescriptor handle(::open(folder.path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!handle.valid()) {
            if (errno != ENOENT) {
                result.problems.push_back({folder.path, base::fail_errno("open folder").value().message});
            }
            return;
        }
        struct stat status{};
        if (folder.device == 0) {
            if (::fstat(handle.get(), &status) != 0) {
                return;
            }
            folder.device = status.st_dev;
            folder.inode = status.st_ino;
        }
        if (!first_visit(folder.device, folder.inode)) {
            return;
        }
        std::vector<Folder> below;
        alignas(dirent64) thread_local std::array<char, 32 * 1024> buffer;
        for (;;) {
            const ssize_t size = ::getdents64(handle.get(), buffer.data(), buffer.size());
            if (size <= 0) {
                break;
            }
            for (ssize_t at = 0; at < size;) {
                const void* const raw = buffer.data() + at;
                const auto* const entry = static_cast<const dirent64*>(raw);
                at += entry->d_reclen;
                visit_entry(result, folder, handle.get(), *entry, below);
            }
        }
        result.directories.push_back(std::move(folder.path));
        if (!below.empty()) {
            add(std::move(below));
        }
    }

    void visit_entry(WalkResult& result, const Folder& folder, int handle, const dirent64& entry,
                     std::vector<Folder>& below) {
        const std::string_view name = entry.d_name;
        if (name == "." || name == "..") {
            return;
        }
        if (entry.d_type == DT_DIR) {
            // Its inode is known from here, so a later link to it is noticed without another system call.
            below.push_back({folder.path + "/" + entry.d_name, folder.device, entry.d_ino});
            return;
        }
        const bool wanted = name.ends_with(suffix_);
        if (!wanted && entry.d_type != DT_LNK && entry.d_type != DT_UNKNOWN) {
            return;
        }
        struct stat status{};
        if (::fstatat(handle, entry.d_name, &status, 0) != 0) {
            if (errno != ENOENT) {  // a link to nowhere, or deleted meanwhile: nothing to read
                result.problems.push_back({folder.path + "/" + entry.d_name, base::fail_errno("stat").value().message});
            }
        } else if (S_ISDIR(status.st_mode)) {
            below.push_back({folder.path + "/" + entry.d_name, status.st_dev, status.st_ino});
        } else if (wanted && S_ISREG(status.st_mode)) {
            result.files.push_back({folder.path + "/" + entry.d_name, from_stat(status)});
        }
    }

    const std::string_view suffix_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Folder> pending_;
    std::set<std::pair<dev_t, ino_t>> visited_;
    std::size_t busy_ = 0;
};

}  // namespace

WalkResult walk(const std::string& root, std::string_view suffix) { return TreeWalk(root, suffix).run(); }

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
