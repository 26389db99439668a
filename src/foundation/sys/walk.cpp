#include "foundation/sys/walk.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <thread>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "foundation/base/hash.hpp"

namespace tidemark::sys {

namespace {

constexpr std::string_view kMemoryHead = "tidemark folders 1\n";

std::int64_t nanos(const timespec& time) {
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

template <class T>
bool take_number(std::string_view& text, T& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end == text.data() + text.size()) {
        return false;
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
    return true;
}

bool take_bytes(std::string_view& text, std::size_t size, std::string_view& bytes) {
    if (size > text.size()) {
        return false;
    }
    bytes = text.substr(0, size);
    text.remove_prefix(size);
    return true;
}

template <class F>
void each_line(std::string_view lines, F f) {
    for (std::size_t end = 0; (end = lines.find('\n')) != std::string_view::npos; lines.remove_prefix(end + 1)) {
        f(lines.substr(0, end));
    }
}

}  // namespace

// A record: "<bytes of path> <bytes of names> <bytes of below> <device> <inode> <mtime> <ctime>\n", then the three
// texts.
WalkMemory::WalkMemory(std::string text, std::chrono::milliseconds settled)
    : settled_(settled), text_(std::move(text)) {
    // The head's second line is a hash of the rest: the file may be cut or changed.
    std::string_view rest = text_;
    std::uint64_t hash = 0;
    if (!rest.starts_with(kMemoryHead)) {
        changed_ = !rest.empty();
        return;
    }
    rest.remove_prefix(kMemoryHead.size());
    if (!take_number(rest, hash) || base::hash64(rest) != hash) {
        changed_ = true;
        return;
    }
    while (!rest.empty()) {
        const std::string_view begin = rest;
        std::size_t path_size = 0;
        std::size_t names_size = 0;
        std::size_t below_size = 0;
        std::string_view path;
        Folder folder;
        if (!take_number(rest, path_size) || !take_number(rest, names_size) || !take_number(rest, below_size) ||
            !take_number(rest, folder.stamp.device) || !take_number(rest, folder.stamp.inode) ||
            !take_number(rest, folder.stamp.mtime_ns) || !take_number(rest, folder.stamp.ctime_ns) ||
            !take_bytes(rest, path_size, path) || !take_bytes(rest, names_size, folder.names) ||
            !take_bytes(rest, below_size, folder.below)) {
            folders_.clear();
            changed_ = true;
            return;
        }
        folder.record = begin.substr(0, begin.size() - rest.size());
        folders_.emplace(path, folder);
    }
}

std::string WalkMemory::text() const {
    return std::string(kMemoryHead) + std::to_string(base::hash64(kept_)) + "\n" + kept_;
}

void WalkMemory::append(std::string& out, std::string_view path, const Stamp& stamp, std::string_view names,
                        std::string_view below) {
    for (const std::size_t size : {path.size(), names.size(), below.size()}) {
        out += std::to_string(size) + " ";
    }
    out += std::to_string(stamp.device) + " " + std::to_string(stamp.inode) + " " + std::to_string(stamp.mtime_ns) +
           " " + std::to_string(stamp.ctime_ns) + "\n";
    out.append(path).append(names).append(below);
}

/// Walks one tree with a few threads: a tree of thousands of small folders is all system calls. Reads folders with
/// getdents64 directly, since opendir() allocates and stats each one again.
class TreeWalk {
public:
    TreeWalk(std::string root, std::string_view suffix, WalkMemory* memory)
        : suffix_(suffix),
          memory_(memory != nullptr && !needs_polling(root) ? memory : nullptr),
          root_(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)),
          root_size_(root.size()) {
        pending_.push_back({std::move(root), 0, 0});
    }

