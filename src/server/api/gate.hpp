// Decides for every request who asks and whether that one may, by the right that the route names. From memory alone: it
// runs on the io threads, before a body is read.
#pragma once

#include <functional>
#include <memory>

#include "desk/identity/accounts.hpp"
#include "foundation/base/clock.hpp"
#include "foundation/base/time.hpp"
#include "foundation/net/server.hpp"
#include "ledger/query/privacy.hpp"

namespace tidemark::api {

struct GateOptions {
    /// The server listens on loopback only. Then, while there is no account, this machine needs no sign-in.
    bool loopback = true;
    /// Requests of strangers that change something (sign-in, registration, …) answered at once; beyond: 503. Below what
    /// may wait for a worker, so that they never fill that queue, and enough for the log-ins of a flood, which wait for
    /// their turn without a worker (identity::PasswordPool).
    std::size_t strangers = 128;
    /// The same for those on a device or at an address that somebody signed in from before (Accounts::familiar): their
    /// places are not taken by a flood of others.
    std::size_t returning = 32;
    /// Whose days sums of others are told in where the policy tells totals only; must be quick. Unset: UTC.
    std::function<base::TimeZone()> time_zone = {};
    /// query::Engine::member_names; may be called as long as there are requests.
    std::function<std::shared_ptr<const query::Names>()> member_names = {};
};

/// The gate for net::ServerOptions. Credentials: an Authorization header, else the cookie; API keys in the header only.
/// What changes something and comes with a cookie must show that a page of this server sent it: by its Origin, and by
/// the header X-Tidemark-Request: 1, for which a browser would have to ask first elsewhere. `accounts` must outlive it.
[[nodiscard]] net::Gate make_gate(identity::Accounts& accounts, const GateOptions& options);

/// Whether there is no account yet and `request` comes from this machine, on which the server listens alone.
[[nodiscard]] bool is_open(const identity::Accounts& accounts, bool loopback, const net::Request& request);

/// Whether an event stream of this caller may go on: the credential still holds, the reach is the same, and it is not
/// older than an hour (browsers open it again by themselves). For net::Server::end_streams.
[[nodiscard]] bool still_allowed(identity::Accounts& accounts, const net::Caller& caller, base::UnixMillis now);

}  // namespace tidemark::api
