target_link_libraries(${module} PUBLIC tp_boost PRIVATE tp_simdjson)
