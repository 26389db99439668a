// Changes in folders, through inotify. One thread uses a Watcher.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "foundation/base/result.hpp"
#include "foundation/sys/files.hpp"

namespace tidemark::sys {

struct Change {
    enum class Kind {
        kModified,  ///< A file was written to, or moved into the folder
        kFolder,    ///< A folder appeared: watch it and look inside
        kRemoved,   ///< A file or folder went away
        kOverflow,  ///< Changes were lost: look at everything again
    };
    Kind kind = Kind::kModified;
    std::string path;  ///< Empty for kOverflow
};

class Watcher {
public:
    static base::Result<Watcher> create();
    /// Watches one folder, not those below it. kResourceExhausted when the system's limit of watches is reached.
    base::Result<void> add(const std::string& folder);
    /// Readable when changes wait: for poll(2).
    [[nodiscard]] int fd() const { return file_.get(); }
    /// All changes that wait now; never blocks.
    [[nodiscard]] std::vector<Change> read();

private:
    FileDescriptor file_;
    std::unordered_map<int, std::string> folders_;
};

/// Wakes a thread out of poll(2).
class WakeUp {
public:
    WakeUp();
    void signal() const;  ///< From any thread
    void clear() const;
    [[nodiscard]] int fd() const { return file_.get(); }

private:
    FileDescriptor file_;
};

}  // namespace tidemark::sys
