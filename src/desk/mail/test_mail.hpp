// What is in a mail that net::compose() made. For tests only.
#pragma once

#include <string>

#include "foundation/crypto/random.hpp"
#include "foundation/net/smtp_client.hpp"

namespace tidemark::mail {

/// The plain text.
inline std::string text_of(const net::Envelope& envelope) {
    const std::size_t begin = envelope.message.find("\r\n\r\n", envelope.message.find("text/plain")) + 4;
    std::string letters;
    for (const char c : envelope.message.substr(begin, envelope.message.find("\r\n--", begin) - begin)) {
        if (c != '\r' && c != '\n' && c != '=') {
            letters += c == '+' ? '-' : c == '/' ? '_' : c;
        }
    }
    return crypto::from_base64url(letters).value_or("(no Base64)");
}

/// What follows the first '#'.
inline std::string token_of(const net::Envelope& envelope) {
    const std::string text = text_of(envelope);
    const std::size_t at = text.find('#');
    return at == std::string::npos ? "" : text.substr(at + 1, text.find('\r', at) - at - 1);
}

}  // namespace tidemark::mail
