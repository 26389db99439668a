// "Did you mean": the known name nearest to one that somebody mistyped.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tidemark::base {

/// The candidate with the fewest edits (insert, delete, change, swap of neighbours; case does not count) from `name`,
/// or "" when all of them differ in more than a third of their letters.
[[nodiscard]] std::string_view nearest(std::string_view name, std::span<const std::string_view> candidates);

/// " (did you mean \"from\"?)", or "" when nothing is near.
[[nodiscard]] std::string did_you_mean(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace tidemark::base
