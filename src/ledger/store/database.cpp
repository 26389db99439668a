#include "ledger/store/database.hpp"

#include <cerrno>
#include <utility>

#include <sqlite3.h>

#include "foundation/base/clock.hpp"
#include "ledger/store/packed_sums.hpp"

namespace tidemark::store {

namespace {

base::ErrorCode code_of(int sqlite_code) {
    switch (sqlite_code & 0xff) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return base::ErrorCode::kDataLoss;
        case SQLITE_FULL:
        case SQLITE_NOMEM: return base::ErrorCode::kResourceExhausted;
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH:
        case SQLITE_CANTOPEN: return base::ErrorCode::kPermissionDenied;
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return base::ErrorCode::kUnavailable;
        case SQLITE_INTERRUPT: return base::ErrorCode::kDeadlineExceeded;
        default: return base::ErrorCode::kInternal;
    }
}

base::Error error_of(sqlite3* handle, std::string_view what) {
    if (handle == nullptr) {
        return {base::ErrorCode::kResourceExhausted, std::string(what) + ": out of memory"};
    }
    const int code = sqlite3_extended_errcode(handle);
    // Where SQLite only says "disk I/O error", the system knows more.
    if ((code & 0xff) == SQLITE_IOERR && sqlite3_system_errno(handle) == ENOSPC) {
        return {base::ErrorCode::kResourceExhausted, std::string(what) + ": the disk is full"};
    }
    return {code_of(code), std::string(what) + ": " + sqlite3_errmsg(handle)};
}

// Every few thousand virtual-machine steps: often enough for a deadline of milliseconds, too seldom to cost anything.
constexpr int kProgressSteps = 4000;

int past_deadline(void* deadline) {
    const std::int64_t limit = *static_cast<const std::int64_t*>(deadline);
    return limit != 0 && base::monotonic_nanos() > limit ? 1 : 0;
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)),
      handle_(other.handle_),
      sql_(other.sql_),
      bound_(std::move(other.bound_)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
    std::swap(statement_, other.statement_);
    std::swap(handle_, other.handle_);
    std::swap(sql_, other.sql_);
    std::swap(bound_, other.bound_);
    return *this;
}

Statement::~Statement() { sqlite3_finalize(statement_); }

sqlite3_stmt* Statement::compile() {
    bound_.clear();  // after a failure too: what a statement that was not there was given, the next one does not hold
    if (sqlite3_prepare_v3(handle_, sql_.data(), static_cast<int>(sql_.size()), SQLITE_PREPARE_PERSISTENT, &statement_,
                           nullptr) != SQLITE_OK) {
        statement_ = nullptr;
    }
    return statement_;
}

bool Statement::holds(int index, std::int64_t value, bool null) {
    const auto at = static_cast<std::size_t>(index);
    if (at >= bound_.size()) {
        bound_.resize(at + 1);
    }
    Bound& bound = bound_[at];
    if (bound.known && bound.null == null && bound.value == value) {
        return true;
    }
    bound = {value, true, null};
    return false;
}

void Statement::forget(int index) {
    if (static_cast<std::size_t>(index) < bound_.size()) {
        bound_[static_cast<std::size_t>(index)] = {};
    }
}

Statement& Statement::bind(int index, std::int64_t value) {
    if (!holds(index, value, false)) {
        sqlite3_bind_int64(compiled(), index, value);
    }
    return *this;
}

Statement& Statement::bind(int index, double value) {
    forget(index);
    sqlite3_bind_double(compiled(), index, value);
    return *this;
}

Statement& Statement::bind(int index, std::string_view text) {
    forget(index);
    // A null pointer would bind NULL: an empty view is the empty string.
    sqlite3_bind_text64(compiled(), index, text.data() != nullptr ? text.data() : "", text.size(), SQLITE_STATIC,
                        SQLITE_UTF8);
    return *this;
}

Statement& Statement::bind_blob(int index, std::span<const std::byte> bytes) {
    forget(index);
    sqlite3_bind_blob64(compiled(), index, bytes.data() != nullptr ? static_cast<const void*>(bytes.data()) : "",
                        bytes.size(), SQLITE_STATIC);
    return *this;
}

Statement& Statement::bind_null(int index) {
    if (!holds(index, 0, true)) {
        sqlite3_bind_null(compiled(), index);
    }
    return *this;
}

