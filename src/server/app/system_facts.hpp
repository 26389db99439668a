// What the page System says of the running server, and what an erased account means for the ledger.
#pragma once

#include <optional>
#include <string>

#include "desk/identity/accounts.hpp"
#include "foundation/base/clock.hpp"
#include "foundation/net/server.hpp"
#include "ledger/ingest/service.hpp"
#include "server/api/account_dto.hpp"

namespace tidemark::app {

/// What does not change while the server runs.
struct SystemFacts {
    std::string data_dir;
    std::optional<net::TlsFiles> tls;
    base::UnixMillis started = 0;
};
/// `server` may be nullptr while it starts.
[[nodiscard]] api::System system_of(const SystemFacts& facts, net::Server* server, const identity::Accounts& accounts);

/// Has the ledger call an erased account's members by the pseudonym, then finishes the erasure. What fails is tried
/// again at the next start.
void forget(ingest::Collector& collector, identity::Accounts& accounts, const identity::Erasure& erasure);

}  // namespace tidemark::app
