#include "desk/provider/documents.hpp"

#include <algorithm>
#include <utility>

#include "foundation/crypto/jwt.hpp"

namespace tidemark::provider {
namespace {

constexpr int kOk = 200;

/// Kept at `at`, is it still good? Not when the clock was set back, either.
bool fresh(base::UnixMillis at, base::UnixMillis now, base::UnixMillis life) { return now >= at && now - at < life; }

std::string text_in(const std::string& document, std::string_view name) {
    auto texts = crypto::claim_texts(document, name);
    return texts.size() == 1 ? std::move(texts.front()) : "";
}

bool names(const std::vector<std::string>& list, std::string_view what) {
    return std::find(list.begin(), list.end(), what) != list.end();
}

std::string without_slash(std::string text) {
    if (text.ends_with('/')) {
        text.pop_back();
    }
    return text;
}

tl::unexpected<base::Error> unusable(std::string what) {
    return base::fail(base::ErrorCode::kFailedPrecondition, std::move(what));
}

base::Result<Metadata> read_metadata(const std::string& document, const std::string& issuer) {
    Metadata read;
    read.issuer = text_in(document, "issuer");
    // Section 4.3: exactly the same; else one provider could speak for another.
    if (read.issuer != issuer) {
        return unusable(without_slash(read.issuer) == without_slash(issuer)
                            ? "the provider writes its issuer as " + read.issuer
                            : "the document there is not about this issuer");
    }
    read.authorization_endpoint = text_in(document, "authorization_endpoint");
    read.token_endpoint = text_in(document, "token_endpoint");
    read.jwks_uri = text_in(document, "jwks_uri");
    read.userinfo_endpoint = text_in(document, "userinfo_endpoint");
    for (const auto& [name, url] :
         {std::pair("authorization_endpoint", &read.authorization_endpoint),
          std::pair("token_endpoint", &read.token_endpoint), std::pair("jwks_uri", &read.jwks_uri)}) {
        if (!net::parse_https_url(*url)) {
            return unusable(std::string("the provider's ") + name + " is no https:// address");
        }
    }
    if (!read.userinfo_endpoint.empty() && !net::parse_https_url(read.userinfo_endpoint)) {
        return unusable("the provider's userinfo_endpoint is no https:// address");
    }
    const auto challenges = crypto::claim_texts(document, "code_challenge_methods_supported");
    if (!challenges.empty() && !names(challenges, "S256")) {  // not all that can do it say so
        return unusable("the provider does not take PKCE with S256");
    }
    const auto methods = crypto::claim_texts(document, "token_endpoint_auth_methods_supported");
    read.secret_in_body =
        !methods.empty() && !names(methods, "client_secret_basic") && names(methods, "client_secret_post");
    read.answers_with_issuer = crypto::claim_is_true(document, "authorization_response_iss_parameter_supported");
    return read;
}

}  // namespace

base::Result<Metadata> Documents::metadata(base::UnixMillis now) {
    const std::lock_guard lock(mutex_);
    return metadata_locked(now);
}

base::Result<std::string> Documents::keys(base::UnixMillis now) {
    const std::lock_guard lock(mutex_);
    if (keys_ && fresh(keys_->first, now, kDocumentsLife)) {
        return keys_->second;
    }
    return fetch_keys(now);
}

base::Result<std::optional<std::string>> Documents::newer_keys(base::UnixMillis now) {
    const std::lock_guard lock(mutex_);
    if (newer_at_ && fresh(*newer_at_, now, kPauseBetweenNewKeys)) {
        return std::nullopt;
    }
    newer_at_ = now;
    TIDEMARK_TRY(std::string keys, fetch_keys(now));
    return keys;
}

base::Result<Metadata> Documents::metadata_locked(base::UnixMillis now) {
    if (metadata_ && fresh(metadata_->first, now, kDocumentsLife)) {
        return metadata_->second;
    }
    TIDEMARK_TRY(const std::string document, get(without_slash(issuer_) + "/.well-known/openid-configuration", now));
    TIDEMARK_TRY(Metadata read, read_metadata(document, issuer_));
    metadata_.emplace(now, std::move(read));
    return metadata_->second;
}

base::Result<std::string> Documents::fetch_keys(base::UnixMillis now) {
    TIDEMARK_TRY(const Metadata metadata, metadata_locked(now));
    TIDEMARK_TRY(std::string keys, get(metadata.jwks_uri, now));
    keys_.emplace(now, std::move(keys));
    return keys_->second;
}

base::Result<std::string> Documents::get(const std::string& url, base::UnixMillis now) {
    if (failure_ && fresh(failure_->first, now, kPauseAfterFailure)) {
        return tl::unexpected(failure_->second);
    }
    auto answer =
        fetch_({.method = net::Method::kGet, .url = url, .headers = {{"Accept", "application/json"}}, .body = {}});
    if (answer && answer->status != kOk) {
        answer = base::fail(base::ErrorCode::kUnavailable, "the provider answered " + std::to_string(answer->status) +
                                                               " to " + url.substr(0, url.find('?')));
    }
    if (!answer) {
        failure_.emplace(now, answer.error());
        return tl::unexpected(std::move(answer).error());
    }
    return std::move(answer->body);
}

}  // namespace tidemark::provider
