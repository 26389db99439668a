#include "desk/backup/impl/files.hpp"

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tidemark::backup::impl {

base::Result<NewFile> NewFile::create(const std::string& path) {
    sys::FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file.valid()) {
        if (errno == EEXIST) {
            return base::fail(base::ErrorCode::kFailedPrecondition, path + " exists already");
        }
        return base::fail_errno("create " + path);
    }
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        return base::fail_errno("lock " + path);
    }
    return NewFile(path, std::move(file));
}

base::Result<void> NewFile::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR) {
            return base::fail_errno("write " + path_);
        }
        bytes.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
    return {};
}

base::Result<void> NewFile::sync() {
    if (::fsync(file_.get()) != 0) {
        return base::fail_errno("fsync " + path_);
    }
    return {};
}

base::Result<void> sync_folder(const std::string& path) {
    const sys::FileDescriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    // Some network file systems cannot: they have no names that wait either.
    if (!folder.valid() || (::fsync(folder.get()) != 0 && errno != EINVAL && errno != ENOTSUP)) {
        return base::fail_errno("fsync " + path);
    }
    return {};
}

base::Result<void> rename_file(const std::string& from, const std::string& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) {
        return base::fail_errno("rename " + from + " to " + to);
    }
    return {};
}

bool exists(const std::string& path) {
    struct stat status{};
    return ::lstat(path.c_str(), &status) == 0;
}

void remove_abandoned(const std::string& path) {
    const sys::FileDescriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    if (file.valid() && ::flock(file.get(), LOCK_EX | LOCK_NB) == 0) {
        ::unlink(path.c_str());
    }
}

}  // namespace tidemark::backup::impl
