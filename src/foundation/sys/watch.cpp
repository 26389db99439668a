#include "foundation/sys/watch.hpp"

#include <array>
#include <cerrno>

#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace tidemark::sys {

namespace {
constexpr std::uint32_t kMask =
    IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR | IN_EXCL_UNLINK;
}

base::Result<Watcher> Watcher::create() {
    Watcher watcher;
    watcher.file_ = FileDescriptor(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (!watcher.file_.valid()) {
        return base::fail_errno("inotify");
    }
    return watcher;
}

base::Result<void> Watcher::add(const std::string& folder) {
    const int id = ::inotify_add_watch(file_.get(), folder.c_str(), kMask);
    if (id < 0) {
        return base::fail_errno("watch " + folder);
    }
    folders_[id] = folder;
    return {};
}

std::vector<Change> Watcher::read() {
    std::vector<Change> changes;
    alignas(inotify_event) std::array<char, 64 * 1024> buffer;
    for (;;) {
        const ssize_t size = ::read(file_.get(), buffer.data(), buffer.size());
        if (size <= 0) {
            return changes;  // EAGAIN: that was all
        }
        for (ssize_t at = 0; at < size;) {
            const void* const raw = buffer.data() + at;
            const auto* const event = static_cast<const inotify_event*>(raw);
            at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
            if ((event->mask & IN_Q_OVERFLOW) != 0) {
                changes.push_back({Change::Kind::kOverflow, {}});
                continue;
            }
            if ((event->mask & IN_IGNORED) != 0) {
                folders_.erase(event->wd);
                continue;
            }
            const auto folder = folders_.find(event->wd);
            if (folder == folders_.end() || event->len == 0) {
                continue;
            }
            const std::string path = folder->second + "/" + event->name;
            if ((event->mask & (IN_DELETE | IN_MOVED_FROM)) != 0) {
                changes.push_back({Change::Kind::kRemoved, path});
            } else if ((event->mask & IN_ISDIR) != 0) {
                changes.push_back({Change::Kind::kFolder, path});
            } else if (changes.empty() || changes.back().path != path ||
                       changes.back().kind != Change::Kind::kModified) {
                changes.push_back({Change::Kind::kModified, path});
            }
        }
    }
}

WakeUp::WakeUp() : file_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

void WakeUp::signal() const {
    const std::uint64_t one = 1;
    // Can only fail when the counter is full: then it is signalled already.
    [[maybe_unused]] const ssize_t written = ::write(file_.get(), &one, sizeof one);
}

void WakeUp::clear() const {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = ::read(file_.get(), &count, sizeof count);
}

}  // namespace tidemark::sys
