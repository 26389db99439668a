#include "foundation/net/impl/openssl.hpp"

#include <cerrno>
#include <system_error>

#include <openssl/err.h>

namespace tidemark::net::impl {

std::string openssl_reason() {
    const unsigned long code = ERR_get_error();  // NOLINT(google-runtime-int): OpenSSL's own type
    ERR_clear_error();
    if (ERR_SYSTEM_ERROR(code)) {
        return std::generic_category().message(ERR_GET_REASON(code));
    }
    const char* const reason = ERR_reason_error_string(code);
    return reason != nullptr ? reason : "unknown error";
}

}  // namespace tidemark::net::impl
