#include "foundation/net/router.hpp"

#include <algorithm>
#include <optional>

namespace tidemark::net {
namespace {

std::vector<std::string> split(std::string_view path) {
    std::vector<std::string> segments;
    while (!path.empty()) {
        path.remove_prefix(1);  // the slash
        const std::size_t end = std::min(path.find('/'), path.size());
        segments.emplace_back(path.substr(0, end));
        path.remove_prefix(end);
    }
    return segments;
}

bool is_name(std::string_view segment) { return segment.size() > 2 && segment.front() == '{' && segment.back() == '}'; }

/// The path parameters when the request's path fits.
std::optional<Fields> match(const Router::Endpoint& endpoint, const Request& request) {
    Fields parameters;
    if (endpoint.fixed) {
        return request.path == endpoint.pattern ? std::optional(parameters) : std::nullopt;
    }
    std::string_view raw_path = request.raw_path;
    for (const std::string& segment : endpoint.segments) {
        if (raw_path.empty()) {
            return std::nullopt;
        }
        raw_path.remove_prefix(1);
        const std::size_t end = std::min(raw_path.find('/'), raw_path.size());
        const auto text = percent_decode(raw_path.substr(0, end), false);
        raw_path.remove_prefix(end);
        if (!text) {
            return std::nullopt;
        }
        if (!is_name(segment)) {
            if (*text != segment) {
                return std::nullopt;
            }
        } else if (text->empty()) {
            return std::nullopt;
        } else {
            parameters.emplace_back(segment.substr(1, segment.size() - 2), *text);
        }
    }
    return raw_path.empty() ? std::optional(std::move(parameters)) : std::nullopt;
}

}  // namespace

void Router::add(Method method, std::string_view pattern, Handler handler, RouteOptions options) {
    auto endpoint = std::make_unique<Endpoint>();
    endpoint->method = method;
    endpoint->pattern = pattern;
    endpoint->segments = split(pattern);
    endpoint->fixed = std::none_of(endpoint->segments.begin(), endpoint->segments.end(), is_name);
    endpoint->handler = std::move(handler);
    endpoint->options = std::move(options);
    const auto place = endpoint->fixed ? std::find_if(endpoints_.begin(), endpoints_.end(),
                                                      [](const auto& other) { return !other->fixed; })
                                       : endpoints_.end();
    endpoints_.insert(place, std::move(endpoint));
}

void Router::add_stream(std::string_view pattern, StreamHandler handler, RouteOptions options) {
    add(Method::kGet, pattern, nullptr, std::move(options));
    for (const auto& endpoint : endpoints_) {
        if (endpoint->pattern == pattern) {
            endpoint->stream = std::move(handler);
            return;
        }
    }
}

const Router::Endpoint* Router::find(Request& request, std::string& allowed) const {
    const Method wanted = request.method == Method::kHead ? Method::kGet : request.method;
    const std::string* path = nullptr;  // the first pattern that fits decides; its methods are the ones there are
    for (const auto& endpoint : endpoints_) {
        if (path != nullptr && endpoint->pattern != *path) {
            continue;
        }
        auto parameters = match(*endpoint, request);
        if (!parameters) {
            continue;
        }
        if (endpoint->method == wanted) {
            request.path_parameters = std::move(*parameters);
            allowed.clear();
            return endpoint.get();
        }
        path = &endpoint->pattern;
        allowed += allowed.empty() ? "" : ", ";
        allowed += to_string(endpoint->method);
        if (endpoint->method == Method::kGet) {
            allowed += ", HEAD";
        }
    }
    return nullptr;
}

}  // namespace tidemark::net
