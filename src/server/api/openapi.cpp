#include <string>

#include "foundation/json/schema.hpp"
#include "foundation/json/write.hpp"
#include "server/api/dto.hpp"
#include "server/api/routes.hpp"

namespace tidemark::api {
namespace {

using json::append_string;
using json::to_text;

std::string lower_case(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

std::string parameter_schema(const Parameter& parameter, json::Schemas& schemas) {
    std::string schema;
    switch (parameter.type) {
        case ParameterType::kString: schema = R"({"type":"string"})"; break;
        case ParameterType::kTime: schema = R"({"type":"string","format":"date-time"})"; break;
        case ParameterType::kInteger:
            schema = R"({"type":"integer","format":"int64","minimum":)" + std::to_string(parameter.minimum);
            if (parameter.maximum != std::numeric_limits<std::int64_t>::max()) {
                schema += R"(,"maximum":)" + std::to_string(parameter.maximum);
            }
            if (!parameter.default_text.empty()) {
                schema += R"(,"default":)" + std::string(parameter.default_text);
            }
            schema += "}";
            break;
        case ParameterType::kEnum:
            schema = schemas.reference(*parameter.enumeration);
            if (!parameter.default_text.empty()) {  // OpenAPI 3.0 ignores everything beside a $ref
                schema = R"({"allOf":[)" + schema + R"(],"default":)" + to_text(parameter.default_text) + "}";
            }
            break;
    }
    return parameter.repeatable ? R"({"type":"array","items":)" + schema + "}" : schema;
}

std::string parameters(const Route& route, json::Schemas& schemas) {
    std::string out;
    for (const Parameter& parameter : route.parameters) {
        out += out.empty() ? "" : ",";
        out += R"({"name":)" + to_text(parameter.name);
        out += parameter.in_path ? R"(,"in":"path","required":true)" : R"(,"in":"query","required":false)";
        out += R"(,"description":)" + to_text(parameter.description);
        if (parameter.repeatable) {
            out += R"(,"style":"form","explode":true)";
        }
        out += R"(,"schema":)" + parameter_schema(parameter, schemas) + "}";
    }
    return out;
}

/// The schema of what a successful call answers.
std::string answer_schema(const Route& route, json::Schemas& schemas) {
    if (route.response != nullptr) {
        return schemas.reference(*route.response);
    }
    if (route.media == "application/json") {
        return R"({"type":"object"})";
    }
    if (route.media != "text/event-stream") {
        return R"({"type":"string"})";
    }
    std::string events;  // the data of each event
    for (const json::Type* type : {&json::type_of<HelloEvent>(), &json::type_of<UsageEvent>(),
                                   &json::type_of<ImportProgress>(), &json::type_of<ChangedEvent>()}) {
        events += (events.empty() ? "" : ",") + schemas.reference(*type);
    }
    return R"({"oneOf":[)" + events + "]}";
}

std::string operation(const Route& route, json::Schemas& schemas) {
    std::string out = R"({"operationId":)" + to_text(route.id) + R"(,"tags":[)" + to_text(route.tag) +
                      R"(],"summary":)" + to_text(route.summary);
    if (const std::string list = parameters(route, schemas); !list.empty()) {
        out += R"(,"parameters":[)" + list + "]";
    }
    if (route.request != nullptr) {
        out += R"(,"requestBody":{"required":)" + std::string(route.request_optional ? "false" : "true") +
               R"(,"content":{"application/json":{"schema":)" + schemas.reference(*route.request) + "}}}";
    }
    // Which of the two identifies the caller is the caller's choice; neither is needed where everybody may ask.
    out += R"(,"x-right":)" + to_text(identity::to_text(route.right)) + R"(,"security":[)" +
           (route.right == identity::Right::kPublic ? "]" : R"({"cookie":[]},{"bearer":[]}])");
    out += R"(,"responses":{)" + to_text(std::to_string(route.status)) + R"(:{"description":)" +
           to_text(net::reason(route.status));
    if (route.status == 200 || route.status == 201) {
        out += R"(,"content":{)" + to_text(route.media) + R"(:{"schema":)" + answer_schema(route, schemas) + "}}";
    }
    out += "}";
    out += R"(,"default":{"description":"An error","content":{"application/problem+json":{"schema":)" +
           schemas.reference(json::type_of<Problem>()) + "}}}}}";
    return out;
}

}  // namespace

std::string openapi_document() {
    json::Schemas schemas;
    std::vector<std::string_view> done;
    std::string paths;
    for (const Route& first : routes()) {
        bool seen = false;
        for (const std::string_view path : done) {
            seen = seen || path == first.path;
        }
        if (seen) {
            continue;
        }
        done.push_back(first.path);
        std::string operations;
        for (const Route& route : routes()) {
            if (route.path == first.path) {
                operations += operations.empty() ? "" : ",";
                append_string(operations, lower_case(net::to_string(route.method)));
                operations += ':' + operation(route, schemas);
            }
        }
        paths += paths.empty() ? "" : ",";
        append_string(paths, first.path);
        paths += ":{" + operations + "}";
    }
    std::string components;
    for (const auto& [name, schema] : schemas.components()) {
        components += components.empty() ? "" : ",";
        append_string(components, name);
        components += ':' + schema;
    }
    return json::indent(
        R"({"openapi":"3.0.3","info":{"title":"Tidemark","version":"1","description":)" +
        to_text(std::string_view(
            "Usage and cost of Claude Code on this machine. Times are RFC 3339 UTC, money is USD, an unknown "
            "value is null. Unknown parameters and fields are refused by name.")) +
        R"(},"servers":[{"url":"/"}],"paths":{)" + paths +
        R"(},"components":{"securitySchemes":{"cookie":{"type":"apiKey","in":"cookie","name":"tm_access","description":)" +
        to_text(
            std::string_view("Set by signing in; __Host-tm_access by TLS. What changes something also needs the header "
                             "X-Tidemark-Request: 1 and an Origin of this server.")) +
        R"(},"bearer":{"type":"http","scheme":"bearer","description":)" +
        to_text(std::string_view("An access token, or an API key (tmk_…).")) + R"(}},"schemas":{)" + components +
        "}}}");
}

}  // namespace tidemark::api
