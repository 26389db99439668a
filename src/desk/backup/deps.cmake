target_link_libraries(${module} PRIVATE tp_zstd)
