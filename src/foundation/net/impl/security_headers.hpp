// The headers that every answer carries, whatever it is.
#pragma once

#include <string>
#include <string_view>

namespace tidemark::net::impl {

/// Appends them to an answer's head, each with its line end. The application loads nothing from elsewhere, is shown in
/// no frame and uses none of the browser's devices. `strict_transport`: the browser shall keep to HTTPS for this host
/// for a year (RFC 6797).
inline void append_security_headers(std::string& head, bool strict_transport) {
    static constexpr std::string_view kAlways =
        "Content-Security-Policy: default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src "
        "'self'; connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
        "form-action 'self'\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "Referrer-Policy: no-referrer\r\n"
        "Cross-Origin-Opener-Policy: same-origin\r\n"
        "Cross-Origin-Resource-Policy: same-origin\r\n"
        "Permissions-Policy: camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()\r\n";
    head += kAlways;
    if (strict_transport) {
        head += "Strict-Transport-Security: max-age=31536000\r\n";
    }
}

}  // namespace tidemark::net::impl
