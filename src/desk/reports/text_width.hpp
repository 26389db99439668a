// How many columns text takes on a terminal: 2 for East Asian wide characters, 0 for combining marks.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::report {

[[nodiscard]] std::size_t display_width(std::string_view utf8);
/// `text` with spaces up to `width` columns; longer text stays as it is.
[[nodiscard]] std::string pad_right(std::string_view text, std::size_t width);
[[nodiscard]] std::string pad_left(std::string_view text, std::size_t width);
/// At most `width` columns: the end is replaced by "…".
[[nodiscard]] std::string shorten(std::string_view text, std::size_t width);
/// The same, but the beginning is replaced: for paths, whose end tells them apart.
[[nodiscard]] std::string shorten_front(std::string_view text, std::size_t width);
/// Control characters replaced, so that a name cannot steer the terminal; broken UTF-8 becomes U+FFFD.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace tidemark::report
