// Bytes as the head of a request, the target in the first line and a header's value in each other one: everything here
// is decided before anybody is known.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "foundation/net/host_guard.hpp"
#include "foundation/net/http.hpp"

namespace {

using namespace tidemark;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

void check_target(std::string_view target) {
    net::Request request;
    if (!net::parse_target(target, request)) {
        return;
    }
    require(request.path.starts_with('/') && request.path.find('\0') == std::string::npos);
    // Whatever was escaped how often: no way up.
    require(request.path != "/.." && request.path.find("/../") == std::string::npos && !request.path.ends_with("/.."));
    for (const auto& [name, value] : request.query) {
        require(name.find('\0') == std::string::npos && value.find('\0') == std::string::npos);
    }
}

void check_header(std::string_view value) {
    static const net::HostGuard guard =
        net::HostGuard::make(8377, {"tide.example:443", "any.example:*", "bare.example"}).value();
    if (guard.allows_host(value)) {
        require(value.find('@') == std::string_view::npos && value.find('/') == std::string_view::npos);
    }
    if (guard.allows_origin(value, false)) {
        require(value.starts_with("http") && value != "null");
    }
    if (guard.allows_origin(value, true)) {
        require(value.starts_with("https://") && guard.allows_origin(value, false));
    }
    (void)net::accepts_encoding(value, "gzip");
    if (net::etag_matches(value, "\"a\"")) {
        require(value.find('*') != std::string_view::npos || value.find("\"a\"") != std::string_view::npos);
    }
    if (const auto decoded = net::percent_decode(value, true)) {
        require(decoded->size() <= value.size() && decoded->find('\0') == std::string::npos);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) {
        text.push_back(static_cast<char>(data[i]));
    }
    std::string_view rest = text;
    const std::size_t end = rest.find('\n');
    check_target(rest.substr(0, end));
    while (!rest.empty()) {
        const std::size_t line = rest.find('\n');
        check_header(rest.substr(0, line));
        rest.remove_prefix(line == std::string_view::npos ? rest.size() : line + 1);
    }
    return 0;
}
