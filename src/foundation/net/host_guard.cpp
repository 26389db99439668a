#include "foundation/net/host_guard.hpp"

#include <algorithm>

namespace tidemark::net {
namespace {

constexpr std::uint16_t kHttpPort = 80;  // browsers do not name these two
constexpr std::uint16_t kHttpsPort = 443;

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

/// How long the name or address is that a "name:port" begins with; 0 when there is none.
std::size_t name_length(std::string_view text) {
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        const bool address = end != std::string_view::npos &&
                             text.substr(1, end - 1).find_first_not_of("0123456789abcdef:.") == std::string_view::npos;
        return address ? end + 1 : 0;
    }
    return std::min(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-._"), text.size());
}

/// ":8377"
bool is_port(std::string_view text) {
    return text.size() > 1 && text.front() == ':' && text.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

}  // namespace

base::Result<HostGuard> HostGuard::make(std::uint16_t port, const std::vector<std::string>& allowed) {
    HostGuard guard;
    const std::string with_port = ":" + std::to_string(port);
    for (const std::string_view name : {"localhost", "127.0.0.1", "[::1]"}) {
        guard.exact_.push_back(std::string(name) + with_port);
        if (port == kHttpPort || port == kHttpsPort) {
            guard.exact_.emplace_back(name);
        }
    }
    for (const std::string& entry : allowed) {
        const std::string name = lower(entry);
        const std::size_t end = name_length(name);
        const std::string_view rest = std::string_view(name).substr(end);
        if (end == 0 || !(rest.empty() || rest == ":*" || is_port(rest))) {
            return base::fail(
                base::ErrorCode::kInvalidArgument,
                "allowed_hosts: \"" + entry + "\" is not a host name, such as tidemark.example or 192.168.1.5:8377");
        }
        if (rest == ":*") {
            guard.any_port_.push_back(name.substr(0, end));
        } else {
            guard.exact_.push_back(name);
        }
        if (rest.empty()) {
            guard.exact_.push_back(name + with_port);
        }
    }
    return guard;
}

bool HostGuard::allows_host(std::string_view host) const {
    const std::string name = lower(host);
    if (std::find(exact_.begin(), exact_.end(), name) != exact_.end()) {
        return true;
    }
    const std::size_t end = name_length(name);
    const std::string_view port = std::string_view(name).substr(end);
    const std::string bare = port.empty() || is_port(port) ? name.substr(0, end) : name;
    return std::find(any_port_.begin(), any_port_.end(), bare) != any_port_.end();
}

bool HostGuard::allows_origin(std::string_view origin, bool secure) const {
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (origin.starts_with(scheme)) {
            return allows_host(origin.substr(scheme.size()));
        }
        if (secure) {
            return false;
        }
    }
    return false;
}

}  // namespace tidemark::net
