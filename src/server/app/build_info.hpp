// What was built; filled in by CMake.
#pragma once

#include <string_view>

namespace tidemark::app {

extern const std::string_view kVersion;  ///< "0.1.0"
extern const std::string_view kCommit;   ///< Short hash, "-dirty" behind it when files differed; "unknown" outside git

}  // namespace tidemark::app
