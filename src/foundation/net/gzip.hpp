// gzip for dynamic answers.
#pragma once

#include <string>
#include <string_view>

namespace tidemark::net {

/// The text as gzip at the fastest level; "" when zlib fails. The deflate state (about 260 KiB) is kept per thread.
[[nodiscard]] std::string gzip(std::string_view text);

}  // namespace tidemark::net
