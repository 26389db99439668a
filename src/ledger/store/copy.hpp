// Whole databases: a consistent copy while others write, and what proves that a copy is good. For backups.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "foundation/base/money.hpp"
#include "foundation/base/result.hpp"
#include "ledger/store/database.hpp"

namespace tidemark::store {

/// Called between steps of about a megabyte with the bytes copied and their total; false ends the copy.
using CopyProgress = std::function<bool(std::int64_t done, std::int64_t total)>;

/// Writes what `source` holds at this moment to the new file `target`, through SQLite's online backup. `source` reads
/// in one transaction from beginning to end, so that the copy is of one moment and never starts again, however much is
/// written meanwhile; with a write-ahead log nobody waits for it (without one writers would: see is_write_ahead()).
/// The copy is not on the disk yet when this returns. kUnavailable when `progress` ended it.
base::Result<void> copy_database(Database& source, const std::string& target, const CopyProgress& progress);

/// Whether readers and the writer of this database do without each other: not while a new one is filled for the first
/// time (Readers::kNone).
base::Result<bool> is_write_ahead(Database& database);

/// 0: nothing was ever stored in it.
base::Result<std::int64_t> schema_version_of(Database& database);

/// `PRAGMA integrity_check` over the file; kDataLoss with what it found first.
base::Result<void> check_integrity(Database& database);

struct LedgerTotals {
    std::int64_t requests = 0;
    base::NanoUsd cost;
    bool operator==(const LedgerTotals&) const = default;
};
/// Of a ledger (tidemark.db), counted row by row.
base::Result<LedgerTotals> ledger_totals(Database& database);

}  // namespace tidemark::store
