// Brings a database file to the schema this program knows, by numbered SQL files that are inside the binary.
#pragma once

#include <cstdint>
#include <string>

#include "foundation/base/embedded.hpp"
#include "foundation/base/result.hpp"
#include "ledger/store/database.hpp"

namespace tidemark::store {

struct Schema {
    const base::EmbeddedFiles& files;  ///< NNNN_name.sql, in order; NNNN is the version the file leads to
    std::int64_t version = 0;          ///< The newest one this program knows
    std::string when_corrupt;          ///< What a person can do when the file cannot be read: ends the error's line
};

/// Applies what is missing, each file in a savepoint of its own together with its number (PRAGMA user_version). Refuses
/// a database that cannot be read or is newer, without changing it; the line names `path`.
base::Result<void> migrate(Database& database, const std::string& path, const Schema& schema);

}  // namespace tidemark::store
