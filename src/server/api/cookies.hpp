// The cookies that keep a browser signed in: written and read here and nowhere else.
//
// By TLS their names begin with __Host- or __Secure- (RFC 6265bis, 4.1.3), and no others are read: then nobody who
// controls a plain-HTTP answer or a neighbouring subdomain can plant one.
#pragma once

#include <string_view>

#include "desk/identity/accounts.hpp"
#include "foundation/base/clock.hpp"
#include "foundation/net/http.hpp"

namespace tidemark::api {

/// What a request brought; "" what it did not. The texts belong to the request.
struct Cookies {
    std::string_view access, refresh, device;
    std::string_view journey;  ///< Of a sign-in by a provider that is on its way
    [[nodiscard]] bool any() const { return !access.empty() || !refresh.empty() || !device.empty(); }
};
[[nodiscard]] Cookies cookies_of(const net::Request& request);

/// Puts what a sign-in or refresh gave into the browser.
void set_cookies(net::Response& response, const net::Request& request, const identity::SignedIn& in,
                 base::UnixMillis now);
/// Takes it out again, and what the browser kept of answers (Clear-Site-Data); the mark of the device stays.
void clear_cookies(net::Response& response, const net::Request& request);

/// Marks the browser that leaves for the provider, for as long as it may take.
void set_journey_cookie(net::Response& response, const net::Request& request, std::string_view value,
                        base::UnixMillis life);

}  // namespace tidemark::api
