#include "ledger/store/store.hpp"

#include "foundation/sys/files.hpp"

namespace tidemark::store {

std::string database_path(const std::string& data_dir) { return data_dir + "/" + std::string(kDatabaseName); }

base::Result<Database> open_reader(const std::string& data_dir) { return open_reader_of(database_path(data_dir)); }

base::Result<Database> open_reader_of(const std::string& path) {
    if (auto identity = sys::identity_of(path); !identity) {
        return base::fail(identity.error().code,
                          path + " does not exist yet: run `tidemark import` or `tidemark serve`");
    }
    TIDEMARK_TRY(Database database, Database::open(path, OpenMode::kReadOnly));
    auto version = database.query_int("PRAGMA user_version");
    if (!version) {
        return base::fail(version.error().code, path + " cannot be read: " + version.error().message);
    }
    if (*version > kSchemaVersion) {
        return base::fail(base::ErrorCode::kFailedPrecondition, path + " was written by a newer Tidemark (schema " +
                                                                    std::to_string(*version) + "): use that program");
    }
    return database;
}

}  // namespace tidemark::store
