// The databases of a data folder.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "desk/store/accounts_store.hpp"
#include "ledger/store/store.hpp"

namespace tidemark::backup::impl {

struct KnownDatabase {
    std::string_view name;
    std::string_view lock;            ///< Held by who writes it
    std::int64_t schema_version = 0;  ///< The newest that this program knows
};

/// The ledger is always there; accounts come with the first start of a server.
constexpr std::array<KnownDatabase, 2> kDatabases{
    {{store::kDatabaseName, "tidemark.lock", store::kSchemaVersion},
     {store::kAccountsDatabaseName, "accounts.lock", store::kAccountsSchemaVersion}}};

/// Between a database's name and the stamp of the restore that put another one in its place.
constexpr std::string_view kKeptMark = ".before-restore-";

}  // namespace tidemark::backup::impl
