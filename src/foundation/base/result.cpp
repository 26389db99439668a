#include "foundation/base/result.hpp"

#include <cerrno>
#include <system_error>

namespace tidemark::base {

tl::unexpected<Error> fail_errno(std::string_view what) {
    const int error = errno;
    ErrorCode code = ErrorCode::kInternal;
    switch (error) {
        case ENOENT:
        case ENOTDIR: code = ErrorCode::kNotFound; break;
        case EACCES:
        case EPERM:
        case EROFS: code = ErrorCode::kPermissionDenied; break;
        case ENOSPC:
        case EDQUOT:
        case EMFILE:
        case ENFILE: code = ErrorCode::kResourceExhausted; break;
        default: break;
    }
    return fail(code, std::string(what) + ": " + std::generic_category().message(error));
}

}  // namespace tidemark::base
