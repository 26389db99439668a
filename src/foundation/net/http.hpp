// Requests and responses as values. Nothing here knows sockets; a handler takes a Request and gives a Response.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foundation/base/clock.hpp"
#include "foundation/base/result.hpp"

namespace tidemark::net {

enum class Method { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions };
[[nodiscard]] std::string_view to_string(Method method);
[[nodiscard]] std::optional<Method> method_from(std::string_view name);

using Fields = std::vector<std::pair<std::string, std::string>>;

/// Who asks, as far as the server's gate (server.hpp) knows.
struct Caller {
    /// Callers with equal keys have the same reach: they share kept answers, and what a stream tells them.
    std::string key;
    std::shared_ptr<const void> person;  ///< What the application knows of them
    std::string name = {};               ///< For the access log: "account:7"
};

struct Request {
    Method method = Method::kGet;
    std::string path;        ///< Percent-decoded, without the query
    std::string target;      ///< Path and query as sent: equal targets ask the same
    std::string raw_path;    ///< As sent: what the router matches, so that an escaped slash is not a separator
    Fields query;            ///< Percent-decoded, in order, '+' is a space
    Fields headers;          ///< Names in lower case
    Fields path_parameters;  ///< {name} of the route
    std::string body;
    std::string request_id;                ///< Unique to this request; every answer repeats it as X-Request-Id
    std::string remote;                    ///< The client's address; behind a trusted proxy, whom that names
    bool secure = false;                   ///< Came by TLS, to this server or to a trusted proxy
    std::shared_ptr<const Caller> caller;  ///< Set by the gate; nullptr: nobody in particular
    std::int64_t deadline_nanos = 0;       ///< base::monotonic_nanos() at which the answer is no longer wanted
    bool keep_alive = true;

    /// First header of that (lower-case) name.
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
    /// A path parameter; "" when the route has none of that name.
    [[nodiscard]] std::string_view path_parameter(std::string_view name) const;
};

struct Response {
    int status = 200;
    std::string content_type;  ///< Empty: no body
    std::string body;
    /// Used instead of `body` when not empty; lives for ever (embedded files).
    std::string_view static_body;
    std::shared_ptr<const std::string> shared_body;  ///< Used instead of both when set
    Fields headers;
    bool compressible = true;  ///< The server may gzip `body` when it is text
    /// Until when a 200 may be given to others who ask the same in the same state of the world (RouteOptions::state);
    /// 0: not at all.
    base::UnixMillis keep_until = 0;
    /// Set by a blocking handler whose answer others make: called once, with what takes the answer, which may be called
    /// by any thread, once, and does nothing when nobody waits any more. Everything else in this response is ignored.
    std::function<void(std::function<void(Response)>)> later;

    [[nodiscard]] std::string_view payload() const {
        if (shared_body) {
            return *shared_body;
        }
        return static_body.empty() ? std::string_view(body) : static_body;
    }
};

/// One thing that is wrong with a request: a parameter's name or a path into the body, and what.
struct FieldError {
    std::string path;
    std::string message;
};

/// An application/problem+json answer (RFC 9457). `code` is a stable word for programs, `detail` one sentence for
/// people.
[[nodiscard]] Response problem(const Request& request, int status, std::string_view code, std::string_view detail,
                               std::span<const FieldError> errors = {});
/// The problem that fits an error of the inner layers: kInvalidArgument is 400, kNotFound 404, … (result.hpp).
[[nodiscard]] Response problem(const Request& request, const base::Error& error);

/// 200 with a JSON text.
[[nodiscard]] Response json_response(std::string text);

/// The reason phrase: 404 -> "Not Found".
[[nodiscard]] std::string_view reason(int status);

/// Percent-decodes; '+' becomes a space when `plus_is_space`. Nothing for broken escapes and for NUL bytes.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

/// Splits "/a/b?x=1&y=2" into the decoded path and query of the request. False when it is not an absolute path, an
/// escape is broken, or a path segment is "." or "..".
[[nodiscard]] bool parse_target(std::string_view target, Request& request);

/// Whether an Accept-Encoding header allows a coding ("gzip", "br"); q=0 forbids.
[[nodiscard]] bool accepts_encoding(std::string_view header, std::string_view coding);

/// Whether an If-None-Match header names this strong ETag (with its quotes), or is "*".
[[nodiscard]] bool etag_matches(std::string_view header, std::string_view etag);

/// A strong ETag of a body, with its quotes.
[[nodiscard]] std::string etag_of(std::string_view body);

/// Bodies below this are not worth packing.
constexpr std::size_t kGzipFrom = 1024;

}  // namespace tidemark::net