    WalkResult run() {
        Part whole;
        // The root alone tells whether there is enough to share.
        Folder root = std::move(pending_.back());
        pending_.pop_back();
        visit(whole, std::move(root), pending_);
        if (pending_.size() < kWorthThreads) {
            while (!pending_.empty()) {
                Folder folder = std::move(pending_.back());
                pending_.pop_back();
                visit(whole, std::move(folder), pending_);
            }
        } else {
            std::array<Part, kThreads> parts;
            {
                std::vector<std::jthread> threads;
                for (std::size_t i = 1; i < kThreads; ++i) {
                    threads.emplace_back([this, &part = parts[i]] { work(part); });
                }
                work(parts[0]);
            }
            for (Part& part : parts) {
                WalkResult& more = part.result;
                WalkResult& result = whole.result;
                std::move(more.files.begin(), more.files.end(), std::back_inserter(result.files));
                std::move(more.directories.begin(), more.directories.end(), std::back_inserter(result.directories));
                std::move(more.problems.begin(), more.problems.end(), std::back_inserter(result.problems));
                whole.kept += part.kept;
                whole.used += part.used;
                whole.news |= part.news;
            }
        }
        if (memory_ != nullptr) {
            memory_->kept_ += whole.kept;
            memory_->used_ += whole.used;
            memory_->changed_ |= whole.news;
        }
        return std::move(whole.result);
    }

private:
    static constexpr std::size_t kThreads = 2;
    static constexpr std::size_t kWorthThreads = 8;

    struct Folder {
        std::string path;
        dev_t device = 0;  ///< 0: not known yet (the root, or behind a link)
        ino_t inode = 0;
    };
    /// What one thread found, and what it adds to the memory.
    struct Part {
        WalkResult result;
        std::string kept;
        std::size_t used = 0;
        bool news = false;
    };
    /// What a folder holds, for the memory.
    struct Listing {
        std::string names, below;
        bool certain = true;  ///< No links, nothing of unknown type
    };

    void work(Part& part) {
        std::vector<Folder> mine;  // the threads meet only when one has nothing left to do
        for (;;) {
            if (mine.empty() && !wait_for(mine)) {
                return;
            }
            Folder folder = std::move(mine.back());
            mine.pop_back();
            visit(part, std::move(folder), mine);
            if (mine.size() > 1 && idle_.load(std::memory_order_relaxed) > 0) {
                share(mine);
            }
        }
    }

    /// Takes half of what is pending; false when everything is done.
    bool wait_for(std::vector<Folder>& mine) {
        std::unique_lock lock(mutex_);
        ++idle_;
        changed_.wait(lock, [&] { return !pending_.empty() || idle_ == kThreads; });
        if (pending_.empty()) {
            changed_.notify_all();
            return false;
        }
        --idle_;
        const auto half = static_cast<std::ptrdiff_t>(pending_.size() / 2);
        std::move(pending_.begin() + half, pending_.end(), std::back_inserter(mine));
        pending_.resize(static_cast<std::size_t>(half));
        return true;
    }

    /// Gives the older half away: the folders nearest to the root have most below them.
    void share(std::vector<Folder>& mine) {
        const std::lock_guard lock(mutex_);
        const auto half = mine.begin() + static_cast<std::ptrdiff_t>(mine.size() / 2);
        std::move(mine.begin(), half, std::back_inserter(pending_));
        mine.erase(mine.begin(), half);
        changed_.notify_all();
    }

    bool first_visit(dev_t device, ino_t inode) {
        const std::lock_guard lock(mutex_);
        return visited_.emplace(device, inode).second;
    }

    void visit(Part& part, Folder folder, std::vector<Folder>& below) {
        if (memory_ != nullptr) {
            if (const auto known = memory_->folders_.find(folder.path); known != memory_->folders_.end()) {
                struct stat status{};
                if (look_at(folder.path, status) == 0 && S_ISDIR(status.st_mode) &&
                    stamp_of(status) == known->second.stamp) {
                    recall(part, std::move(folder), known->second, below);
                    return;
                }
                part.news = true;
            }
        }
        list(part, std::move(folder), below);
    }

    /// Looks at the files of a folder that has not changed.
    void recall(Part& part, Folder folder, const WalkMemory::Folder& known, std::vector<Folder>& below) {
        const auto device = static_cast<dev_t>(known.stamp.device);
        if (!first_visit(device, static_cast<ino_t>(known.stamp.inode))) {
            return;
        }
        each_line(known.names, [&](std::string_view name) {
            std::string path;
            path.reserve(folder.path.size() + 1 + name.size());
            path.append(folder.path).append("/").append(name);
            struct stat status{};
            if (look_at(path, status) == 0) {
                if (S_ISREG(status.st_mode)) {
                    part.result.files.push_back({std::move(path), identity_of(status)});
                }
            } else if (errno != ENOENT) {
                part.result.problems.push_back({std::move(path), base::fail_errno("stat").value().message});
            }
        });
        each_line(known.below,
                  [&](std::string_view name) { below.push_back({folder.path + "/" + std::string(name), 0, 0}); });
        part.kept += known.record;
        ++part.used;
        part.result.directories.push_back(std::move(folder.path));
    }

