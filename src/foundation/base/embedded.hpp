// Files that were put into the binary at build time by tidemark_embed() of cmake/Embed.cmake.
#pragma once

#include <string_view>
#include <vector>

namespace tidemark::base {

struct EmbeddedFile {
    std::string_view path;   ///< Relative to the folder that was embedded, '/'-separated.
    std::string_view bytes;  ///< Valid for the life of the process.
};
using EmbeddedFiles = std::vector<EmbeddedFile>;

}  // namespace tidemark::base
