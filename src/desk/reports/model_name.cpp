#include "desk/reports/model_name.hpp"

#include <algorithm>

namespace tidemark::report {

std::string short_model(std::string_view id) {
    constexpr std::string_view kMaker = "claude-";
    constexpr std::string_view kFast = "-fast";
    std::string_view rest = id;
    const bool fast = rest.ends_with(kFast);
    if (fast) {
        rest.remove_suffix(kFast.size());
    }
    if (rest.starts_with(kMaker) && rest.size() > kMaker.size()) {
        rest.remove_prefix(kMaker.size());
    }
    if (rest.size() > 9 && rest[rest.size() - 9] == '-') {
        const std::string_view date = rest.substr(rest.size() - 8);
        if (std::all_of(date.begin(), date.end(), [](char c) { return c >= '0' && c <= '9'; })) {
            rest.remove_suffix(9);
        }
    }
    return std::string(rest) + (fast ? std::string(kFast) : std::string());
}

}  // namespace tidemark::report
