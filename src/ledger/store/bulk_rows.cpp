#include "ledger/store/bulk_rows.hpp"

#include <memory>
#include <new>
#include <string>

#include <sqlite3.h>

namespace tidemark::store {

namespace {

// SQLite's own structures come first in these: it hands back pointers to them.
struct Table : sqlite3_vtab {
    const BulkTable* source = nullptr;
};
struct Cursor : sqlite3_vtab_cursor {
    const BulkRows* rows = nullptr;
    std::size_t at = 0, end = 0;
};

int connect(sqlite3* handle, void* source, int, const char* const*, sqlite3_vtab** table, char**) {
    std::string columns;
    for (int i = 0; i < BulkTable::kColumns; ++i) {
        columns += (i == 0 ? "c" : ", c") + std::to_string(i);
    }
    if (const int code = sqlite3_declare_vtab(handle, ("CREATE TABLE bulk_rows (" + columns + ")").c_str());
        code != SQLITE_OK) {
        return code;
    }
    auto made = std::make_unique<Table>();
    made->source = static_cast<const BulkTable*>(source);
    *table = made.release();
    return SQLITE_OK;
}

int disconnect(sqlite3_vtab* table) {
    delete static_cast<Table*>(table);
    return SQLITE_OK;
}

int best_index(sqlite3_vtab*, sqlite3_index_info*) { return SQLITE_OK; }  // there is one way: all rows

int open(sqlite3_vtab*, sqlite3_vtab_cursor** cursor) {
    *cursor = new (std::nothrow) Cursor();
    return *cursor != nullptr ? SQLITE_OK : SQLITE_NOMEM;
}

int close(sqlite3_vtab_cursor* cursor) {
    delete static_cast<Cursor*>(cursor);
    return SQLITE_OK;
}

int filter(sqlite3_vtab_cursor* base, int, const char*, int, sqlite3_value**) {
    auto& cursor = *static_cast<Cursor*>(base);
    cursor.rows = static_cast<const Table*>(base->pVtab)->source->rows;
    cursor.at = 0;
    cursor.end = cursor.rows != nullptr ? cursor.rows->size() : 0;
    return SQLITE_OK;
}

int next(sqlite3_vtab_cursor* cursor) {
    ++static_cast<Cursor*>(cursor)->at;
    return SQLITE_OK;
}

int eof(sqlite3_vtab_cursor* base) {
    const auto& cursor = *static_cast<Cursor*>(base);
    return cursor.at >= cursor.end ? 1 : 0;
}

int column(sqlite3_vtab_cursor* base, sqlite3_context* context, int index) {
    const auto& cursor = *static_cast<Cursor*>(base);
    BulkValue value(context);
    cursor.rows->get(cursor.at, index, value);
    return SQLITE_OK;
}

int rowid(sqlite3_vtab_cursor* cursor, sqlite3_int64* id) {
    *id = static_cast<sqlite3_int64>(static_cast<Cursor*>(cursor)->at);
    return SQLITE_OK;
}

constexpr sqlite3_module module() {
    sqlite3_module made{};
    made.xConnect = connect;
    made.xBestIndex = best_index;
    made.xDisconnect = disconnect;
    made.xOpen = open;
    made.xClose = close;
    made.xFilter = filter;
    made.xNext = next;
    made.xEof = eof;
    made.xColumn = column;
    made.xRowid = rowid;
    return made;
}
constexpr sqlite3_module kModule = module();

}  // namespace

void BulkValue::set(std::int64_t value) { sqlite3_result_int64(context_, value); }

void BulkValue::set(std::string_view text) {
    sqlite3_result_text64(context_, text.data() != nullptr ? text.data() : "", text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void BulkValue::set_blob(std::span<const std::byte> bytes) {
    sqlite3_result_blob64(context_, bytes.data() != nullptr ? static_cast<const void*>(bytes.data()) : "", bytes.size(),
                          SQLITE_STATIC);
}

void BulkValue::set_null() { sqlite3_result_null(context_); }

base::Result<void> BulkTable::add_to(Database& database) {
    if (sqlite3_create_module(database.handle(), "bulk_rows", &kModule, this) != SQLITE_OK) {
        return tl::unexpected<base::Error>(database.last_error("bulk_rows"));
    }
    return {};
}

base::Result<void> BulkTable::run(Statement& insert, const BulkRows& from) {
    rows = &from;
    auto done = insert.run();
    rows = nullptr;
    return done;
}

}  // namespace tidemark::store
