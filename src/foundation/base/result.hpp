// Errors as values. A function that can fail in a way its caller should expect returns Result<T>; exceptions are for
// what ends the whole operation (out of memory, a broken invariant).
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace tidemark::base {

/// What kind of failure it is, so that a caller can choose an exit code or an HTTP status without reading text.
enum class ErrorCode {
    kInvalidArgument,     ///< The caller's input is wrong: exit 2, HTTP 400 or 422.
    kNotFound,            ///< Exit 1, HTTP 404.
    kPermissionDenied,    ///< The operating system refused. Exit 1.
    kResourceExhausted,   ///< Disk full, too many files. Exit 1, HTTP 503.
    kFailedPrecondition,  ///< The state forbids it: a newer database, a lock held. Exit 1, HTTP 409.
    kDataLoss,            ///< Corrupt data. Exit 1, HTTP 500.
    kDeadlineExceeded,    ///< A query took longer than its limit. HTTP 503.
    kUnavailable,         ///< Try again later. HTTP 503.
    kConfirmationNeeded,  ///< Who asks must prove again who that is. HTTP 403.
    kInternal,            ///< A bug or an error nobody foresaw. HTTP 500.
};

/// One line for a person: what failed, where (file, line, field) and what to do about it.
struct Error {
    ErrorCode code = ErrorCode::kInternal;
    std::string message;
};

template <class T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
    return tl::unexpected<Error>(Error{code, std::move(message)});
}

/// fail() with the current errno: "open /x: No such file or directory".
[[nodiscard]] tl::unexpected<Error> fail_errno(std::string_view what);

}  // namespace tidemark::base

#define TIDEMARK_CONCAT_(a, b) a##b
#define TIDEMARK_CONCAT(a, b) TIDEMARK_CONCAT_(a, b)
/// TIDEMARK_TRY(auto x, f());  returns f()'s error from the enclosing function, or declares x from its value.
#define TIDEMARK_TRY(declaration, expression) TIDEMARK_TRY_(TIDEMARK_CONCAT(result_, __LINE__), declaration, expression)
#define TIDEMARK_TRY_(name, declaration, expression)                               \
    auto name = (expression);                                                      \
    if (!name) {                                                                   \
        return ::tl::unexpected<::tidemark::base::Error>(std::move(name).error()); \
    }                                                                              \
    declaration = std::move(*name)
/// TIDEMARK_CHECK_OK(f());  for Result<void>.
#define TIDEMARK_CHECK_OK(expression)                                                     \
    do {                                                                                  \
        if (auto status_ = (expression); !status_) {                                      \
            return ::tl::unexpected<::tidemark::base::Error>(std::move(status_).error()); \
        }                                                                                 \
    } while (false)
