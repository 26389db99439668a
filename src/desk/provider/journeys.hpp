// The sign-ins that have left for the provider and not come back. In memory, bounded, each for one return.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "desk/identity/accounts.hpp"
#include "foundation/base/clock.hpp"

namespace tidemark::provider {

/// How long a person may take at the provider.
constexpr base::UnixMillis kJourneyLife = 10 * base::kMinute;
/// So many a client (an IPv4 address, an IPv6 /64) may begin in that time, come back or not: an office behind one
/// address fits.
constexpr std::size_t kJourneysPerAddress = 200;
/// Of all addresses; beyond, the oldest is forgotten.
constexpr std::size_t kMostJourneys = 10'000;

struct Journey {
    std::string nonce, verifier;                  ///< PKCE's code_verifier (RFC 7636)
    std::string browser;                          ///< What the browser must bring back in its cookie
    std::string address;                          ///< Where it began: identity::host_of()
    std::string return_to, redirect_uri;          ///< Path here; where the provider sends the browser
    std::optional<identity::SignedInAs> joining;  ///< Whose account is to be joined to the provider; else: a sign-in
};

/// Not thread-safe.
class Journeys {
public:
    struct Begun {
        std::string state;
        Journey journey;
    };
    /// `browser`: what the browser has from a sign-in that it began before, in another tab; kept if that is still on
    /// its way, else there is a fresh one. Nothing: too many of this address.
    std::optional<Begun> begin(std::string_view address, std::string_view browser, std::string return_to,
                               std::string redirect_uri, std::optional<identity::SignedInAs> joining,
                               base::UnixMillis now);
    /// The journey with that state, which ends here; nothing when there is none (any more) or another browser began it.
    std::optional<Journey> take(std::string_view state, std::string_view browser, base::UnixMillis now);
    [[nodiscard]] std::size_t size() const { return journeys_.size(); }

private:
    struct Kept {
        Journey journey;
        base::UnixMillis ends = 0;
        bool returned = false;  ///< Stays, without its secrets, to be counted
    };
    void forget_old(base::UnixMillis now);
    void forget_first();

    std::map<std::string, Kept, std::less<>> journeys_;  // by the hash of the state
    std::deque<std::string> order_;                      // the oldest first
    std::map<std::string, std::size_t, std::less<>> by_address_;
};

}  // namespace tidemark::provider
