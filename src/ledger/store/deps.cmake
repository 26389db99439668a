target_link_libraries(${module} PUBLIC tp_sqlite)
file(GLOB _migrations CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/migrations/sqlite/*.sql")
tidemark_embed(${module} sqlite_migrations BASE "${CMAKE_SOURCE_DIR}/migrations/sqlite" FILES ${_migrations})
