// Signs people in by an OpenID Connect provider: the authorization code flow (OpenID Connect Core 1.0, section 3.1)
// with PKCE (RFC 7636, S256) and the answer's issuer (RFC 9207). Knows no HTTP server; time is passed in. Thread-safe.
// begin, finish and set_settings may wait for the provider.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "desk/identity/accounts.hpp"
#include "desk/provider/documents.hpp"
#include "desk/provider/journeys.hpp"
#include "desk/provider/settings.hpp"
#include "foundation/net/http.hpp"
#include "foundation/net/https_client.hpp"

namespace tidemark::provider {

/// Why somebody did not come in. What the person is told; the reason is for the log.
enum class Fault {
    kNotSet,       ///< There is no provider
    kUnreachable,  ///< The provider does not answer
    kBusy,         ///< Too many begun from one address
    kExpired,      ///< This browser has begun no such sign-in, or too long ago, or has finished it
    kDenied,       ///< The person, or the provider's rules for this application, said no
    kProvider,     ///< What the provider answered cannot be taken
    kDomain,       ///< No verified mail address of an allowed domain
    kGroups,       ///< The provider does not tell all groups
    kStrength,     ///< The sign-in there was not of the kind that the settings ask for
};
/// A stable word: "not_set", "unreachable", …
[[nodiscard]] std::string_view to_text(Fault fault);

struct Failure {
    Fault fault = Fault::kProvider;
    std::string reason;
    bool begun_here = false;  ///< This browser did begin the sign-in that failed: worth a row in the audit log
    std::optional<identity::SignedInAs> joining = std::nullopt;  ///< As in Arrival
};
template <class T>
using Outcome = tl::expected<T, Failure>;

/// Where the browser goes now.
struct Departure {
    std::string url;
    std::string browser;  ///< For its cookie, for kJourneyLife
};
struct Arrival {
    identity::ProviderIdentity who;
    std::string return_to;
    std::optional<identity::SignedInAs> joining;  ///< Who began it to join the own account; nothing: to sign in
};

/// Whether a browser may be sent there after signing in: a path of this server with a query perhaps, "/sessions?x=1",
/// that no browser reads as another host, and no part of the API.
[[nodiscard]] bool is_own_path(std::string_view text);

class Provider {
public:
    /// Reads the settings, which `accounts` keeps; it must outlive the provider.
    static base::Result<std::unique_ptr<Provider>> open(identity::Accounts& accounts, net::Fetch fetch);

    [[nodiscard]] Settings settings() const;
    /// Checks them; when they are enabled and about another issuer than before, also that the provider answers. Ends
    /// the sign-ins that are on their way, also those that have come back and are being looked at.
    base::Result<void> set_settings(const identity::Act& act, const Settings& settings);

    /// `return_to`: is_own_path(); `redirect_uri`: where the provider is to send the browser; `browser`: what the
    /// browser has from an earlier begin(), or ""; `address`: the client's; `joining`: who wants the own account joined
    /// to the provider, not to be signed in.
    Outcome<Departure> begin(std::string_view return_to, std::string_view redirect_uri, std::string_view browser,
                             std::string_view address, std::optional<identity::SignedInAs> joining,
                             base::UnixMillis now);
    /// `query`: what the provider gave the browser along, decoded.
    Outcome<Arrival> finish(const net::Fields& query, std::string_view browser, base::UnixMillis now);

private:
    /// Replaced as a whole when an administrator changes something.
    struct Setup {
        Settings settings;
        Documents documents;
        std::mutex mutex;
        Journeys journeys;  // under mutex
        Setup(Settings s, const net::Fetch& fetch) : settings(std::move(s)), documents(settings.issuer, fetch) {}
    };
    Provider(identity::Accounts& accounts, net::Fetch fetch, Settings settings);
    [[nodiscard]] std::shared_ptr<Setup> setup() const;

    /// What the provider gave the browser along. Other parameters than these are the provider's own affair.
    struct Answer {
        std::string state, code, issuer, error;
        bool twice = false;  ///< One of them stands there more than once: two readers could see different things
    };
    static Answer answer_of(const net::Fields& query);
    /// Who came back from a journey with that answer.
    Outcome<identity::ProviderIdentity> identify(const std::shared_ptr<Setup>& current, const Journey& journey,
                                                 const Answer& answer, base::UnixMillis now) const;
    struct Tokens {
        std::string id, access;
    };
    Outcome<Tokens> redeem(const Setup& setup, const Metadata& metadata, const Journey& journey,
                           std::string_view code) const;
    Outcome<std::string> userinfo(const Metadata& metadata, const std::string& access_token,
                                  std::string_view subject) const;

    identity::Accounts& accounts_;
    const net::Fetch fetch_;
    std::mutex changing_;  // one change at a time, and what is stored last is what holds; taken before mutex_
    mutable std::mutex mutex_;
    std::shared_ptr<Setup> setup_;  // under mutex_
};

}  // namespace tidemark::provider
