#include "foundation/base/suggest.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace tidemark::base {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Optimal string alignment distance. Three rows of the table suffice.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> above(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        above[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const bool same = lower(a[i - 1]) == lower(b[j - 1]);
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0 : 1)});
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1])) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
        std::swap(before, above);
        std::swap(above, row);
    }
    return above[b.size()];
}

}  // namespace

std::string_view nearest(std::string_view name, std::span<const std::string_view> candidates) {
    constexpr std::size_t kLongest = 64;
    if (name.empty() || name.size() > kLongest) {
        return {};
    }
    std::string_view best;
    std::size_t best_distance = kLongest;
    for (const std::string_view candidate : candidates) {
        const std::size_t edits = distance(name, candidate);
        if (edits < best_distance && edits * 3 <= std::max(candidate.size(), name.size()) + 1) {
            best = candidate;
            best_distance = edits;
        }
    }
    return best;
}

std::string did_you_mean(std::string_view name, std::span<const std::string_view> candidates) {
    const std::string_view near = nearest(name, candidates);
    return near.empty() ? std::string() : " (did you mean \"" + std::string(near) + "\"?)";
}

}  // namespace tidemark::base
