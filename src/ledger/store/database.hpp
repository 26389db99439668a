// A thin RAII layer over SQLite: connections, statements, transactions; errors as values with SQLite's own words.
// One connection writes and checkpoints (store.hpp); every reader opens read-only. A connection belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace tidemark::store {

/// A prepared statement, compiled when it is first used. bind_* count parameters from 1, column_* count columns from 0,
/// as SQLite does.
class Statement {
public:
    Statement() = default;
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&& other) noexcept;
    ~Statement();

    Statement& bind(int index, std::int64_t value);
    Statement& bind(int index, double value);
    /// The text is not copied: it must live until the next step() or reset().
    Statement& bind(int index, std::string_view text);
    Statement& bind_blob(int index, std::span<const std::byte> bytes);
    Statement& bind_null(int index);
    template <class T>
    Statement& bind(int index, const std::optional<T>& value) {
        return value ? bind(index, *value) : bind_null(index);
    }

    /// True: a row is there. False: done. Errors carry SQLite's message; kDeadlineExceeded when interrupted.
    base::Result<bool> step();
    /// step() to the end, reset, ready for the next bind: for INSERT, UPDATE, DELETE.
    base::Result<void> run();
    void reset();

    [[nodiscard]] std::int64_t column_int(int index) const;
    [[nodiscard]] double column_double(int index) const;
    [[nodiscard]] std::string_view column_text(int index) const;  ///< Valid until the next step() or reset()
    [[nodiscard]] std::span<const std::byte> column_blob(int index) const;
    [[nodiscard]] bool column_null(int index) const;
    [[nodiscard]] std::optional<std::int64_t> column_optional_int(int index) const;

private:
    friend class Database;
    explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
    Statement(sqlite3* handle, std::string_view sql) : handle_(handle), sql_(sql) {}
    /// Null when it does not compile: step() tells why.
    sqlite3_stmt* compiled() { return statement_ != nullptr || handle_ == nullptr ? statement_ : compile(); }
    sqlite3_stmt* compile();
    sqlite3_stmt* statement_ = nullptr;
    /// True when the parameter holds that already: values survive a reset, and many columns seldom change.
    bool holds(int index, std::int64_t value, bool null);
    void forget(int index);
    sqlite3* handle_ = nullptr;  // of a statement that is compiled later
    std::string_view sql_;
    struct Bound {
        std::int64_t value = 0;
        bool known = false, null = false;
    };
    std::vector<Bound> bound_;
};

enum class OpenMode {
    kReadOnly,
    kReadWrite,  ///< The file must exist
    kCreate,     ///< Made when missing
};

class Database {
public:
    static base::Result<Database> open(const std::string& path, OpenMode mode);
    Database(Database&& other) noexcept;
    Database& operator=(Database&& other) noexcept;
    ~Database();

    /// Runs one or more statements without results.
    base::Result<void> execute(const char* sql);
    base::Result<Statement> prepare(std::string_view sql);
    /// Compiled at its first use, which reports what is wrong with it: a program has more statements than one run of it
    /// needs. The text must outlive the statement.
    Statement prepare_later(std::string_view sql) { return {handle_, sql}; }
    /// The single integer of the first row; an error when there is no row.
    base::Result<std::int64_t> query_int(std::string_view sql);
    [[nodiscard]] std::int64_t last_insert_rowid() const;
    [[nodiscard]] std::int64_t changes() const;
    /// Statements on this connection fail with kDeadlineExceeded once monotonic time passes it; 0 = no limit.
    void set_deadline(std::int64_t monotonic_nanos);
    /// The error of the last failed call on this connection.
    [[nodiscard]] base::Error last_error(std::string_view what) const;
    [[nodiscard]] sqlite3* handle() const { return handle_; }

private:
    explicit Database(sqlite3* handle);
    sqlite3* handle_ = nullptr;
    std::unique_ptr<std::int64_t> deadline_;  // stable address for SQLite's progress handler
};

/// BEGIN IMMEDIATE … COMMIT; rolls back when it is destroyed before commit().
class Transaction {
public:
    static base::Result<Transaction> begin(Database& database);
    /// Takes charge of one that the caller began.
    static Transaction adopt(Database& database) { return Transaction(database); }
    Transaction(Transaction&& other) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();
    base::Result<void> commit();

private:
    explicit Transaction(Database& database) : database_(&database) {}
    Database* database_;
};

}  // namespace tidemark::store
