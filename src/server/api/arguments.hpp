// The parameters of a request, checked against the route's table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "foundation/base/clock.hpp"
#include "foundation/json/read.hpp"
#include "foundation/net/http.hpp"
#include "server/api/routes.hpp"

namespace tidemark::api {

template <class T>
using OrProblem = tl::expected<T, net::Response>;

class Arguments {
public:
    /// Refuses unknown and repeated parameters and values that do not fit, all at once, by name and with a suggestion.
    /// A path whose {id} cannot be one is not found.
    static OrProblem<Arguments> parse(const Route& route, const net::Request& request);

    /// The text of a parameter of the query or the path, or the default; "" when there is neither.
    [[nodiscard]] std::string_view text(std::string_view name) const;
    [[nodiscard]] std::vector<std::string> list(std::string_view name) const;
    [[nodiscard]] std::optional<base::UnixMillis> time(std::string_view name) const;
    [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name) const;
    /// A kEnum parameter with a default.
    template <class E>
    [[nodiscard]] E choice(std::string_view name) const {
        const std::string_view value = text(name);
        std::size_t index = 0;
        while (index + 1 < json::EnumNames<E>::kNames.size() && json::EnumNames<E>::kNames[index] != value) {
            ++index;
        }
        return static_cast<E>(index);
    }

private:
    explicit Arguments(const Route& route, const net::Request& request) : route_(&route), request_(&request) {}

    const Route* route_;  // both outlive this: the table for ever, the request as long as its handler runs
    const net::Request* request_;
};

/// 400 that names one parameter.
[[nodiscard]] net::Response parameter_problem(const net::Request& request, std::string_view name,
                                              std::string_view message);

/// The body as a DTO; a problem names each wrong field by its path. 415 unless the Content-Type is application/json.
template <class T>
OrProblem<T> body_of(const net::Request& request);

namespace impl {
std::optional<net::Response> check_body_type(const net::Request& request);
net::Response body_problem(const net::Request& request, const json::Problems& problems);
}  // namespace impl

template <class T>
OrProblem<T> body_of(const net::Request& request) {
    if (auto refused = impl::check_body_type(request)) {
        return tl::unexpected<net::Response>(std::move(*refused));
    }
    auto body = json::read<T>(request.body);
    if (!body) {
        return tl::unexpected<net::Response>(impl::body_problem(request, body.error()));
    }
    return std::move(*body);
}

}  // namespace tidemark::api
