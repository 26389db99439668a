target_link_libraries(${module} PUBLIC tp_simdjson Threads::Threads)
