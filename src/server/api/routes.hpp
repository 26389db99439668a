// The table of the API: every route with its parameters and documents. The router, the parameter checks and
// openapi.json are all made from it, so they cannot disagree.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "desk/identity/rights.hpp"
#include "foundation/json/describe.hpp"
#include "foundation/net/http.hpp"

namespace tidemark::api {

enum class ParameterType { kString, kTime, kInteger, kEnum };

struct Parameter {
    std::string_view name;
    ParameterType type = ParameterType::kString;
    std::string_view description;
    std::string_view default_text = {};       ///< "" = none
    const json::Type* enumeration = nullptr;  ///< kEnum
    std::int64_t minimum = 0;                 ///< kInteger
    std::int64_t maximum = std::numeric_limits<std::int64_t>::max();
    bool repeatable = false;
    bool in_path = false;
};

struct Route {
    net::Method method = net::Method::kGet;
    std::string_view path;  ///< "/api/v1/sessions/{id}"
    std::string_view id;    ///< operationId
    std::string_view tag;
    std::string_view summary;
    std::vector<Parameter> parameters = {};
    const json::Type* request = nullptr;
    bool request_optional = false;         ///< The body may be left out
    const json::Type* response = nullptr;  ///< nullptr: not JSON, see media
    int status = 200;                      ///< Of an answer that went well; 202 and 204 have no body
    std::string_view media = "application/json";
    bool blocking = false;                       ///< Runs on a worker thread: it may take longer than a millisecond
    std::chrono::milliseconds deadline{10'000};  ///< For the answer
    identity::Right right = identity::Right::kManageAll;
    bool foreign_query = false;   ///< Others make its query: unknown parameters, and repeated ones, are let through
    bool open = false;            ///< Also while there is no account yet, for this machine; what may be read always is
    bool local = false;           ///< Also without signing in, for this machine
    bool changes_access = false;  ///< May take from somebody what they see: event streams are looked through after it
};

/// The routes about accounts, people, keys, the audit log and the server itself: a part of routes().
[[nodiscard]] std::vector<Route> account_routes();

/// All routes, in the order of the documentation.
[[nodiscard]] const std::vector<Route>& routes();
/// The route of an operationId; the id must exist.
[[nodiscard]] const Route& route(std::string_view id);

/// The OpenAPI 3.0.3 document of routes(), indented, with a final line break.
[[nodiscard]] std::string openapi_document();

}  // namespace tidemark::api
