// Rows in memory that one SQL statement reads like a table: `INSERT INTO t SELECT c0, c1 FROM bulk_rows` stores any
// number of rows without binding and starting a statement for each, which costs as much as storing it
// (https://www.sqlite.org/vtab.html, eponymous-only virtual tables).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "foundation/base/result.hpp"
#include "ledger/store/database.hpp"

struct sqlite3_context;

namespace tidemark::store {

/// One value on its way into a table. Texts and blobs are not copied: they live until the statement has run.
class BulkValue {
public:
    explicit BulkValue(sqlite3_context* context) : context_(context) {}
    void set(std::int64_t value);
    void set(std::string_view text);
    void set_blob(std::span<const std::byte> bytes);
    void set_null();

private:
    sqlite3_context* context_;
};

class BulkRows {
public:
    virtual ~BulkRows() = default;
    [[nodiscard]] virtual std::size_t size() const = 0;
    /// Column 0 is c0.
    virtual void get(std::size_t row, int column, BulkValue& value) const = 0;
};

/// The table bulk_rows of one connection.
class BulkTable {
public:
    /// As many columns as the widest table that is filled.
    static constexpr int kColumns = 21;

    /// The connection keeps a pointer to this object.
    base::Result<void> add_to(Database& database);
    /// Runs a prepared INSERT … SELECT … FROM bulk_rows over `rows`.
    base::Result<void> run(Statement& insert, const BulkRows& rows);

    BulkTable() = default;
    BulkTable(const BulkTable&) = delete;
    BulkTable& operator=(const BulkTable&) = delete;

    const BulkRows* rows = nullptr;  ///< Of the statement that runs; for the callbacks
};

}  // namespace tidemark::store
