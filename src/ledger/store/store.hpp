// The durable ledger: one folder with tidemark.db (SQLite, WAL). One Writer per data folder; any number of readers.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/clock.hpp"
#include "foundation/base/result.hpp"
#include "ledger/model/usage.hpp"
#include "ledger/store/database.hpp"

namespace tidemark::store {

/// Column names.kind. The numbers are stored: never change one.
enum class NameKind : std::int64_t {
    kModel = 1,
    kBranch = 2,
    kVersion = 3,
    kEntrypoint = 4,
    kEffort = 5,
    kGeo = 6,
    kAgentUid = 7,
    kAgent = 8,
    kSkill = 9,
    kPlugin = 10,
    kMcpServer = 11,
    kMcpTool = 12,
    kTool = 13,
    kStopReason = 14,
    kMember = 15,
    kEventText = 16,
};

/// Flags of requests.flags.
constexpr std::int64_t kFlagIncomplete = 1;
constexpr std::int64_t kFlagFreeRefusal = 2;

/// What a commit changed in usage_15m: add it to what was there.
struct RollupDelta {
    std::int64_t quarter = 0;  ///< time / base::kQuarter
    std::int64_t dim_id = 0;
    model::Measures change;
};
struct ToolDelta {
    std::int64_t quarter = 0;
    std::int64_t dim_id = 0;
    std::int64_t tool_id = 0;  ///< names.id
    std::int64_t calls = 0;
    std::int64_t cost = 0;  ///< nano-USD
    std::int64_t tokens = 0;
};

/// Everything a reader that keeps sums in memory must know of a commit. New rows of dims, names, projects and sessions
/// have ids above those seen before; sessions listed in `sessions` have changed columns.
struct Commit {
    std::uint64_t seq = 0;
    base::UnixMillis time = 0;
    std::vector<RollupDelta> rollups;
    std::vector<ToolDelta> tools;
    std::vector<std::int64_t> sessions;     ///< sessions.id that are new or changed
    std::vector<std::string> new_sessions;  ///< Ids of the sessions that were not known before
    bool rebuilt = false;                   ///< Costs were recomputed: load all sums anew
};

/// Where the data folder's database is and in what state.
struct StoreInfo {
    std::string path;
    std::int64_t schema_version = 0;
    std::int64_t bytes = 0;
};

constexpr std::int64_t kSchemaVersion = 3;
constexpr std::string_view kDatabaseName = "tidemark.db";

/// A read-only connection. Fails with one clear line when the database is missing, corrupt or newer than this program.
base::Result<Database> open_reader(const std::string& data_dir);
/// The same for a database file that is not in its place yet (Writer::path()).
base::Result<Database> open_reader_of(const std::string& path);
/// Its place in a data folder.
[[nodiscard]] std::string database_path(const std::string& data_dir);

}  // namespace tidemark::store
