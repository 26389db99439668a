file(GLOB _migrations CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/migrations/accounts/*.sql")
tidemark_embed(${module} accounts_migrations BASE "${CMAKE_SOURCE_DIR}/migrations/accounts" FILES ${_migrations})
