# tidemark_embed_web(<target>): builds web/ with npm when its sources are newer than web/dist, and puts web/dist into the
# binary as tidemark::embedded::web_app. The names of the built files carry hashes, so the list is made when building.
function(tidemark_embed_web target)
  set(_web "${CMAKE_SOURCE_DIR}/web")
  set(_dist "${_web}/dist/index.html")
  file(GLOB_RECURSE _sources CONFIGURE_DEPENDS "${_web}/src/*" "${_web}/public/*")
  list(APPEND _sources "${_web}/package.json" "${_web}/package-lock.json" "${_web}/vite.config.ts" "${_web}/index.html")
  list(FILTER _sources EXCLUDE REGEX "\\.test\\.tsx?$")
  add_custom_command(
    OUTPUT "${_dist}"
    COMMAND "${CMAKE_SOURCE_DIR}/tools/build_web.sh"
    DEPENDS ${_sources}
    COMMENT "Building the web application" USES_TERMINAL VERBATIM)
  set(_cpp "${CMAKE_CURRENT_BINARY_DIR}/embed_web_app.cpp")
  add_custom_command(
    OUTPUT "${_cpp}"
    COMMAND ${CMAKE_COMMAND} "-DDIST=${_web}/dist" "-DOUT=${_cpp}" "-DMODULE=${CMAKE_SOURCE_DIR}/cmake/Embed.cmake"
            -P "${CMAKE_SOURCE_DIR}/cmake/EmbedFolder.cmake"
    DEPENDS "${_dist}" "${CMAKE_SOURCE_DIR}/cmake/EmbedFolder.cmake" "${CMAKE_SOURCE_DIR}/cmake/Embed.cmake"
    COMMENT "Embedding the web application" VERBATIM)
  target_sources(${target} PRIVATE "${_cpp}")
endfunction()
