target_link_libraries(${module} PUBLIC tp_absl_time)
target_link_libraries(${module} PUBLIC tp_absl_containers)
