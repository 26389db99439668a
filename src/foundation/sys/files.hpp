// Files and folders through the system calls directly: what is read may grow, shrink, vanish or be replaced meanwhile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/result.hpp"

struct stat;  // NOLINT(readability-identifier-naming): the system's

namespace tidemark::sys {

/// A file descriptor that closes itself. -1: none.
class FileDescriptor {
public:
    FileDescriptor() = default;
    explicit FileDescriptor(int fd) : fd_(fd) {}
    FileDescriptor(FileDescriptor&& other) noexcept;
    FileDescriptor& operator=(FileDescriptor&& other) noexcept;
    ~FileDescriptor();
    [[nodiscard]] int get() const { return fd_; }
    [[nodiscard]] bool valid() const { return fd_ >= 0; }

private:
    int fd_ = -1;
};

/// What tells one file from another and whether it changed.
struct FileIdentity {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t mtime_ns = 0;
    bool operator==(const FileIdentity&) const = default;
};

base::Result<FileDescriptor> open_for_reading(const std::string& path);
base::Result<FileIdentity> identity_of(const std::string& path);
base::Result<FileIdentity> identity_of(const FileDescriptor& file);
[[nodiscard]] FileIdentity identity_of(const struct stat& status);
/// Reads up to buffer.size() bytes at `offset`; fewer only at the end of the file.
base::Result<std::size_t> read_at(const FileDescriptor& file, std::int64_t offset, std::span<char> buffer);
/// A whole small file; an error above `limit` bytes.
base::Result<std::string> read_small_file(const std::string& path, std::size_t limit = 1 << 20);
/// Whether a text must be there after a power failure; what can be made anew need not wait for the disk.
enum class Lasting { kYes, kNo };
/// Writes through a temporary file beside it and a rename, so that readers see the old or the new text.
base::Result<void> replace_file(const std::string& path, std::string_view text, Lasting lasting = Lasting::kYes);
/// Waits until a file's contents are on the disk.
base::Result<void> write_to_disk(const std::string& path);
/// Replaces `to` when it is there.
base::Result<void> rename_file(const std::string& from, const std::string& to);
/// Nothing when it is not there, or cannot be removed.
void remove_file(const std::string& path);
/// Makes the folder and its parents, private to the user (0700) where new.
base::Result<void> make_directories(const std::string& path);
[[nodiscard]] bool is_directory(const std::string& path);

/// True where inotify sees no changes that others make: NFS, SMB, FUSE, 9p, overlay of a virtual machine's shared
/// folder.
[[nodiscard]] bool needs_polling(const std::string& path);

/// An exclusive lock on a file, held until destruction or the process's end.
class FileLock {
public:
    /// kUnavailable when another process holds it; the message names its process id when known.
    static base::Result<FileLock> acquire(const std::string& path);

private:
    FileDescriptor file_;
};

}  // namespace tidemark::sys
