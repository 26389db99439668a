// Names of models for people who read a table.
#pragma once

#include <string>
#include <string_view>

namespace tidemark::report {

/// "claude-sonnet-4-5-20250929" -> "sonnet-4-5": without the maker and the date; "-fast" stays.
[[nodiscard]] std::string short_model(std::string_view id);

}  // namespace tidemark::report
