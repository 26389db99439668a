#include "foundation/net/http.hpp"

#include <array>

#include "foundation/base/hash.hpp"
#include "foundation/json/write.hpp"

namespace tidemark::net {
namespace {

constexpr std::array<std::pair<Method, std::string_view>, 7> kMethods{{{Method::kGet, "GET"},
                                                                       {Method::kHead, "HEAD"},
                                                                       {Method::kPost, "POST"},
                                                                       {Method::kPut, "PUT"},
                                                                       {Method::kPatch, "PATCH"},
                                                                       {Method::kDelete, "DELETE"},
                                                                       {Method::kOptions, "OPTIONS"}}};

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
        text.remove_prefix(1);
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
        text.remove_suffix(1);
    }
    return text;
}

bool same_token(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    if (a.size() != b.size()) {
        return false;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (lower(a[i]) != lower(b[i])) {
            return false;
        }
    }
    return true;
}

/// Calls visit(part) for each part of a comma list, trimmed.
template <class Visit>
void for_each_item(std::string_view list, Visit visit) {
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        visit(trim(list.substr(0, comma)));
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
}

}  // namespace

std::string_view to_string(Method method) { return kMethods[static_cast<std::size_t>(method)].second; }

std::optional<Method> method_from(std::string_view name) {
    for (const auto& [method, text] : kMethods) {
        if (text == name) {
            return method;
        }
    }
    return std::nullopt;
}

std::optional<std::string_view> Request::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (key == name) {
            return value;
        }
    }
    return std::nullopt;
}

std::string_view Request::path_parameter(std::string_view name) const {
    for (const auto& [key, value] : path_parameters) {
        if (key == name) {
            return value;
        }
    }
    return {};
}

std::string_view reason(int status) {
    switch (status) {
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 302: return "Found";
        case 303: return "See Other";
        case 304: return "Not Modified";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 413: return "Content Too Large";
        case 415: return "Unsupported Media Type";
        case 417: return "Expectation Failed";
        case 421: return "Misdirected Request";
        case 422: return "Unprocessable Content";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 503: return "Service Unavailable";
        default: return "Unknown";
    }
}

Response json_response(std::string text) {
    Response response;
    response.content_type = "application/json";
    response.body = std::move(text);
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

Response problem(const Request& request, int status, std::string_view code, std::string_view detail,
                 std::span<const FieldError> errors) {
    Response response;
    response.status = status;
    response.content_type = "application/problem+json";
    response.headers.emplace_back("Cache-Control", "no-store");
    std::string& body = response.body;
    body = R"({"type":"about:blank","title":)";
    json::append_string(body, reason(status));
    body += R"(,"status":)" + std::to_string(status) + R"(,"code":)";
    json::append_string(body, code);
    body += R"(,"detail":)";
    json::append_string(body, detail);
    body += R"(,"errors":[)";
    for (const FieldError& error : errors) {
        body += &error == errors.data() ? R"({"path":)" : R"(,{"path":)";
        json::append_string(body, error.path);
        body += R"(,"message":)";
        json::append_string(body, error.message);
        body += '}';
    }
    body += R"(],"request_id":)";
    json::append_string(body, request.request_id);
    body += '}';
    return response;
}

Response problem(const Request& request, const base::Error& error) {
    switch (error.code) {
        case base::ErrorCode::kInvalidArgument: return problem(request, 400, "invalid_argument", error.message);
        case base::ErrorCode::kNotFound: return problem(request, 404, "not_found", error.message);
        case base::ErrorCode::kPermissionDenied: return problem(request, 403, "permission_denied", error.message);
        case base::ErrorCode::kFailedPrecondition: return problem(request, 409, "failed_precondition", error.message);
        case base::ErrorCode::kResourceExhausted: return problem(request, 503, "resource_exhausted", error.message);
        case base::ErrorCode::kDeadlineExceeded: return problem(request, 503, "deadline_exceeded", error.message);
        case base::ErrorCode::kUnavailable: return problem(request, 503, "unavailable", error.message);
        case base::ErrorCode::kDataLoss: return problem(request, 500, "data_loss", error.message);
        case base::ErrorCode::kConfirmationNeeded: return problem(request, 403, "confirmation_needed", error.message);
        case base::ErrorCode::kInternal: break;
    }
    return problem(request, 500, "internal", error.message);
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return std::nullopt;
            }
            c = static_cast<char>(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        if (c == '\0') {
            return std::nullopt;
        }
        out += c;
    }
    return out;
}

bool parse_target(std::string_view target, Request& request) {
    if (!target.starts_with('/')) {
        return false;
    }
    const std::size_t mark = std::min(target.find('?'), target.size());
    auto path = percent_decode(target.substr(0, mark), false);
    if (!path) {
        return false;
    }
    for (std::size_t start = 0; start < path->size();) {
        const std::size_t end = std::min(path->find('/', start), path->size());
        const std::string_view segment = std::string_view(*path).substr(start, end - start);
        if (segment == "." || segment == "..") {
            return false;
        }
        start = end + 1;
    }
    request.path = std::move(*path);
    request.target = target;
    request.raw_path = target.substr(0, mark);
    std::string_view query = target.substr(std::min(mark + 1, target.size()));
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (pair.empty()) {
            continue;
        }
        const std::size_t equals = std::min(pair.find('='), pair.size());
        auto name = percent_decode(pair.substr(0, equals), true);
        auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
        if (!name || !value) {
            return false;
        }
        request.query.emplace_back(std::move(*name), std::move(*value));
    }
    return true;
}

bool accepts_encoding(std::string_view header, std::string_view coding) {
    bool accepted = false;
    bool named = false;
    for_each_item(header, [&](std::string_view item) {
        const std::size_t semicolon = std::min(item.find(';'), item.size());
        const std::string_view name = trim(item.substr(0, semicolon));
        std::string_view weight = trim(item.substr(std::min(semicolon + 1, item.size())));
        bool allowed = true;
        if (weight.starts_with("q=") || weight.starts_with("Q=")) {
            weight.remove_prefix(2);
            allowed = weight.find_first_not_of("0.") != std::string_view::npos;
        }
        if (same_token(name, coding)) {
            accepted = allowed;
            named = true;
        } else if (name == "*" && !named) {
            accepted = allowed;
        }
    });
    return accepted;
}

bool etag_matches(std::string_view header, std::string_view etag) {
    bool found = trim(header) == "*";
    for_each_item(header, [&](std::string_view item) {
        if (item.starts_with("W/")) {
            item.remove_prefix(2);
        }
        found = found || item == etag;
    });
    return found;
}

std::string etag_of(std::string_view body) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    std::string tag = "\"";
    for (const std::uint64_t seed : {std::uint64_t{1}, std::uint64_t{2}}) {
        const std::uint64_t hash = base::hash64(body, seed);
        for (unsigned shift = 0; shift < 64; shift += 4) {
            tag += kHex[(hash >> shift) & 15U];
        }
    }
    return tag + "\"";
}

}  // namespace tidemark::net
