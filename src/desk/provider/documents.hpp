// What a provider publishes about itself: its metadata (OpenID Connect Discovery 1.0) and its keys (RFC 7517). Fetched
// when needed, kept for an hour. Thread-safe; who asks waits while another one fetches.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "foundation/base/clock.hpp"
#include "foundation/base/result.hpp"
#include "foundation/net/https_client.hpp"

namespace tidemark::provider {

struct Metadata {
    std::string issuer, authorization_endpoint, token_endpoint, jwks_uri;
    std::string userinfo_endpoint;     ///< "" when there is none
    bool secret_in_body = false;       ///< The token endpoint takes client_secret_post and not client_secret_basic
    bool answers_with_issuer = false;  ///< Each answer names the issuer (RFC 9207)
};

constexpr base::UnixMillis kDocumentsLife = base::kHour;
/// From the asking on, after a failure, the provider is not asked again: it must not hold up everybody who tries.
/// Longer than a question that gets no answer takes (net::FetchOptions).
constexpr base::UnixMillis kPauseAfterFailure = 15 * base::kSecond;
/// How often keys are fetched anew because a token was signed with none of them.
constexpr base::UnixMillis kPauseBetweenNewKeys = base::kMinute;

class Documents {
public:
    Documents(std::string issuer, net::Fetch fetch) : issuer_(std::move(issuer)), fetch_(std::move(fetch)) {}

    /// kUnavailable: it cannot be had; kFailedPrecondition: it says what cannot be worked with.
    base::Result<Metadata> metadata(base::UnixMillis now);
    /// The JSON text at jwks_uri.
    base::Result<std::string> keys(base::UnixMillis now);
    /// The same fetched anew, since a token's key is not among them: a provider rotates its keys. Nothing:
    /// they were fetched for that reason a moment ago.
    base::Result<std::optional<std::string>> newer_keys(base::UnixMillis now);

private:
    base::Result<Metadata> metadata_locked(base::UnixMillis now);
    base::Result<std::string> fetch_keys(base::UnixMillis now);
    base::Result<std::string> get(const std::string& url, base::UnixMillis now);

    const std::string issuer_;
    const net::Fetch fetch_;
    std::mutex mutex_;
    std::optional<std::pair<base::UnixMillis, Metadata>> metadata_;
    std::optional<std::pair<base::UnixMillis, std::string>> keys_;
    std::optional<base::UnixMillis> newer_at_;
    std::optional<std::pair<base::UnixMillis, base::Error>> failure_;
};

}  // namespace tidemark::provider
