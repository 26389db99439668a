// The functions behind the routes, one per operationId, and what they share.
#pragma once

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "foundation/json/write.hpp"
#include "foundation/net/http.hpp"
#include "server/api/api.hpp"
#include "server/api/arguments.hpp"

namespace tidemark::api {

/// Answers one request whose parameters are checked. Runs on an io thread, or on a worker when the route is `blocking`.
using Answer = net::Response (*)(ApiContext& context, const Arguments& arguments, const net::Request& request);

net::Response get_overview(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_usage_summary(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_usage_series(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_usage_breakdown(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_usage_hours(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_usage_records(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_sessions(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_active_sessions(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_session(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_projects(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_limits(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_facets(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_sources(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_prices(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response put_price_overrides(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_settings(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response put_settings(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_version(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_openapi(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_health(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_readiness(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_metrics(ApiContext& context, const Arguments& arguments, const net::Request& request);

/// The opening of getStream: a hello, and what the subscriber missed or a resync.
net::StreamHandler stream_handler(ApiContext& context);

/// Time zone and week start from `tz` and `week_start`, else from the settings.
OrProblem<std::pair<base::TimeZone, base::WeekStart>> zone_of(const ApiContext& context, const Arguments& arguments,
                                                              const net::Request& request);
/// The range and filters of a scoped route. `from` defaults to the start of today, or to the beginning of everything.
OrProblem<query::Scope> scope_of(const ApiContext& context, const Arguments& arguments, const net::Request& request,
                                 bool from_the_first = false);

/// The 5-hour block that is going on at `now`, with the largest block before it as yardstick.
base::Result<std::optional<UsageBlock>> present_block(const ApiContext& context, const base::TimeZone& zone,
                                                      base::UnixMillis now);

/// How long an answer holds that says how things stand now: it is that old at most, and says of when it is.
constexpr base::UnixMillis kMoment = base::kSecond;
constexpr base::UnixMillis kForever = std::numeric_limits<base::UnixMillis>::max();

/// Until when the scope of a request is the same: for ever when the request names both ends of its range.
/// `whole_quarters`: the answer only depends on the quarters of an hour in the range, and does not name its end.
[[nodiscard]] base::UnixMillis holds_until(const Arguments& arguments, const query::Scope& scope,
                                           bool whole_quarters = false);

/// 200 with the DTO. It may be given to others until `holds_until`, as long as neither the ledger nor the settings
/// change; 0: never.
template <class T>
net::Response answer(const T& dto, base::UnixMillis holds_until = 0) {
    net::Response response = net::json_response(json::to_text(dto));
    response.keep_until = holds_until;
    return response;
}

}  // namespace tidemark::api

/// TIDEMARK_ANSWER(auto x, f());  answers with f()'s problem (OrProblem) or with the problem of its error
/// (base::Result).
#define TIDEMARK_ANSWER(declaration, expression) \
    TIDEMARK_ANSWER_(TIDEMARK_CONCAT(answer_, __LINE__), declaration, expression)
#define TIDEMARK_ANSWER_(name, declaration, expression)                       \
    auto name = (expression);                                                 \
    if (!name) {                                                              \
        return ::tidemark::api::problem_of(request, std::move(name).error()); \
    }                                                                         \
    declaration = std::move(*name)

namespace tidemark::api {

inline net::Response problem_of(const net::Request&, net::Response problem) { return problem; }
/// Errors about a parameter begin with its name and a colon ("cursor: not one that this server gave").
inline net::Response problem_of(const net::Request& request, const base::Error& error) {
    const std::size_t colon = error.message.find(": ");
    const std::string_view name = std::string_view(error.message).substr(0, std::min(colon, error.message.size()));
    const bool names_parameter = error.code == base::ErrorCode::kInvalidArgument && colon != std::string::npos &&
                                 name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos;
    if (!names_parameter) {
        return net::problem(request, error);
    }
    const net::FieldError field{std::string(name), error.message.substr(colon + 2)};
    return net::problem(request, 400, "invalid_argument", error.message, std::span(&field, 1));
}

}  // namespace tidemark::api
