// Hands one mail to a mail server (RFC 5321) and waits until that server has it. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>

#include "foundation/base/result.hpp"

namespace tidemark::net {

enum class SmtpSecurity {
    kTls,       ///< TLS from the first byte, usually on port 465 (RFC 8314)
    kStarttls,  ///< TLS before anything else is said, usually on port 587 (RFC 3207); never goes on without
    kPlain,     ///< In the clear, the password too
};

struct SmtpServer {
    std::string host;  ///< is_host()
    std::uint16_t port = 465;
    SmtpSecurity security = SmtpSecurity::kTls;
    std::string user,
        password;  ///< Both "": without signing in. Else PLAIN (RFC 4616), or LOGIN where there is no more
    std::string hello = "localhost";             ///< The name this machine goes by
    std::string ca_file;                         ///< As FetchOptions::ca_file
    std::chrono::milliseconds patience{30'000};  ///< For everything but looking the name up
    /// Errors quote what the server said: for the person who sets it up. Else they have its codes alone, since a server
    /// may repeat addresses. What it says of a password is never quoted.
    bool quote = false;
    std::stop_token stop = {};  ///< Ends the waiting
};

struct Envelope {
    std::string from, to;  ///< is_mail_address()
    std::string message;   ///< compose()
};

/// kInvalidArgument: the input. kUnavailable: it may work later: the network, or the server said so (4yz).
/// kFailedPrecondition: it will not: the server refused (5yz), or offers no TLS or no way to sign in.
/// The calling thread must not take SIGPIPE, see https_client.hpp.
[[nodiscard]] base::Result<void> deliver(const SmtpServer& server, const Envelope& envelope);

}  // namespace tidemark::net
