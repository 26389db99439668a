# Version and commit, made anew when HEAD moves.
set(_commit "unknown")
find_package(Git QUIET)
if(Git_FOUND AND EXISTS "${CMAKE_SOURCE_DIR}/.git")
  execute_process(COMMAND ${GIT_EXECUTABLE} -C "${CMAKE_SOURCE_DIR}" describe --always --dirty --abbrev=10 --exclude=*
                  OUTPUT_VARIABLE _commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/.git/HEAD")
  if(NOT _commit)
    set(_commit "unknown")
  endif()
endif()
file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/build_info.cpp" @ONLY CONTENT
"#include \"server/app/build_info.hpp\"
namespace tidemark::app {
const std::string_view kVersion = \"@PROJECT_VERSION@\";
const std::string_view kCommit = \"@_commit@\";
}
")
target_sources(${module} PRIVATE "${CMAKE_CURRENT_BINARY_DIR}/build_info.cpp")
include("${CMAKE_SOURCE_DIR}/cmake/Web.cmake")
tidemark_embed_web(${module})
