#include "server/api/cookies.hpp"

#include <algorithm>
#include <string>

namespace tidemark::api {
namespace {

constexpr std::string_view kEverywhere = "/";
constexpr std::string_view kAuth = "/api/v1/auth";  // what lasts goes along only where it is needed
constexpr base::UnixMillis kDeviceLife = 365 * base::kDay;

/// A __Host- cookie must have the path "/".
struct Name {
    std::string_view plain, secure, path;
    [[nodiscard]] std::string_view of(const net::Request& request) const { return request.secure ? secure : plain; }
};
constexpr Name kAccess{"tm_access", "__Host-tm_access", kEverywhere};
constexpr Name kRefresh{"tm_refresh", "__Secure-tm_refresh", kAuth};
// The provider sends the browser back from its own site: Strict would keep the cookie here.
constexpr Name kJourney{"tm_oidc", "__Secure-tm_oidc", "/api/v1/auth/oidc"};
constexpr Name kDevice{"tm_device", "__Secure-tm_device", kAuth};

void set(net::Response& response, const net::Request& request, const Name& name, std::string_view value,
         base::UnixMillis life, std::string_view same_site = "Strict") {
    std::string text(name.of(request));
    text += '=';
    text += value;
    text += "; Path=" + std::string(name.path) +
            "; Max-Age=" + std::to_string(std::max<base::UnixMillis>(life, 0) / base::kSecond) +
            "; HttpOnly; SameSite=" + std::string(same_site);
    text += request.secure ? "; Secure" : "";
    response.headers.emplace_back("Set-Cookie", std::move(text));
}

}  // namespace

Cookies cookies_of(const net::Request& request) {
    Cookies found;
    for (const auto& [name, value] : request.headers) {
        if (name != "cookie") {
            continue;
        }
        std::string_view left = value;
        while (!left.empty()) {
            const std::size_t end = std::min(left.find(';'), left.size());
            std::string_view pair = left.substr(0, end);
            left.remove_prefix(std::min(end + 1, left.size()));
            pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
            const std::size_t equals = pair.find('=');
            if (equals == std::string_view::npos) {
                continue;
            }
            for (const auto& [cookie, place] :
                 {std::pair(&kAccess, &found.access), std::pair(&kRefresh, &found.refresh),
                  std::pair(&kDevice, &found.device), std::pair(&kJourney, &found.journey)}) {
                // The first of a name: a browser sends the one with the longest path first.
                if (place->empty() && pair.substr(0, equals) == cookie->of(request)) {
                    *place = pair.substr(equals + 1);
                }
            }
        }
    }
    return found;
}

void set_cookies(net::Response& response, const net::Request& request, const identity::SignedIn& in,
                 base::UnixMillis now) {
    set(response, request, kAccess, in.access, in.access_expires - now);
    if (!in.refresh.empty()) {
        set(response, request, kRefresh, in.refresh, in.refresh_expires - now);
    }
    if (!in.device_token.empty()) {
        set(response, request, kDevice, in.device_token, kDeviceLife);
    }
}

void set_journey_cookie(net::Response& response, const net::Request& request, std::string_view value,
                        base::UnixMillis life) {
    set(response, request, kJourney, value, life, "Lax");
}

void clear_cookies(net::Response& response, const net::Request& request) {
    set(response, request, kAccess, "", 0);
    set(response, request, kRefresh, "", 0);
    // Not "storage": that is how the pages look. Not "cookies": those of neighbours on this host would go too.
    response.headers.emplace_back("Clear-Site-Data", "\"cache\"");
}

}  // namespace tidemark::api
