// Which handler answers a request.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/net/http.hpp"
#include "foundation/net/static_files.hpp"
#include "foundation/net/stream.hpp"

namespace tidemark::net {

/// Takes a request, gives its answer. Called by several threads at once.
using Handler = std::function<Response(const Request&)>;

struct RouteOptions {
    std::string id;                                  ///< For metrics and logs
    bool blocking = false;                           ///< May take longer than a millisecond: runs on a worker thread
    std::size_t body_limit = std::size_t{1} << 20U;  ///< Bytes
    std::chrono::milliseconds deadline{10'000};      ///< For the answer, from the end of the request
    /// GET routes whose answers can serve several requests (Response::keep_until): the number of the state of the
    /// world, which rises with everything that can change an answer. Asked on the io threads for each request: must be
    /// quick.
    std::function<std::uint64_t()> state = {};
};

class Router {
public:
    /// A route with a handler. `pattern` is a path whose segments may be "{name}"; fixed paths win over those with
    /// names. GET also answers HEAD.
    void add(Method method, std::string_view pattern, Handler handler, RouteOptions options);
    /// A GET route that answers with an event stream.
    void add_stream(std::string_view pattern, StreamHandler handler, RouteOptions options);
    /// Files for GET requests that no route matches.
    void serve_files(StaticFiles files) { files_ = std::move(files); }

    struct Endpoint {
        Method method = Method::kGet;
        std::string pattern;
        std::vector<std::string> segments;
        bool fixed = true;  ///< Has no {names}
        Handler handler;
        StreamHandler stream;
        RouteOptions options;
    };
    /// The endpoint for the request's path and method, with path_parameters filled in. Else nullptr, and `allowed`
    /// holds the methods that the path has ("GET, HEAD, PUT"), empty when there is no such path.
    const Endpoint* find(Request& request, std::string& allowed) const;
    [[nodiscard]] const StaticFiles& files() const { return files_; }
    [[nodiscard]] const std::vector<std::unique_ptr<Endpoint>>& endpoints() const { return endpoints_; }

private:
    std::vector<std::unique_ptr<Endpoint>> endpoints_;  // fixed paths first
    StaticFiles files_;
};

}  // namespace tidemark::net
