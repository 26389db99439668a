#include "server/api/access.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "server/api/cookies.hpp"

namespace tidemark::api {
namespace {

const Access& nobody() {
    static const Access access = [] {
        Access none;
        none.reach.only_projects.emplace();
        none.ledger = std::make_shared<const query::Reach>(false, std::set<std::string>{}, std::set<std::string>{},
                                                           std::set<std::string>{});
        return none;
    }();
    return access;
}

using Known = std::pair<std::string_view, std::string_view>;  // part of the header, what it stands for

template <std::size_t count>
std::string_view first_of(std::string_view text, const std::array<Known, count>& known) {
    for (const auto& [part, name] : known) {
        if (text.find(part) != std::string_view::npos) {
            return name;
        }
    }
    return {};
}

// Each browser also names those that it wants to be taken for, so the order matters.
constexpr std::array<Known, 6> kBrowsers{{{"Edg/", "Edge"},
                                          {"OPR/", "Opera"},
                                          {"Firefox/", "Firefox"},
                                          {"FxiOS/", "Firefox"},
                                          {"Chrome/", "Chrome"},
                                          {"Safari/", "Safari"}}};
constexpr std::array<Known, 7> kSystems{{{"Windows NT", "Windows"},
                                         {"Android", "Android"},
                                         {"iPhone", "iOS"},
                                         {"iPad", "iOS"},
                                         {"CrOS", "ChromeOS"},
                                         {"Mac OS X", "macOS"},
                                         {"Linux", "Linux"}}};
constexpr std::size_t kLongestProgram = 40;

}  // namespace

const Access& access_of(const net::Caller& caller) {
    return caller.person ? *static_cast<const Access*>(caller.person.get()) : nobody();
}

const Access& access_of(const net::Request& request) { return request.caller ? access_of(*request.caller) : nobody(); }

bool withholds(const net::Request& request) {
    const Access& access = access_of(request);
    return access.ledger && access.ledger->withholds();
}

bool from_this_machine(const net::Request& request) {
    if (!request.remote.starts_with("127.") && request.remote != "::1") {
        return false;
    }
    return std::none_of(request.headers.begin(), request.headers.end(), [](const auto& header) {
        return header.first == "x-forwarded-for" || header.first == "forwarded" || header.first == "x-real-ip" ||
               header.first == "via";
    });
}

identity::Origin origin_of(const net::Request& request) {
    return {request.remote, agent_name(request.header("user-agent").value_or("")), request.request_id,
            std::string(cookies_of(request).device)};
}

identity::Act act_of(const net::Request& request) {
    return {access_of(request).caller, origin_of(request), base::now()};
}

std::string agent_name(std::string_view user_agent) {
    const std::string_view browser = first_of(user_agent, kBrowsers);
    if (!browser.empty()) {
        const std::string_view system = first_of(user_agent, kSystems);
        return std::string(browser) + (system.empty() ? "" : " on " + std::string(system));
    }
    std::string program;  // "curl/8.5.0": the first product (RFC 9110, 10.1.5)
    for (const char c : user_agent.substr(0, kLongestProgram)) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                           c == '-' || c == '_' || c == '/';
        if (!plain) {
            break;
        }
        program += c;
    }
    return program;
}

}  // namespace tidemark::api
