#include "server/api/arguments.hpp"

#include <algorithm>
#include <charconv>

#include "foundation/base/suggest.hpp"
#include "foundation/base/time.hpp"

namespace tidemark::api {
namespace {

std::optional<std::int64_t> parse_integer(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// What is wrong with a value; "" when it is right.
std::string complaint(const Parameter& parameter, std::string_view value) {
    switch (parameter.type) {
        case ParameterType::kString: return "";
        case ParameterType::kTime:
            return base::parse_rfc3339(value) ? ""
                                              : "must be a time such as 2026-11-23T01:58:34Z (encode a '+' as %2B)";
        case ParameterType::kInteger: {
            const auto number = parse_integer(value);
            if (number && *number >= parameter.minimum && *number <= parameter.maximum) {
                return "";
            }
            std::string range = "must be a whole number from " + std::to_string(parameter.minimum);
            if (parameter.maximum != std::numeric_limits<std::int64_t>::max()) {
                range += " to " + std::to_string(parameter.maximum);
            }
            return range;
        }
        case ParameterType::kEnum: break;
    }
    const auto& names = parameter.enumeration->names;
    if (std::find(names.begin(), names.end(), value) != names.end()) {
        return "";
    }
    std::string list = "must be one of ";
    for (const std::string_view name : names) {
        list += name == names.front() ? std::string(name) : ", " + std::string(name);
    }
    return list + base::did_you_mean(value, names);
}

}  // namespace

OrProblem<Arguments> Arguments::parse(const Route& route, const net::Request& request) {
    for (const Parameter& parameter : route.parameters) {
        // What cannot be the id of anything names nothing.
        if (parameter.in_path && !complaint(parameter, request.path_parameter(parameter.name)).empty()) {
            return tl::unexpected<net::Response>(
                net::problem(request, 404, "not_found", "There is nothing at this path."));
        }
    }
    if (route.foreign_query) {
        return Arguments(route, request);
    }
    std::vector<net::FieldError> errors;
    bool unknown = false;
    std::vector<std::string_view> seen;
    for (const auto& [name, value] : request.query) {
        const auto parameter =
            std::find_if(route.parameters.begin(), route.parameters.end(),
                         [&wanted = name](const Parameter& p) { return !p.in_path && p.name == wanted; });
        if (parameter == route.parameters.end()) {
            std::vector<std::string_view> names;
            for (const Parameter& p : route.parameters) {
                if (!p.in_path) {
                    names.push_back(p.name);
                }
            }
            errors.push_back({name, "is not a parameter of this route" + base::did_you_mean(name, names)});
            unknown = true;
            continue;
        }
        if (!parameter->repeatable && std::find(seen.begin(), seen.end(), parameter->name) != seen.end()) {
            errors.push_back({name, "may be given only once"});
            continue;
        }
        seen.push_back(parameter->name);
        if (std::string wrong = complaint(*parameter, value); !wrong.empty()) {
            errors.push_back({name, std::move(wrong)});
        }
    }
    if (!errors.empty()) {
        const std::string detail = "\"" + errors.front().path + "\" " + errors.front().message;
        return tl::unexpected<net::Response>(
            net::problem(request, 400, unknown ? "unknown_parameter" : "invalid_parameter", detail, errors));
    }
    return Arguments(route, request);
}

std::string_view Arguments::text(std::string_view name) const {
    for (const auto& [key, value] : request_->query) {
        if (key == name) {
            return value;
        }
    }
    for (const Parameter& parameter : route_->parameters) {
        if (parameter.name == name) {
            return parameter.in_path ? request_->path_parameter(name) : parameter.default_text;
        }
    }
    return {};
}

std::vector<std::string> Arguments::list(std::string_view name) const {
    std::vector<std::string> values;
    for (const auto& [key, value] : request_->query) {
        if (key == name) {
            values.push_back(value);
        }
    }
    return values;
}

std::optional<base::UnixMillis> Arguments::time(std::string_view name) const {
    const std::string_view value = text(name);
    return value.empty() ? std::nullopt : base::parse_rfc3339(value);
}

std::optional<std::int64_t> Arguments::integer(std::string_view name) const { return parse_integer(text(name)); }

net::Response parameter_problem(const net::Request& request, std::string_view name, std::string_view message) {
    const std::vector<net::FieldError> errors{{std::string(name), std::string(message)}};
    return net::problem(request, 400, "invalid_parameter", "\"" + std::string(name) + "\" " + std::string(message),
                        errors);
}

namespace impl {

std::optional<net::Response> check_body_type(const net::Request& request) {
    const std::string_view type = request.header("content-type").value_or("");
    if (type == "application/json" || type.starts_with("application/json;")) {
        return std::nullopt;
    }
    return net::problem(request, 415, "unsupported_media_type", "The body must be sent as application/json.");
}

net::Response body_problem(const net::Request& request, const json::Problems& problems) {
    std::vector<net::FieldError> errors;
    for (const json::Problem& problem : problems) {
        errors.push_back({problem.path, problem.message});
    }
    const std::string place = errors.front().path.empty() ? "The body" : "\"" + errors.front().path + "\"";
    return net::problem(request, 400, "invalid_body", place + " " + errors.front().message, errors);
}

}  // namespace impl
}  // namespace tidemark::api
