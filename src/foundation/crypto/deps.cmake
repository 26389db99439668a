target_link_libraries(${module} PRIVATE tp_openssl tp_simdjson tp_sodium)
set(_passwords "${CMAKE_CURRENT_BINARY_DIR}/common_passwords.txt")
set(_password_list "${CMAKE_SOURCE_DIR}/src/foundation/crypto/password_list.mjs")
add_custom_command(
  OUTPUT "${_passwords}"
  COMMAND bash -c ". tools/shell.sh && use_own_node && exec node '${_password_list}' web '${_passwords}'"
  DEPENDS "${_password_list}" "${CMAKE_SOURCE_DIR}/web/package-lock.json"
  WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}"
  COMMENT "Listing common passwords" VERBATIM)
tidemark_embed(${module} common_passwords FILES "${_passwords}" BASE "${CMAKE_CURRENT_BINARY_DIR}")
