#include "ledger/store/copy.hpp"

#include <memory>

#include <sqlite3.h>

namespace tidemark::store {

namespace {

constexpr int kStepPages = 256;  // 1 MB of 4 KB pages

struct FinishBackup {
    void operator()(sqlite3_backup* backup) const { sqlite3_backup_finish(backup); }
};

base::Result<std::string> first_text(Database& database, std::string_view sql) {
    TIDEMARK_TRY(Statement statement, database.prepare(sql));
    TIDEMARK_TRY(const bool row, statement.step());
    return row ? std::string(statement.column_text(0)) : std::string();
}

base::Result<void> copy_pages(Database& source, const std::string& target, const CopyProgress& progress) {
    TIDEMARK_TRY(const std::int64_t page_bytes, source.query_int("PRAGMA page_size"));
    TIDEMARK_TRY(Database copy, Database::open(target, OpenMode::kCreate));
    // A copy that is not finished is thrown away: it needs no journal, and who keeps it brings it to the disk.
    TIDEMARK_CHECK_OK(copy.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF"));
    std::unique_ptr<sqlite3_backup, FinishBackup> backup(
        sqlite3_backup_init(copy.handle(), "main", source.handle(), "main"));
    if (backup == nullptr) {
        return tl::unexpected<base::Error>(copy.last_error("copy"));
    }
    int code = SQLITE_OK;
    while (code == SQLITE_OK) {
        code = sqlite3_backup_step(backup.get(), kStepPages);
        const std::int64_t pages = sqlite3_backup_pagecount(backup.get());
        const std::int64_t left = sqlite3_backup_remaining(backup.get());
        if (code == SQLITE_OK && !progress((pages - left) * page_bytes, pages * page_bytes)) {
            return base::fail(base::ErrorCode::kUnavailable, "stopped");
        }
    }
    code = sqlite3_backup_finish(backup.release());
    if (code != SQLITE_OK) {
        return tl::unexpected<base::Error>(copy.last_error("copy"));
    }
    return {};
}

}  // namespace

base::Result<void> copy_database(Database& source, const std::string& target, const CopyProgress& progress) {
    TIDEMARK_CHECK_OK(source.execute("BEGIN"));
    // The first read fixes the moment.
    auto copied = source.query_int("PRAGMA user_version").and_then([&](std::int64_t) {
        return copy_pages(source, target, progress);
    });
    auto ended = source.execute("ROLLBACK");
    TIDEMARK_CHECK_OK(std::move(copied));
    return ended;
}

base::Result<bool> is_write_ahead(Database& database) {
    TIDEMARK_TRY(const std::string mode, first_text(database, "PRAGMA journal_mode"));
    return mode == "wal";
}

base::Result<std::int64_t> schema_version_of(Database& database) { return database.query_int("PRAGMA user_version"); }

base::Result<void> check_integrity(Database& database) {
    TIDEMARK_TRY(const std::string found, first_text(database, "PRAGMA integrity_check(1)"));
    if (found != "ok") {
        return base::fail(base::ErrorCode::kDataLoss, "integrity check: " + found);
    }
    return {};
}

base::Result<LedgerTotals> ledger_totals(Database& database) {
    TIDEMARK_TRY(Statement statement, database.prepare("SELECT count(*), coalesce(sum(cost), 0) FROM requests"));
    TIDEMARK_TRY([[maybe_unused]] const bool row, statement.step());
    return LedgerTotals{statement.column_int(0), base::NanoUsd{statement.column_int(1)}};
}

}  // namespace tidemark::store
