#include "ledger/store/migrate.hpp"

#include <cstdlib>

namespace tidemark::store {

base::Result<void> migrate(Database& database, const std::string& path, const Schema& schema) {
    auto version = database.query_int("PRAGMA user_version");
    if (!version) {
        std::string message = path + " cannot be read: " + version.error().message + ". Nothing was changed";
        if (version.error().code == base::ErrorCode::kDataLoss) {
            message += ". " + schema.when_corrupt;
        }
        return base::fail(version.error().code, std::move(message));
    }
    if (*version > schema.version) {
        return base::fail(base::ErrorCode::kFailedPrecondition, path + " was written by a newer Tidemark (schema " +
                                                                    std::to_string(*version) + ", this program knows " +
                                                                    std::to_string(schema.version) +
                                                                    "). Nothing was changed. Use the newer program");
    }
    for (const base::EmbeddedFile& file : schema.files) {
        const std::int64_t number = std::strtoll(std::string(file.path.substr(0, 4)).c_str(), nullptr, 10);
        if (number <= *version) {
            continue;
        }
        // A savepoint: a transaction of its own, or a part of the one that makes a new database.
        TIDEMARK_CHECK_OK(database.execute("SAVEPOINT migration"));
        auto done = database.execute(std::string(file.bytes).c_str());
        if (done) {
            done = database.execute(("PRAGMA user_version = " + std::to_string(number)).c_str());
        }
        if (!done) {
            (void)database.execute("ROLLBACK TO migration");
        }
        TIDEMARK_CHECK_OK(database.execute("RELEASE migration"));
        TIDEMARK_CHECK_OK(std::move(done));
    }
    return {};
}

}  // namespace tidemark::store
