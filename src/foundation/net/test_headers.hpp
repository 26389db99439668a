// What the tests of this module ask a response.
#pragma once

#include <string>
#include <string_view>

#include "foundation/net/http.hpp"

namespace tidemark::net {

/// The first header of that name, "" when there is none.
[[nodiscard]] inline std::string header_of(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
        if (key == name) {
            return value;
        }
    }
    return "";
}

}  // namespace tidemark::net
