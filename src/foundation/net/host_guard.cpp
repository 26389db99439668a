#include "foundation/net/host_guard.hpp"

#include <algorithm>

namespace tidemark::net {
namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

}  // namespace

HostGuard::HostGuard(std::uint16_t port, const std::vector<std::string>& allowed) {
    for (const std::string_view name : {"localhost", "127.0.0.1", "[::1]"}) {
        exact_.push_back(std::string(name) + ":" + std::to_string(port));
        if (port == 80) {
            exact_.emplace_back(name);
        }
    }
    for (const std::string& entry : allowed) {
        if (entry.ends_with(":*")) {
            any_port_.push_back(lower(std::string_view(entry).substr(0, entry.size() - 2)));
        } else {
            exact_.push_back(lower(entry));
        }
    }
}

bool HostGuard::allows_host(std::string_view host) const {
    const std::string name = lower(host);
    if (std::find(exact_.begin(), exact_.end(), name) != exact_.end()) {
        return true;
    }
    const std::size_t colon = name.rfind(':');
    const bool has_port = colon != std::string::npos && colon + 1 < name.size() &&
                          name.find_first_not_of("0123456789", colon + 1) == std::string::npos;
    const std::string bare = has_port ? name.substr(0, colon) : name;
    return std::find(any_port_.begin(), any_port_.end(), bare) != any_port_.end();
}

bool HostGuard::allows_origin(std::string_view origin) const {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (origin.starts_with(scheme)) {
            return allows_host(origin.substr(scheme.size()));
        }
    }
    return false;
}

}  // namespace tidemark::net