    void list(Part& part, Folder folder, std::vector<Folder>& below) {
        WalkResult& result = part.result;
        const FileDescriptor handle(::open(folder.path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!handle.valid()) {
            if (errno != ENOENT) {
                result.problems.push_back({folder.path, base::fail_errno("open folder").value().message});
            }
            return;
        }
        struct stat status{};
        // Before the entries are read: what comes later has a later stamp.
        if ((folder.device == 0 || memory_ != nullptr) && ::fstat(handle.get(), &status) != 0) {
            return;
        }
        if (folder.device == 0) {
            folder.device = status.st_dev;
            folder.inode = status.st_ino;
        }
        if (!first_visit(folder.device, folder.inode)) {
            return;
        }
        Listing listing;
        alignas(dirent64) thread_local std::array<char, 32 * 1024> buffer;
        for (;;) {
            const ssize_t size = ::getdents64(handle.get(), buffer.data(), buffer.size());
            if (size <= 0) {
                listing.certain &= size == 0;
                break;
            }
            for (ssize_t at = 0; at < size;) {
                const void* const raw = buffer.data() + at;
                const auto* const entry = static_cast<const dirent64*>(raw);
                at += entry->d_reclen;
                visit_entry(result, folder, handle.get(), *entry, below, listing);
            }
        }
        if (memory_ != nullptr && listing.certain &&
            nanos(status.st_ctim) < begun_ - std::chrono::nanoseconds(memory_->settled_).count()) {
            WalkMemory::append(part.kept, folder.path, stamp_of(status), listing.names, listing.below);
            part.news = true;
        }
        result.directories.push_back(std::move(folder.path));
    }

    void visit_entry(WalkResult& result, const Folder& folder, int handle, const dirent64& entry,
                     std::vector<Folder>& below, Listing& listing) {
        const std::string_view name = entry.d_name;
        if (name == "." || name == "..") {
            return;
        }
        listing.certain &= entry.d_type != DT_LNK && entry.d_type != DT_UNKNOWN && name.find('\n') == name.npos;
        if (entry.d_type == DT_DIR) {
            // Its inode is known from here, so a later link to it is noticed without another system call.
            below.push_back({folder.path + "/" + entry.d_name, folder.device, entry.d_ino});
            listing.below.append(name).append("\n");
            return;
        }
        const bool wanted = name.ends_with(suffix_);
        if (!wanted && entry.d_type != DT_LNK && entry.d_type != DT_UNKNOWN) {
            return;
        }
        listing.names.append(name).append("\n");
        struct stat status{};
        if (::fstatat(handle, entry.d_name, &status, 0) != 0) {
            if (errno != ENOENT) {  // a link to nowhere, or deleted meanwhile: nothing to read
                result.problems.push_back({folder.path + "/" + entry.d_name, base::fail_errno("stat").value().message});
            }
        } else if (S_ISDIR(status.st_mode)) {
            below.push_back({folder.path + "/" + entry.d_name, status.st_dev, status.st_ino});
        } else if (wanted && S_ISREG(status.st_mode)) {
            result.files.push_back({folder.path + "/" + entry.d_name, identity_of(status)});
        }
    }

    /// stat() from the root on: half of a path's names are those of the root.
    int look_at(const std::string& path, struct stat& status) const {
        return path.size() > root_size_ + 1 && root_.valid()
                   ? ::fstatat(root_.get(), path.c_str() + root_size_ + 1, &status, 0)
                   : ::stat(path.c_str(), &status);
    }

    static WalkMemory::Stamp stamp_of(const struct stat& status) {
        return {status.st_dev, status.st_ino, nanos(status.st_mtim), nanos(status.st_ctim)};
    }

    const std::string_view suffix_;
    WalkMemory* const memory_;
    const FileDescriptor root_;
    const std::size_t root_size_;
    const std::int64_t begun_ = base::now() * 1'000'000;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Folder> pending_;
    base::FlatSet<std::pair<dev_t, ino_t>> visited_;
    std::atomic<std::size_t> idle_{0};  ///< Changed under the mutex
};

WalkResult walk(const std::string& root, std::string_view suffix, WalkMemory* memory) {
    return TreeWalk(root, suffix, memory).run();
}

}  // namespace tidemark::sys
