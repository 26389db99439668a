// Putting a backup back. A crash at any moment, also of the machine, leaves the old databases or the new ones:
//   1. The backup is unpacked, checked and amended in "backup.work" in the data folder. Until here nothing else has
//      changed.
//   2. "restore.journal" is written: from here on the restore happens.
//   3. Each old database is renamed together with its log, so that an old log never meets a new database; then the new
//      one is renamed to its place. Every step can be repeated.
//   4. The journal is removed.
// Who finds a journal goes on at 3: finish_restore() comes before every opening of the databases.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "desk/backup/backup.hpp"

namespace tidemark::backup {

struct Restored {
    Manifest manifest;
    std::vector<std::string> kept;  ///< Paths of the old databases: "…/tidemark.db.before-restore-20261123T095834Z"
};

/// Changes the new databases in the folder where they lie, before they take their places; leaves them closed. When it
/// fails, nothing is restored.
using Amend = std::function<base::Result<void>(const std::string& folder)>;

/// kUnavailable while a server or another command has the databases open; else as verify(). Databases that the backup
/// does not hold stay as they are. `now` goes into the names of what is kept.
base::Result<Restored> restore(const std::string& file, const crypto::KeyRing& ring, const std::string& data_dir,
                               base::UnixMillis now, const Progress& progress = {}, const Amend& amend = {});

/// Steps 1 and 2 alone, for a server that has the databases open. From a success on, the restore happens at
/// finish_restore(), whoever calls it: the server is to end, and what is written until then is only in what is kept.
base::Result<Manifest> prepare_restore(const std::string& file, const crypto::KeyRing& ring,
                                       const std::string& data_dir, base::UnixMillis now, const Progress& progress = {},
                                       const Amend& amend = {});

/// Completes a restore that was interrupted after its second step; does nothing (and costs one system call) when there
/// is none. True when it did.
base::Result<bool> finish_restore(const std::string& data_dir);

/// What restores have left beside the databases, all together.
[[nodiscard]] std::int64_t kept_bytes(const std::string& data_dir);
/// Removes it for good and says how much that was. kFailedPrecondition while a restore is under way.
base::Result<std::int64_t> remove_kept(const std::string& data_dir);

}  // namespace tidemark::backup
