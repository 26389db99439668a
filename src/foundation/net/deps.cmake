target_link_libraries(${module} PRIVATE tp_boost tp_openssl tp_zlib)
