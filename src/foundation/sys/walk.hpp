// Finding files below a folder, fast: a tree of transcripts has thousands of small folders that seldom change.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/clock.hpp"
#include "foundation/base/containers.hpp"
#include "foundation/sys/files.hpp"

namespace tidemark::sys {

struct FoundFile {
    std::string path;
    FileIdentity identity;
};
struct WalkProblem {
    std::string path;
    std::string reason;
};
struct WalkResult {
    std::vector<FoundFile> files;          ///< In no particular order
    std::vector<std::string> directories;  ///< Every folder visited, the root first
    std::vector<WalkProblem> problems;     ///< What could not be read
};

/// What walks saw in folders. A folder whose status is still the same is not listed again; its files and the folders
/// below it are looked at as ever. A change of a folder's entries changes its ctime, which nobody can set back; folders
/// that changed just before the walk are not remembered, since a second change could bear the same time.
/// Nor are folders with symbolic links, whose targets change without them, nor trees on network file systems.
class WalkMemory {
public:
    /// Far more than the ticks that file systems stamp by.
    static constexpr std::chrono::milliseconds kSettled{2000};

    /// Of a text that text() gave; an empty memory when it is anything else. `settled`: how long ago a folder's last
    /// change must be.
    explicit WalkMemory(std::string text, std::chrono::milliseconds settled = kSettled);
    WalkMemory(WalkMemory&&) = delete;
    WalkMemory& operator=(WalkMemory&&) = delete;
    ~WalkMemory() = default;

    /// After walks with it: true when they saw something else than the text it was made of says.
    [[nodiscard]] bool changed() const { return changed_ || used_ != folders_.size(); }
    [[nodiscard]] std::string text() const;

private:
    friend class TreeWalk;
    struct Stamp {
        std::uint64_t device = 0, inode = 0;
        std::int64_t mtime_ns = 0, ctime_ns = 0;
        bool operator==(const Stamp&) const = default;
    };
    struct Folder {
        Stamp stamp;
        std::string_view names;   ///< Of files with the suffix, each followed by a line break, …
        std::string_view below;   ///< … and of folders
        std::string_view record;  ///< All of it, as in the text
    };
    static void append(std::string& out, std::string_view path, const Stamp& stamp, std::string_view names,
                       std::string_view below);

    std::chrono::milliseconds settled_;
    std::string text_;
    base::FlatTextMap<std::string_view, Folder> folders_;  ///< Views into text_
    std::string kept_;                                     ///< Records of the walks
    std::size_t used_ = 0;                                 ///< Folders that were as remembered
    bool changed_ = false;
};

/// All regular files below `root` whose name ends in `suffix`. Symbolic links are followed, a folder reached twice (a
/// loop, or two links to one place) is walked once. One memory serves walks with one suffix; it gathers what they saw.
[[nodiscard]] WalkResult walk(const std::string& root, std::string_view suffix, WalkMemory* memory = nullptr);

}  // namespace tidemark::sys
