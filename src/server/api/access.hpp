// Who asks, as handlers see it. Set by the gate; without one a request reaches nothing.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "desk/identity/accounts.hpp"
#include "foundation/base/clock.hpp"
#include "foundation/net/http.hpp"
#include "ledger/query/query.hpp"

namespace tidemark::api {

/// Behind net::Caller::person. The same for all requests with one credential, until something changes for it.
struct Access {
    identity::Caller caller;
    identity::Reach reach;
    std::shared_ptr<const query::Reach> ledger;  ///< Of `reach`; nullptr: everything
    bool open = false;       ///< There is no account yet: this machine may read, and change settings
    std::string credential;  ///< The access token or key
    base::UnixMillis verified_at = 0;
    std::shared_ptr<const void> place;  ///< Among the requests of strangers that are answered at once
};

/// Never fails: who is not known reaches nothing.
[[nodiscard]] const Access& access_of(const net::Request& request);
/// The same without a request, as event streams keep it.
[[nodiscard]] const Access& access_of(const net::Caller& caller);

/// Numbers of others can be missing in answers to this caller (query::Reach::withholds).
[[nodiscard]] bool withholds(const net::Request& request);

/// Nobody has forwarded the request, and it comes from this machine.
[[nodiscard]] bool from_this_machine(const net::Request& request);

/// The request as the accounts log it.
[[nodiscard]] identity::Origin origin_of(const net::Request& request);
[[nodiscard]] identity::Act act_of(const net::Request& request);

/// "Firefox on Linux" from a User-Agent header; "" when it says nothing known.
[[nodiscard]] std::string agent_name(std::string_view user_agent);

}  // namespace tidemark::api
