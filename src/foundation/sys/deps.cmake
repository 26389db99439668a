target_link_libraries(${module} PUBLIC Threads::Threads)
