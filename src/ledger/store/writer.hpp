// The one connection that writes. It holds a lock on the data folder, applies migrations, stores batches and
// checkpoints the write-ahead log by itself (docs/adr/0002-one-writer.md). Not thread-safe: one thread owns it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "foundation/base/result.hpp"
#include "ledger/model/usage.hpp"
#include "ledger/store/batch.hpp"
#include "ledger/store/store.hpp"

namespace tidemark::store {

/// A file that was read before, as it was then. The text holds until the next one.
struct KnownFile {
    std::int64_t id = 0;
    std::string_view path;
    std::uint64_t device = 0, inode = 0;
    std::int64_t size = 0, mtime_ns = 0;
    bool gone = false;
};
/// How far a file was read: see transcripts::ReadState.
struct RestartRecord {
    std::int64_t offset = 0, lines = 0, head_length = 0;
    std::uint64_t head_hash = 0;
    std::int64_t rows = 0;
    std::string carry;
};

/// One model's share of a repricing.
struct RepricedModel {
    std::string model;
    base::NanoUsd before, after;
};
struct RepriceReport {
    std::int64_t requests = 0;  ///< Whose cost changed
    base::NanoUsd before, after;
    std::vector<RepricedModel> models;
    Commit commit;
};
/// What one stored request costs by the book of the caller.
struct StoredRequest {
    std::string_view model_given;
    base::UnixMillis time = 0;
    model::TokenCounts tokens;
    std::int64_t web_searches = 0;
    model::Speed speed = model::Speed::kStandard;
    model::ServiceTier tier = model::ServiceTier::kUnknown;
    std::string_view geo;
    bool free_refusal = false;
};
struct Repriced {
    std::string model;  ///< Canonical id, or as given
    std::optional<base::NanoUsd> cost;
};

/// A dimension in words, for the live feed.
struct DimNames {
    std::string session, project, model, branch, member;
    model::RequestKind kind = model::RequestKind::kMain;
};

/// Who reads while the writer writes. A new database that nobody reads yet is made and filled beside its place, without
/// a log and without waiting for the disk, and put there when all of it is on the disk: half the writes, and no less
/// safe.
enum class Readers { kAny, kNone };

class Writer {
public:
    /// Opens or makes the database of a data folder. Fails with one clear line when the folder cannot be written, is
    /// locked by another writer, or holds a corrupt or newer database; nothing is changed then.
    static base::Result<std::unique_ptr<Writer>> open(const std::string& data_dir, Readers readers = Readers::kAny);
    ~Writer();

    /// True when no request has been stored yet.
    [[nodiscard]] bool empty() const;
    base::Result<void> for_each_file(const std::function<void(const KnownFile&)>& visit);
    base::Result<std::int64_t> file_count();
    base::Result<RestartRecord> restart_record(std::int64_t file_id);
    /// Reserves ids for new files, so that batches can name them before they are stored.
    std::int64_t next_file_id();

    /// Stores a batch in one transaction and says what changed. A request that is already known keeps its better row.
    base::Result<Commit> store(const Batch& batch);
    /// The same in two steps, so that an import can put many batches into one transaction. When either fails, nothing
    /// staged since the last commit is stored.
    base::Result<void> stage(const Batch& batch);
    base::Result<Commit> commit();
    /// Commits what is staged, if anything is. A new database of Readers::kNone can then be read at path(), while it
    /// goes to the disk; publish() waits for that and gives the file its name. The destructor does both where they
    /// succeed.
    base::Result<void> settle();
    base::Result<void> publish();
    /// The database file: a new one has its final name only after publish().
    [[nodiscard]] const std::string& path() const;

    /// Recomputes the cost of every stored request and the sums from them, in one transaction.
    base::Result<RepriceReport> reprice(const std::function<Repriced(const StoredRequest&)>& price);

    /// Calls a member something else wherever the ledger names them: as a member and in the paths of projects below
    /// their home folder. Sums stay. `to` must not be in use.
    base::Result<Commit> rename_member(std::string_view from, std::string_view to);

    /// What a dimension of the last commit is called. The pointer is valid until the next call.
    base::Result<const DimNames*> describe(std::int64_t dim_id);

    base::Result<std::optional<std::string>> meta(std::string_view key);
    base::Result<void> set_meta(std::string_view key, std::string_view value);
    base::Result<std::optional<std::string>> setting(std::string_view key);
    base::Result<void> set_setting(std::string_view key, std::string_view value);

    /// Makes the indexes that only lists need; a server calls it once, a report never.
    base::Result<void> ensure_list_indexes();
    /// Moves the log into the database file when it has grown; true forces it.
    base::Result<void> checkpoint(bool force);

private:
    Writer();
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tidemark::store