base::Result<bool> Statement::step() {
    if (compiled() == nullptr) {
        return tl::unexpected<base::Error>(error_of(handle_, "prepare"));
    }
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) {
        return true;
    }
    if (code == SQLITE_DONE) {
        return false;
    }
    sqlite3* handle = sqlite3_db_handle(statement_);
    auto error = error_of(handle, "database");
    sqlite3_reset(statement_);
    return tl::unexpected<base::Error>(std::move(error));
}

base::Result<void> Statement::run() {
    for (;;) {
        TIDEMARK_TRY(const bool row, step());
        if (!row) {
            break;
        }
    }
    sqlite3_reset(statement_);
    return {};
}

void Statement::reset() { sqlite3_reset(statement_); }

std::int64_t Statement::column_int(int index) const { return sqlite3_column_int64(statement_, index); }

double Statement::column_double(int index) const { return sqlite3_column_double(statement_, index); }

std::string_view Statement::column_text(int index) const {
    const unsigned char* text = sqlite3_column_text(statement_, index);
    if (text == nullptr) {
        return {};
    }
    return {static_cast<const char*>(static_cast<const void*>(text)),
            static_cast<std::size_t>(sqlite3_column_bytes(statement_, index))};
}

std::span<const std::byte> Statement::column_blob(int index) const {
    const void* bytes = sqlite3_column_blob(statement_, index);
    if (bytes == nullptr) {
        return {};
    }
    return {static_cast<const std::byte*>(bytes), static_cast<std::size_t>(sqlite3_column_bytes(statement_, index))};
}

bool Statement::column_null(int index) const { return sqlite3_column_type(statement_, index) == SQLITE_NULL; }

std::optional<std::int64_t> Statement::column_optional_int(int index) const {
    return column_null(index) ? std::nullopt : std::optional(column_int(index));
}

Database::Database(sqlite3* handle) : handle_(handle), deadline_(std::make_unique<std::int64_t>(0)) {}

Database::Database(Database&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)), deadline_(std::move(other.deadline_)) {}

Database& Database::operator=(Database&& other) noexcept {
    std::swap(handle_, other.handle_);
    std::swap(deadline_, other.deadline_);
    return *this;
}

Database::~Database() { sqlite3_close_v2(handle_); }

base::Result<Database> Database::open(const std::string& path, OpenMode mode) {
    // Nobody asks SQLite how much memory it uses, and counting costs a lock at every allocation. Before the first
    // connection only; a later call changes nothing.
    static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    (void)configured;
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    flags |= mode == OpenMode::kReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    flags |= mode == OpenMode::kCreate ? SQLITE_OPEN_CREATE : 0;
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
    Database database(handle);
    if (code != SQLITE_OK) {
        return tl::unexpected<base::Error>(error_of(handle, path));
    }
    sqlite3_busy_timeout(handle, 5000);
    if (register_sums_functions(handle) != SQLITE_OK) {
        return tl::unexpected<base::Error>(error_of(handle, path));
    }
    return database;
}

base::Result<void> Database::execute(const char* sql) {
    if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
        return tl::unexpected<base::Error>(last_error("database"));
    }
    return {};
}

base::Result<Statement> Database::prepare(std::string_view sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement,
                           nullptr) != SQLITE_OK) {
        return tl::unexpected<base::Error>(last_error("prepare"));
    }
    return Statement(statement);
}

base::Result<std::int64_t> Database::query_int(std::string_view sql) {
    TIDEMARK_TRY(Statement statement, prepare(sql));
    TIDEMARK_TRY(const bool row, statement.step());
    if (!row) {
        return base::fail(base::ErrorCode::kNotFound, "no row: " + std::string(sql));
    }
    return statement.column_int(0);
}

std::int64_t Database::last_insert_rowid() const { return sqlite3_last_insert_rowid(handle_); }

std::int64_t Database::changes() const { return sqlite3_changes64(handle_); }

void Database::set_deadline(std::int64_t monotonic_nanos) {
    *deadline_ = monotonic_nanos;
    sqlite3_progress_handler(handle_, monotonic_nanos != 0 ? kProgressSteps : 0, past_deadline, deadline_.get());
}

base::Error Database::last_error(std::string_view what) const { return error_of(handle_, what); }

base::Result<Transaction> Transaction::begin(Database& database) {
    TIDEMARK_CHECK_OK(database.execute("BEGIN IMMEDIATE"));
    return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
    if (database_ != nullptr) {
        // The only thing left to do on an error path; if it fails too, SQLite rolls back by itself.
        (void)database_->execute("ROLLBACK");
    }
}

base::Result<void> Transaction::commit() {
    TIDEMARK_CHECK_OK(database_->execute("COMMIT"));
    database_ = nullptr;
    return {};
}

}  // namespace tidemark::store
