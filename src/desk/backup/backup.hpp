// Backups: one file "tidemark-YYYYMMDDTHHMMSSZ.tmbk" each, sealed by crypto::SealedWriter under the master key. What is
// sealed is
//   length of the manifest (4 bytes, little-endian) · the manifest (JSON) · one Zstandard frame
// and the frame holds the databases of the manifest, one after the other. All functions take a few megabytes of memory
// however large the databases are, and room for a copy of them in the data folder. One at a time works on a data folder
// (kUnavailable otherwise), of any process; a server may run meanwhile, except during restore().
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/clock.hpp"
#include "foundation/base/result.hpp"
#include "foundation/crypto/key_ring.hpp"
#include "foundation/json/describe.hpp"

namespace tidemark::backup {

constexpr std::string_view kExtension = ".tmbk";
/// "format" of the manifests made here.
constexpr std::int32_t kFormat = 1;

struct DatabaseEntry {
    std::string name;  ///< "tidemark.db"
    std::int64_t bytes = 0;
    std::string sha256;  ///< Hex
    std::int64_t schema_version = 0;
};
TIDEMARK_DTO(DatabaseEntry, "A database in a backup.", (name, bytes, sha256, schema_version))

struct Manifest {
    std::int32_t format = kFormat;
    json::Time made_at;
    std::string program;  ///< Version that made it
    bool scheduled = false;
    std::int64_t requests = 0;       ///< In the ledger, counted
    std::int64_t cost_nano_usd = 0;  ///< Sum of their costs
    std::vector<DatabaseEntry> databases;
};
TIDEMARK_DTO(Manifest, "What a backup holds.",
             (format, made_at, program, scheduled, requests, cost_nano_usd, databases))

/// A file in a folder of backups.
struct Listed {
    std::string path, name;
    base::UnixMillis made_at = 0;  ///< By its name, in whole seconds
    std::int64_t bytes = 0;
    std::string key_id;                ///< Of the master key it is sealed under; "" when it is no sealed file
    std::optional<Manifest> manifest;  ///< What its first bytes say, verified to be unchanged
    std::string problem;               ///< Why there is no manifest
};

/// Called now and then with bytes done and in all; false ends the work (kUnavailable). Nothing is left behind then.
using Progress = std::function<bool(std::int64_t done, std::int64_t total)>;

struct MakeOptions {
    std::string program;  ///< This program's version
    bool scheduled = false;
    Progress progress;
};
/// Makes a backup of the databases of `data_dir` in the folder `target` (made when missing, 0700; the file 0600). It is
/// on the disk under its name when this returns, or not there. Its name bears `now`, or the next second that is free.
base::Result<Listed> make(const std::string& data_dir, const crypto::KeyRing& ring, const std::string& target,
                          base::UnixMillis now, const MakeOptions& options);

/// Reads a backup to its end, unpacks it into a folder of its own in `data_dir`, and checks hashes, databases and
/// totals. kDataLoss when it is damaged, kFailedPrecondition when its key is missing or it was made by a newer program,
/// kInvalidArgument when it is none.
base::Result<Manifest> verify(const std::string& file, const crypto::KeyRing& ring, const std::string& data_dir,
                              const Progress& progress = {});

/// The backups of a folder by their names, the newest first; empty when there is no such folder. Reads the beginning of
/// each only: whether it is good to its end is verify()'s to say.
base::Result<std::vector<Listed>> list(const std::string& folder, const crypto::KeyRing& ring);

/// "tidemark-20261123T095834Z.tmbk"
[[nodiscard]] std::string file_name(base::UnixMillis made_at);
/// Nothing when it is not a name that file_name() gives.
[[nodiscard]] std::optional<base::UnixMillis> made_at_of(std::string_view file_name);

}  // namespace tidemark::backup
