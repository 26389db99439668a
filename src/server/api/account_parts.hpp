// What several handlers of accounts share: people and teams as the API shows them, and removing an account.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "desk/identity/accounts.hpp"
#include "foundation/net/http.hpp"
#include "server/api/account_dto.hpp"
#include "server/api/api.hpp"

namespace tidemark::api {

/// The caller of `act`, which must be an account or a key.
[[nodiscard]] base::Result<Me> me_of(identity::Accounts& accounts, const identity::Act& act);

/// The teams that hold the account, without those above them.
[[nodiscard]] std::vector<TeamRef> teams_of(const identity::Directory& directory, identity::AccountId account);
[[nodiscard]] TeamRef team_ref(const identity::Directory& directory, identity::TeamId team);
/// "" when there is no such account.
[[nodiscard]] std::string username_of(const identity::Directory& directory, identity::AccountId account);

/// Removes an account when the body names it, here and in the ledger.
[[nodiscard]] net::Response erase(const ApiContext& context, const net::Request& request, identity::AccountId account);

/// Of a mail to whoever asks: what they chose, else what their browser likes best.
[[nodiscard]] mail::Language language_of(const std::optional<Language>& chosen, const net::Request& request);

}  // namespace tidemark::api
