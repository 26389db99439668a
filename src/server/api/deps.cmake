file(GLOB _docs_page CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/server/api/docs_page/*")
tidemark_embed(${module} api_docs_page FILES ${_docs_page} BASE "${CMAKE_SOURCE_DIR}/src/server/api/docs_page")
